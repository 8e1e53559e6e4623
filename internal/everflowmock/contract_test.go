package everflowmock

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/contracttest"
)

func TestContract_everyAnswerFollowsIt(t *testing.T) {
	t.Parallel()
	checker, err := contracttest.New()
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, Options{Wrap: checker.Wrap, RateLimit: RateLimit{Calls: 24, Window: time.Minute}})
	_, lesser := s.newKey("lesser", Key{Name: "lesser", EmployeeID: 3, Permissions: []string{"Offers"}})
	const create = `{"name":"CI","network_employee_id":2,"permissions":["b","a"],"is_all_permissions":false}`
	for _, c := range []struct {
		caller             *testServer
		method, path, body string
		status             int
	}{
		{caller: s, method: "GET", path: "/networks", status: 200},
		{caller: s, method: "GET", path: "/networks/employees", status: 200},
		{caller: s, method: "GET", path: "/networks/roles", status: 200},
		{caller: s, method: "POST", path: apiKeys, body: create, status: 200},
		{caller: s, method: "GET", path: apiKeys + "/6", status: 200},
		{caller: s, method: "PUT", path: apiKeys + "/6", body: `{"name":"CI 2","permissions":[],"is_all_permissions":true}`, status: 200},
		{caller: s, method: "POST", path: apiKeys + "table", body: `{"filters":{"status":"active"},"search_terms":[{"search_type":"name","value":"CI"}]}`, status: 200},
		{caller: s, method: "POST", path: apiKeys + "/6/revoke", status: 200},
		{caller: s, method: "POST", path: apiKeys + "/6/revoke", body: "{}", status: 200},
		{caller: s, method: "GET", path: apiWhitelist, status: 200},
		{caller: s, method: "PUT", path: apiWhitelist, body: `{"ip_addresses":["127.0.0.1","2001:DB8::/32"]}`, status: 200},
		{caller: s, method: "PUT", path: apiKeys + "/6", body: `{"name":"CI 3","permissions":[],"is_all_permissions":true}`, status: 400},
		{caller: s, method: "POST", path: apiKeys, body: strings.Replace(create, "2", "99", 1), status: 400},
		{caller: s, method: "PUT", path: apiWhitelist, body: `{"ip_addresses":["nonsense"]}`, status: 400},
		{caller: s, method: "GET", path: apiKeys + "/99", status: 404},
		{caller: s, method: "PUT", path: apiKeys + "/99", body: `{"name":"CI 3","permissions":[],"is_all_permissions":true}`, status: 404},
		{caller: s, method: "POST", path: apiKeys + "/99/revoke", status: 404},
		{caller: s.withSecret(""), method: "GET", path: "/networks", status: 401},
		{caller: s.withSecret("unknown"), method: "GET", path: "/networks/roles", status: 401},
		{caller: s.withSecret(DemoOtherNetworkAPIKey), method: "GET", path: "/networks/employees", status: 403},
		{caller: lesser, method: "GET", path: "/networks/employees", status: 403},
		{caller: lesser, method: "GET", path: "/networks/roles", status: 403},
		{caller: lesser, method: "POST", path: apiKeys + "table?page=2&page_size=2000", body: "{}", status: 403},
		{caller: s, method: "POST", path: apiKeys + "table?page=2&page_size=2000", body: "{}", status: 200},
		{caller: s, method: "GET", path: "/networks", status: 429},
		{caller: s, method: "POST", path: apiKeys, body: create, status: 429},
	} {
		var header []string
		if c.body != "" {
			header = []string{"Content-Type", "application/json"}
		}
		if g := c.caller.call(c.method, c.path, c.body, header...); g.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, g.status, g.body, c.status)
		}
	}
	for _, violation := range checker.Violations() {
		t.Error(violation)
	}
	if missing := checker.Unexercised(); len(missing) > 0 {
		t.Errorf("never answered: %q", missing)
	}
	seen := checker.Exercised()
	if want := []int{200, 401, 429}; !reflect.DeepEqual(seen["getNetwork"], want) {
		t.Errorf("getNetwork was seen to answer %v, want %v", seen["getNetwork"], want)
	}
}

// A header's name is matched without regard to case; this pins its canonical form.
func TestContract_keyHeader(t *testing.T) {
	t.Parallel()
	if http.CanonicalHeaderKey("X-Eflow-API-Key") != keyHeader {
		t.Errorf("%s", keyHeader)
	}
}
