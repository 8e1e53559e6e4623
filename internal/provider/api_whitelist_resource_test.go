package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const theList = "everflow_api_whitelist.test"

// whitelistHCL is a whitelist of the given entries; arguments are further lines.
func whitelistHCL(arguments string, entries ...string) string {
	return fmt.Sprintf("resource \"everflow_api_whitelist\" \"test\" {\n  ip_addresses = [\"%s\"]\n  %s\n}\n", strings.Join(entries, `", "`), arguments)
}

func listHas(entries ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(entries))
	for i, entry := range entries {
		checks[i] = knownvalue.StringExact(entry)
	}
	return statecheck.ExpectKnownValue(theList, tfjsonpath.New("ip_addresses"), knownvalue.ListExact(checks))
}

// The two together admit the machine that the test runs on, whatever its address is.
const everyIPv4, everyIPv6 = "0.0.0.0/0", "::/0"

func TestAccAPIWhitelist_lifecycle(t *testing.T) {
	a := forWhitelist(t)
	first := a.config(whitelistHCL("", everyIPv4, everyIPv6, "198.51.100.0/24"))
	a.run(
		resource.TestStep{
			Config:           first,
			ConfigPlanChecks: planned(theList, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				listHas(everyIPv4, everyIPv6, "198.51.100.0/24"),
				statecheck.ExpectKnownValue(theList, tfjsonpath.New("id"), knownvalue.StringExact(a.networkID())),
				statecheck.ExpectKnownValue(theList, tfjsonpath.New("allow_lockout"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue(theList, tfjsonpath.New("deletion_protection"), knownvalue.Bool(false)),
			},
		},
		resource.TestStep{Config: first, ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			Config:            a.config(whitelistHCL("", everyIPv4, everyIPv6, "2001:db8::/32")),
			ConfigPlanChecks:  planned(theList, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{listHas(everyIPv4, everyIPv6, "2001:db8::/32")},
		},
		resource.TestStep{
			ResourceName: theList, ImportState: true, ImportStateVerify: true, ImportStateId: a.networkID(),
		},
	)
	a.expectWhitelist(t) // destroyed: empty
}

func TestAccAPIWhitelist_orderAndSpellingNeverMakeADiff(t *testing.T) {
	a := fromHome(t)
	a.run(
		resource.TestStep{
			Config:            a.config(whitelistHCL("", "203.0.113.10", "2001:DB8:0::7", "198.51.100.0/24")),
			ConfigStateChecks: []statecheck.StateCheck{listHas("203.0.113.10", "2001:DB8:0::7", "198.51.100.0/24")},
		},
		resource.TestStep{
			Config:            a.config(whitelistHCL("", "2001:db8::7/128", "::ffff:203.0.113.10", "::ffff:198.51.100.0/120")),
			ConfigPlanChecks:  emptyPlan(),
			ConfigStateChecks: []statecheck.StateCheck{listHas("203.0.113.10", "2001:DB8:0::7", "198.51.100.0/24")},
		},
		resource.TestStep{
			// Someone saves the same list in yet another spelling.
			PreConfig:        func() { a.mock.SetWhitelist("203.0.113.10/32", "198.51.100.0/24", "2001:db8:0:0::7/128") },
			Config:           a.config(whitelistHCL("", "203.0.113.10", "2001:DB8:0::7", "198.51.100.0/24")),
			ConfigPlanChecks: emptyPlan(),
		},
	)
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 2 {
		t.Errorf("the list was written %d times, want twice: created and destroyed", sent)
	}
}

// driftOf checks that a plan changes the list from the drifted one to the
// configured one, as the plan file has it.
type driftOf struct{ before, after []string }

func (d driftOf) CheckPlan(plan *tfjson.Plan) error {
	for _, change := range plan.ResourceChanges {
		if change.Address != theList {
			continue
		}
		for what, pair := range map[string][2]any{
			"before": {change.Change.Before, d.before}, "after": {change.Change.After, d.after},
		} {
			var got []string
			for _, entry := range pair[0].(map[string]any)["ip_addresses"].([]any) {
				got = append(got, entry.(string))
			}
			want := slices.Clone(pair[1].([]string))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				return fmt.Errorf("%s the change the list is %q, want %q", what, got, want)
			}
		}
		return nil
	}
	return fmt.Errorf("no change of %s is planned", theList)
}

func TestAccAPIWhitelist_driftIsADiffOfExactlyThoseAddresses(t *testing.T) {
	a := fromHome(t)
	configured := []string{"203.0.113.10", "198.51.100.0/24", "2001:DB8::0007"}
	config := a.config(whitelistHCL("", configured...))
	a.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { a.setWhitelist("203.0.113.10", "2001:db8::7", "192.0.2.66") },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theList, plancheck.ResourceActionUpdate),
				planFile{driftOf{before: []string{"203.0.113.10", "2001:DB8::0007", "192.0.2.66"}, after: configured}},
			}},
			ConfigStateChecks: []statecheck.StateCheck{listHas(configured...)},
		},
		resource.TestStep{
			// Emptied outside: still managed, and filled again.
			PreConfig:        func() { a.setWhitelist() },
			Config:           config,
			ConfigPlanChecks: planned(theList, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
	)
}

func TestAccAPIWhitelist_existingListIsNeverOverwritten(t *testing.T) {
	a := fromHome(t)
	a.setWhitelist("203.0.113.0/24", "192.0.2.1")
	refused := says(`already has an API whitelist`, `- added: 198.51.100.7`, `- removed: 192.0.2.1`, `terraform import everflow_api_whitelist.this 1001`, `import {`, `id = "1001"`)
	ours := whitelistHCL("", "203.0.113.0/24", "198.51.100.7")
	a.run(
		resource.TestStep{Config: a.config(ours), ExpectError: refused},
		resource.TestStep{Config: a.config(ours), ExpectError: refused, PlanOnly: true},
		resource.TestStep{
			PreConfig: func() { a.expectWhitelist(t, "203.0.113.0/24", "192.0.2.1") },
			Config:    a.config(ours + "import {\n  to = everflow_api_whitelist.test\n  id = \"1001\"\n}\n"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theList, plancheck.ResourceActionUpdate),
				planFile{driftOf{before: []string{"203.0.113.0/24", "192.0.2.1"}, after: []string{"203.0.113.0/24", "198.51.100.7"}}},
			}},
			ConfigStateChecks: []statecheck.StateCheck{listHas("203.0.113.0/24", "198.51.100.7")},
		},
	)
}

func TestAccAPIWhitelist_listThatAppearsBeforeTheApplyIsNotOverwritten(t *testing.T) {
	a := fromHome(t)
	a.run(resource.TestStep{
		Config: a.config(whitelistHCL("", "203.0.113.10")),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			planFile{betweenPlanAndApply(func() { a.setWhitelist("203.0.113.0/24", "192.0.2.1") })},
		}},
		ExpectError: says(`already has an API whitelist`),
	})
	a.expectWhitelist(t, "203.0.113.0/24", "192.0.2.1")
}

func TestAccAPIWhitelist_changeSinceThePlanStopsUpdateAndDestroy(t *testing.T) {
	a := fromHome(t)
	someoneElse := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		planFile{betweenPlanAndApply(func() { a.setWhitelist("203.0.113.10", "192.0.2.66") })},
	}}
	stopped := says(`was changed since this was planned`, `- added: 192.0.2.66`, `- removed: 198.51.100.7`, `terraform plan again`)
	before := a.config(whitelistHCL("", "203.0.113.10", "198.51.100.7"))
	a.run(
		resource.TestStep{Config: before},
		resource.TestStep{
			Config:           a.config(whitelistHCL("", "203.0.113.10", "198.51.100.8")),
			ConfigPlanChecks: someoneElse,
			ExpectError:      stopped,
		},
		resource.TestStep{
			PreConfig: func() {
				a.expectWhitelist(t, "203.0.113.10", "192.0.2.66")
				a.setWhitelist("203.0.113.10", "198.51.100.7")
			},
			Config: a.config(""), ConfigPlanChecks: someoneElse, ExpectError: stopped,
		},
		resource.TestStep{
			PreConfig: func() {
				a.expectWhitelist(t, "203.0.113.10", "192.0.2.66")
				a.setWhitelist("203.0.113.10", "198.51.100.7")
			},
			Config: before, ConfigPlanChecks: emptyPlan(),
		},
	)
}

func TestAccAPIWhitelist_deletionProtection(t *testing.T) {
	a := fromHome(t)
	refused := says(`protected from being destroyed`, `deletion_protection = false`)
	a.run(
		resource.TestStep{Config: a.config(whitelistHCL("deletion_protection = true", "203.0.113.10"))},
		resource.TestStep{Config: a.config(whitelistHCL("deletion_protection = true", "203.0.113.10")), Destroy: true, ExpectError: refused},
		resource.TestStep{Config: a.config(""), ExpectError: refused},
		resource.TestStep{
			Config:           a.config(whitelistHCL("", "203.0.113.10")),
			ConfigPlanChecks: planned(theList, plancheck.ResourceActionUpdate),
		},
	)
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 2 {
		t.Errorf("the list was written %d times, want twice: created and destroyed", sent)
	}
}

func TestAccAPIWhitelist_replacementThatWouldOpenTheNetworkIsRefused(t *testing.T) {
	a := fromHome(t)
	config := a.config(whitelistHCL("", "203.0.113.10"))
	refused := says(`Replacing the API whitelist would open the network`, `untaint`)
	a.run(
		resource.TestStep{Config: config},
		resource.TestStep{Config: config, Taint: []string{theList}, ExpectError: refused},
		resource.TestStep{
			// Renamed without a moved block.
			Config:      strings.Replace(config, `"test"`, `"renamed"`, 1),
			ExpectError: says(`Replacing the API whitelist would open the network`, `moved block`),
		},
		resource.TestStep{
			PreConfig: func() { a.expectWhitelist(t, "203.0.113.10") },
			Config: strings.Replace(config, `"test"`, `"renamed"`, 1) +
				"moved {\n  from = everflow_api_whitelist.test\n  to = everflow_api_whitelist.renamed\n}\n",
			ExpectError: refused, // still tainted by this test
		},
	)
}

func TestAccAPIWhitelist_lostAnswerIsFoundOutByReadingBack(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"create": {Operation: "replaceApiWhitelist", AfterActing: true, Kind: everflowmock.FaultReset},
		"500":    {Operation: "replaceApiWhitelist", AfterActing: true, Kind: everflowmock.FaultStatus, Status: 500},
		"empty":  {Operation: "replaceApiWhitelist", AfterActing: true, Kind: everflowmock.FaultEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			a := fromHome(t)
			config := a.configWith("max_retries = 0", whitelistHCL("", "203.0.113.10"))
			a.mock.AddFault(fault)
			a.run(
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{listHas("203.0.113.10")}},
				resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
				resource.TestStep{
					Config:            a.configWith("max_retries = 0", whitelistHCL("", "203.0.113.10", "198.51.100.7")),
					ConfigStateChecks: []statecheck.StateCheck{listHas("203.0.113.10", "198.51.100.7")},
				},
			)
			a.expectWhitelist(t)
		})
	}
}

func TestAccAPIWhitelist_answerWithoutAListIsNoEmptyList(t *testing.T) {
	for name, body := range map[string]string{
		"missing":    `{"network_id": 1001, "time_saved": 1}`,
		"null":       `{"network_id": 1001, "ip_addresses": null, "time_saved": 1}`,
		"an object":  `{"network_id": 1001, "ip_addresses": {}, "time_saved": 1}`,
		"null in it": `{"network_id": 1001, "ip_addresses": [null], "time_saved": 1}`,
		"no JSON":    `<html><title>Welcome</title></html>`,
		"nothing":    ``,
	} {
		t.Run(name, func(t *testing.T) {
			a := fromHome(t)
			config := a.config(whitelistHCL("", "203.0.113.10"))
			a.run(
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: func() {
						a.mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Kind: everflowmock.FaultBody, Body: body})
					},
					Config:      config,
					ExpectError: says(`Cannot read the API whitelist`),
				},
				resource.TestStep{
					PreConfig:        func() { a.mock.ClearFaults(); a.expectWhitelist(t, "203.0.113.10") },
					Config:           config,
					ConfigPlanChecks: emptyPlan(),
				},
			)
		})
	}
}

func TestAccAPIWhitelist_importErrors(t *testing.T) {
	a := fromHome(t)
	config := a.config(whitelistHCL("", "203.0.113.10"))
	a.run(
		resource.TestStep{
			Config: config, ResourceName: theList, ImportState: true, ImportStateId: "1001",
			ExpectError: says(`no API whitelist to import`, `list is empty`),
		},
		resource.TestStep{
			PreConfig: func() { a.setWhitelist("203.0.113.10") },
			Config:    config, ResourceName: theList, ImportState: true, ImportStateId: "7",
			ExpectError: says(`"7" is not the ID of the network`, `1001`),
		},
	)
}

func TestAccAPIWhitelist_identity(t *testing.T) {
	a := fromHome(t)
	a.setWhitelist("203.0.113.10")
	resource.Test(t, resource.TestCase{
		IsUnitTest:               true,
		ProtoV6ProviderFactories: factories("test"),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{{
			Config:           a.config(whitelistHCL("", "203.0.113.10") + "import {\n  to = everflow_api_whitelist.test\n  identity = { id = \"1001\" }\n}\n"),
			ConfigPlanChecks: planned(theList, plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(theList, map[string]knownvalue.Check{"id": knownvalue.StringExact("1001")}),
			},
		}},
	})
}

func TestAccAPIWhitelist_anotherNetworksListIsNotTouched(t *testing.T) {
	a := fromHome(t)
	other := onMockBeside(t, 2002)
	a.run(
		resource.TestStep{Config: a.config(whitelistHCL("", "203.0.113.10"))},
		resource.TestStep{
			Config:      other.config(whitelistHCL("", "203.0.113.10")),
			ExpectError: says(`belongs to another network`, `network 1001`, `network 2002`),
		},
		resource.TestStep{Config: a.config(whitelistHCL("", "203.0.113.10")), ConfigPlanChecks: emptyPlan()},
	)
}
