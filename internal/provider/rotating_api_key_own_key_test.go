package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// ownKey has the resource's current key become the provider's own.
func (c rotatingCore) ownKey() {
	c.t.Helper()
	c.core.settings = attributes{"api_key": c.state["key"]}
}

func TestRotatingKey_providersOwnKeyIsRenewedButNotRevoked(t *testing.T) {
	c := newRotatingCore(t, nil)
	own := rotatingConfig(attributes{"network_employee_id": 1})
	c.runOK(t, own)
	c.ownKey()
	refused := []string{"error: API key 5 is the one that Terraform is authenticated with", "give the provider another key"}
	expectSaid(t, c.run(t, nil), refused)
	other := rotatingConfig(attributes{"network_employee_id": 2})
	expectSaid(t, c.run(t, other), refused)
	c.pass(30 * day)
	expectSaid(t, c.run(t, rotatingConfig(attributes{"network_employee_id": 1, "overlap": "0s"})),
		append(refused, "To have time to give the provider the new key, set an overlap"))
	expectSaid(t, c.run(t, own), []string{`warning: API key 5 ("billing") will be rotated, and Terraform is authenticated with it`, "overlap of 24h", "Give the provider the new key"})
	c.expectState(t, "6", "5")
	c.pass(day)
	expectSaid(t, c.run(t, own), append(refused, "set a longer overlap"))
	expectSaid(t, c.run(t, nil), refused)
	c.expectState(t, "6", "5")
	c.ownKey() // the new one
	c.runOK(t, own)
	c.expectState(t, "6")
	c.core.settings = nil
	c.runOK(t, nil)
}

// The guard holds at apply, too, for a plan that was made with another key.
func TestRotatingKey_providersOwnKeyIsNotRevokedByASavedPlan(t *testing.T) {
	c := newRotatingCore(t, nil)
	own := rotatingConfig(attributes{"network_employee_id": 1})
	c.runOK(t, own)
	first := c.state["key"]
	c.pass(30 * day)
	c.runOK(t, own)
	c.pass(day)
	p := c.a.configured(nil)
	p.private = c.private
	_, _ = p.read(c.resource, c.state)
	planned, _ := p.plan(c.resource, c.state, own)
	q := c.a.configured(attributes{"api_key": first})
	q.plannedPrivate = p.plannedPrivate
	_, said := q.apply(t.Context(), c.resource, c.state, own, planned)
	expectSaid(t, said, []string{"error: API key 5 is the one that Terraform is authenticated with"})
	_, said = q.apply(t.Context(), c.resource, c.state, nil, tftypes.NewValue(planned.Type(), nil))
	expectSaid(t, said, []string{"error: API key 5 is the one that Terraform is authenticated with"})
	c.expectLiveKeys(t, 5, 6)
}

// While it is only a plan, each way to end the provider's own key is refused.
func TestRotatingKey_planThatWouldRevokeTheProvidersOwnKeyIsRefused(t *testing.T) {
	c := newRotatingCore(t, nil)
	own := rotatingConfig(attributes{"network_employee_id": 1, "rotate_when_changed": map[string]string{"a": "1"}})
	c.runOK(t, own)
	turned := rotatingConfig(attributes{"network_employee_id": 1, "overlap": "0s", "rotate_when_changed": map[string]string{"a": "2"}})
	refused := []string{"error: API key 5 is the one that Terraform is authenticated with"}
	first := attributes{"api_key": c.state["key"]}
	for _, config := range []attributes{nil, rotatingConfig(nil), turned} {
		p := c.a.configured(first)
		_, _ = p.read(c.resource, c.state)
		_, said := p.plan(c.resource, c.state, config)
		expectSaid(t, said, refused)
	}
	// A plan that was made with another key is refused when it is applied.
	p, q := c.a.configured(first), c.a.configured(nil)
	planned, said := q.plan(c.resource, c.state, turned)
	expectSaid(t, said)
	_, said = p.apply(t.Context(), c.resource, c.state, turned, planned)
	expectSaid(t, said, refused)
	c.expectLiveKeys(t, 5)

	c.pass(30 * day)
	c.runOK(t, own)
	p = c.a.configured(first)
	_, said = p.plan(c.resource, c.state, nil)
	expectSaid(t, said, refused)
}

// withImportedPreviousKey has key 6 as the current key, and key 5, which was imported, as a
// previous one whose overlap is over.
func withImportedPreviousKey(t *testing.T) rotatingCore {
	t.Helper()
	c := newRotatingCore(t, nil)
	c.a.mock.AddKey(everflowmock.Key{Name: "billing", EmployeeID: 2, IsAllPermissions: true})
	expectSaid(t, c.importState(t, "5,720h,24h"))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	c.pass(day)
	return c
}

func TestRotatingKey_importedPreviousKeyInUseIsLeftAlone(t *testing.T) {
	c := withImportedPreviousKey(t)
	c.a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = c.now().Unix() })
	expectSaid(t, c.run(t, rotatingConfig(nil)),
		[]string{"warning: API key 5 will be revoked, and something still uses it"}, []string{cannotTell},
		[]string{`error: API key 5 ("billing") was not revoked: it is in use`, "force_revoke = true"})
	c.expectState(t, "6", "5")
	c.expectLiveKeys(t, 5, 6)
	// It is kept as due, also for a plan without a refresh, and an argument decides.
	said := c.run(t, rotatingConfig(attributes{"force_revoke": true}))
	expectSaid(t, said, []string{"warning: API key 5 will be revoked, and something still uses it"})
	c.expectLiveKeys(t, 6)
}

func TestRotatingKey_importedPreviousKeyOutOfUseEnds(t *testing.T) {
	c := withImportedPreviousKey(t)
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{cannotTell})
	c.expectLiveKeys(t, 6)
}
