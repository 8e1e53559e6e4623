package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// useAllKeys has every live key used now, and noted as saved by that.
func (a *account) useAllKeys(now time.Time) {
	for _, key := range a.mock.Keys() {
		a.mock.UpdateKey(key.ID, func(key *everflowmock.Key) { key.TimeLastUsed, key.TimeSaved = now.Unix(), now.Unix() })
	}
}

func TestRefresh_keyInConstantUseChangesNoState(t *testing.T) {
	key := attributes{"name": "billing", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true}
	for resource, config := range map[string]attributes{
		"everflow_api_key":             key,
		"everflow_rotating_api_key":    rotatingConfig(nil),
		"everflow_api_whitelist":       {"ip_addresses": []string{home.String(), "203.0.113.0/24"}, "allow_lockout": false, "deletion_protection": false},
		"everflow_api_whitelist_entry": {"ip_address": home.String(), "allow_lockout": false},
	} {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			clock := &rotating{}
			clock.account = newMockAccount(t, everflowmock.Options{CallerAddress: home, Now: clock.now})
			c := &core{a: clock.account, resource: resource, settings: attributes{"egress_ip_addresses": []string{home.String()}}}
			live := func() {
				if said := c.run(t, config); isError(said) {
					t.Fatal(said)
				}
			}
			expectStill := func() {
				t.Helper()
				clock.pass(time.Hour)
				clock.useAllKeys(clock.now())
				p := c.a.configured(c.settings)
				p.private = c.private
				before, _ := p.value(p.schemas.ResourceSchemas[resource], c.state)
				if now, _ := p.read(resource, c.state); !now.Equal(before) {
					t.Errorf("a refresh changed the state to\n%s\nfrom\n%s", now, before)
				}
			}
			live()
			expectStill()
			clock.pass(30 * day) // A rotating key is due, and has a previous one then.
			live()
			expectStill()
		})
	}
}

// noDrift is a check of a plan's JSON form.
type noDrift struct{}

func (noDrift) CheckPlan(plan *tfjson.Plan) error {
	for _, drifted := range plan.ResourceDrift {
		before, _ := json.Marshal(drifted.Change.Before)
		after, _ := json.Marshal(drifted.Change.After)
		return fmt.Errorf("%s drifted from %s to %s", drifted.Address, before, after)
	}
	return nil
}

const everyResourceHCL = `
resource "everflow_api_key" "plain" {
  name                = "<PREFIX>plain"
  network_employee_id = <EMPLOYEE>
  permissions         = ["<PERMISSION1>"]
}
resource "everflow_rotating_api_key" "renewed" {
  name                = "<PREFIX>renewed"
  network_employee_id = <EMPLOYEE>
  all_permissions     = true
  rotate_after        = "720h"
  overlap             = "48h"
}
`

func TestRefreshOnly_keysInConstantUseAreNoDrift(t *testing.T) {
	t.Parallel()
	provider := builtProviderAt(t)
	for name, whitelist := range map[string]string{
		"the whole whitelist":  "resource \"everflow_api_whitelist\" \"all\" {\n  ip_addresses = [\"203.0.113.10\", \"203.0.113.0/25\"]\n}\n",
		"an entry of the list": "resource \"everflow_api_whitelist_entry\" \"one\" {\n  ip_address = \"203.0.113.10\"\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newRotatingWorkspace(t, provider)
			_, hcl, _ := strings.Cut(w.workspace.config(everyResourceHCL), "resource ")
			w.write("resource " + hcl + whitelist)
			expectStill := func() {
				t.Helper()
				w.pass(time.Hour)
				w.workspace.useAllKeys(w.now())
				w.expect(w.do(false, "plan", "-refresh-only", "-out=refresh.plan"), true, "No changes")
				var plan tfjson.Plan
				w.workspace.ok(plan.UnmarshalJSON(w.do(false, "show", "-json", "refresh.plan")))
				w.workspace.ok(noDrift{}.CheckPlan(&plan))
			}
			w.do(false, "apply", "-auto-approve")
			expectStill()
			w.pass(30 * day)
			w.do(false, "apply", "-auto-approve") // a rotation
			expectStill()
			w.pass(40 * time.Hour)
			w.workspace.useAllKeys(w.now())
			out := w.do(false, "plan")
			w.expect(out, true, "No changes", "is still in use, and its overlap ends soon", "last used at 2041-02-01T18:00:00Z")
			w.do(false, "apply", "-auto-approve", "-destroy")
		})
	}
}
