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

// houseStyle is an API of the same things, by somebody who knows neither the
// contract nor the mock: camelCase, envelopes, 201, DELETE, IDs of letters, paging
// in the body, the table at …/table, and no headers about the rate limit.
type houseStyle struct {
	keys []map[string]any
	// withoutEnd: no call ends a key.
	withoutEnd bool
}

const (
	houseKey    = "house-key-0123456789-abcdefghij"
	houseSecret = "c29tZS1zZWNyZXQtb2YtdGhlLWhvdXNl"
)

func newHouseStyle() *houseStyle {
	h := &houseStyle{}
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

func (h *houseStyle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{}
	raw, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(raw, &body)
	reply := func(status int, value any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
	if key := r.Header.Get("X-Eflow-API-Key"); key != houseKey && (key != houseSecret || h.find("key-9") == nil) {
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
		reply(201, map[string]any{"data": map[string]any{"id": "key-9", "secret": houseSecret}})
	case call == "GET /security/apiwhitelist":
		reply(200, []any{"203.0.113.77", "198.51.100.0/24"})
	case r.Method == "GET" && h.find(id) != nil:
		reply(200, map[string]any{"data": h.find(id)})
	case r.Method == "DELETE" && h.find(id) != nil && !h.withoutEnd:
		h.keys = slices.DeleteFunc(h.keys, func(key map[string]any) bool { return key["id"] == id })
		w.WriteHeader(204)
	default:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Nothing here, Zelda</title>")
	}
}

func (h *houseStyle) find(id string) map[string]any {
	at := slices.IndexFunc(h.keys, func(key map[string]any) bool { return key["id"] == id })
	if at < 0 {
		return nil
	}
	return h.keys[at]
}

func (h *houseStyle) table(body map[string]any, reply func(int, any)) {
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

func TestDoctor_onAnAPIOfAnotherHouseStyle(t *testing.T) {
	t.Parallel()
	config := doctor.Config{APIKey: everflow.NewSecret(houseKey), Writes: true, NetworkID: 77}
	server := newHouseStyle()
	report := examine(t, &account{handler: server}, config)
	expect(t, report,
		"listEmployees: (answer): array of objects -> object with it in the field employees",
		"listRoles: refused",
		"searchApiKeys: path: /networks/security/apikeystable -> /networks/security/apikeys/table",
		"searchApiKeys: api_keys: array of objects -> no such field; results seems to be it",
		"searchApiKeys: paging: object -> no such field",
		"searchApiKeys: api_keys[].network_api_key_id: integer from 1 -> no such field",
		"searchApiKeys: api_keys[].network_id: integer from 1 -> no such field; networkId seems to be it",
		"searchApiKeys: api_keys[].network_employee_id: integer from 1 -> no such field; networkEmployeeId seems to be it",
		"searchApiKeys: api_keys[].permissions: array of strings -> null",
		"searchApiKeys: api_keys[].is_all_permissions: boolean -> no such field; isAllPermissions seems to be it",
		`searchApiKeys: api_keys[].status: string "active" or "revoked" -> another string`,
		"searchApiKeys: api_keys[].time_created: integer from 0 -> no such field",
		"searchApiKeys: api_keys[].time_saved: integer from 0 -> no such field",
		"searchApiKeys: api_keys[].time_last_used: integer from 0 -> no such field",
		"searchApiKeys: api_keys[].time_revoked: integer from 0 -> no such field",
		"searchApiKeys: filters.status: only keys that match are listed -> others are listed, too",
		"searchApiKeys: search_terms (a part of the name, in upper case): only keys that match are listed -> others are listed, too",
		"getApiKey: (answer): object -> the same inside the field data",
		"getApiKey: network_api_key_id: integer from 1 -> no such field",
		"getApiKey: network_id: integer from 1 -> no such field; networkId seems to be it",
		"getApiKey: network_employee_id: integer from 1 -> no such field; networkEmployeeId seems to be it",
		"getApiKey: permissions: array of strings -> null",
		"getApiKey: is_all_permissions: boolean -> no such field; isAllPermissions seems to be it",
		`getApiKey: status: string "active" or "revoked" -> another string`,
		"getApiKey: time_created: integer from 0 -> no such field",
		"getApiKey: time_saved: integer from 0 -> no such field",
		"getApiKey: time_last_used: integer from 0 -> no such field",
		"getApiKey: time_revoked: integer from 0 -> no such field",
		"getApiWhitelist: (answer): object -> array of strings",
		"createApiKey: status: 200 -> 201 Created",
		"createApiKey: (answer): object with network_api_key_id, network_id, name, network_employee_id, permissions, is_all_permissions, "+
			"status, time_created, time_saved, time_last_used, time_revoked, api_key -> object with none of these fields",
		"updateApiKey: missing",
		"revokeApiKey: call: POST …/apikeys/{id}/revoke -> DELETE …/apikeys/{id}",
		"replaceApiWhitelist: not asked",
		"rateLimitHeaders: header X-RateLimit-Limit: integer from 0 -> no such header",
		"rateLimitHeaders: header X-RateLimit-Remaining: integer from 0 -> no such header",
		`errorBody: answers with status 403: object with a string "error" or "Error" -> object`,
		`errorBody: answers with status 404: object with a string "error" or "Error" -> a web page`,
		"dateHeader: header Date: time of the answer -> no such header",
	)
	if want := (doctor.Follows{TablePath: "/networks/security/apikeys/table", Paging: "body"}); report.Follows != want {
		t.Errorf("follows %+v, want %+v", report.Follows, want)
	}
	if server.find("key-9") != nil || len(server.keys) != 3 {
		t.Error("the key is still there, or another is not")
	}
	if !slices.Contains(report.Operations[6].UnknownFields, doctor.UnknownField{Field: "data.secret", Got: "string"}) {
		t.Errorf("unknown fields: %+v", report.Operations[6].UnknownFields)
	}
}

func TestDoctor_saysThatAKeyIsAliveWhereNothingEndsIt(t *testing.T) {
	t.Parallel()
	config := doctor.Config{APIKey: everflow.NewSecret(houseKey), Writes: true, NetworkID: 77}
	server := newHouseStyle()
	server.withoutEnd = true
	report := examine(t, &account{handler: server}, config)
	name, _ := server.find("key-9")["name"].(string)
	want := doctor.Made{What: "API key key-9", Outcome: "still alive, as far as is known: revoke the key named " + name + " in Everflow", Alive: true}
	if !slices.Equal(report.Made, []doctor.Made{want}) {
		t.Errorf("made %+v, want %+v", report.Made, want)
	}
	if report.ExitCode() != doctor.ExitDiffers {
		t.Errorf("exit code %d", report.ExitCode())
	}
}

// securityAnswers is an account whose Security section has one answer to everything.
func securityAnswers(t *testing.T, status int, header, body string) http.Handler {
	t.Helper()
	mock := withWhitelist(t)
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
		w.Header().Set("Date", "Sat, 01 Jan 2000 00:00:05 GMT") // the time in these tests
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// The whole Security section is otherwise: the report says what that means.
func TestDoctor_saysWhatAnAccountIsLike(t *testing.T) {
	t.Parallel()
	const (
		refused   = "Every call of the Security section was refused."
		elsewhere = "None of the calls of the Security section is answered where the contract assumes it."
	)
	for name, one := range map[string]struct {
		status       int
		header, body string
		want         string // of each call of the section
		reason       string
		summary      string
		code         int
	}{
		"no permission": {
			status: 403, body: `{"error":"You do not have access, Zelda Quillfeather"}`, want: "refused", summary: refused, code: 2,
			reason: `403: the permission "Security" is missing, on the key or on the role of its employee; or API keys may not make this call at all. ` +
				"A path that does not exist is refused in the same way, so that it is not even known whether there is such a call",
		},
		"another permission": {
			status: 403, body: `{"error":"needs Reporting"}`, want: "refused", summary: refused, code: 2,
			reason: `403: the permission "Reporting" is missing, on the key or on the role of its employee. ` +
				"A path that does not exist is refused in the same way, so that it is not even known whether there is such a call",
		},
		"another realm": {
			status: 403, body: `{"Error":"Out of realm"}`, want: "refused", summary: refused, code: 2,
			reason: "403: the key is of another portal or network (Out of realm)",
		},
		"whitelist": {
			status: 403, body: `{"error":"IP address 203.0.113.77 is not in the API whitelist"}`, want: "refused", summary: refused, code: 2,
			reason: "403: the address of this machine is not in the network's API whitelist",
		},
		"web interface only": {
			status: 401, body: `{"error":"Session required"}`, want: "refused", summary: refused, code: 2,
			reason: "401: the key, which getNetwork accepts, is not accepted here; it may be that API keys cannot make this call at all. " +
				"A path that does not exist is refused in the same way, so that it is not even known whether there is such a call",
		},
		"gateway": {
			status: 403, body: `{"message":"Missing Authentication Token"}`, want: "missing", summary: elsewhere, code: 1,
			reason: "403 Forbidden, with the words that a gateway has for an unknown path: there is no such call",
		},
		"not implemented": {
			status: 501, body: `{"error":"oh"}`, want: "missing", summary: elsewhere, code: 1,
			reason: "501 Not Implemented: there is no such call",
		},
		"web page": {
			status: 200, header: "Content-Type: text/html", body: `<!doctype html><title>Everflow</title>`,
			want: "(answer): object -> a web page", summary: elsewhere, code: 1,
		},
		"text": {
			status: 200, header: "Content-Type: text/plain", body: `fine`,
			want: "(answer): object -> text that is not JSON", summary: elsewhere, code: 1,
		},
		"error with status 200": {
			status: 200, body: `{"error":"not here"}`, want: "(answer): object -> an error, with status 200", summary: elsewhere, code: 1,
		},
		"redirect": {
			status: 302, header: "Location: https://login.quillfeather.example/?next=x",
			want: "status: 200 -> 302 Found, a redirect to an absolute address", summary: elsewhere, code: 1,
		},
		"server fails": {
			status: 500, body: `{"error":"oh"}`, want: "not asked", summary: "What was answered fits the contract. Not everything could be asked.", code: 2,
			reason: "the server failed: 500 Internal Server Error",
		},
		"used up": {
			status: 429, body: `{"error":"oh"}`, want: "not asked", summary: "What was answered fits the contract. Not everything could be asked.", code: 2,
			reason: "429: the rate limit, which all systems of the network share, stayed used up for half a minute",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &account{handler: securityAnswers(t, one.status, one.header, one.body)}
			report := examine(t, a, readsOnly)
			expect(t, report, "searchApiKeys: "+one.want, "getApiKey: "+one.want, "getApiWhitelist: "+one.want)
			if got := report.Operations[5].Reason; got != one.reason {
				t.Errorf("the reason is %q, want %q", got, one.reason)
			}
			if !strings.HasPrefix(report.Summary(), one.summary) {
				t.Errorf("the summary is %q", report.Summary())
			}
			if report.ExitCode() != one.code {
				t.Errorf("exit code %d, want %d", report.ExitCode(), one.code)
			}
			expectNoValue(t, texts(t, report), "Quillfeather", "Zelda", "203.0.113.77", "Session", "not here")
		})
	}
}

func expectNoValue(t *testing.T, text string, values ...string) {
	t.Helper()
	for _, value := range values {
		if strings.Contains(strings.ToLower(text), strings.ToLower(value)) {
			t.Errorf("%q is in the report:\n%s", value, text)
		}
	}
}

// A key that is good for nothing, and a host that is not Everflow: nothing can be asked.
func TestDoctor_saysThatNothingCouldBeAsked(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		handler http.Handler
		key     string
		summary string
		calls   int
	}{
		"wrong key": {
			handler: withWhitelist(t), key: "wrong", calls: 1,
			summary: "The first call was refused, and every other would be: 401: the key is not accepted; it is wrong, revoked, or of an account that is hosted in the other region.",
		},
		"another network's key": {
			handler: withWhitelist(t), key: everflowmock.DemoOtherNetworkAPIKey, calls: 1,
			summary: "The first call was refused, and every other would be: 403: the key is of another portal or network (Out of realm).",
		},
		"another site": {
			handler: http.NotFoundHandler(), calls: 8,
			summary: "What answers does not look like Everflow's API: not even the published calls are there.",
		},
		"dropped connections": {
			handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), calls: 2,
			summary: "Nothing could be asked: the connection broke off before a whole answer arrived.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &account{handler: one.handler}
			config := writesToo
			if one.key != "" {
				config.APIKey = everflow.NewSecret(one.key)
			}
			report := examine(t, a, config)
			if !strings.HasPrefix(report.Summary(), one.summary) {
				t.Errorf("the summary is %q", report.Summary())
			}
			if report.ExitCode() != doctor.ExitNotAsked {
				t.Errorf("exit code %d", report.ExitCode())
			}
			if got := len(a.calls()); got != one.calls {
				t.Errorf("%d calls, want %d: %q", got, one.calls, a.calls())
			}
		})
	}
}

// The rate limit is shared: others may have used it up. The doctor waits.
func TestDoctor_waitsForTheRateLimit(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	mock.AddFault(everflowmock.Fault{
		Kind: everflowmock.FaultStatus, Status: 429, Body: `{"error":"Too many requests"}`, Times: 2,
		Header: http.Header{"X-Ratelimit-Limit": {"50"}, "X-Ratelimit-Remaining": {"0"}, "Retry-After": {"86400"}},
	})
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		expect(t, examineUntil(t.Context(), t, &account{handler: mock}, readsOnly))
		if took := time.Since(started); took < time.Minute || took > 2*time.Minute {
			t.Errorf("it took %s, want a minute, which is the most that it waits twice", took)
		}
	})
}

// A key that may not read everything: the report names what it lacks.
func TestDoctor_namesThePermissionThatIsMissing(t *testing.T) {
	t.Parallel()
	const key = "a-key-with-less-permissions"
	for lacks, want := range map[string][]string{
		"Employees": {"listEmployees: refused"},
		"Security":  {"searchApiKeys: refused", "getApiKey: refused", "getApiWhitelist: refused"},
	} {
		permissions := slices.DeleteFunc([]string{"Employees", "Roles", "Security"}, func(one string) bool { return one == lacks })
		mock := newMock(t, everflowmock.Options{})
		mock.AddKey(everflowmock.Key{Name: "less", EmployeeID: 1, Permissions: permissions, SHA256: everflowmock.HashAPIKey(key)})
		report := examine(t, &account{handler: mock}, doctor.Config{APIKey: everflow.NewSecret(key)})
		expect(t, report, want...)
		for _, one := range report.Operations {
			reason := `403: the permission "` + lacks + `" is missing, on the key or on the role of its employee`
			if one.Verdict == doctor.Refused && one.Reason != reason {
				t.Errorf("%s: %s, want %s", one.ID, one.Reason, reason)
			}
		}
		if report.ExitCode() != doctor.ExitNotAsked {
			t.Errorf("exit code %d", report.ExitCode())
		}
	}
}

// Without roles there may be no permission to ask for. Nothing is made then.
func TestDoctor_makesNoKeyWhereNoPermissionIsKnown(t *testing.T) {
	t.Parallel()
	seed := everflowmock.DefaultSeed()
	seed.Keys = []everflowmock.SeedKey{seed.Keys[3]}
	mock := newMock(t, everflowmock.Options{Seed: seed})
	mock.SetWhitelist("127.0.0.0/8")
	mock.AddFault(everflowmock.Fault{Operation: "listRoles", Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
	report := examine(t, &account{handler: mock}, writesToo)
	if got, want := report.Operations[6].Reason, "400 Bad Request for a key without permissions, as the contract has it, and no permission is known that it could have"; got != want {
		t.Errorf("the reason is %q, want %q", got, want)
	}
	if len(mock.Keys()) != 1 {
		t.Errorf("keys: %+v", mock.Keys())
	}
}

// A full replacement that wants more than the contract has: the error's words are
// not shown, the names of fields in them are.
func TestDoctor_namesTheFieldsThatAnErrorSpeaksOf(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	mock.AddFault(everflowmock.Fault{
		Operation: "updateApiKey", Kind: everflowmock.FaultStatus, Status: 400,
		Body:   `{"error":"network_employee_id: required, zelda_quillfeather of 203.0.113.77"}`,
		Header: http.Header{"X-Ratelimit-Limit": {"50"}, "X-Ratelimit-Remaining": {"49"}},
	})
	report := examine(t, &account{handler: mock}, writesToo)
	expect(t, report, "updateApiKey: status: 200 -> 400 Bad Request, with an error that speaks of network_employee_id")
}

// A key that goes on working after its revocation is the worst that can be.
func TestDoctor_findsThatARevokedKeyStillWorks(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	a := &account{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Eflow-API-Key") != everflowmock.DemoAPIKey {
			r.Header.Set("X-Eflow-API-Key", everflowmock.DemoAPIKey)
		}
		mock.ServeHTTP(w, r)
	})}
	report := examine(t, a, writesToo)
	expect(t, report,
		"revokeApiKey: a call with the revoked key: 401 -> 200: the key still works",
		"alive: API key 5",
	)
}

// A secret that never worked proves nothing by being refused.
func TestDoctor_doesNotTakeARefusedSecretForARevokedKey(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	set(t, mock,
		everflowmock.Difference{Operation: "createApiKey", Kind: everflowmock.DifferenceFieldValue, Field: "api_key", Value: "not-the-secret-at-all"},
		everflowmock.Difference{Operation: "revokeApiKey", Kind: everflowmock.DifferenceUnknownPath, Value: "json-404"})
	report := examine(t, &account{handler: mock}, writesToo)
	expect(t, report,
		"createApiKey: api_key: a key that Everflow accepts -> a key that is answered 401",
		"revokeApiKey: missing", "alive: API key 5")
	if len(live(mock)) != 1 {
		t.Error("the mock was to keep the key alive")
	}
}
