package provider_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func dataHas(address, attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+address, tfjsonpath.New(attribute), value)
}

func TestAccEmployeeDataSource_byEmailAndByID(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	config := a.config(`
data "everflow_employee" "by_email" { email = "PAT.platform@example.com" }
data "everflow_employee" "by_id"    { network_employee_id = 3 }
`)
	a.run(resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
		dataHas("everflow_employee.by_email", "network_employee_id", knownvalue.Int64Exact(2)),
		dataHas("everflow_employee.by_email", "email", knownvalue.StringExact("PAT.platform@example.com")),
		dataHas("everflow_employee.by_email", "full_name", knownvalue.StringExact("Pat Platform")),
		dataHas("everflow_employee.by_email", "network_role_id", knownvalue.Int64Exact(2)),
		dataHas("everflow_employee.by_email", "is_admin", knownvalue.Bool(false)),
		dataHas("everflow_employee.by_id", "email", knownvalue.StringExact("mia.manager@example.com")),
		dataHas("everflow_employee.by_id", "first_name", knownvalue.StringExact("Mia")),
		dataHas("everflow_employee.by_id", "last_name", knownvalue.StringExact("Manager")),
		dataHas("everflow_employee.by_id", "account_status", knownvalue.StringExact("active")),
	}})
}

func TestAccEmployeeDataSource_saysWhatIsWrong(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.mock.AddEmployee(everflowmock.Employee{FullName: "Pat Double", FirstName: "Pat", LastName: "Double", Email: "Pat.Platform@example.com", AccountStatus: "active", RoleID: 2})
	a.run(
		resource.TestStep{
			Config:      a.config(`data "everflow_employee" "x" { email = "nobody@example.com" }`),
			ExpectError: says(`no employee with the e-mail address "nobody@example.com"`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_employee" "x" { network_employee_id = 99 }`),
			ExpectError: says(`no employee with the ID 99`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_employee" "x" { email = "pat.platform@example.com" }`),
			ExpectError: says(`2 ("Pat Platform", status "active"), 5 ("Pat Double", status "active")`, `network_employee_id`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_employee" "x" {}`),
			ExpectError: says("network_employee_id", "email"),
		},
	)
}

func TestAccRoleDataSource(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.run(
		resource.TestStep{
			Config: a.config(`data "everflow_role" "x" { name = "Account Manager" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				dataHas("everflow_role.x", "network_role_id", knownvalue.Int64Exact(3)),
				dataHas("everflow_role.x", "description", knownvalue.StringExact("Partners and offers")),
				dataHas("everflow_role.x", "created_at", knownvalue.StringExact("2023-01-01T00:00:00Z")),
				dataHas("everflow_role.x", "permissions", knownvalue.SetExact([]knownvalue.Check{
					knownvalue.StringExact("Advertisers"), knownvalue.StringExact("Affiliates"), knownvalue.StringExact("Offers"), knownvalue.StringExact("Reporting"),
				})),
			},
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_role" "x" { name = "account manager" }`),
			ExpectError: says(`no role named "account manager"`, `"Account Manager", "Administrator", "Platform Engineering"`),
		},
		resource.TestStep{
			PreConfig: func() {
				a.mock.AddRole(everflowmock.Role{Name: "Account Manager"})
			},
			Config:      a.config(`data "everflow_role" "x" { name = "Account Manager" }`),
			ExpectError: says(`roles 3, 4 are all named`),
		},
	)
}

func TestAccNetworkDataSource(t *testing.T) {
	a := newAccount(t)
	network, err := a.api.Network(context.Background())
	a.ok(err)
	a.run(resource.TestStep{
		Config: a.config(`data "everflow_network" "x" {}`),
		ConfigStateChecks: []statecheck.StateCheck{
			dataHas("everflow_network.x", "network_id", knownvalue.Int64Exact(network.ID)),
			dataHas("everflow_network.x", "name", knownvalue.StringExact(network.Name)),
			dataHas("everflow_network.x", "status", knownvalue.StringExact("active")),
		},
	})
}

func TestAccAPIWhitelistDataSource(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	config := a.config(`data "everflow_api_whitelist" "x" {}`)
	a.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			dataHas("everflow_api_whitelist.x", "ip_addresses", knownvalue.SetExact(nil)),
			dataHas("everflow_api_whitelist.x", "id", knownvalue.StringExact("1001")),
		}},
		resource.TestStep{
			PreConfig: func() { a.setWhitelist("203.0.113.0/24", "2001:db8::1") },
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				dataHas("everflow_api_whitelist.x", "ip_addresses", knownvalue.SetExact([]knownvalue.Check{
					knownvalue.StringExact("203.0.113.0/24"), knownvalue.StringExact("2001:db8::1"),
				})),
				dataHas("everflow_api_whitelist.x", "updated_at", rfc3339),
			},
		},
	)
}

func TestAccAPIKeyDataSource_byIDAndByName(t *testing.T) {
	a := newAccount(t)
	made, err := a.api.CreateAPIKey(context.Background(), a.employee.ID, everflow.APIKeySettings{Name: a.prefix + "found", Permissions: a.permissions[:1]})
	a.ok(err)
	t.Cleanup(func() { _, _ = a.api.Client.RevokeAPIKey(context.Background(), made.ID) })
	old, err := a.api.CreateAPIKey(context.Background(), a.employee.ID, everflow.APIKeySettings{Name: a.prefix + "found", AllPermissions: true})
	a.ok(err)
	_, err = a.api.Client.RevokeAPIKey(context.Background(), old.ID)
	a.ok(err)
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: factories("test"),
		Steps: []resource.TestStep{{
			Config: a.config(fmt.Sprintf(`
data "everflow_api_key" "by_name" { name = "<PREFIX>found" }
data "everflow_api_key" "by_id"   { id = %d }
`, old.ID)),
			ConfigStateChecks: []statecheck.StateCheck{
				dataHas("everflow_api_key.by_name", "id", knownvalue.StringExact(strconv.FormatInt(made.ID, 10))),
				dataHas("everflow_api_key.by_name", "status", knownvalue.StringExact("active")),
				dataHas("everflow_api_key.by_name", "permissions", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(a.permissions[0])})),
				dataHas("everflow_api_key.by_name", "revoked_at", knownvalue.Null()),
				dataHas("everflow_api_key.by_id", "status", knownvalue.StringExact("revoked")),
				dataHas("everflow_api_key.by_id", "all_permissions", knownvalue.Bool(true)),
				dataHas("everflow_api_key.by_id", "permissions", knownvalue.Null()),
				dataHas("everflow_api_key.by_id", "revoked_at", rfc3339),
			},
		}},
	})
}

func TestAccAPIKeyDataSource_saysWhatIsWrong(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.mock.AddKey(everflowmock.Key{Name: "Legacy API Key (Mia Manager)", EmployeeID: 2, IsAllPermissions: true})
	a.run(
		resource.TestStep{
			Config:      a.config(`data "everflow_api_key" "x" { name = "legacy api key (mia manager)" }`),
			ExpectError: says(`no active API key named "legacy`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_api_key" "x" { name = "Legacy API Key (Mia Manager)" }`),
			ExpectError: says(`2 (employee 3), 5 (employee 2)`, `Give the id`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_api_key" "x" { id = 77 }`),
			ExpectError: says(`no API key with the ID 77`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_api_key" "x" { id = "../whitelist" }`),
			ExpectError: says(`not Everflow's ID of an API key`),
		},
		resource.TestStep{
			Config:      a.config("data \"everflow_api_key\" \"x\" {\n id = 1\n name = \"y\"\n}"),
			ExpectError: says("Invalid Attribute Combination"),
		},
	)
}

func TestAccAPIKeysDataSource_filters(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	revoked := a.mock.AddKey(everflowmock.Key{Name: "Old reports", EmployeeID: 2, IsAllPermissions: true})
	a.mock.RevokeKey(revoked)
	ids := func(name string, want ...string) statecheck.StateCheck {
		checks := make([]knownvalue.Check, len(want))
		for i, id := range want {
			checks[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact(id)})
		}
		return dataHas("everflow_api_keys."+name, "api_keys", knownvalue.ListExact(checks))
	}
	a.run(
		resource.TestStep{
			Config: a.config(`
data "everflow_api_keys" "all"       {}
data "everflow_api_keys" "revoked"   { status = "revoked" }
data "everflow_api_keys" "active"    { status = "active" }
data "everflow_api_keys" "employee"  { network_employee_id = 2 }
data "everflow_api_keys" "name"      { name_contains = "LEGACY" }
data "everflow_api_keys" "unused"    { not_used_since = "2023-08-01T00:00:00+02:00" }
data "everflow_api_keys" "both" {
  status              = "active"
  network_employee_id = 2
}
data "everflow_api_keys" "none" { name_contains = "no such" }
`),
			ConfigStateChecks: []statecheck.StateCheck{
				ids("all", "1", "2", "3", "4", "5"), ids("revoked", "5"), ids("active", "1", "2", "3", "4"),
				ids("employee", "1", "5"), ids("name", "1", "2", "3"), ids("unused", "2", "3", "5"), ids("both", "1"), ids("none"),
			},
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_api_keys" "x" { status = "sleeping" }`),
			ExpectError: says(`"active" "revoked"`),
		},
		resource.TestStep{
			Config:      a.config(`data "everflow_api_keys" "x" { not_used_since = "last year" }`),
			ExpectError: says(`"last year" is not a time in RFC 3339`),
		},
		resource.TestStep{Config: a.config(`data "everflow_api_keys" "x" {}`)},
	)
}

func TestAccAPIKeysDataSource_readsEveryPage(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a := onMock(t, everflowmock.Options{Now: func() time.Time { return now }})
	for i := range 2001 {
		a.mock.AddKey(everflowmock.Key{Name: fmt.Sprintf("key %d", i), EmployeeID: 3, Permissions: []string{"Offers"}})
	}
	a.run(resource.TestStep{
		Config: a.config(`
data "everflow_api_keys" "all" {}
output "count" { value = length(data.everflow_api_keys.all.api_keys) }
`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("count", knownvalue.Int64Exact(2005)),
		},
	})
}

func TestAccEmployeesAndRolesDataSources(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.run(resource.TestStep{
		Config: a.config(`
data "everflow_employees" "all" {}
data "everflow_roles" "all" {}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			dataHas("everflow_employees.all", "employees", knownvalue.ListSizeExact(4)),
			dataHas("everflow_employees.all", "employees", knownvalue.ListPartial(map[int]knownvalue.Check{
				3: knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"network_employee_id": knownvalue.Int64Exact(4), "email": knownvalue.StringExact("lee.leaver@example.com"), "account_status": knownvalue.StringExact("inactive"),
				}),
			})),
			dataHas("everflow_roles.all", "roles", knownvalue.ListSizeExact(3)),
			dataHas("everflow_roles.all", "roles", knownvalue.ListPartial(map[int]knownvalue.Check{
				1: knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"network_role_id": knownvalue.Int64Exact(2), "name": knownvalue.StringExact("Platform Engineering"), "permissions": knownvalue.SetSizeExact(4),
				}),
			})),
		},
	})
}
