package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const revoke = "everflow_revoke_api_key"

func expectTold(t *testing.T, progress []string, want ...string) {
	t.Helper()
	if len(progress) != len(want) {
		t.Errorf("it told %q, want %q", progress, want)
		return
	}
	for i, text := range want {
		if !says(text).MatchString(progress[i]) {
			t.Errorf("it told %q, want %q", progress, want)
		}
	}
}

func TestRevokeAPIKeyAction_revokesWhoeverMadeTheKey(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	other := strings.Repeat("0A", 32)
	for id, config := range map[int64]attributes{
		1: {"api_key_id": "1"},
		2: {"api_key_id": "2", "key_sha256": other},
		3: {"api_key_id": "3", "force": true},
	} {
		progress, said := a.configured(nil).invoke(revoke, config)
		expectSaid(t, said)
		told := map[int64][]string{
			1: {`Found API key 1 ("Legacy API Key (Pat Platform)") of employee 2, last used at 2024-01-01T00:00:00Z.`, `Revoked API key 1 ("Legacy API Key (Pat Platform)") at 2`},
			2: {`Found API key 2 ("Legacy API Key (Mia Manager)") of employee 3, never used.`, `Revoked API key 2`},
			3: {`Found API key 3`, `Revoked API key 3`},
		}
		expectTold(t, progress, told[id]...)
		if !a.isRevoked(id) {
			t.Errorf("key %d is not revoked", id)
		}
	}
	if a.isRevoked(4) {
		t.Error("the provider's own key is revoked")
	}
}

func TestRevokeAPIKeyAction_isDoneOnce(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{Now: func() time.Time { return time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC) }})
	a.mock.RevokeKey(3)
	progress, said := a.configured(nil).invoke(revoke, attributes{"api_key_id": "3"})
	expectSaid(t, said)
	expectTold(t, progress, `API key 3 ("Legacy API Key (Lee Leaver)") was revoked already at 2026-05-06T07:08:09Z: nothing to do.`)
	if a.mock.CountCalls("revokeApiKey") != 0 {
		t.Error("it was revoked again")
	}
}

func TestRevokeAPIKeyAction_keyThatIsNotThereIsAnErrorThatNamesTheNetwork(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	_, said := a.configured(nil).invoke(revoke, attributes{"api_key_id": "99"})
	expectSaid(t, said, []string{"error: API key 99 does not exist in network 1001:", "Nothing was revoked", "Check api_key_id"})
}

func TestRevokeAPIKeyAction_neverRevokesTheProvidersOwnKeyUnlessToldTo(t *testing.T) {
	t.Parallel()
	own, otherHash := everflowmock.HashAPIKey(everflowmock.DemoAPIKey), strings.Repeat("0a", 32)
	for name, test := range map[string]struct {
		config  attributes
		options everflowmock.Options
		refused []string // nil: revoked
	}{
		"its hash": {
			config:  attributes{"key_sha256": own},
			options: everflowmock.Options{},
			refused: []string{"error: API key 4 is the one that Terraform is authenticated with: This is the SHA-256 of the provider's own key"},
		},
		"its hash in capitals, by force": {
			config:  attributes{"key_sha256": strings.ToUpper(own), "force": true},
			options: everflowmock.Options{},
			refused: []string{"error: API key 4 is the one that Terraform is authenticated with: This is the SHA-256 of the provider's own key"},
		},
		"another hash": {config: attributes{"key_sha256": otherHash}, options: everflowmock.Options{}},
		"no hash": {
			config:  attributes{},
			options: everflowmock.Options{},
			refused: []string{`error: API key 4 ("Terraform") was not revoked: it is in use`, "give the provider another key first", "key_sha256", "force = true"},
		},
		"no hash, force = false": {
			config:  attributes{"force": false},
			options: everflowmock.Options{},
			refused: []string{`error: API key 4 ("Terraform") was not revoked: it is in use`},
		},
		"keys that cannot be read": {
			config:  attributes{},
			options: everflowmock.Options{Faults: []everflowmock.Fault{{Operation: "getApiKey", Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`}}},
			refused: []string{`error: API key 4 was not revoked: it cannot be read: GET /networks/security/apikeys/4: 403`},
		},
		"force": {config: attributes{"force": true}, options: everflowmock.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newMockAccount(t, test.options)
			test.config["api_key_id"] = "4"
			_, said := a.configured(nil).invoke(revoke, test.config)
			if test.refused == nil {
				expectSaid(t, said)
			} else {
				expectSaid(t, said, test.refused)
			}
			if a.isRevoked(4) != (test.refused == nil) {
				t.Errorf("revoked is %t after %q", a.isRevoked(4), said)
			}
		})
	}
}

// A leaked key that is being misused can only be told from the own one by its hash.
func TestRevokeAPIKeyAction_keyInUseIsRevokedByItsHashOrByForce(t *testing.T) {
	t.Parallel()
	for name, decided := range map[string]attributes{
		"hash":  {"key_sha256": "9e836ae145557b153572c1067c4df1c7362633c55d9c7fa136fad813b2ec81eb"},
		"force": {"force": true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newMockAccount(t, everflowmock.Options{})
			a.mock.UpdateKey(2, func(key *everflowmock.Key) { key.TimeLastUsed = time.Now().Unix() })
			_, said := a.configured(nil).invoke(revoke, attributes{"api_key_id": "2"})
			expectSaid(t, said, []string{`error: API key 2 ("Legacy API Key (Mia Manager)") was not revoked: it is in use`})
			if a.isRevoked(2) {
				t.Fatal("it was revoked on a guess")
			}
			decided["api_key_id"] = "2"
			_, said = a.configured(nil).invoke(revoke, decided)
			expectSaid(t, said)
			if !a.isRevoked(2) {
				t.Error("it is not revoked")
			}
		})
	}
}

func TestRevokeAPIKeyAction_planRefusesWhatIsSurelyRefusedAndRevokesNothing(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	p := a.configured(nil)
	for name, test := range map[string]struct {
		config    attributes
		validated []string
		planned   []string
	}{
		"good":                        {config: attributes{"api_key_id": "2"}, planned: []string{cannotTell, "API key 2"}},
		"good by force":               {config: attributes{"api_key_id": "2", "force": true}},
		"good with hash":              {config: attributes{"api_key_id": "2", "key_sha256": strings.Repeat("0A", 32)}},
		"unknown":                     {config: attributes{"api_key_id": unknown{}, "key_sha256": unknown{}, "force": unknown{}}},
		"a name":                      {config: attributes{"api_key_id": "billing"}, validated: []string{`error: Unusable API key ID: "billing" is not Everflow's ID of an API key, a whole number above 0.`}},
		"zero":                        {config: attributes{"api_key_id": "0"}, validated: []string{`"0" is not`}},
		"a short hash":                {config: attributes{"api_key_id": "2", "key_sha256": "0a"}, validated: []string{"error: Unusable SHA-256: It must be 64 hexadecimal digits."}},
		"a secret in place of the ID": {config: attributes{"api_key_id": "a-secret-of-some-length"}, validated: []string{"error: Unusable API key ID: The given text is not"}},
		"the own hash": {
			config:  attributes{"api_key_id": "4", "key_sha256": everflowmock.HashAPIKey(a.apiKey)},
			planned: []string{"error: API key 4 is the one that Terraform is authenticated with", "give the provider another key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			expectOne := func(said, want []string) {
				if want == nil {
					expectSaid(t, said)
				} else {
					expectSaid(t, said, want)
				}
			}
			expectOne(p.validateAction(revoke, test.config), test.validated)
			if test.validated == nil {
				expectOne(p.planAction(revoke, test.config), test.planned)
			}
		})
	}
	if calls := a.mock.Calls(); len(calls) != 0 {
		t.Errorf("planning made %d calls", len(calls))
	}
}

// What was unknown while planning has passed no validator.
func TestRevokeAPIKeyAction_unusableValuesAreRefusedByTheApplyToo(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	_, said := a.configured(nil).invoke(revoke, attributes{"api_key_id": "../apiwhitelist"})
	expectSaid(t, said, []string{`error: Unusable API key ID: "../apiwhitelist" is not`, "Nothing was revoked"})
	_, said = a.configured(nil).invoke(revoke, attributes{"api_key_id": "4", "key_sha256": "(none)"})
	expectSaid(t, said, []string{`error: Unusable SHA-256`, "Nothing was revoked"})
	if calls := a.mock.Calls(); len(calls) != 0 || a.isRevoked(4) {
		t.Errorf("%d calls were made", len(calls))
	}
}

func TestRevokeAPIKeyAction_answerThatIsLostIsCheckedByARead(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Kind: everflowmock.FaultReset, AfterActing: true})
	patient := attributes{"max_retries": 0}
	progress, said := a.configured(patient).invoke(revoke, attributes{"api_key_id": "2", "force": true})
	expectSaid(t, said)
	expectTold(t, progress, "Found API key 2", `Revoked API key 2 ("Legacy API Key (Mia Manager)") at 2`)

	a.mock.ClearFaults()
	a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"broken"}`})
	_, said = a.configured(patient).invoke(revoke, attributes{"api_key_id": "3", "force": true})
	expectSaid(t, said, []string{`error: API key 3 ("Legacy API Key (Lee Leaver)") was not revoked: POST /networks/security/apikeys/3/revoke: 500`})
	if !a.isRevoked(2) || a.isRevoked(3) {
		t.Error("what was said is not so")
	}
}

func TestRevokeAPIKeyAction_needsAKnownProviderConfiguration(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	expectSaid(t, p.configure(attributes{"api_key": unknown{}}))
	expectSaid(t, p.planAction(revoke, attributes{"api_key_id": "4"}))
	_, said := p.invoke(revoke, attributes{"api_key_id": "4"})
	expectSaid(t, said, []string{"error: Cannot revoke an API key: the provider's configuration is not known yet"})
}

// A key that a resource manages too: the next plan says so, and plans a new one.
func TestRevokeAPIKeyAction_managedKeyIsPlannedAnew(t *testing.T) {
	t.Parallel()
	c := &core{a: newMockAccount(t, everflowmock.Options{}), resource: "everflow_api_key"}
	c.run(t, keyConfig(keyOld))
	p := c.a.configured(nil)
	state, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
	_, said := p.invoke(revoke, attributes{"api_key_id": p.field(state, "id"), "key_sha256": p.field(state, "key_sha256")})
	expectSaid(t, said)
	said = c.run(t, keyConfig(keyOld))
	if isError(said) || !slices.ContainsFunc(said, says(`warning: API key 5 ("`+keyOld+`") was revoked outside Terraform`).MatchString) {
		t.Errorf("the next run said %q", said)
	}
	if first, second := c.a.isRevoked(5), c.a.isRevoked(6); !first || second {
		t.Errorf("the old key is revoked: %t, the new one: %t", first, second)
	}
}

// With a real CLI: a lifecycle triggers it, on a key that the same apply manages.
func TestAccRevokeAPIKeyAction_triggeredByALifecycle(t *testing.T) {
	needsTerraform114(t)
	a := onMock(t, everflowmock.Options{})
	const trigger = `
resource "terraform_data" "incident" {
  input = "2026-11"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.everflow_revoke_api_key.leaked]
    }
  }
}
action "everflow_revoke_api_key" "leaked" {
  config {
    api_key_id = everflow_api_key.test.id
    key_sha256 = everflow_api_key.test.key_sha256
  }
}
`
	a.run(
		resource.TestStep{Config: a.config(keyWithTwoPermissions)},
		resource.TestStep{
			Config:             a.config(keyWithTwoPermissions + trigger),
			ExpectNonEmptyPlan: true, // a new key
		},
		resource.TestStep{
			PreConfig: func() {
				if !a.isRevoked(5) {
					t.Error("the key is not revoked")
				}
			},
			Config:           a.config(keyWithTwoPermissions),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionCreate),
		},
		resource.TestStep{Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
	)
}

// With a real CLI and the built provider: only an apply that is asked for the
// action invokes it.
func TestRevokeAPIKeyAction_invokedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)
	w := newWorkspace(t, builtProvider(t))
	w.write(`
action "everflow_revoke_api_key" "leaked" {
  config {
    api_key_id = "2"
  }
}
action "everflow_revoke_api_key" "own" {
  config {
    api_key_id = 4
  }
}
`)
	w.do(false, "plan", "-invoke=action.everflow_revoke_api_key.leaked")
	w.do(false, "apply", "-auto-approve")
	if w.isRevoked(2) {
		t.Fatal("it was revoked before it was asked for")
	}
	out := w.do(false, "apply", "-auto-approve", "-invoke=action.everflow_revoke_api_key.leaked")
	if !says(`Revoked API key 2 ("Legacy API Key (Mia Manager)")`).Match(out) || !w.isRevoked(2) {
		t.Errorf("revoked is %t after:\n%s", w.isRevoked(2), out)
	}
	out = w.do(true, "apply", "-auto-approve", "-invoke=action.everflow_revoke_api_key.own")
	if !says(`API key 4 ("Terraform") was not revoked: it is in use`).Match(out) || w.isRevoked(4) {
		t.Errorf("the own key is revoked: %t after:\n%s", w.isRevoked(4), out)
	}
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}
