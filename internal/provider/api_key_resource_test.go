package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const theKey = "everflow_api_key.test"

const keyWithTwoPermissions = `
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = <EMPLOYEE>
  permissions         = ["<PERMISSION2>", "<PERMISSION1>"]
}`

func keyHas(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(theKey, tfjsonpath.New(attribute), value)
}

var (
	rfc3339   = knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))
	hexSHA256 = knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f]{64}$`))
)

func TestAccAPIKey_lifecycle(t *testing.T) {
	a := newAccount(t)
	sameID, sameKey := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesSame())
	var id string
	a.run(
		resource.TestStep{
			Config:           a.config(keyWithTwoPermissions),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
				sameKey.AddStateValue(theKey, tfjsonpath.New("key")),
				keyHas("name", knownvalue.StringExact(a.prefix+"billing")),
				keyHas("network_employee_id", knownvalue.Int64Exact(a.employee.ID)),
				keyHas("network_id", knownvalue.Int64Exact(a.employee.NetworkID)),
				keyHas("permissions", knownvalue.SetExact([]knownvalue.Check{
					knownvalue.StringExact(a.permissions[0]), knownvalue.StringExact(a.permissions[1]),
				})),
				keyHas("all_permissions", knownvalue.Bool(false)),
				keyHas("store_key_in_state", knownvalue.Bool(true)),
				keyHas("rotate_when_changed", knownvalue.Null()),
				keyHas("status", knownvalue.StringExact("active")),
				keyHas("key_sha256", hexSHA256),
				keyHas("created_at", rfc3339),
				keyHas("updated_at", rfc3339),
				statecheck.ExpectSensitiveValue(theKey, tfjsonpath.New("key")),
			},
		},
		resource.TestStep{Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			Config: a.config(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing, renamed"
  network_employee_id = <EMPLOYEE>
  permissions         = ["<PERMISSION3>"]
}`),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
				sameKey.AddStateValue(theKey, tfjsonpath.New("key")),
				keyHas("name", knownvalue.StringExact(a.prefix+"billing, renamed")),
				keyHas("permissions", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(a.permissions[2])})),
			},
		},
		resource.TestStep{
			Config: a.config(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing, renamed"
  network_employee_id = <EMPLOYEE>
  all_permissions     = true
}`),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
				sameKey.AddStateValue(theKey, tfjsonpath.New("key")),
				keyHas("permissions", knownvalue.Null()),
				keyHas("all_permissions", knownvalue.Bool(true)),
			},
		},
		resource.TestStep{
			Config: a.config(keyWithTwoPermissions),
			ConfigStateChecks: []statecheck.StateCheck{
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
				sameKey.AddStateValue(theKey, tfjsonpath.New("key")),
			},
		},
		resource.TestStep{
			ResourceName: theKey, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"key", "key_sha256"},
		},
		resource.TestStep{
			// Gone outside: revoked behind Terraform's back.
			PreConfig: func() {
				key := a.key("billing")
				id = strconv.FormatInt(key.ID, 10)
				_, err := a.api.Client.RevokeAPIKey(context.Background(), key.ID)
				a.ok(err)
			},
			Config:           a.config(keyWithTwoPermissions),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("id", knownvalue.StringFunc(func(now string) error {
					if now == id {
						return fmt.Errorf("the revoked key %s is still in the state", id)
					}
					return nil
				})),
			},
		},
	)
}

func TestAccAPIKey_importedThenPlannedIsEmpty(t *testing.T) {
	a := newAccount(t)
	legacy, err := a.api.CreateAPIKey(context.Background(), a.employee.ID, everflow.APIKeySettings{
		Name: a.prefix + "billing", Permissions: a.permissions[:2],
	})
	a.ok(err)
	a.run(
		resource.TestStep{
			Config: a.config(keyWithTwoPermissions + fmt.Sprintf(`
import {
  to = everflow_api_key.test
  id = "%d"
}`, legacy.ID)),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("id", knownvalue.StringExact(strconv.FormatInt(legacy.ID, 10))),
				keyHas("key", knownvalue.Null()),
				keyHas("key_sha256", knownvalue.Null()),
			},
		},
		resource.TestStep{Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
		// An imported key is adopted, not rotated, by a configuration with a keeper.
		resource.TestStep{
			Config: a.config(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = <EMPLOYEE>
  permissions         = ["<PERMISSION2>", "<PERMISSION1>"]
  rotate_when_changed = { quarter = "1" }
}`),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("id", knownvalue.StringExact(strconv.FormatInt(legacy.ID, 10))),
			},
		},
	)
}

func TestAccAPIKey_identity(t *testing.T) {
	a := newAccount(t)
	legacy, err := a.api.CreateAPIKey(context.Background(), a.employee.ID, everflow.APIKeySettings{
		Name: a.prefix + "billing", Permissions: a.permissions[:2],
	})
	a.ok(err)
	t.Cleanup(func() { _, _ = a.api.Client.RevokeAPIKey(context.Background(), legacy.ID) }) // also if this CLI is too old
	id := strconv.FormatInt(legacy.ID, 10)
	resource.Test(t, resource.TestCase{
		IsUnitTest:               true,
		ProtoV6ProviderFactories: factories("test"),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{
				Config: a.config(keyWithTwoPermissions + fmt.Sprintf(`
import {
  to       = everflow_api_key.test
  identity = { id = %q }
}`, id)),
				ConfigPlanChecks: planned(theKey, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(theKey, map[string]knownvalue.Check{"id": knownvalue.StringExact(id)}),
				},
			},
			{
				Config:           a.config(keyWithTwoPermissions),
				ConfigPlanChecks: emptyPlan(),
			},
		},
	})
}

// A module that takes both arguments passes an empty list beside all permissions.
func TestAccAPIKey_emptyPermissionsBesideAllPermissionsAreNoDiff(t *testing.T) {
	a := newAccount(t)
	config := a.config(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>all"
  network_employee_id = <EMPLOYEE>
  permissions         = []
  all_permissions     = true
}
resource "everflow_rotating_api_key" "test" {
  name                = "<PREFIX>all, rotating"
  network_employee_id = <EMPLOYEE>
  permissions         = []
  all_permissions     = true
  rotate_after        = "2160h"
}`)
	a.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{keyHas("all_permissions", knownvalue.Bool(true))}},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
	)
}

func TestAccAPIKey_replacedForAnotherEmployeeOrAChangedKeeper(t *testing.T) {
	a := newAccount(t)
	employees, err := a.api.Employees(context.Background())
	a.ok(err)
	other := employees[len(employees)-1].ID
	config := func(employee int64, keeper string) string {
		return a.config(fmt.Sprintf(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = %d
  all_permissions     = true
  rotate_when_changed = { quarter = %q }
  lifecycle { create_before_destroy = true }
}`, employee, keeper))
	}
	differentKey := statecheck.CompareValue(compare.ValuesDiffer())
	a.run(
		resource.TestStep{
			Config:            config(a.employee.ID, "1"),
			ConfigStateChecks: []statecheck.StateCheck{differentKey.AddStateValue(theKey, tfjsonpath.New("key"))},
		},
		resource.TestStep{
			Config:            config(a.employee.ID, "2"),
			ConfigPlanChecks:  planned(theKey, plancheck.ResourceActionCreateBeforeDestroy),
			ConfigStateChecks: []statecheck.StateCheck{differentKey.AddStateValue(theKey, tfjsonpath.New("key"))},
		},
		resource.TestStep{
			Config:            config(other, "2"),
			ConfigPlanChecks:  planned(theKey, plancheck.ResourceActionCreateBeforeDestroy),
			ConfigStateChecks: []statecheck.StateCheck{differentKey.AddStateValue(theKey, tfjsonpath.New("key"))},
		},
	)
}

func TestAccAPIKey_secretLeavesTheStateAndStaysOut(t *testing.T) {
	a := newAccount(t)
	config := func(store bool) string {
		return a.config(fmt.Sprintf(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = <EMPLOYEE>
  all_permissions     = true
  store_key_in_state  = %t
}`, store))
	}
	sameID := statecheck.CompareValue(compare.ValuesSame())
	a.run(
		resource.TestStep{
			Config: config(true),
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("key", knownvalue.NotNull()),
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
			},
		},
		resource.TestStep{
			Config:           config(false),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("key", knownvalue.Null()),
				keyHas("key_sha256", hexSHA256),
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
			},
		},
		resource.TestStep{
			Config: config(true),
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("key", knownvalue.Null()),
				sameID.AddStateValue(theKey, tfjsonpath.New("id")),
			},
		},
		resource.TestStep{Config: config(true), ConfigPlanChecks: emptyPlan()},
	)
}

func TestAccAPIKey_manyAtOnceThenDestroyedTwice(t *testing.T) {
	a := newAccount(t)
	config := a.config(`
resource "everflow_api_key" "test" {
  for_each            = toset(["eu", "us", "apac"])
  name                = "<PREFIX>\"quoted\" ${each.key} \u202e ünïcode"
  network_employee_id = <EMPLOYEE>
  permissions         = ["<PERMISSION1>", "an-unknown:permission/with odd <chars> & more"]
}`)
	a.run(
		resource.TestStep{Config: config},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			// Destroying keys of which one is revoked already is no error.
			PreConfig: func() {
				keys, err := a.api.Client.APIKeys(context.Background(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: a.prefix})
				a.ok(err)
				if len(keys) != 3 {
					t.Fatalf("%d live keys, want 3", len(keys))
				}
				_, err = a.api.Client.RevokeAPIKey(context.Background(), keys[1].ID)
				a.ok(err)
			},
			Config: config, Destroy: true,
		},
	)
}

func TestAccAPIKey_importRefusesWhatCannotBeManaged(t *testing.T) {
	a := newAccount(t)
	revoked, err := a.api.CreateAPIKey(context.Background(), a.employee.ID, everflow.APIKeySettings{Name: a.prefix + "revoked", AllPermissions: true})
	a.ok(err)
	_, err = a.api.Client.RevokeAPIKey(context.Background(), revoked.ID)
	a.ok(err)
	var steps []resource.TestStep
	for id, want := range map[string]string{
		"":                                      `not the ID`,
		"billing":                               `"billing" is not the ID`,
		"-1":                                    `not the ID`,
		"007":                                   `not the ID`,
		"99999999999999999999999":               `not the ID`,
		"9007199254740993":                      `does not exist`,
		strconv.FormatInt(revoked.ID, 10):       `is revoked`,
		strconv.FormatInt(revoked.ID, 10) + " ": `not the ID`,
	} {
		if id == "" {
			continue // Terraform itself refuses it
		}
		steps = append(steps, resource.TestStep{
			Config: a.config(keyWithTwoPermissions), ResourceName: theKey, ImportState: true, ImportStateId: id,
			ExpectError: says(want),
		})
	}
	a.run(steps...)
}
