package doctor_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// otherAPI is an API that differs from the contract in many ways: camelCase, envelopes,
// status 201, DELETE, IDs of letters, paging in the body, searches at …/table, and no
// rate limit headers.
type otherAPI struct {
	keys []map[string]any
	// withoutRevoke: no call revokes or deletes a key.
	withoutRevoke bool
}

const (
	otherAPIKey    = "house-key-0123456789-abcdefghij"
	otherAPISecret = "c29tZS1zZWNyZXQtb2YtdGhlLWhvdXNl"
)

func newOtherAPI() *otherAPI {
	h := &otherAPI{}
	for i, name := range []string{"Quillfeather import", "Legacy API Key (Zelda Quillfeather)", "Old"} {
		state := "enabled"
		if name == "Old" {
			state = "disabled"
		}
		h.keys = append(h.keys, map[string]any{
			"id": fmt.Sprintf("key-%d", i+1), "networkId": 77, "name": name, "networkEmployeeId": 5,
			"permissions": nil, "isAllPermissions": true, "status": state, "createdAt": "2024-05-06T07:08:09Z",
		})
	}
	return h
}

func (h *otherAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{}
	raw, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(raw, &body)
	reply := func(status int, value any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
	if key := r.Header.Get("X-Eflow-API-Key"); key != otherAPIKey && (key != otherAPISecret || h.find("key-9") == nil) {
		reply(401, map[string]any{"message": "who is " + key})
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1/networks")
	id := strings.TrimPrefix(path, "/security/apikeys/")
	switch call := r.Method + " " + path; {
	case call == "GET ":
		reply(200, map[string]any{"network_id": 77, "name": "Quillfeather Media", "hasBilling": true})
	case call == "GET /employees":
		reply(200, map[string]any{"employees": []any{map[string]any{
			"network_employee_id": 5, "network_id": 77, "full_name": "Zelda Quillfeather", "email": "zelda@quillfeather.example", "account_status": "active",
		}}, "total": 1})
	case call == "GET /roles":
		reply(403, map[string]any{"message": "Zelda Quillfeather may not do this"})
	case call == "POST /security/apikeys/table":
		h.table(body, reply)
	case call == "POST /security/apikeys":
		h.keys = append(h.keys, map[string]any{
			"id": "key-9", "networkId": 77, "name": body["name"], "networkEmployeeId": 5, "permissions": []any{},
			"isAllPermissions": false, "status": "enabled", "createdAt": "2024-05-06T07:08:09Z",
		})
		reply(201, map[string]any{"data": map[string]any{"id": "key-9", "secret": otherAPISecret}})
	case call == "GET /security/apiwhitelist":
		reply(200, []any{"203.0.113.77", "198.51.100.0/24"})
	case r.Method == "GET" && h.find(id) != nil:
		reply(200, map[string]any{"data": h.find(id)})
	case r.Method == "DELETE" && h.find(id) != nil && !h.withoutRevoke:
		h.keys = slices.DeleteFunc(h.keys, func(key map[string]any) bool { return key["id"] == id })
		w.WriteHeader(204)
	default:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Nothing here, Zelda</title>")
	}
}

func (h *otherAPI) find(id string) map[string]any {
	index := slices.IndexFunc(h.keys, func(key map[string]any) bool { return key["id"] == id })
	if index < 0 {
		return nil
	}
	return h.keys[index]
}

func (h *otherAPI) table(body map[string]any, reply func(int, any)) {
	page, size := 1, 25
	if n, ok := body["page"].(float64); ok {
		page = int(n)
	}
	if n, ok := body["page_size"].(float64); ok {
		size = int(n)
	}
	start := min((page-1)*size, len(h.keys))
	reply(200, map[string]any{"results": h.keys[start:min(start+size, len(h.keys))], "count": len(h.keys)})
}

func TestDoctor_findsAllDifferencesOfAnotherAPI(t *testing.T) {
	t.Parallel()
	config := doctor.Config{APIKey: everflow.NewSecret(otherAPIKey), Writes: true, NetworkID: 77}
	server := newOtherAPI()
	report := runDoctor(t, &account{handler: server}, config)
	expectFindings(t, report,
		"listEmployees: (whole answer): array of objects -> this array inside the field employees",
		"listRoles: refused",
		"searchApiKeys: path: /networks/security/apikeystable -> /networks/security/apikeys/table",
		"searchApiKeys: api_keys: array of objects -> no such field; similar field: results",
		"searchApiKeys: paging: object -> no such field",
		"searchApiKeys: api_keys[].network_api_key_id: integer, at least 1 -> no such field",
		"searchApiKeys: api_keys[].network_id: integer, at least 1 -> no such field; similar field: networkId",
		"searchApiKeys: api_keys[].network_employee_id: integer, at least 1 -> no such field; similar field: networkEmployeeId",
		"searchApiKeys: api_keys[].permissions: array of strings -> null",
		"searchApiKeys: api_keys[].is_all_permissions: boolean -> no such field; similar field: isAllPermissions",
		`searchApiKeys: api_keys[].status: string "active" or "revoked" -> string with another value`,
		"searchApiKeys: api_keys[].time_created: integer, at least 0 -> no such field",
		"searchApiKeys: api_keys[].time_saved: integer, at least 0 -> no such field",
		"searchApiKeys: api_keys[].time_last_used: integer, at least 0 -> no such field",
		"searchApiKeys: api_keys[].time_revoked: integer, at least 0 -> no such field",
		"searchApiKeys: filters.status: lists only matching keys -> lists other keys, too",
		"searchApiKeys: search_terms (a part of the name, in upper case): lists only matching keys -> lists other keys, too",
		"getApiKey: (whole answer): object -> this object inside the field data",
		"getApiKey: network_api_key_id: integer, at least 1 -> no such field",
		"getApiKey: network_id: integer, at least 1 -> no such field; similar field: networkId",
		"getApiKey: network_employee_id: integer, at least 1 -> no such field; similar field: networkEmployeeId",
		"getApiKey: permissions: array of strings -> null",
		"getApiKey: is_all_permissions: boolean -> no such field; similar field: isAllPermissions",
		`getApiKey: status: string "active" or "revoked" -> string with another value`,
		"getApiKey: time_created: integer, at least 0 -> no such field",
		"getApiKey: time_saved: integer, at least 0 -> no such field",
		"getApiKey: time_last_used: integer, at least 0 -> no such field",
		"getApiKey: time_revoked: integer, at least 0 -> no such field",
		"getApiWhitelist: (whole answer): object -> array of strings",
		"createApiKey: status: 200 -> 201 Created",
		"createApiKey: (whole answer): object with network_api_key_id, network_id, name, network_employee_id, permissions, is_all_permissions, "+
			"status, time_created, time_saved, time_last_used, time_revoked, api_key -> object with none of these fields",
		"updateApiKey: missing",
		"revokeApiKey: call: POST …/apikeys/{id}/revoke -> DELETE …/apikeys/{id}",
		"replaceApiWhitelist: not checked",
		"rateLimitHeaders: header X-RateLimit-Limit: integer, at least 0 -> no such header",
		"rateLimitHeaders: header X-RateLimit-Remaining: integer, at least 0 -> no such header",
		`errorBody: error with status 403: object with a string "error" or "Error" -> object`,
		`errorBody: error with status 404: object with a string "error" or "Error" -> HTML page`,
		"dateHeader: header Date: time of the answer -> no such header",
	)
	if want := (doctor.Search{Path: "/networks/security/apikeys/table", Paging: "body"}); report.Search != want {
		t.Errorf("search %+v, want %+v", report.Search, want)
	}
	if server.find("key-9") != nil || len(server.keys) != 3 {
		t.Error("the created key exists, or another key does not")
	}
	if !slices.Contains(operation(report, "createApiKey").UnknownFields, doctor.UnknownField{Field: "data.secret", Got: "string"}) {
		t.Errorf("unknown fields: %+v", operation(report, "createApiKey").UnknownFields)
	}
}

func TestDoctor_reportsAKeyThatCannotBeRevoked(t *testing.T) {
	t.Parallel()
	config := doctor.Config{APIKey: everflow.NewSecret(otherAPIKey), Writes: true, NetworkID: 77}
	server := newOtherAPI()
	server.withoutRevoke = true
	report := runDoctor(t, &account{handler: server}, config)
	name, _ := server.find("key-9")["name"].(string)
	want := doctor.Written{Object: "API key key-9", Outcome: "probably still active. Revoke the key named " + name + " in Everflow", NeedsAction: true}
	if !slices.Equal(report.Written, []doctor.Written{want}) {
		t.Errorf("written %+v, want %+v", report.Written, want)
	}
	if report.ExitCode() != doctor.ExitDiffers {
		t.Errorf("exit code %d", report.ExitCode())
	}
}

// securitySectionAnswers is an account whose Security section gives every call the same answer.
func securitySectionAnswers(t *testing.T, status int, header, body string) http.Handler {
	t.Helper()
	mock := newMockWithWhitelist(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/security/") {
			mock.ServeHTTP(w, r)
			return
		}
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.Header().Set("X-RateLimit-Limit", "50")
		w.Header().Set("X-RateLimit-Remaining", "49")
		w.Header().Set("Date", "Sat, 01 Jan 2000 00:00:05 GMT") // the fake clock's time
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestDoctor_explainsTheAnswersOfTheSecuritySection(t *testing.T) {
	t.Parallel()
	const (
		refused = "Every call of the Security section was refused."
		missing = "No call of the Security section exists in the form that the contract assumes."
	)
	for name, tc := range map[string]struct {
		status       int
		header, body string
		want         string // finding for each call of the section
		reason       string
		summary      string
		code         int
	}{
		"no permission": {
			status: 403, body: `{"error":"You do not have access, Zelda Quillfeather"}`, want: "refused", summary: refused, code: 2,
			reason: `403: the permission "Security" is missing, on the API key or on the role of its employee, or no API key can make this call. ` +
				"A path that does not exist is refused in the same way, so this refusal does not show that the call exists",
		},
		"another permission": {
			status: 403, body: `{"error":"needs Reporting"}`, want: "refused", summary: refused, code: 2,
			reason: `403: the permission "Reporting" is missing, on the API key or on the role of its employee. ` +
				"A path that does not exist is refused in the same way, so this refusal does not show that the call exists",
		},
		"another realm": {
			status: 403, body: `{"Error":"Out of realm"}`, want: "refused", summary: refused, code: 2,
			reason: "403 (Out of realm): the API key belongs to another portal or network",
		},
		"whitelist": {
			status: 403, body: `{"error":"IP address 203.0.113.77 is not in the API whitelist"}`, want: "refused", summary: refused, code: 2,
			reason: "403: the address of this machine is not in the network's API whitelist",
		},
		"web interface only": {
			status: 401, body: `{"error":"Session required"}`, want: "refused", summary: refused, code: 2,
			reason: "401: the API key is accepted by getNetwork, but not by this call, which possibly no API key can make. " +
				"A path that does not exist is refused in the same way, so this refusal does not show that the call exists",
		},
		"gateway": {
			status: 403, body: `{"message":"Missing Authentication Token"}`, want: "missing", summary: missing, code: 1,
			reason: "403 Forbidden (Missing Authentication Token), which an API gateway answers for an unknown path: the call does not exist",
		},
		"not implemented": {
			status: 501, body: `{"error":"oh"}`, want: "missing", summary: missing, code: 1,
			reason: "501 Not Implemented: the call does not exist",
		},
		"web page": {
			status: 200, header: "Content-Type: text/html", body: `<!doctype html><title>Everflow</title>`,
			want: "(whole answer): object -> HTML page", summary: missing, code: 1,
		},
		"text": {
			status: 200, header: "Content-Type: text/plain", body: `fine`,
			want: "(whole answer): object -> text that is not JSON", summary: missing, code: 1,
		},
		"error with status 200": {
			status: 200, body: `{"error":"not here"}`, want: "(whole answer): object -> error with status 200", summary: missing, code: 1,
		},
		"redirect": {
			status: 302, header: "Location: https://login.quillfeather.example/?next=x",
			want: "status: 200 -> 302 Found, a redirect to an absolute URL", summary: missing, code: 1,
		},
		"server fails": {
			status: 500, body: `{"error":"oh"}`, want: "not checked", summary: "Everything that was checked matches the contract. Not everything could be checked.", code: 2,
			reason: "the server failed: 500 Internal Server Error",
		},
		"used up": {
			status: 429, body: `{"error":"oh"}`, want: "not checked", summary: "Everything that was checked matches the contract. Not everything could be checked.", code: 2,
			reason: "429: the rate limit, which all API keys of the network share, was still used up after 5 retries",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &account{handler: securitySectionAnswers(t, tc.status, tc.header, tc.body)}
			report := runDoctor(t, a, reading)
			expectFindings(t, report, "searchApiKeys: "+tc.want, "getApiKey: "+tc.want, "getApiWhitelist: "+tc.want)
			if got := operation(report, "getApiWhitelist").Reason; got != tc.reason {
				t.Errorf("the reason is %q, want %q", got, tc.reason)
			}
			if !strings.HasPrefix(report.Summary(), tc.summary) {
				t.Errorf("the summary is %q", report.Summary())
			}
			if report.ExitCode() != tc.code {
				t.Errorf("exit code %d, want %d", report.ExitCode(), tc.code)
			}
			expectNotContained(t, textAndJSON(t, report), "Quillfeather", "Zelda", "203.0.113.77", "Session", "not here")
		})
	}
}

func expectNotContained(t *testing.T, text string, values ...string) {
	t.Helper()
	for _, value := range values {
		if strings.Contains(strings.ToLower(text), strings.ToLower(value)) {
			t.Errorf("%q is in the report:\n%s", value, text)
		}
	}
}

func TestDoctor_explainsWhyNoCallCouldBeChecked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		handler http.Handler
		key     string
		summary string
		calls   int
	}{
		"wrong key": {
			handler: newMockWithWhitelist(t), key: "wrong", calls: 1,
			summary: "getNetwork was refused, and every other call would be refused for the same reason: 401: the API key is wrong or revoked, or its account is hosted in the other region.",
		},
		"another network's key": {
			handler: newMockWithWhitelist(t), key: everflowmock.DemoOtherNetworkAPIKey, calls: 1,
			summary: "getNetwork was refused, and every other call would be refused for the same reason: 403 (Out of realm): the API key belongs to another portal or network.",
		},
		"another site": {
			handler: http.NotFoundHandler(), calls: 8,
			summary: "No answer looks like one of Everflow's API: even the published calls are missing.",
		},
		"dropped connections": {
			handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), calls: 2,
			summary: "No call could be checked: the connection failed before the answer was complete.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &account{handler: tc.handler}
			config := writing
			if tc.key != "" {
				config.APIKey = everflow.NewSecret(tc.key)
			}
			report := runDoctor(t, a, config)
			if !strings.HasPrefix(report.Summary(), tc.summary) {
				t.Errorf("the summary is %q", report.Summary())
			}
			if report.ExitCode() != doctor.ExitNotChecked {
				t.Errorf("exit code %d", report.ExitCode())
			}
			if got := len(a.calls()); got != tc.calls {
				t.Errorf("%d calls, want %d: %q", got, tc.calls, a.calls())
			}
		})
	}
}

func TestDoctor_waitsForTheRateLimit(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	mock.AddFault(everflowmock.Fault{
		Kind: everflowmock.FaultStatus, Status: 429, Body: `{"error":"Too many requests"}`, Times: 2,
		Header: http.Header{"X-Ratelimit-Limit": {"50"}, "X-Ratelimit-Remaining": {"0"}, "Retry-After": {"86400"}},
	})
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		expectFindings(t, runDoctorWithContext(t.Context(), t, &account{handler: mock}, reading))
		if took := time.Since(started); took < time.Minute || took > 2*time.Minute {
			t.Errorf("the run took %s, want two waits of 30 seconds", took)
		}
	})
}

func TestDoctor_namesThePermissionThatIsMissing(t *testing.T) {
	t.Parallel()
	const key = "a-key-with-less-permissions"
	for missing, want := range map[string][]string{
		"Employees": {"listEmployees: refused"},
		"Security":  {"searchApiKeys: refused", "getApiKey: refused", "getApiWhitelist: refused"},
	} {
		permissions := slices.DeleteFunc([]string{"Employees", "Roles", "Security"}, func(permission string) bool { return permission == missing })
		mock := newMock(t, everflowmock.Options{})
		mock.AddKey(everflowmock.Key{Name: "less", EmployeeID: 1, Permissions: permissions, SHA256: everflowmock.HashAPIKey(key)})
		report := runDoctor(t, &account{handler: mock}, doctor.Config{APIKey: everflow.NewSecret(key)})
		expectFindings(t, report, want...)
		for _, op := range report.Operations {
			reason := `403: the permission "` + missing + `" is missing, on the API key or on the role of its employee`
			if op.Verdict == doctor.Refused && op.Reason != reason {
				t.Errorf("%s: %s, want %s", op.ID, op.Reason, reason)
			}
		}
		if report.ExitCode() != doctor.ExitNotChecked {
			t.Errorf("exit code %d", report.ExitCode())
		}
	}
}

func TestDoctor_createsNoKeyIfNoPermissionIsKnown(t *testing.T) {
	t.Parallel()
	seed := everflowmock.DefaultSeed()
	seed.Keys = []everflowmock.SeedKey{seed.Keys[3]}
	mock := newMock(t, everflowmock.Options{Seed: seed})
	mock.SetWhitelist("127.0.0.0/8")
	mock.AddFault(everflowmock.Fault{Operation: "listRoles", Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
	report := runDoctor(t, &account{handler: mock}, writing)
	if got, want := operation(report, "createApiKey").Reason, "400 Bad Request for a key without permissions, as the contract says, and no permission is known that the key could have"; got != want {
		t.Errorf("the reason is %q, want %q", got, want)
	}
	if len(mock.Keys()) != 1 {
		t.Errorf("keys: %+v", mock.Keys())
	}
}

// The update requires a field that is not in the contract. The report shows the names of
// fields in the error message, not the message.
func TestDoctor_namesTheFieldsThatAnErrorMentions(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	mock.AddFault(everflowmock.Fault{
		Operation: "updateApiKey", Kind: everflowmock.FaultStatus, Status: 400,
		Body:   `{"error":"network_employee_id: required, zelda_quillfeather of 203.0.113.77"}`,
		Header: http.Header{"X-Ratelimit-Limit": {"50"}, "X-Ratelimit-Remaining": {"49"}},
	})
	report := runDoctor(t, &account{handler: mock}, writing)
	expectFindings(t, report, "updateApiKey: status: 200 -> 400 Bad Request, with an error message that mentions network_employee_id")
}

func TestDoctor_findsThatARevokedKeyStillWorks(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	a := &account{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Eflow-API-Key") != everflowmock.DemoAPIKey {
			r.Header.Set("X-Eflow-API-Key", everflowmock.DemoAPIKey)
		}
		mock.ServeHTTP(w, r)
	})}
	report := runDoctor(t, a, writing)
	expectFindings(t, report,
		"revokeApiKey: status of a call with the revoked key: 401 -> 200: the key still works",
		"needs action: API key 5",
	)
}

func TestDoctor_doesNotTakeASecretThatNeverWorkedForARevokedKey(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	setDifferences(t, mock,
		everflowmock.Difference{Operation: "createApiKey", Kind: everflowmock.DifferenceFieldValue, Field: "api_key", Value: "not-the-secret-at-all"},
		everflowmock.Difference{Operation: "revokeApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"})
	report := runDoctor(t, &account{handler: mock}, writing)
	expectFindings(t, report,
		"createApiKey: api_key: an API key that Everflow accepts -> a call with it is answered 401",
		"revokeApiKey: missing", "needs action: API key 5")
	if len(activeNewKeys(mock)) != 1 {
		t.Error("the mock has no active key, so the test proves nothing")
	}
}
