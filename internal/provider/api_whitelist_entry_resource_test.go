package provider_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

const theEntry = "everflow_api_whitelist_entry.test"

const knownEgressHCL = `egress_ip_addresses = ["203.0.113.10"]`

// entryHCL is one entry; arguments are further lines.
func entryHCL(name, address, arguments string) string {
	return fmt.Sprintf("resource \"everflow_api_whitelist_entry\" %q {\n  ip_address = %q\n  %s\n}\n", name, address, arguments)
}

func entryHas(name, address string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("everflow_api_whitelist_entry."+name, tfjsonpath.New("ip_address"), knownvalue.StringExact(address))
}

// shared is a mock whose list already has entries of others, the tests' own
// address among them.
func shared(t *testing.T) *account {
	t.Helper()
	a := fromHome(t)
	a.mock.SetWhitelist("203.0.113.10", "192.0.2.66")
	return a
}

func TestAccAPIWhitelistEntry_lifecycle(t *testing.T) {
	a := shared(t)
	first := a.config(entryHCL("test", "2001:DB8::0007", ""))
	a.run(
		resource.TestStep{
			Config:           first,
			ConfigPlanChecks: planned(theEntry, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				entryHas("test", "2001:DB8::0007"),
				statecheck.ExpectKnownValue(theEntry, tfjsonpath.New("id"), knownvalue.StringExact("2001:db8::7")),
				statecheck.ExpectKnownValue(theEntry, tfjsonpath.New("network_id"), knownvalue.Int64Exact(1001)),
				statecheck.ExpectKnownValue(theEntry, tfjsonpath.New("allow_lockout"), knownvalue.Bool(false)),
			},
		},
		resource.TestStep{Config: first, ConfigPlanChecks: emptyPlan()},
		resource.TestStep{Config: a.config(entryHCL("test", "2001:db8::7/128", "")), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			PreConfig:        func() { a.expectWhitelist(t, "192.0.2.66", "2001:db8::7", "203.0.113.10") },
			Config:           a.config(entryHCL("test", "198.51.100.0/24", "")),
			ConfigPlanChecks: planned(theEntry, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				entryHas("test", "198.51.100.0/24"),
				statecheck.ExpectKnownValue(theEntry, tfjsonpath.New("id"), knownvalue.StringExact("198.51.100.0/24")),
			},
		},
		resource.TestStep{
			PreConfig: func() { a.expectWhitelist(t, "192.0.2.66", "198.51.100.0/24", "203.0.113.10") },
			Config:    a.config(entryHCL("test", "198.51.100.0/24", "")), ConfigPlanChecks: emptyPlan(),
		},
		resource.TestStep{
			ResourceName: theEntry, ImportState: true, ImportStateVerify: true, ImportStateId: "::ffff:198.51.100.0/120",
		},
		resource.TestStep{
			// Only what the API has nothing of.
			Config:           a.config(entryHCL("test", "198.51.100.0/24", "allow_lockout = true")),
			ConfigPlanChecks: planned(theEntry, plancheck.ResourceActionUpdate),
		},
	)
	a.expectWhitelist(t, "192.0.2.66", "203.0.113.10")
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 3 {
		t.Errorf("the list was written %d times, want 3: added, exchanged, removed", sent)
	}
}

func TestAccAPIWhitelistEntry_identityFollowsTheAddress(t *testing.T) {
	a := shared(t)
	identity := func(id string) statecheck.StateCheck {
		return statecheck.ExpectIdentity(theEntry, map[string]knownvalue.Check{"id": knownvalue.StringExact(id)})
	}
	resource.Test(t, resource.TestCase{
		IsUnitTest:               true,
		ProtoV6ProviderFactories: factories("test"),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{
				Config:            a.config(entryHCL("test", "192.0.2.66", "") + "import {\n  to = everflow_api_whitelist_entry.test\n  identity = { id = \"192.0.2.66/32\" }\n}\n"),
				ConfigPlanChecks:  planned(theEntry, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{identity("192.0.2.66")},
			},
			{
				Config:            a.config(entryHCL("test", "198.51.100.7", "")),
				ConfigPlanChecks:  planned(theEntry, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{identity("198.51.100.7")},
			},
			{Config: a.config(entryHCL("test", "198.51.100.7", "")), ConfigPlanChecks: emptyPlan(), ConfigStateChecks: []statecheck.StateCheck{identity("198.51.100.7")}},
		},
	})
	a.expectWhitelist(t, "203.0.113.10")
}

func TestAccAPIWhitelistEntry_ofOthersIsNotTakenOver(t *testing.T) {
	a := shared(t)
	config := a.config(entryHCL("test", "192.0.2.66/32", ""))
	refused := says(`is in the API whitelist already`, `terraform import everflow_api_whitelist_entry.this 192.0.2.66`, `import {`, `id = "192.0.2.66"`)
	a.run(
		resource.TestStep{Config: config, PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: config, ExpectError: refused},
		resource.TestStep{
			// Added by someone else between plan and apply.
			Config: a.config(entryHCL("test", "198.51.100.7", "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planFile{betweenPlanAndApply(func() { a.setWhitelist("203.0.113.10", "192.0.2.66", "198.51.100.7") })},
			}},
			ExpectError: says(`198.51.100.7 is in the API whitelist already`),
		},
		resource.TestStep{
			Config:           config + "import {\n  to = everflow_api_whitelist_entry.test\n  id = \"192.0.2.66\"\n}\n",
			ConfigPlanChecks: planned(theEntry, plancheck.ResourceActionNoop),
		},
	)
	a.expectWhitelist(t, "198.51.100.7", "203.0.113.10") // what was imported is destroyed with the rest
}

func TestAccAPIWhitelistEntry_importErrors(t *testing.T) {
	a := shared(t)
	config := a.config(entryHCL("test", "198.51.100.7", ""))
	importing := func(id string, refused ...string) resource.TestStep {
		return resource.TestStep{Config: config, ResourceName: theEntry, ImportState: true, ImportStateId: id, ExpectError: says(refused...)}
	}
	empty := importing("198.51.100.7", `not in the API whitelist`, `list of network 1001 is empty`)
	empty.PreConfig = func() { a.setWhitelist() }
	a.run(
		importing("198.51.100.7", `198.51.100.7 is not in the API whitelist`, `192.0.2.66, 203.0.113.10`),
		importing("office", `Unusable import ID`, `imported by its address`, `"office" is not an IP`),
		empty,
	)
}

func TestAccAPIWhitelistEntry_removedOutsideIsPlannedAnew(t *testing.T) {
	a := shared(t)
	config := a.config(entryHCL("test", "198.51.100.7", ""))
	a.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { a.setWhitelist("203.0.113.10", "192.0.2.66") },
			Config:           config,
			ConfigPlanChecks: planned(theEntry, plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			PreConfig: func() { a.setWhitelist("198.51.100.7/32", "192.0.2.77", "203.0.113.10") },
			Config:    config, ConfigPlanChecks: emptyPlan(),
		},
	)
	a.expectWhitelist(t, "192.0.2.77", "203.0.113.10")
}

func TestAccAPIWhitelistEntry_anotherNetworksListIsNotTouched(t *testing.T) {
	a := fromHome(t)
	other := onMockBeside(t, 2002)
	hcl := entryHCL("test", "203.0.113.10", "")
	a.run(
		resource.TestStep{Config: a.configWith(knownEgressHCL, hcl)},
		resource.TestStep{Config: other.config(hcl), ExpectError: says(`belongs to another network`, `network 1001`, `network 2002`)},
		resource.TestStep{Config: a.configWith(knownEgressHCL, hcl), ConfigPlanChecks: emptyPlan()},
	)
	a.expectWhitelist(t)
}

func TestAccAPIWhitelistEntry_noReplacementAndNoTwin(t *testing.T) {
	a := shared(t)
	config := a.config(entryHCL("test", "198.51.100.7", ""))
	refused := says(`198.51.100.7 would be removed from the API whitelist and added again`, `untaint`, `moved block`)
	renamed := strings.Replace(config, `"test"`, `"renamed"`, 1)
	a.run(
		resource.TestStep{
			Config:      a.config(entryHCL("test", "198.51.100.7", "") + entryHCL("twin", "::ffff:198.51.100.7", "")),
			ExpectError: says(`Two resources for`, `198.51.100.7`, `Keep one`),
		},
		resource.TestStep{Config: config},
		resource.TestStep{Config: config + entryHCL("twin", "198.51.100.7/32", ""), ExpectError: says(`would be removed from the API whitelist and added again`, `keep one`)},
		resource.TestStep{Config: renamed, ExpectError: refused},
		resource.TestStep{
			Config:           renamed + "moved {\n  from = everflow_api_whitelist_entry.test\n  to = everflow_api_whitelist_entry.renamed\n}\n",
			ConfigPlanChecks: planned("everflow_api_whitelist_entry.renamed", plancheck.ResourceActionNoop),
		},
		resource.TestStep{Config: renamed, Taint: []string{"everflow_api_whitelist_entry.renamed"}, ExpectError: refused},
	)
	a.expectWhitelist(t, "192.0.2.66", "203.0.113.10")
}

// A plan that leaves others' entries does not empty the list once they are gone.
func TestAccAPIWhitelistEntry_removalOpensTheNetworkOnlyAsPlanned(t *testing.T) {
	a := fromHome(t)
	a.mock.SetWhitelist("203.0.113.10")
	config := a.config(entryHCL("test", "203.0.113.0/28", ""))
	a.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			Config: a.config(""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planFile{betweenPlanAndApply(func() { a.mock.SetWhitelist("203.0.113.0/28") })},
			}},
			ExpectError: says(`Removing 203.0.113.0/28 from the API whitelist would now open the network`, `terraform plan again`),
		},
		resource.TestStep{PreConfig: func() { a.expectWhitelist(t, "203.0.113.0/28") }, Config: a.config("")},
	)
	a.expectWhitelist(t)
}

func TestAccAPIWhitelistEntry_lockout(t *testing.T) {
	a := fromHome(t)
	ours := entryHCL("test", "203.0.113.10", "")
	office := entryHCL("office", "198.51.100.7", "")
	refused := says(`would lock Terraform out`, `allow_lockout = true`)
	known := func(hcl string) string { return a.configWith(`egress_ip_addresses = ["203.0.113.10"]`, hcl) }
	a.run(
		resource.TestStep{Config: known(office), ExpectError: refused},
		resource.TestStep{PreConfig: func() { a.expectWhitelist(t) }, Config: known(ours + office)},
		resource.TestStep{Config: known(office), ExpectError: refused},
		resource.TestStep{Config: known(entryHCL("test", "192.0.2.1", "") + office), ExpectError: refused},
		// A wider one instead of it, by whichever resource.
		resource.TestStep{Config: known(entryHCL("wide", "203.0.113.0/24", "") + office)},
		resource.TestStep{Config: known(entryHCL("wide", "203.0.113.0/28", "") + office)},
		resource.TestStep{Config: known(office + entryHCL("wide", "203.0.113.0/28", ""))},
		resource.TestStep{
			// Without the address known, only what is certain is refused.
			PreConfig: func() { a.setWhitelist("203.0.113.0/28") },
			Config:    a.config(entryHCL("wide", "192.0.2.0/24", "")), ExpectError: refused,
		},
		resource.TestStep{
			Config:      a.config(entryHCL("wide", "192.0.2.0/24", "allow_lockout = true")),
			ExpectError: says(`403`), // of the framework's own plan after the apply
		},
		resource.TestStep{
			PreConfig: func() {
				if got := a.mock.Whitelist(); !slices.Equal(got, []string{"192.0.2.0/24"}) {
					t.Errorf("the live whitelist is %q, want the one that was allowed", got)
				}
				a.mock.SetCallerAddress(netip.MustParseAddr("192.0.2.7"))
			},
			Config: a.config(entryHCL("wide", "192.0.2.0/24", "")),
		},
	)
	a.expectWhitelist(t)
}

// The way from the whole list to single entries: forgotten, imported, never changed.
func TestAccAPIWhitelistEntry_migrationFromTheWholeList(t *testing.T) {
	a := fromHome(t)
	list := whitelistHCL("", "203.0.113.10", "198.51.100.0/24")
	ours := entryHCL("ci", "203.0.113.10", "")
	office := entryHCL("office", "198.51.100.0/24", "")
	imports := "import {\n  to = everflow_api_whitelist_entry.ci\n  id = \"203.0.113.10\"\n}\nimport {\n  to = everflow_api_whitelist_entry.office\n  id = \"198.51.100.0/24\"\n}\n"
	both := says(`managed as a whole and by single entries`, `removed {`, `destroy = false`, `import {`)
	written := 0
	a.run(
		resource.TestStep{Config: a.config(list)},
		resource.TestStep{Config: a.config(list + entryHCL("more", "192.0.2.1", "")), ExpectError: both},
		resource.TestStep{Config: a.config(entryHCL("more", "192.0.2.1", "")), ExpectError: both}, // the list destroyed
		resource.TestStep{
			PreConfig: func() { written = a.mock.CountCalls("replaceApiWhitelist") },
			Config:    a.config(ours + office + imports + "removed {\n  from = everflow_api_whitelist.test\n  lifecycle {\n    destroy = false\n  }\n}\n"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("everflow_api_whitelist_entry.ci", plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction("everflow_api_whitelist_entry.office", plancheck.ResourceActionNoop),
			}},
		},
		resource.TestStep{Config: a.config(ours + office), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			PreConfig: func() {
				if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != written {
					t.Errorf("the list was written %d times by the migration", sent-written)
				}
				a.expectWhitelist(t, "198.51.100.0/24", "203.0.113.10")
			},
			Config: a.config(ours + office + list), ExpectError: both,
		},
	)
	a.expectWhitelist(t)
}
