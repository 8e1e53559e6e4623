package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const readNetwork = "\ndata \"everflow_network\" \"x\" {}\n"

func TestAccProvider_environmentFillsWhatIsNotConfigured(t *testing.T) {
	if cli == "" || onRealAccount() {
		t.Skip("runs on the bundled mock, with terraform or tofu")
	}
	a := newMockAccount(t, everflowmock.Options{})
	t.Setenv("EVERFLOW_API_KEY", a.apiKey)
	t.Setenv("EVERFLOW_BASE_URL", a.baseURL)
	t.Setenv("EVERFLOW_EGRESS_IP_ADDRESSES", "203.0.113.7")
	run := func(step resource.TestStep) {
		resource.Test(t, resource.TestCase{IsUnitTest: true, ProtoV6ProviderFactories: factories("test"), Steps: []resource.TestStep{step}})
	}
	run(resource.TestStep{Config: `provider "everflow" {}` + readNetwork})
	run(resource.TestStep{
		Config:      "provider \"everflow\" {}\n" + whitelistHCL("", "198.51.100.7"),
		ExpectError: says(`would lock Terraform out`, `203.0.113.7`),
	})
	// The configuration wins over the environment.
	run(resource.TestStep{
		Config:      `provider "everflow" { api_key = "not-a-key-of-this-network" }` + readNetwork,
		ExpectError: says(`401`, `mistyped or revoked`),
	})
	a.mock.ClearCalls()
	run(resource.TestStep{Config: `provider "everflow" {}` + readNetwork})
	for _, call := range a.mock.Calls() {
		if agent := call.Header.Get("User-Agent"); !regexp.MustCompile(`^terraform-provider-everflow/test terraform/\d+\.\d+\.`).MatchString(agent) {
			t.Errorf("the user agent is %q", agent)
		}
		if call.Method != http.MethodGet || !strings.HasPrefix(call.Path, "/v1/") {
			t.Errorf("unexpected call %s %s", call.Method, call.Path)
		}
	}
}

func TestAccProvider_keyThatAnotherResourceMakesDoesNotFailThePlan(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	config := fmt.Sprintf(`
resource "terraform_data" "vault" {
  input = %q
}
provider "everflow" {
  api_key  = terraform_data.vault.output
  base_url = %q
}
`, a.apiKey, a.baseURL) + a.config("")[strings.Index(a.config(""), "}\n")+2:]
	resources := strings.NewReplacer("<PREFIX>", a.prefix, "<EMPLOYEE>", "1", "<PERMISSION1>", "Offers", "<PERMISSION2>", "Roles").
		Replace(keyWithTwoPermissions) + "\n" + whitelistHCL("", "203.0.113.10")
	a.run(
		resource.TestStep{
			Config: config + resources,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theKey, plancheck.ResourceActionCreate),
				plancheck.ExpectResourceAction(theList, plancheck.ResourceActionCreate),
			}},
		},
		resource.TestStep{
			// Unknown again, with objects in the state: they stay as they are.
			Config: strings.Replace(config, "input =", "triggers_replace = \"again\"\n  input =", 1) + resources,
		},
	)
}

func TestAccProvider_refusalsSayWhatToDo(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	a.run(
		resource.TestStep{
			PreConfig: func() {
				a.mock.UpdateRole(1, func(r *everflowmock.Role) { r.Permissions = []string{"Roles"} })
				a.mock.UpdateEmployee(1, func(e *everflowmock.Employee) { e.IsAdmin = false })
			},
			Config:      a.config(`data "everflow_api_keys" "x" {}`),
			ExpectError: says(`403`, `permission "Security"`),
		},
		resource.TestStep{
			PreConfig:   func() { a.mock.SetWhitelist("198.51.100.7") },
			Config:      a.config(readNetwork),
			ExpectError: says(`403`, `whitelist does not hold`, `web interface`),
		},
		resource.TestStep{
			PreConfig: func() {
				a.mock.SetWhitelist()
				a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultRedirect, URL: "https://evil.example/v1/networks"})
			},
			Config:      a.config(readNetwork),
			ExpectError: says(`redirected to evil.example`, `not followed`, `Check base_url`),
		},
		resource.TestStep{
			PreConfig: func() {
				a.mock.ClearFaults()
				a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429, Body: `{"error":"slow down"}`})
			},
			Config:      a.configWith("max_retries = 1", readNetwork),
			ExpectError: says(`429`, `slow down (after 2 attempts)`, `max_requests_per_second`),
		},
		resource.TestStep{
			PreConfig: func() {
				a.mock.ClearFaults()
				a.mock.UpdateRole(1, func(r *everflowmock.Role) { r.Permissions = []string{"Employees", "Roles", "Security"} })
			},
			Config: a.config(readNetwork),
		},
	)
}
