package provider

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// The cost of comparing two lists grows with the number of entries, not with its
// square.
func BenchmarkIPAddresses_equal(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			entries := manyAddresses(n)
			list := newIPAddresses(whitelist.ReadList(entries))
			slices.Reverse(entries)
			other := newIPAddresses(whitelist.ReadList(entries))
			for b.Loop() {
				if same, diags := list.ListSemanticEquals(b.Context(), other); !same || diags.HasError() {
					b.Fatal("the same entries in another order are another list")
				}
			}
		})
	}
}

// So does that of a plan.
func BenchmarkIPAddresses_plan(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			server, err := NewServer("test")
			if err != nil {
				b.Fatal(err)
			}
			schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				b.Fatal(err)
			}
			var addresses []tftypes.Value
			for _, entry := range manyAddresses(n) {
				addresses = append(addresses, tftypes.NewValue(tftypes.String, entry))
			}
			list := schemas.ResourceSchemas["everflow_api_whitelist"].ValueType()
			value, err := tfprotov6.NewDynamicValue(list, tftypes.NewValue(list, map[string]tftypes.Value{
				"id":                  tftypes.NewValue(tftypes.String, "1001"),
				"ip_addresses":        tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, addresses),
				"allow_lockout":       tftypes.NewValue(tftypes.Bool, false),
				"deletion_protection": tftypes.NewValue(tftypes.Bool, false),
			}))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				planned, err := server.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: "everflow_api_whitelist", PriorState: &value, ProposedNewState: &value, Config: &value,
				})
				if err != nil || len(planned.Diagnostics) > 0 {
					b.Fatal(err, planned)
				}
			}
		})
	}
}

func manyAddresses(n int) []string {
	entries := make([]string, n)
	address := netip.MustParseAddr("198.18.0.0")
	for i := range entries {
		entries[i], address = address.String(), address.Next()
	}
	return entries
}
