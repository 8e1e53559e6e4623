package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const examples = "../../examples"

// TestAccExamples applies each example of a construct as it stands, on the mock's
// own seed, plans it again without a change, and destroys it.
func TestAccExamples_applyAsTheyStand(t *testing.T) {
	files, err := filepath.Glob(examples + "/*s/*/*.tf")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples were found", err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(file, examples+"/")
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "actions/") {
				needsTerraform114(t)
			}
			a := onMock(t, everflowmock.Options{CallerAddress: home})
			example, err := os.ReadFile(file)
			a.ok(err)
			oldest := tfversion.Version1_11_0
			if strings.Contains(name, "identity") {
				oldest = tfversion.Version1_12_0
			}
			if strings.Contains(string(example), " = everflow_api_whitelist") || strings.HasSuffix(name, "other-team.tf") {
				// They import from the list, or join it.
				a.setWhitelist("203.0.113.10", "198.51.100.0/24")
			}
			config := a.config(string(example))
			if strings.Contains(string(example), `resource "everflow_api_whitelist_entry"`) {
				config = a.configWith(knownEgressHCL, string(example)) // they turn the list on
			}
			again := resource.TestStep{Config: config}
			opens := opensInPlans(t, string(example))
			if again.ExpectNonEmptyPlan = opens; !opens {
				again.ConfigPlanChecks = emptyPlan()
			}
			resource.Test(t, resource.TestCase{
				IsUnitTest: true, ProtoV6ProviderFactories: withVaults(factories("test")),
				TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(oldest)},
				Steps: []resource.TestStep{
					{Config: config, ExpectNonEmptyPlan: opens},
					again,
					{Config: config, Destroy: true},
				},
			})
		})
	}
}

// opensInPlans: OpenTofu 1.11 says "No changes" of a plan that opens ephemeral
// resources, but lists them in the JSON that the testing framework reads.
func opensInPlans(t *testing.T, hcl string) bool {
	t.Helper()
	isTofu, minor := cliVersion(t)
	return isTofu && minor < 12 && strings.Contains(hcl, "\nephemeral ")
}

// withVaults adds what stands in for the other providers of the examples.
func withVaults(all map[string]func() (tfprotov6.ProviderServer, error)) map[string]func() (tfprotov6.ProviderServer, error) {
	for typeName := range kinds {
		all[typeName] = newVault(typeName).factory
	}
	return all
}

// The example of the provider block has a source and settings of a real account:
// it is run without its required_providers, which the framework writes itself.
func TestAccExamples_providerBlockIsValid(t *testing.T) {
	if cli == "" || onRealAccount() {
		t.Skip("runs on the bundled mock, with terraform or tofu")
	}
	a := newMockAccount(t, everflowmock.Options{CallerAddress: home})
	t.Setenv("EVERFLOW_API_KEY", a.apiKey)
	t.Setenv("EVERFLOW_BASE_URL", a.baseURL)
	example, err := os.ReadFile(examples + "/provider/provider.tf")
	a.ok(err)
	_, block, found := strings.Cut(string(example), "\nprovider ")
	if !found {
		t.Fatal("the example has no provider block")
	}
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: factories("test"),
		Steps: []resource.TestStep{{Config: "provider " + block + readNetwork}},
	})
}
