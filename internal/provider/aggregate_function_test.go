package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestAggregate_joinsRangesAndNamesWhatIsNone(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	texts := tftypes.List{ElementType: tftypes.String}
	for name, test := range map[string]struct {
		given any
		want  []string
		fails string
	}{
		"neighbours":    {given: []string{"198.51.100.128/25", "198.51.100.0/25", "203.0.113.7"}, want: []string{"198.51.100.0/24", "203.0.113.7"}},
		"none":          {given: []string{}, want: []string{}},
		"no address":    {given: []string{"203.0.113.7", "vpn.example.com"}, fails: `"vpn.example.com" is not an IP address`},
		"null":          {given: []any{"203.0.113.7", nil}, fails: "Element 1 of the list is null: remove it, or write an address"},
		"bits too many": {given: []string{"203.0.113.7/24"}, fails: "has bits set past its prefix length"},
	} {
		t.Run(name, func(t *testing.T) {
			argument, err := tfprotov6.NewDynamicValue(texts, terraformValue(texts, test.given))
			p.ok(err)
			response, err := p.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: "aggregate", Arguments: []*tfprotov6.DynamicValue{&argument}})
			p.ok(err)
			if test.fails != "" {
				if response.Error == nil || !says(test.fails).MatchString(response.Error.Text) {
					t.Errorf("the error is %v, want one that says %q", response.Error, test.fails)
				}
				return
			}
			if response.Error != nil {
				t.Fatal(response.Error.Text)
			}
			result, err := response.Result.Unmarshal(texts)
			p.ok(err)
			if !result.Equal(terraformValue(texts, test.want)) {
				t.Errorf("got %s, want %q", result, test.want)
			}
		})
	}
}

func TestAccAggregate_resultIsAWhitelist(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	config := a.config(`
resource "everflow_api_whitelist" "test" {
  ip_addresses = provider::everflow::aggregate(setunion(["203.0.113.10"], ["203.0.113.0/25", "203.0.113.128/25"]))
}`)
	a.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{listHas("203.0.113.0/24")}},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
	)
}
