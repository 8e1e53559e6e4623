package provider_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func newKeyConfig(more attributes) attributes {
	config := attributes{"name": "billing", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true}
	maps.Copy(config, more)
	return config
}

func rotatingKey(more attributes) attributes { return rotatingConfig(more) }

// A value that is known only after an apply replaces nothing. In the apply, the same
// value changes nothing, and another one is an error.
func TestReplacement_unknownValueReplacesNothing(t *testing.T) {
	plain, rotating := newKeyConfig, rotatingKey
	keeper := func(value any) attributes { return attributes{"rotate_when_changed": value} }
	map1, map2 := map[string]string{"a": "1"}, map[string]string{"a": "2"}
	for name, test := range map[string]struct {
		resource                 string
		config                   func(attributes) attributes
		before, unknown, another attributes
		refused                  []string
	}{
		"employee": {
			resource: "everflow_api_key", config: plain, unknown: attributes{"network_employee_id": unknown{}},
			another: attributes{"network_employee_id": 3},
			refused: []string{`error: API key 5 ("billing") belongs to another employee than planned`, "belongs to employee 2, and network_employee_id is 3", "The key was not changed", "plan again"},
		},
		"employee of a rotating key": {
			resource: "everflow_rotating_api_key", config: rotating, unknown: attributes{"network_employee_id": unknown{}},
			another: attributes{"network_employee_id": 3},
			refused: []string{`error: API key 5 ("billing") belongs to another employee than planned`},
		},
		"keeper": {
			resource: "everflow_api_key", config: plain, before: keeper(map1), unknown: keeper(unknown{}), another: keeper(map2),
			refused: []string{`error: A value of rotate_when_changed of API key 5 ("billing") is another one than planned`, "The key was not changed", "plan again"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &core{a: newMockAccount(t, everflowmock.Options{CallerAddress: home}), resource: test.resource}
			expectSaid(t, c.run(t, test.config(test.before)))
			p := c.a.configured(nil)
			p.private = c.private
			_, _ = p.read(c.resource, c.state)
			_, replace, said := p.planned(c.resource, c.state, test.config(test.unknown))
			expectSaid(t, said)
			if replace {
				t.Error("an unknown value is planned to replace the key")
			}
			// The apply plans again, in a provider that has read nothing.
			q := c.a.configured(nil)
			q.private = c.private
			planned, replace, said := q.planned(c.resource, c.state, test.config(test.before))
			expectSaid(t, said)
			if before, _ := q.value(q.schemas.ResourceSchemas[c.resource], c.state); replace || !planned.Equal(before) {
				t.Errorf("the same value changes something: %s", planned)
			}
			q = c.a.configured(nil)
			q.private = c.private
			_, _, said = q.planned(c.resource, c.state, test.config(test.another))
			expectSaid(t, said, test.refused)
			// The next plan shows the replacement.
			r := c.a.configured(nil)
			r.private = c.private
			_, _ = r.read(c.resource, c.state)
			_, replace, said = r.planned(c.resource, c.state, test.config(test.another))
			expectSaid(t, said)
			if !replace {
				t.Error("a known change is not planned to replace the key")
			}
			if c.a.isRevoked(5) {
				t.Error("the key was revoked")
			}
		})
	}
}

// With a real CLI: a module with depends_on makes the employee unknown.
func TestAccAPIKey_dataSourceThatIsReadDuringTheApplyReplacesNothing(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	config := func(trigger, email string) string {
		return a.config(fmt.Sprintf(`
resource "terraform_data" "before" { input = %q }
data "everflow_employee" "owner" {
  email      = %q
  depends_on = [terraform_data.before]
}
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = data.everflow_employee.owner.network_employee_id
  all_permissions     = true
}`, trigger, email))
	}
	const pat, mia = "pat.platform@example.com", "mia.manager@example.com"
	a.run(
		resource.TestStep{Config: config("1", pat)},
		resource.TestStep{
			Config: config("2", pat), ConfigPlanChecks: planned(theKey, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{Config: config("3", mia), ExpectError: says("belongs to another employee than planned")},
		resource.TestStep{Config: config("3", mia), ConfigPlanChecks: planned(theKey, plancheck.ResourceActionReplace)},
	)
	if made := a.mock.CountCalls("createApiKey"); made != 2 {
		t.Errorf("%d keys were made, want 2", made)
	}
}

func TestPlan_employeeIsLookedUpOnce(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	for _, employee := range []int{2, 2, 3} {
		_, said := p.plan("everflow_api_key", nil, newKeyConfig(attributes{"network_employee_id": employee}))
		expectSaid(t, said)
	}
	_, said := p.plan("everflow_api_key", nil, newKeyConfig(attributes{"network_employee_id": 22}))
	expectSaid(t, said, []string{"error: There is no employee 22", "Control Center, Users"})
	_, said = p.plan("everflow_rotating_api_key", nil, rotatingConfig(attributes{"network_employee_id": 22}))
	expectSaid(t, said, []string{"error: There is no employee 22"})
	_, said = p.plan("everflow_api_key", nil, newKeyConfig(attributes{"network_employee_id": unknown{}}))
	expectSaid(t, said)
	if calls := a.mock.CountCalls("listEmployees"); calls != 1 {
		t.Errorf("the employees were listed %d times", calls)
	}
	if calls := len(a.mock.Calls()); calls != 1 {
		t.Errorf("the plans made %d calls, want 1", calls)
	}
}

func TestPlan_inactiveEmployeeIsAWarningOnce(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	_, said := p.plan("everflow_api_key", nil, newKeyConfig(attributes{"network_employee_id": 4}))
	expectSaid(t, said, []string{"warning: Employee 4", "is not active", `"inactive"`})
	_, said = p.plan("everflow_api_key", nil, newKeyConfig(attributes{"network_employee_id": 4}))
	expectSaid(t, said)
}

func TestPlan_employeesThatCannotBeReadAreNoMatter(t *testing.T) {
	for name, answer := range map[string]everflowmock.Fault{
		"refused":     {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`},
		"not there":   {Kind: everflowmock.FaultStatus, Status: 404, Body: `{"error":"no"}`},
		"a web page":  {Kind: everflowmock.FaultBody, Body: "<html></html>"},
		"an object":   {Kind: everflowmock.FaultBody, Body: `{"employees":[]}`},
		"none at all": {Kind: everflowmock.FaultBody, Body: `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			answer.Operation = "listEmployees"
			a.mock.AddFault(answer)
			p := a.configured(nil)
			for range 3 {
				_, said := p.plan("everflow_api_key", nil, newKeyConfig(attributes{"network_employee_id": 22}))
				expectSaid(t, said)
			}
			if calls := a.mock.CountCalls("listEmployees"); calls != 1 {
				t.Errorf("the employees were asked for %d times", calls)
			}
		})
	}
}

func TestPlan_legacyKeyWithoutPermissionsOrWithABlankNameCanBeWrittenDown(t *testing.T) {
	for name, test := range map[string]struct {
		key    everflowmock.Key
		config attributes
	}{
		"no permissions": {everflowmock.Key{Name: "old", EmployeeID: 2}, attributes{"name": "old", "permissions": []string{}, "all_permissions": false}},
		"no name":        {everflowmock.Key{Name: "", EmployeeID: 2, IsAllPermissions: true}, attributes{"name": ""}},
		"outer blanks":   {everflowmock.Key{Name: " old ", EmployeeID: 2, IsAllPermissions: true}, attributes{"name": " old "}},
		"a blank name":   {everflowmock.Key{Name: "  ", EmployeeID: 2, IsAllPermissions: true}, attributes{"name": "  "}},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			id := a.mock.AddKey(test.key)
			c := &core{a: a, resource: "everflow_api_key"}
			config := newKeyConfig(test.config)
			expectSaid(t, newProtocol(t).validate(c.resource, config))
			expectSaid(t, c.importState(t, fmt.Sprint(id)))
			a.mock.ClearCalls()
			expectSaid(t, c.run(t, config))
			if calls := a.mock.CountCalls("updateApiKey"); calls != 0 {
				t.Errorf("%d updates were sent", calls)
			}
		})
	}
}

func TestPlan_newKeyNeedsAPermissionAndAName(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	none := []string{"error: No permissions are set", "The key could do nothing"}
	_, said := p.plan("everflow_api_key", nil, newKeyConfig(attributes{"permissions": []string{}, "all_permissions": false}))
	expectSaid(t, said, none)
	for _, name := range []string{"", " \n "} {
		_, said = p.plan("everflow_rotating_api_key", nil, rotatingConfig(attributes{"name": name}))
		expectSaid(t, said, []string{"error: The key has no name"})
	}
	_, said = p.plan("everflow_api_key", nil, newKeyConfig(attributes{"name": " billing"}))
	expectSaid(t, said, []string{"error: White space around the name", `write "billing"`})
	c := &core{a: a, resource: "everflow_api_key"}
	expectSaid(t, c.run(t, newKeyConfig(attributes{"permissions": []string{"Offers"}, "all_permissions": false})))
	expectSaid(t, c.run(t, newKeyConfig(attributes{"permissions": []string{}, "all_permissions": false})), none)
	expectSaid(t, c.run(t, newKeyConfig(attributes{"permissions": []string{"Offers"}, "all_permissions": false, "name": ""})), []string{"error: The key has no name"})
}

func TestPlan_emptyListBesideAllPermissionsCountsAsNone(t *testing.T) {
	a := homeMock(t)
	c := &core{a: a, resource: "everflow_api_key"}
	config := newKeyConfig(attributes{"permissions": []string{}})
	for range 2 {
		expectSaid(t, c.run(t, config))
	}
	if key, _ := a.mock.Key(5); !key.IsAllPermissions {
		t.Errorf("the key is %+v", key)
	}
	if calls := a.mock.CountCalls("updateApiKey"); calls != 0 {
		t.Errorf("%d updates were sent", calls)
	}
}

// A key that an earlier create made without its secret getting known is revoked,
// unless somebody uses it: then it is somebody else's.
func TestLostSecret_keyThatIsUsedIsSomebodyElses(t *testing.T) {
	for name, test := range map[string]struct {
		resource string
		config   attributes
	}{
		"plain":    {"everflow_api_key", newKeyConfig(nil)},
		"rotating": {"everflow_rotating_api_key", rotatingConfig(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lost := func() *core {
				c := &core{a: newMockAccount(t, everflowmock.Options{CallerAddress: home}), resource: test.resource}
				c.a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultTruncated})
				expectSaid(t, c.run(t, test.config), []string{"was created, but its secret was lost", "API key 5 is in the state, marked as tainted"})
				return c
			}
			use := func(c *core) {
				c.a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = key.TimeCreated + 1 })
			}
			c := lost()
			expectSaid(t, c.run(t, test.config))
			if !c.a.isRevoked(5) || c.a.isRevoked(6) {
				t.Error("the key whose secret was lost was not replaced")
			}
			// A server may note the creation as a use.
			c = lost()
			c.a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = key.TimeCreated })
			expectSaid(t, c.run(t, test.config))
			if !c.a.isRevoked(5) {
				t.Error("the key whose secret was lost was not replaced")
			}
			// Where Everflow does not say whether it was used, a person decides.
			c = lost()
			c.a.mock.AddFault(everflowmock.Fault{
				Operation: "getApiKey", Kind: everflowmock.FaultBody,
				Body: `{"network_api_key_id":5,"network_id":1001,"name":"billing","network_employee_id":2,"permissions":[],"is_all_permissions":true,"status":"active"}`,
			})
			isGone, said := c.a.configured(nil).destroy(c.resource, c.state)
			expectSaid(t, said, []string{`error: API key 5 ("billing") was not revoked: it is not known whether somebody uses it`, "apply again"})
			if isGone || c.a.isRevoked(5) {
				t.Error("a key that may be in use was revoked")
			}
			// A refresh finds that it is somebody else's.
			c = lost()
			use(c)
			expectSaid(t, c.run(t, test.config), []string{`warning: API key 5 ("billing") is not the key that Terraform created`, "somebody else's key", "a new key is planned"})
			if c.a.isRevoked(5) || c.a.isRevoked(6) {
				t.Error("somebody else's key was revoked")
			}
			// An apply without a refresh does, too.
			c = lost()
			use(c)
			p := c.a.configured(nil)
			isGone, said = p.destroy(c.resource, c.state)
			expectSaid(t, said, []string{`error: API key 5 ("billing") was not revoked: somebody uses it`, "terraform state rm"})
			if isGone || c.a.isRevoked(5) {
				t.Error("somebody else's key was revoked")
			}
		})
	}
}

func TestLostSecret_keyOfARotationThatIsUsedIsLeftAlone(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultTruncated})
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{"error: API key 6", "was created, but its secret was lost"})
	c.expectState(t, "5", "6")
	c.a.mock.UpdateKey(6, func(key *everflowmock.Key) { key.TimeLastUsed = key.TimeCreated + 1 })
	p := c.a.configured(nil)
	p.private, p.plannedPrivate = c.private, c.private
	isGone, said := p.destroy(c.resource, c.state)
	expectSaid(t, said, []string{`error: API key 6 ("billing") was not revoked: somebody uses it`})
	if isGone {
		t.Error("the resource is gone from the state")
	}
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{`warning: API key 6 ("billing") is not the key that Terraform created`, "removed from previous_keys"})
	c.expectState(t, "7", "5")
	c.expectLiveKeys(t, 5, 6, 7)
}

// What an apply could not revoke stays due, also for a plan without a refresh.
func TestRotatingKey_failedRevocationIsDueWithoutARefresh(t *testing.T) {
	c := newRotatingCore(t, attributes{"max_retries": 0})
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	c.pass(day)
	c.a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"broken"}`})
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{"error: API key 5 was not revoked"})
	c.expectState(t, "6", "5")
	p := c.a.configured(nil)
	p.private = c.private
	planned, said := p.plan(c.resource, c.state, rotatingConfig(nil))
	expectSaid(t, said)
	now, said := p.apply(context.Background(), c.resource, c.state, rotatingConfig(nil), planned)
	expectSaid(t, said)
	c.state = p.fields(now)
	c.expectState(t, "6")
	c.expectLiveKeys(t, 6)
}

// With a real CLI, which hands the destruction of a tainted resource its state only.
func TestLostSecret_usedKeyOfATaintedResourceIsNotRevokedByTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, builtProvider(t))
	w.write("resource \"everflow_api_key\" \"test\" {\n  name = \"billing\"\n  network_employee_id = 2\n  all_permissions = true\n}\n")
	w.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultReset})
	w.do(true, "apply", "-auto-approve")
	w.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = key.TimeCreated + 1 })
	out := decoration.ReplaceAll(w.do(true, "apply", "-auto-approve", "-refresh=false"), nil)
	if !says(`API key 5 ("billing") was not revoked: somebody uses it`).Match(out) || w.isRevoked(5) {
		t.Errorf("revoked: %t, after:\n%s", w.isRevoked(5), out)
	}
	out = decoration.ReplaceAll(w.do(false, "apply", "-auto-approve"), nil)
	if !says(`API key 5 ("billing") is not the key that Terraform created`).Match(out) || w.isRevoked(5) || w.isRevoked(6) {
		t.Errorf("not replaced by key 6 alone:\n%s", out)
	}
}
