package everflowmock

import (
	"testing"
	"time"
)

func TestAuthentication_needsALiveKeyOfThisNetwork(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	id, revoked := s.newKey("a-revoked-key", Key{Name: "x", EmployeeID: 1, IsAllPermissions: true})
	s.RevokeKey(id)
	const path = "/networks/security/apiwhitelist"
	s.wantAnswer(s.withSecret("").call("GET", path, ""), 401, `{"error":"No Authentication Method Found"}`)
	s.wantAnswer(s.withSecret("unknown").call("GET", path, ""), 401, `{"error":"Invalid API key"}`)
	s.wantAnswer(revoked.call("GET", path, ""), 401, `{"error":"Invalid API key"}`)
	s.wantAnswer(s.withSecret(DemoOtherNetworkAPIKey).call("GET", path, ""), 403, `{"error":"Out of realm"}`)
	s.wantAnswer(s.withSecret("").call("GET", path, "", "Authorization", "Bearer "+DemoAPIKey), 401,
		`{"error":"No Authentication Method Found"}`)
	s.wantAnswer(s.call("GET", path, ""), 200, `{"network_id":1001,"ip_addresses":[],"time_saved":0}`)
}

func TestAuthentication_hashIsNoKey(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.wantAnswer(s.withSecret(HashAPIKey(DemoAPIKey)).call("GET", "/networks", ""), 401, `{"error":"Invalid API key"}`)
}

func TestErrors_haveACapitalFieldOnSomeEndpoints(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{}).withSecret("")
	s.wantAnswer(s.call("GET", "/networks/employees", ""), 401, `{"Error":"No Authentication Method Found"}`)
	s.wantAnswer(s.call("GET", "/networks/roles", ""), 401, `{"Error":"No Authentication Method Found"}`)
	s.wantAnswer(s.call("GET", "/networks", ""), 401, `{"error":"No Authentication Method Found"}`)
}

func TestAuthentication_everyAuthenticatedCallUpdatesTheTimeOfLastUse(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	lastUsed := func() int64 { k, _ := s.Key(4); return k.TimeLastUsed }
	if lastUsed() != 0 {
		t.Fatal("used before its first use")
	}
	s.call("GET", "/networks", "")
	if got := lastUsed(); got != 1767225600 {
		t.Errorf("after a call: %d", got)
	}
	s.clock.advance(time.Minute)
	s.call("GET", "/networks/security/apikeys/99", "")
	if got := lastUsed(); got != 1767225660 {
		t.Errorf("after a call that failed: %d", got)
	}
	s.RevokeKey(4)
	s.clock.advance(time.Minute)
	s.call("GET", "/networks", "")
	if got := lastUsed(); got != 1767225660 {
		t.Errorf("after a call of the revoked key: %d", got)
	}
	for _, id := range []int64{1, 2, 3} {
		if k, _ := s.Key(id); k.TimeLastUsed >= startOfTest {
			t.Errorf("key %d has a new time of last use, too", id)
		}
	}
}

// securityCalls is every call of the Security section, with a body that it would accept.
var securityCalls = []struct{ method, path, body string }{
	{method: "POST", path: "/networks/security/apikeys", body: `{"name":"x","network_employee_id":1,"permissions":["a"]}`},
	{method: "GET", path: "/networks/security/apikeys/1"},
	{method: "PUT", path: "/networks/security/apikeys/1", body: `{"name":"x","permissions":["a"]}`},
	{method: "POST", path: "/networks/security/apikeys/1/revoke"},
	{method: "POST", path: "/networks/security/apikeystable", body: `{}`},
	{method: "GET", path: "/networks/security/apiwhitelist"},
	{method: "PUT", path: "/networks/security/apiwhitelist", body: `{"ip_addresses":[]}`},
}

func TestPermissions_securityIsNeededOnTheRoleAndOnTheKey(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	_, admin := s.newKey("admin", Key{EmployeeID: 1, Permissions: []string{"Security"}})
	_, role := s.newKey("role", Key{EmployeeID: 2, Permissions: []string{"Security"}})
	_, all := s.newKey("all", Key{EmployeeID: 2, IsAllPermissions: true})
	_, noRole := s.newKey("no-role", Key{EmployeeID: 3, Permissions: []string{"Security"}})
	_, noRoleAll := s.newKey("no-role-all", Key{EmployeeID: 3, IsAllPermissions: true})
	_, noKey := s.newKey("no-key", Key{EmployeeID: 1, Permissions: []string{"Employees", "Roles"}})
	_, nobody := s.newKey("nobody", Key{EmployeeID: 99, IsAllPermissions: true})
	const (
		roleLacks = `{"error":"Missing permission \"Security\": the role of the API key's employee does not have it"}`
		keyLacks  = `{"error":"Missing permission \"Security\": the API key does not have it"}`
	)
	for _, c := range securityCalls {
		before := len(s.Keys())
		s.wantAnswer(noRole.call(c.method, c.path, c.body), 403, roleLacks)
		s.wantAnswer(noRoleAll.call(c.method, c.path, c.body), 403, roleLacks)
		s.wantAnswer(nobody.call(c.method, c.path, c.body), 403, roleLacks)
		s.wantAnswer(noKey.call(c.method, c.path, c.body), 403, keyLacks)
		if k, _ := s.Key(1); len(s.Keys()) != before || k.Revoked() && c.path == "/networks/security/apikeys/1/revoke" {
			t.Errorf("%s %s acted although it was refused", c.method, c.path)
		}
		for _, allowed := range []*testServer{admin, role, all} {
			if g := allowed.call(c.method, c.path, c.body); g.status != 200 {
				t.Errorf("%s %s with key %q: %d %s", c.method, c.path, allowed.secret, g.status, g.body)
			}
		}
	}
	s.UpdateRole(2, func(r *Role) { r.Permissions = []string{"Employees"} })
	s.wantAnswer(role.call("GET", "/networks/security/apiwhitelist", ""), 403, roleLacks)
	s.UpdateEmployee(2, func(e *Employee) { e.IsAdmin = true })
	if g := role.call("GET", "/networks/security/apiwhitelist", ""); g.status != 200 {
		t.Errorf("an admin without the permission on the role: %d %s", g.status, g.body)
	}
}

func TestPermissions_employeesAndRolesNeedOnlyTheKeysOwn(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	manager := s.AddEmployee(Employee{FirstName: "No", LastName: "Role", Email: "no.role@example.com"})
	_, employees := s.newKey("employees", Key{EmployeeID: manager, Permissions: []string{"Employees"}})
	_, roles := s.newKey("roles", Key{EmployeeID: manager, Permissions: []string{"Roles"}})
	for _, c := range []struct {
		caller *testServer
		path   string
		status int
	}{
		{caller: employees, path: "/networks/employees", status: 200},
		{caller: roles, path: "/networks/employees", status: 403},
		{caller: employees, path: "/networks/roles", status: 403},
		{caller: roles, path: "/networks/roles", status: 200},
		{caller: employees, path: "/networks", status: 200},
	} {
		if g := c.caller.call("GET", c.path, ""); g.status != c.status {
			t.Errorf("GET %s with key %q: %d %s", c.path, c.caller.secret, g.status, g.body)
		}
	}
	s.wantAnswer(roles.call("GET", "/networks/employees", ""), 403,
		`{"Error":"Missing permission \"Employees\": the API key does not have it"}`)
	s.wantAnswer(employees.call("GET", "/networks/roles", ""), 403,
		`{"Error":"Missing permission \"Roles\": the API key does not have it"}`)
}
