package controlcenter

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const apiKey = everflowmock.DemoAPIKey

func (s *site) control(method, path, body string, want int) string {
	s.Helper()
	resp, content := s.send(method, "/_mock/"+path, "application/json", body)
	if resp.StatusCode != want {
		s.Errorf("%s /_mock/%s: %s\n%s", method, path, resp.Status, content)
	}
	return content
}

func (s *site) api(method, path, body string) (int, string) {
	s.Helper()
	resp, content := s.send(method, "/v1"+path, "application/json", body, "X-Eflow-API-Key", apiKey)
	return resp.StatusCode, content
}

func TestControl_resetBringsBackWhatTheMockStartedWith(t *testing.T) {
	t.Parallel()
	s := serve(t)
	before := s.control("GET", "state", "", 200)
	s.mock.RevokeKey(1)
	s.mock.SetWhitelist("198.51.100.1")
	s.mock.AddRole(everflowmock.Role{Name: "x"})
	s.control("POST", "faults", `{"fault":"* status=500"}`, 200)
	s.control("POST", "differences", `{"operation":"*","kind":"no-body"}`, 200)
	s.api("GET", "/networks", "")
	if s.control("GET", "state", "", 200) == before {
		t.Error("nothing changed")
	}
	s.control("POST", "reset", "", 200)
	if after := s.control("GET", "state", "", 200); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	if got := s.control("GET", "calls", "", 200) + s.control("GET", "faults", "", 200) + s.control("GET", "differences", "", 200); got != "[]\n[]\n[]\n" {
		t.Error(got)
	}
	if status, body := s.api("GET", "/networks", ""); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestControl_stateIsASeed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.mock.RenameKey(2, "renamed")
	s.mock.SetWhitelist("203.0.113.10")
	state := s.control("GET", "state", "", 200)
	if strings.Contains(state, apiKey) {
		t.Error("the state has a secret")
	}
	other := serve(t)
	other.control("PUT", "seed", state, 200)
	if got := other.control("GET", "state", "", 200); got != state {
		t.Errorf("got\n%s\nwant\n%s", got, state)
	}
	if status, _ := other.api("GET", "/networks/security/apikeys/2", ""); status != 200 {
		t.Errorf("the key is refused: %d", status)
	}
	state = other.control("GET", "state", "", 200)
	other.control("PUT", "seed", `{"network":{}}`, 400)
	if got := other.control("GET", "state", "", 200); got != state {
		t.Error("a bad seed changed something")
	}
}

func TestControl_callsAreThoseReceived(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.api("PUT", "/networks/security/apiwhitelist", `{"ip_addresses":["203.0.113.10"]}`)
	s.send("GET", "/v1/networks/?page=2", "", "not JSON")
	var calls []map[string]any
	if err := json.Unmarshal([]byte(s.control("GET", "calls", "", 200)), &calls); err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		delete(c, "time")
		delete(c, "duration_ms")
	}
	got, _ := json.Marshal(calls)
	want := `[{"api_status":200,"caller":"203.0.113.10","method":"PUT","network_api_key_id":4,"operation":"replaceApiWhitelist",` +
		`"path":"/v1/networks/security/apiwhitelist","query":{},"request_body":{"ip_addresses":["203.0.113.10"]},"status":200},` +
		`{"api_status":404,"caller":"203.0.113.10","method":"GET","operation":"","path":"/v1/networks/","query":{"page":["2"]},"status":404}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.control("DELETE", "calls", "", 200)
	if got := s.control("GET", "calls", "", 200); got != "[]\n" {
		t.Error(got)
	}
}

func TestControl_faultsLastUntilTheyAreRemoved(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.control("POST", "faults", `{"fault":"getNetwork status=503 body='try again' times=2"}`, 200)
	if status, body := s.api("GET", "/networks", ""); status != 503 || body != "try again" {
		t.Errorf("%d %s", status, body)
	}
	want := `[
  {
    "fault": "getNetwork status=503 body='try again' times=2",
    "injected": 1
  }
]
`
	if got := s.control("GET", "faults", "", 200); got != want {
		t.Errorf("got %s", got)
	}
	s.control("DELETE", "faults", "", 200)
	if status, _ := s.api("GET", "/networks", ""); status != 200 {
		t.Errorf("after DELETE: %d", status)
	}
	if got := s.control("POST", "faults", `{"fault":"* explode"}`, 400); !strings.Contains(got, `unknown kind \"explode\"`) {
		t.Error(got)
	}
	if got := s.control("POST", "faults", "", 400); !strings.Contains(got, "the body must be like") {
		t.Error(got)
	}
}

func TestControl_differencesChangeAnswersUntilTheyAreRemoved(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.control("POST", "differences", `{"operation":"getApiWhitelist","kind":"field-renamed","field":"ip_addresses","value":"ips"}`, 200)
	s.control("POST", "differences", `{"operation":"getApiWhitelist","kind":"http-status","value":"201"}`, 200)
	if status, body := s.api("GET", "/networks/security/apiwhitelist", ""); status != 201 || !strings.Contains(body, `"ips":[]`) {
		t.Errorf("%d %s", status, body)
	}
	if got := s.control("GET", "differences", "", 200); !strings.Contains(got, `"kind": "field-renamed"`) || !strings.Contains(got, `"kind": "http-status"`) {
		t.Error(got)
	}
	if got := s.control("GET", "differences/kinds", "", 200); !strings.Contains(got, `"explanation"`) {
		t.Error(got)
	}
	s.control("POST", "differences", `{"operation":"*","kind":"nonsense"}`, 400)
	s.control("POST", "differences", `{"operation":"*","kind":"ids-as-strings","when":"now"}`, 400)
	s.control("DELETE", "differences", "", 200)
	if status, body := s.api("GET", "/networks/security/apiwhitelist", ""); status != 200 || !strings.Contains(body, `"ip_addresses":[]`) {
		t.Errorf("after DELETE: %d %s", status, body)
	}
}

func TestControl_webNeedsNoKeyAndIgnoresWhitelistFaultsAndDifferences(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.mock.SetWhitelist("198.51.100.1")
	s.mock.RevokeKey(4)
	s.control("POST", "faults", `{"fault":"* status=500"}`, 200)
	s.control("POST", "differences", `{"operation":"*","kind":"unknown-path","value":"json-404"}`, 200)
	created := s.control("POST", "web/networks/security/apikeys", `{"name":"CI","network_employee_id":1,"is_all_permissions":true}`, 200)
	if !strings.Contains(created, `"network_api_key_id":5`) || !strings.Contains(created, `"api_key":"everflow-mock-`) {
		t.Error(created)
	}
	s.control("POST", "web/networks/security/apikeys/5/revoke", "", 200)
	s.control("PUT", "web/networks/security/apiwhitelist", `{"ip_addresses":[]}`, 200)
	if k, _ := s.mock.Key(5); !k.Revoked() || len(s.mock.Whitelist()) != 0 || len(s.mock.Calls()) != 0 {
		t.Errorf("%+v, %q, %d calls", k, s.mock.Whitelist(), len(s.mock.Calls()))
	}
	s.control("PUT", "web/networks/security/apiwhitelist", `{"ip_addresses":["x"]}`, 400)
	s.control("GET", "web/networks/security/apikeys/99", "", 404)
	s.control("GET", "web/nothing", "", 404)
	s.control("POST", "web/networks/security/apikeystable", strings.Repeat(" ", 1<<20+1), 413)
}

func TestControl_serves(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if got := s.control("GET", "health", "", 200); got != "{\n  \"status\": \"ok\"\n}\n" {
		t.Error(got)
	}
	if got := s.control("GET", "openapi.yaml", "", 200); !strings.HasPrefix(got, "openapi: 3") {
		t.Errorf("%.100s", got)
	}
	if got := s.control("GET", "", "", 200); !strings.Contains(got, "/_mock/health") {
		t.Error(got)
	}
	s.control("DELETE", "health", "", 405)
	s.control("GET", "nothing", "", 404)
}

func TestHandler_leavesEverythingElseToTheAPI(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for path, want := range map[string]string{
		"/networks":  `{"error":"Not found: every path starts with /v1"}`,
		"/v1/keys":   `{"error":"Not found"}`,
		"/v1":        `{"error":"Not found: every path starts with /v1"}`,
		"//networks": `{"error":"Not found: every path starts with /v1"}`,
	} {
		if resp, body := s.send("GET", path, "", ""); resp.StatusCode != 404 || strings.TrimSpace(body) != want {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
}
