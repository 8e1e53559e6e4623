package everflowmock

import (
	"net/http"
	"reflect"
	"testing"
)

func TestCalls_recordEverythingInOrderButNeverAKey(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.AddFault(Fault{Operation: "getNetwork", Kind: FaultReset})
	body := `{"name":"CI","network_employee_id":1,"is_all_permissions":true}`
	s.call("POST", "/networks/security/apikeys", body, "User-Agent", "test/1")
	s.call("POST", "/networks/security/apikeystable?page=2&page_size=5", `{}`)
	s.withSecret("").call("GET", "/nothing%20here", "")
	if resp, err := s.roundTrip("GET", "/networks", ""); err == nil {
		t.Errorf("status %d instead of a reset", resp.StatusCode)
	}
	calls := s.Calls()
	if len(calls) != 4 {
		t.Fatalf("%d calls", len(calls))
	}
	type summary struct {
		Operation, Method, Path, Query string
		Status, APIStatus              int
		Fault                          string
		KeyID                          int64
		KeyName, RequestBody           string
	}
	want := []summary{
		{Operation: "createApiKey", Method: "POST", Path: "/v1/networks/security/apikeys", Status: 200, APIStatus: 200, KeyID: 4, KeyName: "Terraform", RequestBody: body},
		{Operation: "searchApiKeys", Method: "POST", Path: "/v1/networks/security/apikeystable", Query: "page=2&page_size=5", Status: 200, APIStatus: 200, KeyID: 4, KeyName: "Terraform", RequestBody: "{}"},
		{Method: "GET", Path: "/v1/nothing%20here", Status: 404, APIStatus: 404},
		{Operation: "getNetwork", Method: "GET", Path: "/v1/networks", Fault: "reset"},
	}
	for i, c := range calls {
		got := summary{
			Operation: c.Operation, Method: c.Method, Path: c.Path, Query: c.Query.Encode(), Status: c.Status, APIStatus: c.APIStatus,
			Fault: c.Fault, KeyID: c.KeyID, KeyName: c.KeyName, RequestBody: string(c.RequestBody),
		}
		if got != want[i] {
			t.Errorf("call %d:\ngot  %+v\nwant %+v", i, got, want[i])
		}
		if _, ok := c.Header[http.CanonicalHeaderKey("X-Eflow-API-Key")]; ok {
			t.Errorf("call %d has its key in %v", i, c.Header)
		}
		if c.Caller.String() != "127.0.0.1" || c.Duration <= 0 || c.Time.Unix() != startOfTest {
			t.Errorf("call %d: from %s in %s at %s", i, c.Caller, c.Duration, c.Time)
		}
	}
	if agent := calls[0].Header.Get("User-Agent"); agent != "test/1" {
		t.Errorf("User-Agent %q", agent)
	}
	for operation, n := range map[string]int{"createApiKey": 1, "revokeApiKey": 0, "": 4, "*": 4} {
		if got := s.CountCalls(operation); got != n {
			t.Errorf("CountCalls(%q) = %d, want %d", operation, got, n)
		}
	}
	s.ClearCalls()
	if n := len(s.Calls()); n != 0 {
		t.Errorf("%d calls after ClearCalls", n)
	}
}

func TestCalls_areCopies(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.call("POST", "/networks/security/apikeystable?page=1", `{}`)
	call := s.Calls()[0]
	call.RequestBody[0] = 'x'
	call.Header.Set("User-Agent", "x")
	call.Query.Set("page", "2")
	again := s.Calls()[0]
	if string(again.RequestBody) != "{}" || again.Header.Get("User-Agent") == "x" || again.Query.Get("page") != "1" {
		t.Errorf("%+v", again)
	}
}

func TestCalls_onCallSeesEachFinishedCall(t *testing.T) {
	t.Parallel()
	seen := make(chan Call, 10)
	s := startServer(t, Options{OnCall: func(c Call) { seen <- c }})
	s.call("GET", "/networks/security/apikeys/99", "")
	c := <-seen
	if c.Operation != "getApiKey" || c.Status != 404 || c.KeyName != "Terraform" {
		t.Errorf("%+v", c)
	}
	s.AddFault(Fault{Kind: FaultReset, AfterActing: true})
	if _, err := s.roundTrip("GET", "/networks", ""); err == nil {
		t.Error("no reset")
	}
	c = <-seen
	if c.Operation != "getNetwork" || c.Status != 0 || c.APIStatus != 200 || c.Fault != "reset after acting" {
		t.Errorf("%+v", c)
	}
}

func TestCalls_keepsTheNewest(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{KeepCalls: 2})
	for _, path := range []string{"/networks", "/networks/roles", "/networks/employees"} {
		s.call("GET", path, "")
	}
	calls := s.Calls()
	if len(calls) != 2 || calls[0].Operation != "listRoles" || calls[1].Operation != "listEmployees" || calls[1].Status != 200 {
		t.Errorf("%+v", calls)
	}
}

func TestOperations_areTheCallsOfTheAPI(t *testing.T) {
	t.Parallel()
	want := []string{
		"getNetwork", "listEmployees", "listRoles", "createApiKey", "getApiKey", "updateApiKey",
		"revokeApiKey", "searchApiKeys", "getApiWhitelist", "replaceApiWhitelist",
	}
	if got := Operations(); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}
