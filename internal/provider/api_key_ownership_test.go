package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// importedState is the state of a key that was imported: its hash is not known.
func importedState(id string, more attributes) attributes {
	state := attributes{
		"id": id, "network_id": 1001, "name": "Legacy", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true, "status": "active",
	}
	maps.Copy(state, more)
	return state
}

// destroy applies the destruction of a key, whatever its plan says.
func (p *protocol) destroy(resource string, state attributes) (isGone bool, said []string) {
	p.t.Helper()
	now, said := p.apply(p.t.Context(), resource, state, nil, tftypes.NewValue(p.schemas.ResourceSchemas[resource].ValueType(), nil))
	return now.IsNull(), said
}

const cannotTell = "warning: Terraform cannot tell whether it is about to revoke its own API key"

func TestOwnKey_hashInAnyCaseIsRefusedByPlanAndApply(t *testing.T) {
	a := homeMock(t)
	hash := everflowmock.HashAPIKey(everflowmock.DemoAPIKey)
	for _, spelled := range []string{hash, strings.ToUpper(hash)} {
		own := importedState("4", attributes{"key_sha256": spelled, "force_revoke": true})
		p := a.configured(nil)
		refused := []string{`error: API key 4 is the one that Terraform is authenticated with`, "The key was not revoked", "give the provider another key", "terraform state rm"}
		_, said := p.plan("everflow_api_key", own, nil)
		expectSaid(t, said, refused)
		isGone, said := p.destroy("everflow_api_key", own)
		expectSaid(t, said, refused)
		if isGone || a.isRevoked(4) {
			t.Error("the provider's own key was revoked")
		}
	}
}

// As Terraform plans -replace: a second time, without the prior state.
func TestOwnKey_replacementThatNoAttributeAsksForIsRefusedInThePlan(t *testing.T) {
	a := homeMock(t)
	own := importedState("4", attributes{"key_sha256": everflowmock.HashAPIKey(everflowmock.DemoAPIKey)})
	config := attributes{"name": "Legacy", "network_employee_id": 2, "all_permissions": true}
	p := a.configured(nil)
	_, said := p.plan("everflow_api_key", own, config)
	expectSaid(t, said)
	p.private = p.plannedPrivate
	_, said = p.plan("everflow_api_key", nil, config)
	expectSaid(t, said, []string{`error: API key 4 is the one that Terraform is authenticated with`, "create_before_destroy"})
}

func TestOwnKey_whatIsNoHashProvesNothing(t *testing.T) {
	for _, hash := range []string{"kept", strings.Repeat("0", 63), strings.Repeat("g", 64)} {
		t.Run(hash, func(t *testing.T) {
			a := homeMock(t)
			state := importedState("4", attributes{"key_sha256": hash})
			p := a.configured(nil)
			_, said := p.plan("everflow_api_key", state, nil)
			expectSaid(t, said, []string{cannotTell})
			_, said = p.destroy("everflow_api_key", state)
			expectSaid(t, said, []string{`error: API key 4 ("Terraform") was not revoked: it is in use`})
			if a.isRevoked(4) {
				t.Error("the provider's own key was revoked")
			}
		})
	}
}

func TestOwnKey_planSaysOnceThatItCannotTell(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	_, said := p.plan("everflow_api_key", importedState("1", nil), nil)
	expectSaid(t, said, []string{cannotTell, `API key 1 ("Legacy") is to be revoked`, "this warning is given once"})
	_, said = p.plan("everflow_api_key", importedState("2", nil), nil)
	expectSaid(t, said)
	_, said = p.plan("everflow_api_key", importedState("3", nil), attributes{"name": "Legacy", "network_employee_id": 2, "permissions": []string{"Offers"}})
	expectSaid(t, said)
	// Nor does it say so where the hash is known, or where an argument has decided.
	p = a.configured(nil)
	_, said = p.plan("everflow_api_key", importedState("1", attributes{"key_sha256": strings.Repeat("0a", 32)}), nil)
	expectSaid(t, said)
	_, said = p.plan("everflow_api_key", importedState("2", attributes{"force_revoke": true}), nil)
	expectSaid(t, said)
}

func TestOwnKey_importedKeyThatWasUsedSinceTheRunBeganIsLeftAlone(t *testing.T) {
	for name, test := range map[string]struct {
		id      string
		more    attributes
		lastUse time.Duration // before the run; 0 leaves it
		refused bool
	}{
		"the own key":                          {id: "4", refused: true},
		"the own key, by force":                {id: "4", more: attributes{"force_revoke": true}},
		"one that is in use":                   {id: "2", lastUse: time.Second, refused: true},
		"one in use, noted to the minute":      {id: "2", lastUse: 59 * time.Second, refused: true},
		"one in use, by force":                 {id: "2", more: attributes{"force_revoke": true}, lastUse: time.Second},
		"one in use whose hash is another":     {id: "2", more: attributes{"key_sha256": strings.Repeat("0a", 32)}, lastUse: time.Second},
		"one that was used ten minutes before": {id: "2", lastUse: 10 * time.Minute},
		"one that was never used":              {id: "2"},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			if test.lastUse != 0 {
				a.mock.UpdateKey(2, func(key *everflowmock.Key) { key.TimeLastUsed = time.Now().Add(-test.lastUse).Unix() })
			}
			p := a.configured(nil)
			isGone, said := p.destroy("everflow_api_key", importedState(test.id, test.more))
			if test.refused {
				expectSaid(t, said, []string{"error: API key " + test.id, "was not revoked: it is in use", "give the provider another key first", "force_revoke = true"})
			} else {
				expectSaid(t, said)
			}
			if isRevoked := !a.isLive(map[string]int64{"2": 2, "4": 4}[test.id]); isGone == test.refused || isRevoked == test.refused {
				t.Errorf("gone from the state: %t, revoked: %t", isGone, isRevoked)
			}
		})
	}
}

// useNotedLate answers when key 4 was used before the call, and not that it was used by it.
type useNotedLate struct{ noted string }

var useOfKey4 = regexp.MustCompile(`("network_api_key_id":4,.*?"time_last_used":)(\d+)`)

func (u *useNotedLate) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if use := useOfKey4.FindSubmatch(body); use != nil {
		body = useOfKey4.ReplaceAll(body, []byte("${1}"+u.noted))
		u.noted = string(use[2])
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return answer, err
}

func TestOwnKey_useThatIsNotedAfterTheAnswerIsSeen(t *testing.T) {
	inUse := []string{`error: API key 4 ("Terraform") was not revoked: it is in use`}
	t.Run("resource", func(t *testing.T) {
		a := homeMock(t)
		a.httpClient = &http.Client{Transport: &useNotedLate{noted: "1704067200"}}
		_, said := a.configured(nil).destroy("everflow_api_key", importedState("4", nil))
		expectSaid(t, said, inUse)
	})
	t.Run("action", func(t *testing.T) {
		a := homeMock(t)
		a.httpClient = &http.Client{Transport: &useNotedLate{noted: "1704067200"}}
		_, said := a.configured(nil).invoke(revoke, attributes{"api_key_id": "4"})
		expectSaid(t, said, inUse)
	})
}

// Where Everflow does not say when a key was used, it may be the own one.
func TestOwnKey_keyWhoseUseIsNotSaidIsLeftAlone(t *testing.T) {
	a := homeMock(t)
	body := `{"network_api_key_id":2,"network_id":1001,"name":"Legacy","network_employee_id":2,"permissions":[],"is_all_permissions":true,"status":"active","time_created":1700000000}`
	a.mock.AddFault(everflowmock.Fault{Operation: "getApiKey", Kind: everflowmock.FaultBody, Body: body})
	for _, force := range []bool{false, true} {
		_, said := a.configured(nil).destroy("everflow_api_key", importedState("2", attributes{"force_revoke": force}))
		if force {
			expectSaid(t, said)
		} else {
			expectSaid(t, said, []string{`error: API key 2 ("Legacy") was not revoked: it may be the one that Terraform is authenticated with`, "does not say when it was last used", "force_revoke = true"})
		}
		if a.isRevoked(2) != force {
			t.Errorf("with force %t, it is revoked: %t", force, a.isRevoked(2))
		}
	}
}

// A wrong clock, of the server or of the machine, must not hide a use.
func TestOwnKey_isLeftAloneWhateverTheClocksSay(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"server ahead": time.Hour, "server behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newMockAccount(t, everflowmock.Options{CallerAddress: home, Now: func() time.Time { return time.Now().Add(ahead) }})
			a.clock = nil
			_, said := a.configured(nil).destroy("everflow_api_key", importedState("4", nil))
			expectSaid(t, said, []string{"error: API key 4", "was not revoked: it is in use"})
		})
	}
}

func TestOwnKey_updateThatTakesSecurityIsGuardedAsARevocationIs(t *testing.T) {
	hash := everflowmock.HashAPIKey(everflowmock.DemoAPIKey)
	refused := []string{"error: API key 4 is the one that Terraform is authenticated with", `takes the permission "Security"`, "The key was not changed"}
	inUse := []string{`error: API key 4 ("Terraform") was not changed: it is in use`, "force_revoke = true"}
	for name, test := range map[string]struct {
		state, config    attributes
		planned, applied [][]string
	}{
		"own, from all":            {state: attributes{"key_sha256": hash}, config: attributes{"permissions": []string{"Offers"}}, planned: [][]string{refused}, applied: [][]string{refused}},
		"own, from a list":         {state: attributes{"key_sha256": hash, "all_permissions": false, "permissions": []string{"Security", "Offers"}}, config: attributes{"permissions": []string{"Offers"}}, planned: [][]string{refused}, applied: [][]string{refused}},
		"own, named otherwise":     {state: attributes{"key_sha256": hash, "all_permissions": false, "permissions": []string{"control_center_security"}}, config: attributes{"permissions": []string{"Offers"}}, planned: [][]string{refused}, applied: [][]string{refused}},
		"own, Security stays":      {state: attributes{"key_sha256": hash}, config: attributes{"permissions": []string{"Offers", "Security"}}},
		"own, renamed":             {state: attributes{"key_sha256": hash}, config: attributes{"all_permissions": true, "name": "Renamed"}},
		"own, unknown to the plan": {state: attributes{"key_sha256": hash}, config: attributes{"permissions": unknown{}, "all_permissions": false}},
		"imported":                 {config: attributes{"permissions": []string{"Offers"}}, planned: [][]string{{cannotTell}}, applied: [][]string{inUse}},
		"imported, by force":       {config: attributes{"permissions": []string{"Offers"}, "force_revoke": true}},
		"another":                  {state: attributes{"key_sha256": strings.Repeat("0a", 32)}, config: attributes{"permissions": []string{"Offers"}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			config := attributes{"name": "Legacy", "network_employee_id": 1, "store_key_in_state": true, "all_permissions": false}
			maps.Copy(config, test.config)
			state := importedState("4", test.state)
			state["network_employee_id"] = 1
			p := a.configured(nil)
			planned, said := p.plan("everflow_api_key", state, config)
			expectSaid(t, said, test.planned...)
			if _, isUnknown := test.config["permissions"].(unknown); isUnknown {
				config["permissions"] = []string{"Offers"}
				_, said = a.configured(nil).plan("everflow_api_key", state, config)
				expectSaid(t, said, refused)
				return
			}
			if test.planned != nil && strings.HasPrefix(test.planned[0][0], "error") {
				return // Terraform applies no such plan
			}
			_, said = p.apply(t.Context(), "everflow_api_key", state, config, planned)
			expectSaid(t, said, test.applied...)
		})
	}
}

// The apply refuses, too, what was planned with another key.
func TestOwnKey_savedPlanThatTakesSecurityIsRefused(t *testing.T) {
	a := homeMock(t)
	state := importedState("4", attributes{"key_sha256": everflowmock.HashAPIKey(everflowmock.DemoAPIKey)})
	config := attributes{"name": "Legacy", "network_employee_id": 2, "store_key_in_state": true, "all_permissions": false, "permissions": []string{"Offers"}}
	p := a.configured(attributes{"api_key": "another-key-of-the-network"})
	planned, said := p.plan("everflow_api_key", state, config)
	expectSaid(t, said)
	q := a.configured(nil)
	q.plannedPrivate = p.plannedPrivate
	now, said := q.apply(t.Context(), "everflow_api_key", state, config, planned)
	expectSaid(t, said, []string{"error: API key 4 is the one that Terraform is authenticated with", "takes the permission"})
	if key, _ := a.mock.Key(4); !key.IsAllPermissions || now.IsNull() {
		t.Errorf("the key was changed to %+v", key)
	}
}

func TestOwnKey_oneKeyInTwoResourcesIsRefusedInThePlan(t *testing.T) {
	two := []string{`error: Two resources manage API key 1 ("Legacy")`, "would revoke the key of the other", "terraform state rm"}
	same := attributes{"name": "Legacy", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true}
	t.Run("with a refresh", func(t *testing.T) {
		p := homeMock(t).configured(nil)
		for range 2 {
			p.read("everflow_api_key", importedState("1", nil))
		}
		_, said := p.plan("everflow_api_key", importedState("1", nil), same)
		expectSaid(t, said, two)
	})
	t.Run("each planned right after its refresh", func(t *testing.T) {
		p := homeMock(t).configured(nil)
		p.read("everflow_api_key", importedState("1", nil))
		_, said := p.plan("everflow_api_key", importedState("1", nil), same)
		expectSaid(t, said)
		p.read("everflow_api_key", importedState("1", nil))
		_, said = p.plan("everflow_api_key", importedState("1", nil), same)
		expectSaid(t, said, two)
	})
	t.Run("without a refresh", func(t *testing.T) {
		p := homeMock(t).configured(nil)
		_, said := p.plan("everflow_api_key", importedState("1", nil), same)
		expectSaid(t, said)
		_, said = p.plan("everflow_api_key", importedState("1", attributes{"force_revoke": true}), nil)
		expectSaid(t, said, two)
	})
	t.Run("one resource that is planned again after a refresh", func(t *testing.T) {
		p := homeMock(t).configured(nil)
		_, said := p.plan("everflow_api_key", importedState("1", nil), same)
		expectSaid(t, said)
		p.read("everflow_api_key", importedState("1", nil))
		_, said = p.plan("everflow_api_key", importedState("1", nil), same)
		expectSaid(t, said)
	})
	t.Run("as a previous key of a rotating one", func(t *testing.T) {
		c := newRotatingCore(t, nil)
		c.runOK(t, rotatingConfig(nil))
		c.pass(30 * day)
		c.runOK(t, rotatingConfig(nil))
		p := c.a.configured(nil)
		p.private = c.private
		_, _ = p.read(c.resource, c.state)
		plain := importedState("5", attributes{"key_sha256": strings.Repeat("0a", 32)})
		p.beside().read("everflow_api_key", plain)
		_, said := p.plan(c.resource, c.state, rotatingConfig(nil))
		expectSaid(t, said, []string{"error: Two resources manage API key 5"})
		_, said = p.beside().plan("everflow_api_key", plain, nil)
		expectSaid(t, said, []string{"error: Two resources manage API key 5"})
	})
}

func TestAccAPIKey_providersOwnKeyIsNeitherRevokedNorReplaced(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	file := filepath.Join(t.TempDir(), "key")
	authenticateWith := func(key string) { a.ok(os.WriteFile(file, []byte(key), 0o600)) }
	config := func(employee int) string {
		return fmt.Sprintf(`
provider "everflow" {
  api_key  = file(%q)
  base_url = %q
}
resource "everflow_api_key" "test" {
  name                = "%sterraform"
  network_employee_id = %d
  all_permissions     = true
}`, file, a.baseURL, a.prefix, employee)
	}
	var own string
	takeOwn := keyHas("key", knownvalue.StringFunc(func(key string) error { own = key; return nil }))
	refused := says(`API key 5 is the one that Terraform is authenticated with`, `give the provider another key`)
	authenticateWith(a.apiKey)
	a.run(
		resource.TestStep{Config: config(1), ConfigStateChecks: []statecheck.StateCheck{takeOwn}},
		resource.TestStep{
			PreConfig:        func() { authenticateWith(own) },
			Config:           config(1),
			ConfigPlanChecks: emptyPlan(),
		},
		resource.TestStep{Config: config(2), ExpectError: refused},
		resource.TestStep{Config: config(1), Destroy: true, ExpectError: refused},
		resource.TestStep{
			// Told to: authenticated with another key, it is like any other.
			PreConfig:        func() { authenticateWith(a.apiKey) },
			Config:           config(2),
			ConfigPlanChecks: planned(theKey, plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
}
