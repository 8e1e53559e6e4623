package provider

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

// The cost of comparing two lists grows with the number of entries, not with its
// square, as it does in the framework's own set.
func BenchmarkIPAddresses_equal(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			entries := make([]string, n)
			address := netip.MustParseAddr("198.18.0.0")
			for i := range entries {
				entries[i], address = address.String(), address.Next()
			}
			list := newIPAddresses(entries)
			slices.Reverse(entries)
			other := newIPAddresses(entries)
			for b.Loop() {
				if same, diags := list.ListSemanticEquals(b.Context(), other); !same || !list.Equal(other) || diags.HasError() {
					b.Fatal("the same entries in another order are another list")
				}
			}
		})
	}
}
