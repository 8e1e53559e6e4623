package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// awkwardNames are names that a configuration or a terminal could stumble over.
var awkwardNames = []string{
	`"quoted"`, `back\slash`, `${var.x}`, `$${x}`, `%{ if true }`, `%%{`, `  spaces around  `, "tab\tand\nline break", `ünïcödé 鍵 🔑`,
	"\u202ebackwards", "\x1b[31mred", `EOT`, `Legacy API Key (Pat Platform)`, `null`, `{{ }}`, `<b>&amp;`,
}

func listedIDs(found []listed) (all []string) {
	for _, key := range found {
		all = append(all, key.id)
	}
	return all
}

func TestAPIKeyList_filters(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	a.mock.RevokeKey(a.mock.AddKey(everflowmock.Key{Name: "Old reports", EmployeeID: 2, IsAllPermissions: true}))
	p := a.configured(nil)
	for name, test := range map[string]struct {
		config attributes
		limit  int64
		want   []string
	}{
		"live keys only":    {config: attributes{}, limit: 100, want: []string{"1", "2", "3", "4"}},
		"active":            {config: attributes{"status": "active"}, limit: 100, want: []string{"1", "2", "3", "4"}},
		"revoked":           {config: attributes{"status": "revoked"}, limit: 100, want: []string{"5"}},
		"employee":          {config: attributes{"network_employee_id": 2}, limit: 100, want: []string{"1"}},
		"name":              {config: attributes{"name_contains": "LEGACY"}, limit: 100, want: []string{"1", "2", "3"}},
		"unused":            {config: attributes{"not_used_since": "2023-08-01T00:00:00+02:00"}, limit: 100, want: []string{"2", "3"}},
		"several":           {config: attributes{"status": "revoked", "network_employee_id": 2, "name_contains": "report", "not_used_since": "2023-08-01T00:00:00Z"}, limit: 100, want: []string{"5"}},
		"none":              {config: attributes{"name_contains": "no such"}, limit: 100},
		"a limit":           {config: attributes{}, limit: 2, want: []string{"1", "2"}},
		"a limit of unused": {config: attributes{"not_used_since": "2023-08-01T00:00:00Z"}, limit: 1, want: []string{"2"}},
		"no limit":          {config: attributes{}, want: []string{"1", "2", "3", "4"}},
	} {
		expectSaid(t, p.validateList("everflow_api_key", test.config))
		for _, include := range []bool{false, true} {
			found, said := p.list("everflow_api_key", test.config, test.limit, include)
			expectSaid(t, said)
			if !slices.Equal(listedIDs(found), test.want) {
				t.Errorf("%s: got %q, want %q", name, listedIDs(found), test.want)
			}
		}
	}
}

func TestAPIKeyList_configurationIsCheckedAsThatOfTheDataSource(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for want, config := range map[string]attributes{
		`"active" "revoked"`:                           {"status": "sleeping"},
		`Unusable ID: 0 is not a whole number above 0`: {"network_employee_id": 0},
		`length must be at least 1`:                    {"name_contains": ""},
		`"last year" is not a time in RFC 3339`:        {"not_used_since": "last year"},
	} {
		expectSaid(t, p.validateList("everflow_api_key", config), []string{want})
	}
	filters := map[string]string{}
	for _, attribute := range p.schemas.DataSourceSchemas["everflow_api_keys"].Block.Attributes {
		if attribute.Optional {
			filters[attribute.Name] = attribute.Type.String()
		}
	}
	for _, attribute := range p.schemas.ListResourceSchemas["everflow_api_key"].Block.Attributes {
		if filters[attribute.Name] != attribute.Type.String() {
			t.Errorf("the data source has no filter %s of type %s", attribute.Name, attribute.Type)
		}
		delete(filters, attribute.Name)
	}
	if len(filters) > 0 {
		t.Errorf("the list has no filters %v", filters)
	}
}

// The state of a listed key is, to the last attribute, what an import makes.
func TestAPIKeyList_includedResourceIsWhatAnImportMakes(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	a.addLegacyKeys(3 * len(awkwardNames))
	p := a.configured(attributes{"max_requests_per_second": 500})
	found, said := p.list("everflow_api_key", attributes{"name_contains": ""}, 1000, true)
	expectSaid(t, said)
	if len(found) != 4+3*len(awkwardNames) {
		t.Fatalf("%d keys are listed", len(found))
	}
	for _, key := range found {
		imported, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "everflow_api_key", ID: key.id})
		p.ok(err)
		expectSaid(t, complaints(imported.Diagnostics))
		state := p.state(p.schemas.ResourceSchemas["everflow_api_key"], imported.ImportedResources[0].State)
		if key.id == "4" {
			continue // the provider's own: each call is a use
		}
		if !state.Equal(key.state) {
			t.Errorf("key %s is listed as\n%s\nand imported as\n%s", key.id, key.state, state)
		}
	}
	without, _ := p.list("everflow_api_key", attributes{}, 1000, false)
	if len(without) != len(found) || !without[0].state.IsNull() {
		t.Error("resources are included that were not asked for")
	}
}

func TestAPIKeyList_displayNameIsTheNameOrQuotesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	for _, name := range []string{`"quoted" ${x} ü 🔑`, " lead", "two\nlines", "\u202ebackwards", "\x1b[31mred", "", "  "} {
		a.mock.AddKey(everflowmock.Key{Name: name, EmployeeID: 2, IsAllPermissions: true})
	}
	found, said := a.configured(nil).list("everflow_api_key", attributes{"network_employee_id": 2}, 100, false)
	expectSaid(t, said)
	want := []string{"Legacy API Key (Pat Platform)", `"quoted" ${x} ü 🔑`, `" lead"`, `"two\nlines"`, `"\u202ebackwards"`, `"\x1b[31mred"`, `""`, `"  "`}
	for i, key := range found {
		if key.name != want[i] {
			t.Errorf("key %s is shown as %s, want %s", key.id, key.name, want[i])
		}
	}
}

func TestAPIKeyList_readsNoMorePagesThanNeeded(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	for i := range 2001 {
		a.mock.AddKey(everflowmock.Key{Name: fmt.Sprint("key ", i), EmployeeID: 3, Permissions: []string{"Offers"}})
	}
	p := a.configured(nil)
	for _, test := range []struct {
		limit int64
		keys  int
		calls int
	}{{limit: 100, keys: 100, calls: 1}, {limit: 5000, keys: 2005, calls: 2}} {
		a.mock.ClearCalls()
		found, said := p.list("everflow_api_key", attributes{}, test.limit, false)
		expectSaid(t, said)
		if calls := len(a.mock.Calls()); len(found) != test.keys || calls != test.calls {
			t.Errorf("a limit of %d: %d keys with %d calls, want %d with %d", test.limit, len(found), calls, test.keys, test.calls)
		}
	}
}

func TestAPIKeyList_saysWhatIsWrong(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	p := a.configured(attributes{"max_retries": 0})
	a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
	found, said := p.list("everflow_api_key", attributes{}, 100, true)
	expectSaid(t, said, []string{"error: Cannot list the API keys: POST /networks/security/apikeystable: 403", `the permission "Security"`})
	if len(found) != 0 {
		t.Errorf("%d keys are listed after an error", len(found))
	}
	a.mock.ClearFaults()
	for _, filter := range []string{"status", "network_employee_id", "name_contains", "not_used_since"} {
		found, said = p.list("everflow_api_key", attributes{filter: unknown{}}, 100, true)
		expectSaid(t, said, []string{"error: Cannot list the API keys: a filter is not known yet"})
		if len(found) != 0 {
			t.Errorf("%d keys are listed whatever %s is", len(found), filter)
		}
	}
	p = newProtocol(t)
	expectSaid(t, p.configure(attributes{"api_key": unknown{}}))
	_, said = p.list("everflow_api_key", attributes{}, 100, false)
	expectSaid(t, said, []string{"error: Cannot list the API keys: the provider's configuration is not known yet"})
}

// needsTerraform114 skips where the CLI has no `terraform query` and no actions:
// both came with Terraform 1.14, and OpenTofu has neither.
func needsTerraform114(t *testing.T) {
	t.Helper()
	if isTofu, minor := cliVersion(t); isTofu || minor < 14 {
		t.Skip("needs Terraform 1.14")
	}
}

func TestAccAPIKeyList_examplesAreQueriedAsTheyStand(t *testing.T) {
	files, err := filepath.Glob(examples + "/list-resources/*/*.tfquery.hcl")
	if err != nil || len(files) != 4 {
		t.Fatal("the examples were not found", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+" "+filepath.Base(file), func(t *testing.T) {
			needsTerraform114(t)
			a := onMock(t, everflowmock.Options{CallerAddress: home})
			example, err := os.ReadFile(file)
			a.ok(err)
			a.setWhitelist("203.0.113.10", "198.51.100.0/24")
			check := map[string]querycheck.QueryResultCheck{
				"everflow_api_key/list-resource.tfquery.hcl":             querycheck.ExpectLength("everflow_api_key.legacy", 3),
				"everflow_api_key/list-resource_forgotten.tfquery.hcl":   querycheck.ExpectLength("everflow_api_key.forgotten", 1),
				"everflow_api_whitelist_entry/list-resource.tfquery.hcl": querycheck.ExpectLength("everflow_api_whitelist_entry.all", 2),
				"everflow_rotating_api_key/list-resource.tfquery.hcl":    querycheck.ExpectLength("everflow_rotating_api_key.legacy", 3),
			}[strings.TrimPrefix(file, examples+"/list-resources/")]
			resource.Test(t, resource.TestCase{
				IsUnitTest: true, ProtoV6ProviderFactories: factories("test"),
				Steps: []resource.TestStep{{Query: true, Config: a.config(string(example)), QueryResultChecks: []querycheck.QueryResultCheck{check}}},
			})
		})
	}
}

// TestAPIKeyList_legacyKeysComeUnderManagementWithoutAChange is the whole way with
// the built provider: query, generated configuration, plan, apply, plan.
func TestAPIKeyList_legacyKeysComeUnderManagementWithoutAChange(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)
	w := newWorkspace(t, builtProvider(t))
	w.addLegacyKeys(200)
	w.write("provider \"everflow\" {\n  max_requests_per_second = 1000\n}\n")
	w.ok(os.WriteFile(filepath.Join(w.dir, "keys.tfquery.hcl"), []byte("list \"everflow_api_key\" \"all\" {\n  provider = everflow\n  limit    = 1000\n}\n"), 0o600))
	w.do(false, "query", "-generate-config-out=keys.tf")
	w.env = append(w.env, "TF_LOG=") // 200 keys would fill a log of a hundred megabytes
	w.do(false, "validate")
	w.do(false, "plan", "-out=import.plan")
	w.expectOnlyImports("import.plan", 204)
	w.do(false, "apply", "import.plan")
	w.do(false, "plan", "-detailed-exitcode")
	for _, operation := range []string{"createApiKey", "updateApiKey", "revokeApiKey"} {
		if n := w.mock.CountCalls(operation); n != 0 {
			t.Errorf("%s was called %d times", operation, n)
		}
	}
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}

// expectOnlyImports checks that a plan imports so many keys and changes nothing.
func (w *workspace) expectOnlyImports(file string, want int) {
	w.t.Helper()
	var plan tfjson.Plan
	w.ok(json.Unmarshal(w.do(false, "show", "-json", file), &plan))
	w.ok(onlyImports(want).CheckPlan(&plan))
}

// onlyImports checks that a plan imports so many resources and changes nothing.
type onlyImports int

func (want onlyImports) CheckPlan(plan *tfjson.Plan) error {
	imports := 0
	for _, change := range plan.ResourceChanges {
		if !change.Change.Actions.NoOp() || change.Change.Importing == nil {
			return fmt.Errorf("%s is planned for %v", change.Address, change.Change.Actions)
		}
		imports++
	}
	if imports != int(want) {
		return fmt.Errorf("%d resources are imported, want %d", imports, want)
	}
	return nil
}

// The same without `terraform query`, on every version that the provider works with.
func TestAccAPIKey_legacyKeysAreImportedWithForEachWithoutAChange(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.addLegacyKeys(20)
	config := a.configWith("max_requests_per_second = 1000", `
data "everflow_api_keys" "legacy" {
  status         = "active"
  not_used_since = "2025-01-01T00:00:00Z"
}
locals {
  legacy = { for key in data.everflow_api_keys.legacy.api_keys : key.id => key }
}
import {
  for_each = local.legacy
  to       = everflow_api_key.legacy[each.key]
  id       = each.key
}
resource "everflow_api_key" "legacy" {
  for_each            = local.legacy
  name                = each.value.name
  network_employee_id = each.value.network_employee_id
  permissions         = each.value.permissions
  all_permissions     = each.value.all_permissions
}
`)
	a.run(
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planFile{onlyImports(23)}}},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
		resource.TestStep{Config: config, Destroy: true},
	)
	if n := a.mock.CountCalls("updateApiKey") + a.mock.CountCalls("createApiKey"); n != 0 {
		t.Errorf("%d keys were changed or created", n)
	}
}
