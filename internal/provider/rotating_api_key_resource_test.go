package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const theRotating = "everflow_rotating_api_key.test"

// rotating is an account whose server lives years after the machine, and whose
// clock stands still but for a test that moves it.
type rotating struct {
	*account
	passed atomic.Int64
}

var rotatingEpoch = time.Date(2041, 1, 1, 0, 0, 0, 0, time.UTC)

func onRotatingMock(t *testing.T) *rotating {
	t.Helper()
	r := &rotating{}
	r.account = onMock(t, everflowmock.Options{Now: r.now})
	return r
}

func (r *rotating) now() time.Time { return rotatingEpoch.Add(time.Duration(r.passed.Load())) }

// pass moves the server's clock.
func (r *rotating) pass(d time.Duration) { r.passed.Add(int64(d)) }

// passes is pass as a step's PreConfig.
func (r *rotating) passes(d time.Duration) func() { return func() { r.pass(d) } }

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

const day = 24 * time.Hour

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

// works tells whether the API takes a secret.
func (r *rotating) works(secret string) bool {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.baseURL+"/v1/networks", nil)
	r.ok(err)
	request.Header.Set("X-Eflow-API-Key", secret)
	answer, err := http.DefaultClient.Do(request)
	r.ok(err)
	r.ok(answer.Body.Close())
	return answer.StatusCode == http.StatusOK
}

// secret takes a secret from the state.
func secret(into *string) statecheck.StateCheck {
	return rotatingHas("key", knownvalue.StringFunc(func(text string) error {
		*into = text
		return nil
	}))
}

// calls is a step that only checks that these secrets are taken, or refused.
func (r *rotating) expectWorks(want bool, secrets ...*string) {
	r.t.Helper()
	for i, secret := range secrets {
		if got := r.works(*secret); got != want {
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
					"id": knownvalue.StringExact("5"), "key_sha256": hexSHA256, "last_used_at": knownvalue.Null(),
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

var _ = fmt.Sprint
