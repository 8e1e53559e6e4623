package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const theRotating = "everflow_rotating_api_key.test"

// at is a moment of the server as a state shows it.
func at(sinceEpoch time.Duration) knownvalue.Check {
	return knownvalue.StringExact(rotatingEpoch.Add(sinceEpoch).Format(time.RFC3339))
}

func rotatingHas(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(theRotating, tfjsonpath.New(attribute), value)
}

func ids(ids ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(ids))
	for i, id := range ids {
		checks[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact(id)})
	}
	return rotatingHas("previous_keys", knownvalue.ListExact(checks))
}

// rotatingHCL is the resource of most tests, with more arguments.
func rotatingHCL(arguments ...string) string {
	return `
resource "everflow_rotating_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = <EMPLOYEE>
  permissions         = ["<PERMISSION1>", "<PERMISSION2>"]
  rotate_after        = "720h"
  ` + strings.Join(arguments, "\n  ") + `
}`
}

// secret takes a secret from the state.
func secret(into *string) statecheck.StateCheck {
	return rotatingHas("key", knownvalue.StringFunc(func(text string) error {
		*into = text
		return nil
	}))
}

// expectWorks checks that these secrets are taken, or refused.
func (r *rotating) expectWorks(want bool, secrets ...*string) {
	r.t.Helper()
	for i, secret := range secrets {
		if got := r.answerTo(*secret) == http.StatusOK; got != want {
			r.t.Errorf("secret %d works: %t, want %t", i+1, got, want)
		}
	}
}

func TestAccRotatingAPIKey_wholeLife(t *testing.T) {
	r := onRotatingMock(t)
	config := r.config(rotatingHCL())
	var first, second, third string
	differentKey := statecheck.CompareValue(compare.ValuesDiffer())
	r.run(
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: planned(theRotating, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				rotatingHas("id", knownvalue.StringExact("5")),
				rotatingHas("created_at", at(0)),
				rotatingHas("rotate_at", at(30*day)),
				rotatingHas("overlap", knownvalue.StringExact("24h")),
				rotatingHas("status", knownvalue.StringExact("active")),
				rotatingHas("key_sha256", hexSHA256),
				statecheck.ExpectSensitiveValue(theRotating, tfjsonpath.New("key")),
				secret(&first), differentKey.AddStateValue(theRotating, tfjsonpath.New("key")), ids(),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
		resource.TestStep{PreConfig: r.passes(30*day - time.Second), Config: config, ConfigPlanChecks: emptyPlan()},
		resource.TestStep{
			PreConfig: r.passes(time.Second),
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theRotating, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("id")),
				plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("key")),
				plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("key_sha256")),
				plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("rotate_at")),
				plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("previous_keys")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				rotatingHas("id", knownvalue.StringExact("6")),
				rotatingHas("created_at", at(30*day)),
				rotatingHas("rotate_at", at(60*day)),
				rotatingHas("previous_keys", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": knownvalue.StringExact("5"), "key_sha256": hexSHA256,
					"replaced_at": at(30 * day), "revoke_at": at(31 * day),
				})})),
				secret(&second), differentKey.AddStateValue(theRotating, tfjsonpath.New("key")),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				r.expectWorks(true, &first, &second)
				r.pass(day - time.Second)
			},
			Config: config, ConfigPlanChecks: emptyPlan(),
		},
		resource.TestStep{
			PreConfig: func() {
				r.expectWorks(true, &first, &second)
				r.pass(time.Second)
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theRotating, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(theRotating, tfjsonpath.New("id"), knownvalue.StringExact("6")),
				plancheck.ExpectKnownValue(theRotating, tfjsonpath.New("previous_keys"), knownvalue.ListExact(nil)),
			}},
			ConfigStateChecks: []statecheck.StateCheck{ids(), rotatingHas("id", knownvalue.StringExact("6"))},
		},
		resource.TestStep{
			PreConfig: func() {
				r.expectWorks(false, &first)
				r.expectWorks(true, &second)
			},
			Config: config, ConfigPlanChecks: emptyPlan(),
		},
		// Several turns missed: renewed once.
		resource.TestStep{
			PreConfig: r.passes(200 * day), Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				rotatingHas("id", knownvalue.StringExact("7")), rotatingHas("rotate_at", at(261*day)), secret(&third), ids("6"),
			},
		},
		resource.TestStep{
			PreConfig: func() { r.expectWorks(true, &second, &third) },
			Config:    config, ConfigPlanChecks: emptyPlan(),
		},
		// And destroyed with a previous key: run checks that no key is left.
	)
	r.expectWorks(false, &first, &second, &third)
	if made := r.mock.CountCalls("createApiKey"); made != 3 {
		t.Errorf("%d keys were made, want 3", made)
	}
}

func TestAccRotatingAPIKey_nameAndPermissionsChangeInPlace(t *testing.T) {
	r := onRotatingMock(t)
	config := func(name, permission string) string {
		return r.config(fmt.Sprintf(`
resource "everflow_rotating_api_key" "test" {
  name                = "<PREFIX>%s"
  network_employee_id = <EMPLOYEE>
  permissions         = [%q]
  rotate_after        = "720h"
}`, name, permission))
	}
	sameKey := statecheck.CompareValue(compare.ValuesSame())
	r.run(
		resource.TestStep{
			Config:            config("billing", r.permissions[0]),
			ConfigStateChecks: []statecheck.StateCheck{sameKey.AddStateValue(theRotating, tfjsonpath.New("key"))},
		},
		resource.TestStep{
			PreConfig: r.passes(time.Hour),
			Config:    config("renamed", r.permissions[1]),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theRotating, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(theRotating, tfjsonpath.New("id"), knownvalue.StringExact("5")),
				plancheck.ExpectKnownValue(theRotating, tfjsonpath.New("previous_keys"), knownvalue.ListExact(nil)),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				rotatingHas("id", knownvalue.StringExact("5")), rotatingHas("updated_at", at(time.Hour)), rotatingHas("rotate_at", at(30*day)),
				sameKey.AddStateValue(theRotating, tfjsonpath.New("key")),
			},
		},
		// In the plan of a rotation they go into the new key, and the old one stays as it is.
		resource.TestStep{
			PreConfig:         r.passes(30 * day),
			Config:            config("renamed again", r.permissions[2]),
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("6")), ids("5")},
		},
	)
	old, _ := r.mock.Key(5)
	if old.Name != r.prefix+"renamed" || old.TimeSaved != old.TimeRevoked {
		t.Errorf("the old key was changed to %+v", old)
	}
	if sent := r.mock.CountCalls("updateApiKey"); sent != 1 {
		t.Errorf("%d updates were sent, want 1", sent)
	}
}

func TestAccRotatingAPIKey_keeperRotatesAtOnceAndInPlace(t *testing.T) {
	r := onRotatingMock(t)
	with := func(keeper string) string { return r.config(rotatingHCL(keeper)) }
	stays := []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("5"))}
	r.run(
		resource.TestStep{Config: with(""), ConfigStateChecks: stays},
		resource.TestStep{Config: with(`rotate_when_changed = { leak = "no" }`), ConfigPlanChecks: planned(theRotating, plancheck.ResourceActionUpdate), ConfigStateChecks: stays},
		resource.TestStep{
			Config: with(`rotate_when_changed = { leak = "yes" }`), ConfigPlanChecks: planned(theRotating, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("6")), ids("5")},
		},
		resource.TestStep{
			Config: with(`rotate_when_changed = { leak = "yes", other = terraform_data.later.id }` + "\n}\n" + `resource "terraform_data" "later" {`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("id")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("7")), ids("5", "6")},
		},
		resource.TestStep{Config: with(""), ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("7")), ids("5", "6")}},
		resource.TestStep{
			PreConfig: r.passes(day), Config: with(""),
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("7")), ids()},
		},
	)
}

func TestAccRotatingAPIKey_withoutAnOverlapTheOldKeyEndsInTheSameApply(t *testing.T) {
	r := onRotatingMock(t)
	config := r.config(rotatingHCL(`overlap = "0s"`))
	r.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: r.passes(30 * day), Config: config,
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("6")), ids()},
		},
		resource.TestStep{
			PreConfig: func() {
				if live := r.liveKeys("^" + r.prefix); len(live) != 1 || live[0] != 6 {
					t.Errorf("the live keys are %v, want 6 alone", live)
				}
			},
			Config: config, ConfigPlanChecks: emptyPlan(),
		},
	)
	created, revoked := -1, -1
	for i, call := range r.mock.Calls() {
		switch {
		case call.Operation == "createApiKey":
			created = i
		case call.Operation == "revokeApiKey" && revoked < 0:
			revoked = i
		}
	}
	if revoked < created {
		t.Errorf("call %d revoked the old key before call %d made the new one", revoked, created)
	}
}

func TestAccRotatingAPIKey_currentKeyRevokedOutsideIsReplacedAndNotKept(t *testing.T) {
	r := onRotatingMock(t)
	config := r.config(rotatingHCL())
	r.run(
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: r.passes(30 * day), Config: config, ConfigStateChecks: []statecheck.StateCheck{ids("5")}},
		resource.TestStep{
			PreConfig:        func() { r.mock.RevokeKey(6) },
			Config:           config,
			ConfigPlanChecks: planned(theRotating, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				rotatingHas("id", knownvalue.StringExact("7")), rotatingHas("status", knownvalue.StringExact("active")), ids("5"),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
		// The previous one, too, before its time: dropped, and nothing to do.
		resource.TestStep{
			PreConfig: func() { r.mock.RevokeKey(5) },
			Config:    config, ConfigPlanChecks: emptyPlan(), ConfigStateChecks: []statecheck.StateCheck{ids()},
		},
	)
}

func TestAccRotatingAPIKey_changedScheduleCountsAtOnce(t *testing.T) {
	r := onRotatingMock(t)
	config := func(rotateAfter, overlap string) string {
		return r.config(strings.Replace(rotatingHCL(fmt.Sprintf("overlap = %q", overlap)), "720h", rotateAfter, 1))
	}
	r.run(
		resource.TestStep{Config: config("720h", "24h")},
		resource.TestStep{
			PreConfig: r.passes(10 * day), Config: config("1440h", "24h"),
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("5")), rotatingHas("rotate_at", at(60*day))},
		},
		// The key is due by the new schedule, though not by the old one.
		resource.TestStep{
			Config: config("240h", "24h"), ConfigPlanChecks: planned(theRotating, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("6")), rotatingHas("rotate_at", at(20*day)), ids("5")},
		},
		// A longer overlap puts a revocation off that was due ...
		resource.TestStep{
			PreConfig: r.passes(day), Config: config("240h", "72h"),
			ConfigStateChecks: []statecheck.StateCheck{
				ids("5"), rotatingHas("previous_keys", knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectPartial(map[string]knownvalue.Check{"revoke_at": at(13 * day)}),
				})),
			},
		},
		resource.TestStep{Config: config("240h", "72h"), ConfigPlanChecks: emptyPlan()},
		// ... a shorter one brings it forward, another spelling does nothing.
		resource.TestStep{Config: config("240h", "4320m"), ConfigStateChecks: []statecheck.StateCheck{ids("5")}},
		resource.TestStep{Config: config("240h", "1h"), ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("6")), ids()}},
		resource.TestStep{Config: config("240h", "1h"), ConfigPlanChecks: emptyPlan()},
	)
}

func TestAccRotatingAPIKey_identityFollowsTheCurrentKey(t *testing.T) {
	r := onRotatingMock(t)
	r.addLegacyKey()
	identity := func(id string) statecheck.StateCheck {
		return statecheck.ExpectIdentity(theRotating, map[string]knownvalue.Check{"id": knownvalue.StringExact(id)})
	}
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: r.factories(),
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: r.config(rotatingHCL() + importBlock(`identity = { id = "5" }`)), ConfigStateChecks: []statecheck.StateCheck{identity("5")}},
			{PreConfig: r.passes(30 * day), Config: r.config(rotatingHCL()), ConfigStateChecks: []statecheck.StateCheck{identity("6")}},
			{Config: r.config(rotatingHCL()), ConfigPlanChecks: emptyPlan(), ConfigStateChecks: []statecheck.StateCheck{identity("6")}},
		},
	})
}

func TestAccRotatingAPIKey_rotationInDoubtLeavesNoStrayKey(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"reset after acting":     {Kind: everflowmock.FaultReset, AfterActing: true},
		"truncated after acting": {Kind: everflowmock.FaultTruncated, AfterActing: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := onRotatingMock(t)
			config := r.config(rotatingHCL())
			fault.Operation, fault.Times = "createApiKey", 1
			var first string
			r.run(
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{secret(&first)}},
				resource.TestStep{
					PreConfig: func() {
						r.pass(30 * day)
						r.mock.AddFault(fault)
					},
					Config:      config,
					ExpectError: says("API key 6 was created, but its secret was lost", "API key 6 is kept in previous_keys", "API key 5", "stays the current key"),
				},
				resource.TestStep{
					PreConfig: func() { r.expectWorks(true, &first) },
					Config:    config,
					ConfigStateChecks: []statecheck.StateCheck{
						rotatingHas("id", knownvalue.StringExact("7")), rotatingHas("key", knownvalue.NotNull()), ids("5"),
					},
				},
				resource.TestStep{
					PreConfig: func() {
						if stray, _ := r.mock.Key(6); !stray.Revoked() {
							t.Error("the stray key 6 is still live")
						}
					},
					Config: config, ConfigPlanChecks: emptyPlan(),
				},
			)
		})
	}
}
