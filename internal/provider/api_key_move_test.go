package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// move is what Terraform does with a moved block between two types: the state as
// JSON in, the other type's state out.
func (p *protocol) move(from, to string, state map[string]any, private []byte, provider string) (moved tftypes.Value, movedPrivate []byte, said []string) {
	p.t.Helper()
	stored, err := json.Marshal(state)
	p.ok(err)
	response, err := p.server.MoveResourceState(context.Background(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: provider, SourceTypeName: from, SourceState: &tfprotov6.RawState{JSON: stored}, SourcePrivate: private, TargetTypeName: to,
	})
	p.ok(err)
	return p.state(p.schemas.ResourceSchemas[to], response.TargetState), response.TargetPrivate, complaints(response.Diagnostics)
}

const ourAddress = "registry.opentofu.org/everflow-community/everflow"

func storedKeyState(more map[string]any) map[string]any {
	state := map[string]any{
		"id": "5", "network_id": 1001, "name": "billing", "network_employee_id": 2, "permissions": []string{"Offers"}, "all_permissions": false,
		"store_key_in_state": true, "rotate_when_changed": map[string]string{"a": "1"}, "key": "a secret", "key_sha256": "00ff", "status": "active",
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z",
	}
	for name, value := range more {
		state[name] = value
	}
	return state
}

func TestMove_keyKeepsItsSecretAndItsHash(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	private := []byte(`{"due":"eyJyb3RhdGlvbiI6dHJ1ZX0=","another":"dHJ1ZQ=="}`) // {"rotation":true} and true
	schedule := map[string]any{"rotate_after": "720h", "overlap": "24h", "rotate_at": "2026-01-31T00:00:00Z", "previous_keys": []any{}}
	for _, test := range []struct {
		from, to string
		state    map[string]any
	}{
		{from: "everflow_api_key", to: "everflow_rotating_api_key", state: storedKeyState(nil)},
		{from: "everflow_rotating_api_key", to: "everflow_api_key", state: storedKeyState(schedule)},
	} {
		moved, kept, said := p.move(test.from, test.to, test.state, private, ourAddress)
		expectSaid(t, said)
		for _, name := range []string{"id", "name", "key", "key_sha256", "status", "created_at", "updated_at"} {
			if got := p.field(moved, name); got != test.state[name] {
				t.Errorf("to %s: %s is %q, want %q", test.to, name, got, test.state[name])
			}
		}
		if string(kept) != `{"another":"dHJ1ZQ=="}` {
			t.Errorf("to %s: the private state is %s", test.to, kept)
		}
	}
}

func TestMove_whatCannotBeMovedIsRefused(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	previous := func(id string) map[string]any {
		return map[string]any{"id": id, "key_sha256": nil, "replaced_at": "2026-01-31T00:00:00Z", "revoke_at": "2026-02-01T00:00:00Z"}
	}
	overlapping := storedKeyState(map[string]any{"rotate_after": "720h", "overlap": "24h", "rotate_at": nil, "previous_keys": []any{previous("3"), previous("4")}})
	moved, _, said := p.move("everflow_rotating_api_key", "everflow_api_key", overlapping, nil, ourAddress)
	expectSaid(t, said, []string{
		`error: API key 5 ("billing") cannot be moved to everflow_api_key yet`, "API key 3 until 2026-02-01T00:00:00Z, API key 4 until 2026-02-01T00:00:00Z",
		"Nothing was moved or changed", `overlap = "0s"`,
	})
	if !moved.IsNull() {
		t.Error("a state was returned")
	}
	for name, from := range map[string][2]string{
		"another provider's": {"everflow_api_key", "registry.terraform.io/hashicorp/random"},
		"another type":       {"everflow_api_whitelist", ourAddress},
	} {
		_, _, said := p.move(from[0], "everflow_rotating_api_key", storedKeyState(nil), nil, from[1])
		if !isError(said) {
			t.Errorf("%s is moved", name)
		}
	}
}

func TestAccMove_keyInUseGoesToARotatingOneAndBack(t *testing.T) {
	r := onRotatingMock(t)
	c := startConsumer(t, r.account)
	arguments := `
  name                = "<PREFIX>billing"
  network_employee_id = <EMPLOYEE>
  all_permissions     = true`
	plain := func(more string) string {
		return r.config(fmt.Sprintf("resource \"everflow_api_key\" \"test\" {%s\n}\n%s", arguments, more) + c.hcl("everflow_api_key.test.key"))
	}
	renewed := func(more string) string {
		return r.config(fmt.Sprintf("resource \"everflow_rotating_api_key\" \"test\" {%s\n  rotate_after = \"720h\"\n}\n%s", arguments, more) + c.hcl("everflow_rotating_api_key.test.key"))
	}
	const there = "moved {\n  from = everflow_api_key.test\n  to   = everflow_rotating_api_key.test\n}\n"
	back := strings.NewReplacer("from = everflow_api_key", "from = everflow_rotating_api_key", "to   = everflow_rotating_api_key", "to   = everflow_api_key").Replace(there)
	sameKey, sameID := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesSame())
	same := func(address string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			sameKey.AddStateValue(address, tfjsonpath.New("key")), sameID.AddStateValue(address, tfjsonpath.New("id")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("key_sha256"), hexSHA256),
		}
	}
	expectKeys := func(want int) {
		t.Helper()
		if n := r.mock.CountCalls("createApiKey"); n != want {
			t.Errorf("%d keys were created, want %d", n, want)
		}
	}
	r.run(
		resource.TestStep{Config: plain(""), ConfigStateChecks: same(theKey)},
		resource.TestStep{
			Config:           renewed(there),
			ConfigPlanChecks: planned(theRotating, plancheck.ResourceActionUpdate), // its schedule
			ConfigStateChecks: append(same(theRotating), ids(),
				rotatingHas("overlap", knownvalue.StringExact("24h")), rotatingHas("rotate_at", at(30*day))),
		},
		resource.TestStep{PreConfig: func() { expectKeys(1) }, Config: renewed(there), ConfigPlanChecks: emptyPlan()},
		resource.TestStep{Config: plain(back), ConfigPlanChecks: planned(theKey, plancheck.ResourceActionNoop), ConfigStateChecks: same(theKey)},
		resource.TestStep{Config: plain(back), ConfigPlanChecks: emptyPlan()},
		// Moved when it is due: the rotation, and nothing else.
		resource.TestStep{
			PreConfig: func() {
				expectKeys(1)
				r.pass(30 * day)
			},
			Config:            renewed(there),
			ConfigPlanChecks:  planned(theRotating, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{ids("5"), rotatingHas("id", knownvalue.StringExact("6"))},
		},
		resource.TestStep{Config: plain(back), ExpectError: says("cannot be moved to everflow_api_key yet", "API key 5 until 2041-02-01T00:00:00Z")},
		resource.TestStep{PreConfig: r.passes(day), Config: renewed(""), ConfigStateChecks: []statecheck.StateCheck{ids()}},
		resource.TestStep{Config: plain(back), ConfigPlanChecks: planned(theKey, plancheck.ResourceActionNoop)},
		resource.TestStep{
			PreConfig: func() {
				expectKeys(2)
				c.end(t, 2)
			},
			Config: plain(back), ConfigPlanChecks: emptyPlan(),
		},
	)
}
