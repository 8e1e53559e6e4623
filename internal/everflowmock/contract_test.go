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
	s := start(t, Options{Wrap: checker.Wrap, RateLimit: RateLimit{Calls: 24, Window: time.Minute}})
	_, lesser := s.newKey("lesser", Key{Name: "lesser", EmployeeID: 3, Permissions: []string{"Offers"}})
	const create = `{"name":"CI","network_employee_id":2,"permissions":["b","a"],"is_all_permissions":false}`
	for _, c := range []struct {
		caller             *testServer
		method, path, body string
		status             int
	}{
		{s, "GET", "/networks", "", 200},
		{s, "GET", "/networks/employees", "", 200},
		{s, "GET", "/networks/roles", "", 200},
		{s, "POST", apiKeys, create, 200},
		{s, "GET", apiKeys + "/6", "", 200},
		{s, "PUT", apiKeys + "/6", `{"name":"CI 2","permissions":[],"is_all_permissions":true}`, 200},
		{s, "POST", apiKeys + "table", `{"filters":{"status":"active"},"search_terms":[{"search_type":"name","value":"CI"}]}`, 200},
		{s, "POST", apiKeys + "/6/revoke", "", 200},
		{s, "POST", apiKeys + "/6/revoke", "{}", 200},
		{s, "GET", apiWhitelist, "", 200},
		{s, "PUT", apiWhitelist, `{"ip_addresses":["127.0.0.1","2001:DB8::/32"]}`, 200},
		{s, "PUT", apiKeys + "/6", `{"name":"CI 3","permissions":[],"is_all_permissions":true}`, 400},
		{s, "POST", apiKeys, strings.Replace(create, "2", "99", 1), 400},
		{s, "PUT", apiWhitelist, `{"ip_addresses":["nonsense"]}`, 400},
		{s, "GET", apiKeys + "/99", "", 404},
		{s, "PUT", apiKeys + "/99", `{"name":"CI 3","permissions":[],"is_all_permissions":true}`, 404},
		{s, "POST", apiKeys + "/99/revoke", "", 404},
		{s.as(""), "GET", "/networks", "", 401},
		{s.as("unknown"), "GET", "/networks/roles", "", 401},
		{s.as(DemoOtherNetworkAPIKey), "GET", "/networks/employees", "", 403},
		{lesser, "GET", "/networks/employees", "", 403},
		{lesser, "GET", "/networks/roles", "", 403},
		{lesser, "POST", apiKeys + "table?page=2&page_size=2000", "{}", 403},
		{s, "POST", apiKeys + "table?page=2&page_size=2000", "{}", 200},
		{s, "GET", "/networks", "", 429},
		{s, "POST", apiKeys, create, 429},
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
