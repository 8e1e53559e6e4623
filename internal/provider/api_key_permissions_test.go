package provider_test

import (
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestPermissions_oneThatNoRoleHasIsPointedAt(t *testing.T) {
	key := attributes{"name": "billing", "network_employee_id": 2, "permissions": []string{"Offers"}, "store_key_in_state": true}
	stored := importedState("2", attributes{"all_permissions": false, "permissions": []string{"Vintage"}})
	for name, test := range map[string]struct {
		prior attributes
		asked any
		want  [][]string
	}{
		"as a role has it":         {asked: []string{"Offers", "Reporting"}},
		"in another case":          {asked: []string{"reporting"}, want: [][]string{{`warning: No role of the network has the permission "reporting": Did you mean "Reporting"?`, "everflow_roles"}}},
		"two letters exchanged":    {asked: []string{"Offers", "Afilliates"}, want: [][]string{{`the permission "Afilliates": Did you mean "Affiliates"?`}}},
		"like none":                {asked: []string{"Statements of account"}, want: [][]string{{`warning: No role of the network has the permission "Statements of account": It may be mistyped.`}}},
		"not known yet":            {asked: unknown{}},
		"that the key has already": {prior: stored, asked: stored["permissions"]},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			config := attributes{}
			for argument, value := range key {
				config[argument] = value
			}
			config["permissions"] = test.asked
			p := a.configured(nil)
			if test.prior != nil {
				p.read("everflow_api_key", test.prior)
			}
			_, said := p.plan("everflow_api_key", test.prior, config)
			expectSaid(t, said, test.want...)
		})
	}
}

func TestPermissions_rolesAreReadOncePerRunAndOnlyForWhatIsNew(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	for _, permissions := range [][]string{{"reporting"}, {"Offers"}, {"offers"}} {
		p.beside().plan("everflow_api_key", nil, attributes{"name": "billing", "network_employee_id": 2, "permissions": permissions, "store_key_in_state": true})
	}
	if n := a.mock.CountCalls("listRoles"); n != 1 {
		t.Errorf("the roles were read %d times, want once", n)
	}
	a.mock.ClearCalls()
	_, said := a.configured(nil).plan("everflow_api_key", nil, attributes{"name": "billing", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true})
	expectSaid(t, said)
	if n := a.mock.CountCalls("listRoles"); n != 0 {
		t.Errorf("the roles were read %d times for a key with all permissions", n)
	}
}

func TestPermissions_nothingIsSaidWhereTheRolesCannotBeRead(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"refused":   {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no permission"}`},
		"no JSON":   {Kind: everflowmock.FaultStatus, Status: 200, Body: `<html></html>`, ContentType: "text/html"},
		"no roles":  {Kind: everflowmock.FaultStatus, Status: 200, Body: `[]`},
		"not there": {Kind: everflowmock.FaultStatus, Status: 404, Body: `{"error":"not found"}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			fault.Operation = "listRoles"
			a.mock.AddFault(fault)
			p := a.configured(nil)
			for range 3 {
				_, said := p.plan("everflow_api_key", nil, attributes{"name": "billing", "network_employee_id": 2, "permissions": []string{"reporting"}, "store_key_in_state": true})
				expectSaid(t, said)
			}
			if n := a.mock.CountCalls("listRoles"); n != 1 {
				t.Errorf("the roles were asked for %d times, want once", n)
			}
		})
	}
}
