package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// generated is the configuration that the provider gives for a state, without what
// is null in it.
func (p *protocol) generated(resource string, state attributes) map[string]string {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[resource]
	_, stored := p.value(schema, state)
	response, err := p.server.GenerateResourceConfig(p.t.Context(), &tfprotov6.GenerateResourceConfigRequest{TypeName: resource, State: stored})
	p.ok(err)
	expectSaid(p.t, complaints(response.Diagnostics))
	written := map[string]string{}
	for name, value := range p.fields(p.state(schema, response.Config)) {
		if value := value.(tftypes.Value); !value.IsNull() {
			written[name] = value.String()
		}
	}
	return written
}

func TestGeneratedConfig_leavesOutWhatIsTheDefault(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	key := attributes{
		"id": "5", "network_id": 1001, "name": "billing", "network_employee_id": 2, "permissions": []string{"Offers"}, "all_permissions": false,
		"store_key_in_state": true, "status": "active", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
	}
	with := func(state, more attributes) attributes {
		all := attributes{}
		for _, given := range []attributes{state, more} {
			for name, value := range given {
				all[name] = value
			}
		}
		return all
	}
	const name, employee = `tftypes.String<"billing">`, `tftypes.Number<"2">`
	for title, test := range map[string]struct {
		resource string
		state    attributes
		want     map[string]string
	}{
		"a key with some permissions": {resource: "everflow_api_key", state: key, want: map[string]string{
			"name": name, "network_employee_id": employee, "permissions": `tftypes.Set[tftypes.String]<tftypes.String<"Offers">>`,
		}},
		"a key with all permissions, whose secret is not stored": {
			resource: "everflow_api_key", state: with(key, attributes{"permissions": nil, "all_permissions": true, "store_key_in_state": false}),
			want: map[string]string{"name": name, "network_employee_id": employee, "all_permissions": `tftypes.Bool<"true">`, "store_key_in_state": `tftypes.Bool<"false">`},
		},
		"a rotating key": {
			resource: "everflow_rotating_api_key", state: with(key, attributes{"permissions": nil, "all_permissions": true, "rotate_after": "2160h", "overlap": "24h"}),
			want: map[string]string{"name": name, "network_employee_id": employee, "all_permissions": `tftypes.Bool<"true">`, "rotate_after": `tftypes.String<"2160h">`},
		},
		"a rotating key with an overlap of its own": {
			resource: "everflow_rotating_api_key", state: with(key, attributes{"permissions": nil, "all_permissions": true, "rotate_after": "2160h", "overlap": "48h"}),
			want: map[string]string{
				"name": name, "network_employee_id": employee, "all_permissions": `tftypes.Bool<"true">`,
				"rotate_after": `tftypes.String<"2160h">`, "overlap": `tftypes.String<"48h">`,
			},
		},
		"an entry": {
			resource: "everflow_api_whitelist_entry",
			state:    attributes{"id": "203.0.113.7", "ip_address": "203.0.113.7", "network_id": 1001, "allow_lockout": false},
			want:     map[string]string{"ip_address": `tftypes.String<"203.0.113.7">`},
		},
		"the list": {
			resource: "everflow_api_whitelist",
			state:    attributes{"id": "1001", "ip_addresses": []string{"203.0.113.7"}, "allow_lockout": false, "deletion_protection": true},
			want:     map[string]string{"ip_addresses": `tftypes.List[tftypes.String]<tftypes.String<"203.0.113.7">>`, "deletion_protection": `tftypes.Bool<"true">`},
		},
	} {
		if got := p.generated(test.resource, test.state); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, want %v", title, got, test.want)
		}
	}
}

// Terraform writes null for an optional attribute that the provider cannot compute.
func TestGeneratedConfig_canLeaveOutEveryOptionalAttribute(t *testing.T) {
	t.Parallel()
	for name, schema := range newProtocol(t).schemas.ResourceSchemas {
		for _, attribute := range schema.Block.Attributes {
			if attribute.Optional && !attribute.Computed {
				t.Errorf("%s.%s is optional and not computed: give it a default, which can be null", name, attribute.Name)
			}
		}
	}
}

// withoutSpaces compares what was written, whatever the CLI's columns.
func withoutSpaces(text string) string {
	return regexp.MustCompile(`[ \t]+`).ReplaceAllString(text, " ")
}

// importsOfEverything has no resource blocks: Terraform writes them. Without the
// provider, newer versions look for one of HashiCorp's; beside a resource block, all
// versions refuse it.
const importsOfEverything = `
import {
  provider = everflow
  to       = everflow_api_key.one
  id       = "1"
}
import {
  provider = everflow
  to       = everflow_rotating_api_key.two
  id       = "2"
}
import {
  provider = everflow
  to       = everflow_api_whitelist.this
  id       = "1001"
}
`

const importOfAnEntry = `
import {
  provider = everflow
  to       = everflow_api_whitelist_entry.office
  id       = "198.51.100.0/24"
}
`

func TestGeneratedConfig_isWhatAPersonWouldWriteAndPlansEmpty(t *testing.T) {
	t.Parallel()
	isTofu, minor := cliVersion(t)
	provider := builtProvider(t)
	for name, test := range map[string]struct {
		imports string
		count   int
		want    []string
	}{
		"keys and the whitelist": {imports: importsOfEverything, count: 3, want: []string{
			"resource \"everflow_api_key\" \"one\" {\n all_permissions = true\n name = \"Legacy API Key (Pat Platform)\"\n network_employee_id = 2\n}",
			"resource \"everflow_api_whitelist\" \"this\" {\n ip_addresses = [\"198.51.100.0/24\", \"203.0.113.10\"]\n}",
			"resource \"everflow_rotating_api_key\" \"two\" {\n name = \"Legacy API Key (Mia Manager)\"\n network_employee_id = 3\n permissions = [\"Affiliates\", \"Offers\"]\n rotate_after = \"ROTATE_AFTER\"\n}",
		}},
		"an entry": {imports: importOfAnEntry, count: 1, want: []string{
			"resource \"everflow_api_whitelist_entry\" \"office\" {\n ip_address = \"198.51.100.0/24\"\n}",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspaceOn(t, provider, everflowmock.Options{CallerAddress: home})
			w.mock.SetWhitelist("203.0.113.10", "198.51.100.0/24")
			w.write(test.imports)
			w.do(false, "plan", "-generate-config-out=generated.tf")
			w.write(strings.ReplaceAll(test.imports, "  provider = everflow\n", ""))
			w.do(false, "plan", "-out=import.plan")
			w.expectOnlyImports("import.plan", test.count)
			w.do(false, "apply", "import.plan")
			w.do(false, "plan", "-detailed-exitcode")
			if isTofu || minor < 14 {
				return // they write each argument, null ones too
			}
			text, err := os.ReadFile(filepath.Join(w.dir, "generated.tf"))
			w.ok(err)
			written := regexp.MustCompile(`rotate_after = "\d+h"`).ReplaceAllString(withoutSpaces(string(text)), `rotate_after = "ROTATE_AFTER"`)
			for _, want := range test.want {
				if !strings.Contains(written, want) {
					t.Errorf("want %s\nin %s", want, written)
				}
			}
		})
	}
}

func TestListResources_whatTheyWriteIsImportedWithoutAChange(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)
	provider := builtProvider(t)
	for resource, want := range map[string]struct {
		count int
		block string
	}{
		"everflow_api_whitelist_entry": {2, "resource \"everflow_api_whitelist_entry\" \"all_0\" {\n provider = everflow\n ip_address = \"198.51.100.0/24\"\n}"},
		"everflow_rotating_api_key":    {4, "resource \"everflow_rotating_api_key\" \"all_2\" {\n provider = everflow\n name = \"Legacy API Key (Lee Leaver)\"\n network_employee_id = 4\n permissions = [\"Reporting\"]\n rotate_after = \""},
	} {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			w := newWorkspaceOn(t, provider, everflowmock.Options{CallerAddress: home})
			w.mock.SetWhitelist("203.0.113.10", "198.51.100.0/24")
			w.write("provider \"everflow\" {}\n")
			w.ok(os.WriteFile(filepath.Join(w.dir, "all.tfquery.hcl"), []byte("list \""+resource+"\" \"all\" {\n  provider = everflow\n}\n"), 0o600))
			w.do(false, "query", "-generate-config-out=generated.tf")
			text, err := os.ReadFile(filepath.Join(w.dir, "generated.tf"))
			w.ok(err)
			if !strings.Contains(withoutSpaces(string(text)), want.block) {
				t.Errorf("want %s\nin %s", want.block, text)
			}
			if strings.Contains(string(text), "= null") {
				t.Errorf("null is spelled out:\n%s", text)
			}
			w.do(false, "plan", "-out=import.plan")
			w.expectOnlyImports("import.plan", want.count)
			w.do(false, "apply", "import.plan")
			w.do(false, "plan", "-detailed-exitcode")
			w.expectNoWrites(t)
		})
	}
}
