package provider_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

func TestAccAPIWhitelist_provableLockoutIsRefusedUnlessAllowed(t *testing.T) {
	a := fromHome(t)
	elsewhere := whitelistHCL("", "198.51.100.7", "2001:db8::/32")
	refused := says(`would lock Terraform out`, `allow_lockout = true`)
	a.run(
		resource.TestStep{Config: a.config(whitelistHCL("", "203.0.113.0/24"))},
		resource.TestStep{Config: a.config(elsewhere), PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: a.config(elsewhere), ExpectError: refused},
		resource.TestStep{
			// Where calls come from is known, so a narrower list is judged too.
			Config:      a.configWith(`egress_ip_addresses = ["203.0.113.10"]`, whitelistHCL("", "203.0.113.128/25")),
			ExpectError: says(`would lock Terraform out`, `203.0.113.10`, `egress_ip_addresses`),
		},
		resource.TestStep{
			PreConfig: func() { a.expectWhitelist(t, "203.0.113.0/24") },
			Config:    a.configWith(`egress_ip_addresses = ["203.0.113.10"]`, whitelistHCL("", "203.0.113.0/28")),
		},
		resource.TestStep{
			// Told to: the list is set, and the machine is let in again by the way back.
			Config: a.config(whitelistHCL("allow_lockout = true", "198.51.100.7")),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(theList, plancheck.ResourceActionUpdate)},
			},
			ExpectError: says(`Cannot read the API whitelist`, `403`), // of the framework's own plan after the apply
		},
		resource.TestStep{
			PreConfig: func() {
				if got := a.mock.Whitelist(); !slices.Equal(got, []string{"198.51.100.7"}) {
					t.Errorf("the live whitelist is %q, want the one that was allowed", got)
				}
				a.mock.SetCallerAddress(netip.MustParseAddr("198.51.100.7"))
			},
			Config: a.config(whitelistHCL("allow_lockout = true", "198.51.100.7")), ConfigPlanChecks: emptyPlan(),
		},
	)
}

func TestAccAPIWhitelist_turningOnIsHeldAgainstTheKnownAddress(t *testing.T) {
	a := fromHome(t)
	a.run(resource.TestStep{
		Config:      a.configWith(`egress_ip_addresses = ["203.0.113.10", "203.0.113.11"]`, whitelistHCL("", "203.0.113.10")),
		ExpectError: says(`would lock Terraform out`, `calls Everflow from 203.0.113.11`),
	})
	a.expectWhitelist(t)
}

func TestAccAPIWhitelist_lockoutThatNobodySawNamesTheWayBackIn(t *testing.T) {
	a := fromHome(t)
	config := a.config(whitelistHCL("", "198.51.100.7"))
	a.run(
		resource.TestStep{
			Config:      config,
			ExpectError: says(`refuses this machine after the API whitelist was written`, `web interface`),
		},
		resource.TestStep{
			// The way back: the address is added there. What Terraform wrote is not
			// tainted, so nothing opens the network; it has to be imported.
			PreConfig:   func() { a.mock.SetWhitelist("198.51.100.7", "203.0.113.10") },
			Config:      config,
			ExpectError: says(`already has an API whitelist`),
		},
		resource.TestStep{
			PreConfig: func() {
				a.mock.SetCallerAddress(netip.MustParseAddr("198.51.100.7"))
				a.mock.SetWhitelist("198.51.100.7")
			},
			Config: config,
		},
	)
}
