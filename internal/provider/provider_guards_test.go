package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// writes are the calls that the mock received and that would change something.
func (a *account) writes() (calls []string) {
	for _, call := range a.mock.Calls() {
		isSearch := call.Method == http.MethodPost && strings.HasSuffix(call.Path, "/apikeystable")
		if call.Method != http.MethodGet && !isSearch {
			calls = append(calls, call.Method+" "+call.Path)
		}
	}
	return calls
}

func (a *account) expectNoWrites(t *testing.T) {
	t.Helper()
	if calls := a.writes(); len(calls) > 0 {
		t.Errorf("these calls were made: %q", calls)
	}
}

// guardedConfigs are a configuration of each resource, and a change of it.
var guardedConfigs = map[string]struct{ before, change attributes }{
	"everflow_api_key":             {attributes{"name": "billing", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true}, attributes{"name": "billing 2"}},
	"everflow_rotating_api_key":    {rotatingConfig(nil), attributes{"name": "billing 2"}},
	"everflow_api_whitelist":       {attributes{"ip_addresses": []string{"203.0.113.0/24"}, "allow_lockout": false, "deletion_protection": false}, attributes{"ip_addresses": []string{"203.0.113.0/25"}}},
	"everflow_api_whitelist_entry": {attributes{"ip_address": "203.0.113.0/24", "comment": "home"}, attributes{"ip_address": "203.0.113.0/25"}},
}

func TestReadOnly_everyVerbOfEveryResourceIsRefusedBeforeItIsSent(t *testing.T) {
	lookOnly := attributes{"read_only": true}
	for name, configs := range guardedConfigs {
		changed := maps.Clone(configs.before)
		maps.Copy(changed, configs.change)
		for verb, act := range map[string]struct {
			config  attributes
			creates bool
			passes  time.Duration
		}{
			"create": {config: configs.before, creates: true},
			"update": {config: changed},
			"delete": {},
			"rotate": {config: configs.before, passes: 31 * day},
		} {
			if verb == "rotate" && name != "everflow_rotating_api_key" {
				continue
			}
			t.Run(name+" "+verb, func(t *testing.T) {
				t.Parallel()
				r := &rotating{}
				r.account = newMockAccount(t, everflowmock.Options{CallerAddress: home, Now: r.now})
				c := &core{a: r.account, resource: name, settings: attributes{"egress_ip_addresses": []string{home.String()}}}
				if !act.creates {
					if said := c.run(t, configs.before); isError(said) {
						t.Fatal(said)
					}
				}
				before := c.state
				r.pass(act.passes)
				r.mock.ClearCalls()
				maps.Copy(c.settings, lookOnly)
				said := c.run(t, act.config)
				if !slices.ContainsFunc(said, says("error: ", "not sent, because the provider is read-only, as read_only in the provider's configuration says", "Nothing was changed").MatchString) {
					t.Errorf("it said %q", said)
				}
				r.expectNoWrites(t)
				if got, want := fmt.Sprint(c.state["id"]), fmt.Sprint(before["id"]); got != want {
					t.Errorf("the state is of %s, was of %s", got, want)
				}
			})
		}
	}
}

func TestReadOnly_revocationByActionIsRefused(t *testing.T) {
	a := homeMock(t)
	_, said := a.configured(attributes{"read_only": true}).invoke(revoke, attributes{"api_key_id": "2", "force": true})
	expectSaid(t, said, []string{"error: ", "not sent, because the provider is read-only"})
	a.expectNoWrites(t)
}

func TestReadOnly_shortLivedKeyIsNotCreated(t *testing.T) {
	a := homeMock(t)
	_, said := a.configured(attributes{"read_only": true}).open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said, []string{`error: The short-lived API key "nightly check" was not created`, "not sent, because the provider is read-only"})
	a.expectNoWrites(t)
}

// The environment is the process's: these tests cannot run beside others.
func TestReadOnly_environmentAddsToTheConfiguration(t *testing.T) {
	for name, test := range map[string]struct {
		variable   string
		configured any
		refusedBy  string
	}{
		"neither":                       {},
		"the variable alone":            {variable: "true", refusedBy: "the environment variable EVERFLOW_READ_ONLY"},
		"the variable over false":       {variable: "1", refusedBy: "the environment variable EVERFLOW_READ_ONLY"},
		"a variable that is false":      {variable: "false", configured: true, refusedBy: "read_only in the provider's configuration"},
		"both false":                    {variable: "false"},
		"the argument, no variable":     {configured: true, refusedBy: "read_only in the provider's configuration"},
		"the variable and the argument": {variable: "TRUE", configured: true, refusedBy: "the environment variable EVERFLOW_READ_ONLY"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newMockAccount(t, everflowmock.Options{})
			t.Setenv("EVERFLOW_READ_ONLY", test.variable)
			_, said := a.configured(attributes{"read_only": test.configured}).invoke(revoke, attributes{"api_key_id": "2", "force": true})
			if test.refusedBy == "" {
				expectSaid(t, said)
				return
			}
			expectSaid(t, said, []string{"read-only, as " + test.refusedBy + " says"})
			a.expectNoWrites(t)
		})
	}
	t.Run("neither true nor false", func(t *testing.T) {
		a := newMockAccount(t, everflowmock.Options{})
		t.Setenv("EVERFLOW_READ_ONLY", "yes")
		p := newProtocol(t)
		expectSaid(t, p.configure(attributes{"api_key": a.apiKey, "base_url": a.baseURL}), []string{
			"error: Unusable EVERFLOW_READ_ONLY", `is "yes". Set it to true or false.`,
		})
		if n := len(a.mock.Calls()); n != 0 {
			t.Errorf("%d calls were made", n)
		}
	})
}

func TestNetworkID_keyOfAnotherNetworkIsRefusedBeforeAnythingElseIsCalled(t *testing.T) {
	a := homeMock(t)
	p := newProtocol(t)
	expectSaid(t, p.configure(attributes{"api_key": a.apiKey, "base_url": a.baseURL, "network_id": 1002}), []string{
		"error: API key of another network", `belongs to network 1001 ("Example Network"), not to network 1002.`, "nothing was changed", "The value comes from network_id in the provider's configuration.",
	})
	if calls := a.mock.Calls(); len(calls) != 1 || calls[0].Operation != "getNetwork" {
		t.Errorf("the calls are %v", calls)
	}
	// What was not configured calls nothing, whatever it is asked.
	_, said := p.plan("everflow_api_key", nil, guardedConfigs["everflow_api_key"].before)
	expectSaid(t, said)
	if n := len(a.mock.Calls()); n != 1 {
		t.Errorf("%d calls were made after the refusal", n-1)
	}
}

func TestNetworkID_isAskedForOnceAndOnlyWhereSet(t *testing.T) {
	for name, test := range map[string]struct {
		settings attributes
		calls    int
	}{
		"set":     {attributes{"network_id": 1001}, 1},
		"not set": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.configured(test.settings)
			if n := len(a.mock.Calls()); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
		})
	}
}

func TestNetworkID_isAnErrorWhereItCannotBeRead(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"refused":           {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no permission"}`},
		"not found":         {Kind: everflowmock.FaultStatus, Status: 404, Body: `{"error":"not found"}`},
		"without its ID":    {Kind: everflowmock.FaultStatus, Status: 200, Body: `{"name":"Northwind Media"}`},
		"a page of a proxy": {Kind: everflowmock.FaultStatus, Status: 200, Body: `<html></html>`, ContentType: "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			fault.Operation = "getNetwork"
			a.mock.AddFault(fault)
			p := newProtocol(t)
			expectSaid(t, p.configure(attributes{"api_key": a.apiKey, "base_url": a.baseURL, "network_id": 1001, "max_retries": 0}), []string{
				"error: Cannot check that the provider's API key belongs to network 1001: GET /networks: ",
				"Nothing else was called, because network_id in the provider's configuration is set.",
			})
		})
	}
}

func TestNetworkID_comesFromTheEnvironmentToo(t *testing.T) {
	for variable, want := range map[string][]string{
		"1001":  nil,
		"1002":  {"error: API key of another network", "not to network 1002.", "The value comes from the environment variable EVERFLOW_NETWORK_ID."},
		"acme":  {"error: Unusable EVERFLOW_NETWORK_ID", `is "acme". Set it to the ID of an Everflow network, a whole number above 0.`},
		"-1":    {"error: Unusable EVERFLOW_NETWORK_ID"},
		"1001 ": {"error: Unusable EVERFLOW_NETWORK_ID"},
	} {
		t.Run(variable, func(t *testing.T) {
			a := newMockAccount(t, everflowmock.Options{})
			t.Setenv("EVERFLOW_NETWORK_ID", variable)
			p := newProtocol(t)
			said := p.configure(attributes{"api_key": a.apiKey, "base_url": a.baseURL})
			if want == nil {
				expectSaid(t, said)
				return
			}
			expectSaid(t, said, want)
		})
	}
	t.Run("the configuration wins", func(t *testing.T) {
		a := newMockAccount(t, everflowmock.Options{})
		t.Setenv("EVERFLOW_NETWORK_ID", "1002")
		a.configured(attributes{"network_id": 1001})
	})
}

// Unknown while planning, and then not the expected one: nothing was called before.
func TestNetworkID_unknownOneIsWaitedFor(t *testing.T) {
	a := homeMock(t)
	p := newProtocol(t)
	expectSaid(t, p.configure(attributes{"api_key": a.apiKey, "base_url": a.baseURL, "network_id": unknown{}}))
	_, said := p.plan("everflow_api_key", nil, guardedConfigs["everflow_api_key"].before)
	expectSaid(t, said)
	if n := len(a.mock.Calls()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestAccNetworkID_planWithAnotherNetworksKeyIsRefused(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.run(
		resource.TestStep{Config: a.configWith("network_id = 1001", keyWithTwoPermissions)},
		resource.TestStep{
			PreConfig: a.mock.ClearCalls,
			Config:    a.configWith("network_id = 1002", keyWithTwoPermissions),
			PlanOnly:  true, ExpectError: says(`API key of another network`, `network 1001 ("Example Network")`, `not to network 1002`),
		},
		resource.TestStep{
			PreConfig: func() {
				for _, call := range a.mock.Calls() {
					if call.Operation != "getNetwork" {
						t.Errorf("%s %s was called", call.Method, call.Path)
					}
				}
			},
			Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan(),
		},
	)
}

const everyConstructHCL = `
data "everflow_network" "this" {}
data "everflow_employees" "all" {}
data "everflow_employee" "one" { email = "pat.platform@example.com" }
data "everflow_roles" "all" {}
data "everflow_role" "one" { name = "Account Manager" }
data "everflow_api_keys" "all" {}
data "everflow_api_key" "one" { id = "1" }
data "everflow_api_whitelist" "this" {}
ephemeral "everflow_api_key_secret" "one" { api_key_id = everflow_api_key.plain.id }
`

// Plans are made by everybody and everything: each of a create, an update, a
// replacement, a rotation, an end of an overlap, an import, a destroy, and of
// everything that only reads.
func TestPlan_writesNothing(t *testing.T) {
	t.Parallel()
	provider := builtProviderAt(t)
	entry := "resource \"everflow_api_whitelist_entry\" \"one\" {\n  ip_address = %q\n}\n"
	list := "resource \"everflow_api_whitelist\" \"all\" {\n  ip_addresses = [\"203.0.113.10\", %q]\n}\n"
	for name, whitelist := range map[string]string{"with the whole whitelist": list, "with an entry of it": entry} {
		t.Run(name, func(t *testing.T) {
			w := newRotatingWorkspace(t, provider)
			write := func(more, address, key string) {
				_, hcl, _ := strings.Cut(w.workspace.config(everyResourceHCL), "resource ")
				hcl = strings.Replace("resource "+hcl, "plain\"\n  network", key+"\"\n  network", 1)
				w.write(everyConstructHCL + hcl + fmt.Sprintf(whitelist, address) + more)
			}
			plans := func(arguments ...string) {
				t.Helper()
				w.workspace.mock.ClearCalls()
				w.do(false, append([]string{"plan"}, arguments...)...)
				w.workspace.expectNoWrites(t)
				if len(w.workspace.mock.Calls()) == 0 {
					t.Error("the plan called nothing")
				}
			}
			write("", "203.0.113.0/24", "plain")
			plans()
			w.do(false, "apply", "-auto-approve")
			plans()
			plans("-refresh-only")
			plans("-destroy")
			plans("-replace=everflow_api_key.plain")
			w.pass(31 * day)
			write("import {\n  to = everflow_api_key.legacy\n  id = \"1\"\n}\nresource \"everflow_api_key\" \"legacy\" {\n  name = \"x\"\n  network_employee_id = 1\n  all_permissions = true\n}\n",
				"203.0.113.0/25", "renamed")
			plans()
			w.do(false, "apply", "-auto-approve")
			w.pass(3 * day)
			plans()
			w.do(false, "apply", "-auto-approve", "-destroy")
		})
	}
	t.Run("with terraform query", func(t *testing.T) {
		needsTerraform114(t)
		w := newWorkspace(t, builtProvider(t))
		w.write("provider \"everflow\" {}\n")
		w.ok(os.WriteFile(filepath.Join(w.dir, "keys.tfquery.hcl"), []byte("list \"everflow_api_key\" \"all\" {\n  provider = everflow\n}\n"), 0o600))
		w.mock.ClearCalls()
		w.do(false, "query", "-generate-config-out=keys.tf")
		w.do(false, "plan")
		w.expectNoWrites(t)
	})
}

// What the drift guide says of -minimal-refresh, which reads only what is planned
// to change.
func TestPlan_withMinimalRefreshSeesNoDriftAndRenewsNoKey(t *testing.T) {
	if isTofu, minor := cliVersion(t); isTofu || minor < 17 {
		t.Skip("-minimal-refresh came with Terraform 1.17")
	}
	w := newRotatingWorkspace(t, builtProviderAt(t))
	_, hcl, _ := strings.Cut(w.workspace.config(everyResourceHCL), "resource ")
	w.write("resource " + hcl + "resource \"everflow_api_whitelist\" \"all\" {\n  ip_addresses = [\"203.0.113.10\"]\n}\n")
	w.do(false, "apply", "-auto-approve")
	w.pass(40 * day)
	w.workspace.mock.RevokeKey(w.rotating.key("plain").ID)
	w.workspace.mock.SetWhitelist("203.0.113.10", "192.0.2.66")
	w.expect(w.do(false, "plan", "-minimal-refresh"), true, "No changes")
	out := w.do(false, "plan")
	w.expect(out, true, "1 to add, 2 to change")
	w.expect(out, true, "was revoked outside Terraform")
}
