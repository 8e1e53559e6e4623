package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Whatever a name or a permission holds, the key is created with it, planned again
// without a change, renamed, imported and revoked.
func TestHostileInput_namesAndPermissionsSurviveAWholeLife(t *testing.T) {
	for what, text := range map[string]string{
		"quotes":            `it's "quoted" \ back`,
		"line breaks":       "one\r\ntwo\tthree",
		"right to left":     "\u202egnillib \u2066x\u2069 \u200f",
		"control":           "bell\a escape\x1b[31m null-ish\u2400",
		"HTML and HCL":      `<b>&amp;</b> ${var.x} %{ if true } $${x}`,
		"JSON":              `{"api_key":"x"}`,
		"paths":             "../../networks?x=1#y%2f",
		"white space":       "a  billing \t\u00a0 key",
		"combining":         "e\u0301 \u00e9 \U0001F511",
		"10,000 characters": strings.Repeat("billing-é", 1111) + "x",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := &cell{core: &core{a: newMockAccount(t, everflowmock.Options{}), resource: "everflow_api_key"}}
			c.a.mock.AddRole(everflowmock.Role{Name: "Hostile", Permissions: []string{text}})
			config := attributes{"name": text, "network_employee_id": 2, "permissions": []string{text, "Offers"}}
			for _, name := range []string{text, text + "!"} {
				config["name"] = name
				for range 2 {
					expectSaid(t, c.run(t, config))
				}
				c.expectKeys(t, name, 1)
			}
			id := c.stateID()
			c.state = nil
			expectSaid(t, c.importState(t, id))
			expectSaid(t, c.run(t, config))
			if sent := c.a.mock.CountCalls("updateApiKey"); sent != 1 {
				t.Errorf("the key was updated %d times, want once: renamed", sent)
			}
			expectSaid(t, c.run(t, nil), []string{"warning: Terraform cannot tell whether it is about to revoke its own API key"})
			c.expectKeys(t, text+"!", 0)
		})
	}
}

func TestHostileInput_idsPastInt32AreWhole(t *testing.T) {
	t.Parallel()
	const id = 9007199254740993 // one more than a float holds
	c := &cell{core: &core{a: newMockAccount(t, everflowmock.Options{}), resource: "everflow_api_key"}}
	c.a.mock.AddKey(everflowmock.Key{ID: id, Name: keyOld, EmployeeID: 2, Permissions: []string{"Offers", "Roles"}})
	expectSaid(t, c.importState(t, fmt.Sprint(int64(id))))
	expectSaid(t, c.run(t, keyConfig(keyOld)))
	c.expectKeys(t, keyOld, 1)
}

// FuzzImportID: an import ID never panics, is sent nowhere but as a plain number,
// and is taken only in the one spelling that the state would have.
func FuzzImportID(f *testing.F) {
	for _, seed := range []string{"1", "01", "+1", "-1", "1e3", "0x10", " 1", "1/revoke", "../1", "1?x=y", "9223372036854775807", "9223372036854775808", "١", "\x00", ""} {
		f.Add(seed)
	}
	mock, err := everflowmock.New(everflowmock.Options{KeepCalls: 1})
	if err != nil {
		f.Fatal(err)
	}
	server := newServer(f, mock)
	f.Fuzz(func(t *testing.T, id string) {
		a := &account{t: t, mock: mock, baseURL: server, apiKey: everflowmock.DemoAPIKey}
		for _, resource := range []string{"everflow_api_key", "everflow_api_whitelist"} {
			p := a.configured(attributes{"max_retries": 0, "max_requests_per_second": 1000})
			response, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: resource, ID: id})
			p.ok(err)
			if len(response.ImportedResources) == 0 {
				if !isError(complaints(response.Diagnostics)) {
					t.Errorf("%q was neither imported nor refused", id)
				}
				continue
			}
			state := p.state(p.schemas.ResourceSchemas[resource], response.ImportedResources[0].State)
			if got := p.field(state, "id"); got != id {
				t.Errorf("%q was imported as %q", id, got)
			}
		}
	})
}
