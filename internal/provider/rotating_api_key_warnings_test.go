package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestRotatingWarnings_normalLifeHasNone(t *testing.T) {
	c := newRotatingCore(t, nil)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.pass(40 * day)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6", "5")
	c.pass(23 * time.Hour)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.pass(time.Hour)
	c.a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = rotatingEpoch.Add(day).Unix() }) // before it was replaced
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6")
	expectSaid(t, c.run(t, rotatingConfig(attributes{"rotate_when_changed": map[string]string{"a": "1"}})))
	expectSaid(t, c.run(t, rotatingConfig(attributes{"rotate_when_changed": map[string]string{"a": "2"}, "overlap": "0s"})))
	c.expectState(t, "7")
	c.expectLiveKeys(t, 7)
	expectSaid(t, c.run(t, nil))
}

func TestRotatingWarnings_previousKeyStillInUseIsNamedBeforeItEnds(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	c.pass(time.Hour)
	c.a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = c.now().Unix() })
	c.pass(day)
	expectSaid(t, c.run(t, rotatingConfig(attributes{"overlap": "48h"}))) // puts it off
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{
		"warning: API key 5 will be revoked, and something still uses it", "last used at 2041-01-31T01:00:00Z", "set a longer overlap",
	})
	c.expectLiveKeys(t, 6)
}

func TestRotatingWarnings_previousKeyStillInUseIsNamedShortlyBeforeItEnds(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	use := func() { c.a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.TimeLastUsed = c.now().Unix() }) }
	use() // by what has the new key a moment later
	c.pass(20 * time.Hour)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	use()
	c.pass(time.Hour)
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{
		"warning: API key 5 is still in use, and its overlap ends soon", "last used at 2041-01-31T20:00:00Z",
		"replaced at 2041-01-31T00:00:00Z", "the first apply after 2041-02-01T00:00:00Z revokes it", `use the current key instead, API key 6 ("billing"), or set a longer overlap`,
	})
	expectSaid(t, c.run(t, rotatingConfig(attributes{"overlap": "72h"})))
	c.expectLiveKeys(t, 5, 6)
}

func TestRotatingWarnings_revokedOutsideIsSaidAndReplaced(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	c.a.mock.RevokeKey(6)
	expectSaid(t, c.run(t, rotatingConfig(nil)),
		[]string{`warning: API key 6 ("billing") was revoked outside Terraform`, "at 2041-01-31T00:00:00Z", "Terraform replaces it by a new key"})
	c.expectState(t, "7", "5")
	c.a.mock.RevokeKey(5)
	expectSaid(t, c.run(t, rotatingConfig(nil)),
		[]string{"warning: API key 5 was revoked outside Terraform", `It was replaced by API key 7 ("billing")`, "until 2041-02-01T00:00:00Z"})
	c.expectState(t, "7")
}

func TestRotatingWarnings_keyThatNeverWasIsReplacedToo(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.state["id"] = "77"
	expectSaid(t, c.run(t, rotatingConfig(nil)),
		[]string{`warning: API key 77 ("billing") does not exist`, "Terraform replaces it by a new key"})
	c.expectState(t, "6")
}

func TestRotatingKey_isGoneOnProofOnly(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"401":             {Kind: everflowmock.FaultStatus, Status: 401, Body: `{"error":"no"}`},
		"403":             {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`},
		"an empty object": {Kind: everflowmock.FaultBody, Body: `{}`},
		"500":             {Kind: everflowmock.FaultStatus, Status: 500, Body: `{"Error":"broken"}`},
	} {
		for id, which := range map[string]string{"6": "the current key", "5": "a previous key"} {
			t.Run(name+" for "+which, func(t *testing.T) {
				fault := fault
				c := newRotatingCore(t, attributes{"max_retries": 0})
				c.runOK(t, rotatingConfig(nil))
				c.pass(30 * day)
				c.runOK(t, rotatingConfig(nil))
				fault.Operation, fault.Times = "getApiKey", 1
				if id == "5" {
					fault.Operation = "searchApiKeys" // what the second key is read from
				}
				c.a.mock.AddFault(fault)
				expectSaid(t, c.run(t, rotatingConfig(nil)), []string{"error: Cannot read API key " + id})
				c.expectState(t, "6", "5")
				expectSaid(t, c.run(t, rotatingConfig(nil)))
			})
		}
	}
}

func TestRotatingKey_notFoundInAnotherNetworkIsNoProof(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.a = onMockBeside(t, 2002)
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{"error: API key 5", "belongs to another network"})
	c.expectState(t, "5")
}

func TestRotatingKey_failedRevocationIsTriedAgain(t *testing.T) {
	c := newRotatingCore(t, attributes{"max_retries": 0})
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	c.pass(day)
	c.a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Times: 2, Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"broken"}`})
	for _, config := range []attributes{rotatingConfig(nil), rotatingConfig(attributes{"name": "billing"})} {
		expectSaid(t, c.run(t, config), []string{"error: API key 5 was not revoked"})
		c.expectState(t, "6", "5")
	}
	c.runOK(t, rotatingConfig(nil))
	c.expectState(t, "6")
	c.expectLiveKeys(t, 6)
}

// A revocation whose answer was lost, and whose look-up failed too, is no one's doing outside.
func TestRotatingKey_revocationThatWorkedAllTheSameIsTakenAsDone(t *testing.T) {
	c := newRotatingCore(t, attributes{"max_retries": 0})
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	c.pass(day)
	c.a.mock.RevokeKey(5)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6")
}

func TestRotatingKey_rotationThatDidNotHappenKeepsTheOldKey(t *testing.T) {
	c := newRotatingCore(t, attributes{"max_retries": 0})
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
	said := c.run(t, rotatingConfig(attributes{"overlap": "0s"}))
	expectSaid(t, said, []string{`error: The API key "billing" was not created`})
	c.expectState(t, "5")
	c.expectLiveKeys(t, 5)
	c.runOK(t, rotatingConfig(nil))
	c.expectState(t, "6", "5")
}

// Without an overlap, the old key is what still works when the new one is not what was asked for.
func TestRotatingKey_newKeyOtherThanAskedDoesNotEndTheOldOne(t *testing.T) {
	c := newRotatingCore(t, nil)
	narrow := rotatingConfig(attributes{"all_permissions": false, "permissions": []string{"Offers", "Roles"}, "overlap": "0s"})
	c.runOK(t, narrow)
	c.pass(30 * day)
	c.a.mock.AddFault(everflowmock.Fault{
		Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultBody,
		Body: `{"network_api_key_id":6,"network_id":1001,"name":"billing","network_employee_id":2,"permissions":["Offers"],"is_all_permissions":false,` +
			`"status":"active","time_created":2243116800,"time_saved":2243116800,"time_last_used":0,"time_revoked":0,"api_key":"a secret of the test"}`,
	})
	expectSaid(t, c.run(t, narrow), []string{"warning: Everflow stored API key 6 otherwise than asked", `it lacks the permission "Roles"`},
		[]string{`warning: API key 5 ("billing") is not revoked yet`, "not as asked"})
	c.expectState(t, "6", "5")
	c.expectLiveKeys(t, 5, 6)
	// The next apply asks for the permission, and goes on.
	c.runOK(t, narrow)
	c.expectState(t, "6")
}

func TestRotatingKey_destroyRevokesAllAndFinishesLater(t *testing.T) {
	for name, skip := range map[string]int{"the previous key fails": 0, "the current key fails": 1} {
		t.Run(name, func(t *testing.T) {
			c := newRotatingCore(t, attributes{"max_retries": 0})
			c.runOK(t, rotatingConfig(nil))
			c.pass(30 * day)
			c.runOK(t, rotatingConfig(nil))
			c.a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Skip: skip, Times: 1, Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"broken"}`})
			expectSaid(t, c.run(t, nil), []string{"error: API key", "was not revoked"})
			if skip == 0 {
				c.expectState(t, "6", "5")
			} else {
				c.expectState(t, "6")
			}
			expectSaid(t, c.run(t, nil))
			c.expectLiveKeys(t)
			if c.state != nil {
				t.Error("the destroyed resource is still in the state")
			}
		})
	}
}

func TestRotatingKey_anotherEmployeeReplacesIt(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.runOK(t, rotatingConfig(nil))
	expectSaid(t, c.run(t, rotatingConfig(attributes{"network_employee_id": 3})))
	c.expectState(t, "7")
	c.expectLiveKeys(t, 7)
}

func TestRotatingWarnings_whatARotationLostIsNamedAndRevoked(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	c.a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultTruncated})
	expectSaid(t, c.run(t, rotatingConfig(nil)),
		[]string{"was created, but its secret was lost", "API key 6 is kept in previous_keys: the next apply revokes it and rotates again", `API key 5 ("billing") stays the current key`})
	c.expectState(t, "5", "6")
	_, said := c.a.configured(nil).plan(c.resource, c.state, nil)
	expectSaid(t, said) // nobody can be authenticated with it
	expectSaid(t, c.run(t, rotatingConfig(nil)),
		[]string{"warning: API key 6 will be revoked: a rotation lost its secret", `rotation of API key 5 ("billing") created it, and its secret was lost`})
	c.expectState(t, "7", "5")
	c.expectLiveKeys(t, 5, 7)
}

func TestRotatingWarnings_undecidedIsSaid(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(attributes{"rotate_when_changed": map[string]string{"a": "1"}}))
	for name, more := range map[string]attributes{
		"rotate_after": {"rotate_after": unknown{}},
		"overlap":      {"overlap": unknown{}},
		"a keeper":     {"rotate_when_changed": unknown{}},
	} {
		p := c.a.configured(nil)
		planned, said := p.plan(c.resource, c.state, rotatingConfig(more))
		expectSaid(t, said, []string{`warning: Whether API key 5 ("billing") is rotated is known only when the plan is applied`})
		var fields map[string]tftypes.Value
		p.ok(planned.As(&fields))
		if fields["id"].IsKnown() {
			t.Errorf("%s: the ID is planned to stay", name)
		}
	}
	// With a provider that is not configured yet, what needs no clock is decided.
	p := newProtocol(t)
	if said := p.configure(attributes{"api_key": unknown{}, "base_url": c.a.baseURL}); len(said) > 0 {
		t.Fatal(said)
	}
	_, said := p.plan(c.resource, c.state, rotatingConfig(attributes{"rotate_after": "1000h", "rotate_when_changed": map[string]string{"a": "1"}}))
	expectSaid(t, said, []string{"warning: Whether API key 5"})
	p = newProtocol(t)
	expectSaid(t, p.configure(attributes{"api_key": unknown{}, "base_url": c.a.baseURL}))
	planned, said := p.plan(c.resource, c.state, rotatingConfig(attributes{"rotate_when_changed": map[string]string{"a": "2"}}))
	expectSaid(t, said)
	var fields map[string]tftypes.Value
	p.ok(planned.As(&fields))
	if fields["id"].IsKnown() {
		t.Error("the key is not planned to be rotated")
	}
}

func TestRotatingWarnings_secretThatStaysAbsentIsSaid(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(attributes{"store_key_in_state": false}))
	p := c.a.configured(nil)
	_, said := p.plan(c.resource, c.state, rotatingConfig(nil))
	expectSaid(t, said, []string{"warning: The key's secret stays absent"})
	// A rotation stores the next one.
	c.pass(30 * day)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	if value, ok := c.state["key"].(tftypes.Value); !ok || value.IsNull() {
		t.Error("the new secret is not in the state")
	}
}

func TestRotatingKey_configurationIsChecked(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for name, c := range map[string]struct {
		more attributes
		want [][]string
	}{
		"usable":                          {nil, nil},
		"no overlap":                      {attributes{"overlap": "0s"}, nil},
		"unknown":                         {attributes{"overlap": unknown{}, "rotate_after": unknown{}}, nil},
		"no duration":                     {attributes{"rotate_after": "90d"}, [][]string{{"error: Unusable duration", `"90d" is not a duration`, "2160h for 90 days"}}},
		"never":                           {attributes{"rotate_after": "0s", "overlap": "0s"}, [][]string{{"error: Unusable duration", `"0s" is not a duration of at least 1h`}}},
		"less than an hour":               {attributes{"rotate_after": "59m", "overlap": "0s"}, [][]string{{"error: Unusable duration", "at least 1h"}}},
		"negative overlap":                {attributes{"overlap": "-1h"}, [][]string{{"error: Unusable duration", `"-1h"`}}},
		"overlap as long":                 {attributes{"overlap": "720h"}, [][]string{{"error: The overlap is too long", "720h"}}},
		"the default overlap is too long": {attributes{"overlap": nil, "rotate_after": "24h"}, [][]string{{"error: The overlap is too long", "default: 24h"}}},
		"no permissions":                  {attributes{"all_permissions": false}, [][]string{{"error: No permissions are set"}}},
	} {
		t.Run(name, func(t *testing.T) {
			expectSaid(t, p.validate("everflow_rotating_api_key", rotatingConfig(c.more)), c.want...)
		})
	}
}
