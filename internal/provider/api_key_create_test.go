package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// What Everflow stores otherwise than asked is a warning and a change in the next
// plan: the key is as good as any, and replacing it would make another like it.
func TestAccAPIKey_storedOtherwiseIsAChangeAndNoTaint(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	a.mock.AddFault(everflowmock.Fault{
		Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultBody,
		Body: `{"network_api_key_id":5,"network_id":1001,"name":"cut","network_employee_id":2,"permissions":[],"is_all_permissions":true,` +
			`"status":"active","time_created":1767225600,"time_saved":1767225600,"time_last_used":0,"time_revoked":0,"api_key":"a secret of the test"}`,
	})
	config := a.config(`
resource "everflow_api_key" "test" {
  name                = "<PREFIX>billing"
  network_employee_id = 2
  all_permissions     = true
}`)
	a.run(
		resource.TestStep{
			PreConfig: func() {},
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				keyHas("id", knownvalue.StringExact("5")), keyHas("key", knownvalue.StringExact("a secret of the test")), keyHas("name", knownvalue.StringExact(a.prefix+"billing")),
			},
		},
		resource.TestStep{
			PreConfig: func() { a.mock.UpdateKey(5, func(key *everflowmock.Key) { key.Name = "cut" }) },
			Config:    config, ConfigPlanChecks: planned(theKey, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: emptyPlan()},
	)
}

func TestCreate_storedOtherwiseIsSaid(t *testing.T) {
	a := homeMock(t)
	a.mock.AddFault(everflowmock.Fault{
		Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultBody,
		Body: `{"network_api_key_id":5,"network_id":1001,"name":"bill","network_employee_id":3,"permissions":["Offers"],"is_all_permissions":false,` +
			`"status":"active","time_created":1767225600,"time_saved":1767225600,"time_last_used":0,"time_revoked":0,"api_key":"a secret of the test"}`,
	})
	c := &core{a: a, resource: "everflow_api_key"}
	expectSaid(t, c.run(t, newKeyConfig(nil)), []string{
		"warning: Everflow stored API key 5 otherwise than asked", "The next plan shows the difference", `its name is "bill", not "billing"`,
		"it belongs to employee 3, not 2", "all_permissions is false, not true", `it has the permission "Offers"`,
	})
	if c.tainted || c.state == nil {
		t.Error("the key is tainted, or not in the state")
	}
}

// The ID and the secret are in the state before the key is read.
func TestCreate_keyThatCannotBeReadAfterwardsIsKept(t *testing.T) {
	for name, read := range map[string]everflowmock.Fault{
		"refused": {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`},
		"broken":  {Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"broken"}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, AfterActing: true, Kind: everflowmock.FaultBody, Body: `{"network_api_key_id":5,"api_key":"a secret of the test"}`})
			read.Operation = "getApiKey"
			a.mock.AddFault(read)
			c := &core{a: a, resource: "everflow_rotating_api_key", settings: attributes{"max_retries": 0}}
			expectSaid(t, c.run(t, rotatingConfig(nil)), []string{`warning: API key 5 ("billing") was created, but could not be read afterwards`, "is_all_permissions", "The key and its secret are in the state"})
			p := newProtocol(t)
			value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
			if p.field(value, "id") != "5" || p.field(value, "key") != "a secret of the test" || c.tainted {
				t.Errorf("the state is %v, tainted: %t", c.state, c.tainted)
			}
			a.mock.ClearFaults()
			expectSaid(t, c.run(t, rotatingConfig(nil)))
			if made := a.mock.CountCalls("createApiKey"); made != 1 {
				t.Errorf("%d keys were made, want 1", made)
			}
		})
	}
}

func TestUpdate_keyRevokedMeanwhileIsSaidAndNoOtherIs(t *testing.T) {
	a := homeMock(t)
	c := &core{a: a, resource: "everflow_api_key"}
	expectSaid(t, c.run(t, newKeyConfig(nil)))
	renamed := newKeyConfig(attributes{"name": "renamed"})
	p := c.a.configured(nil)
	planned, said := p.plan(c.resource, c.state, renamed)
	expectSaid(t, said)
	a.mock.AddFault(everflowmock.Fault{Operation: "updateApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 400, Body: `{"error":"name is taken"}`})
	_, said = p.apply(t.Context(), c.resource, c.state, renamed, planned)
	expectSaid(t, said, []string{`error: API key 5 ("billing") was not updated:`, "name is taken", "Correct what it names"})
	a.mock.RevokeKey(5)
	_, said = p.apply(t.Context(), c.resource, c.state, renamed, planned)
	expectSaid(t, said, []string{`error: API key 5 ("billing") was not updated: it is revoked`, "plan again"})
}

func TestAccAPIKey_createInDoubtLeavesNoStrayKey(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"reset after acting":        {Kind: everflowmock.FaultReset, AfterActing: true},
		"500 after acting":          {Kind: everflowmock.FaultStatus, AfterActing: true, Status: 500, Body: `{"error":"broken"}`},
		"502 page after acting":     {Kind: everflowmock.FaultStatus, AfterActing: true, Status: 502, Body: "<html><title>Bad Gateway</title></html>"},
		"truncated after acting":    {Kind: everflowmock.FaultTruncated, AfterActing: true},
		"empty after acting":        {Kind: everflowmock.FaultEmpty, AfterActing: true},
		"late after acting":         {Kind: everflowmock.FaultHang, AfterActing: true},
		"no secret after acting":    {Kind: everflowmock.FaultBody, AfterActing: true, Body: `{"network_api_key_id": 5}`},
		"another body after acting": {Kind: everflowmock.FaultBody, AfterActing: true, Body: `{"network_api_key_id": 1}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{})
			config := a.configWith(`request_timeout = "2s"`, keyWithTwoPermissions)
			fault.Operation, fault.Times = "createApiKey", 1
			a.run(
				resource.TestStep{
					PreConfig:   func() { a.mock.AddFault(fault) },
					Config:      config,
					ExpectError: says(`API key 5 was created, but its secret was lost`, `API key 5 is in the state, marked as tainted`),
				},
				resource.TestStep{
					Config:           config,
					ConfigPlanChecks: planned(theKey, plancheck.ResourceActionReplace),
					ConfigStateChecks: []statecheck.StateCheck{
						keyHas("id", knownvalue.StringExact("6")),
						keyHas("key", knownvalue.NotNull()),
					},
				},
				resource.TestStep{
					PreConfig: func() {
						if stray, _ := a.mock.Key(5); !stray.Revoked() {
							t.Error("the stray key 5 is still live")
						}
						a.key("billing") // exactly one is live
					},
					Config:           config,
					ConfigPlanChecks: emptyPlan(),
				},
			)
			if sent := a.mock.CountCalls("createApiKey"); sent != 2 {
				t.Errorf("create was sent %d times, want once for each of two applies", sent)
			}
		})
	}
}

func TestAccAPIKey_createThatDidNotActLeavesNothing(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	config := a.config(keyWithTwoPermissions)
	a.run(
		resource.TestStep{
			PreConfig: func() {
				a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Kind: everflowmock.FaultReset, Times: 1})
			},
			Config:      config,
			ExpectError: says("No key was found that the call could have created"),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(theKey, plancheck.ResourceActionCreate)},
	)
	if live := len(a.mock.Keys()); live != 5 {
		t.Errorf("the mock made %d keys in all, want the seed's 4 and one", live)
	}
}
