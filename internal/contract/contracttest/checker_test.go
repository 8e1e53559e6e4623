package contracttest_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/contracttest"
)

const (
	key = `{"network_api_key_id": 101, "network_id": 1, "name": "a", "network_employee_id": 11,
		"permissions": ["p"], "is_all_permissions": false, "status": "active", "time_created": 1734455015,
		"time_saved": 1734455015, "time_last_used": 0, "time_revoked": 0}`
	keyUpdate = `{"name": "a", "permissions": ["p"], "is_all_permissions": false}`
	keyCreate = `{"name": "a", "network_employee_id": 11, "permissions": ["p"], "is_all_permissions": false}`
	whitelist = `{"network_id": 1, "ip_addresses": ["203.0.113.7"], "time_saved": 1734455015}`
	network   = `{"network_id": 1, "name": "n", "status": "active", "default_currency_id": "USD",
		"reporting_timezone_id": 67, "time_created": 1709500000, "time_saved": 1709500000}`
	employees = `[{"network_employee_id": 11, "network_id": 1, "first_name": "J", "last_name": "S",
		"full_name": "J S", "email": "j@example.com", "account_status": "active", "is_admin": true,
		"network_role_id": 3}]`
	roles = `[{"role_id": 3, "network_id": 1, "name": "r", "description": "", "permissions": [],
		"time_created": 1709500000, "time_saved": 1709500000}]`
)

var (
	created = strings.TrimSuffix(key, "}") + `, "api_key": "s3cret"}`
	page    = `{"api_keys": [` + key + `], "paging": {"page": 1, "page_size": 50, "total_count": 1}}`
)

// An answer is a handler that gives the same answer to every request.
type answer struct {
	status        int
	body          string
	withoutHeader string
	contentType   string // if not application/json
}

func (a answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.Header().Set("X-RateLimit-Limit", "50")
	w.Header().Set("X-RateLimit-Remaining", "49")
	w.Header().Del(a.withoutHeader)
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func TestChecker_allowsWhatTheContractAllows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		call, body string
		answer     answer
	}{
		{call: "GET /v1/networks", answer: answer{status: 200, body: network}},
		{call: "GET /v1/networks/employees", answer: answer{status: 200, body: employees}},
		{call: "GET /v1/networks/roles", answer: answer{status: 200, body: roles}},
		{call: "POST /v1/networks/security/apikeys", body: keyCreate, answer: answer{status: 200, body: created}},
		{call: "GET /v1/networks/security/apikeys/101", answer: answer{status: 200, body: key}},
		{call: "PUT /v1/networks/security/apikeys/101", body: keyUpdate, answer: answer{status: 200, body: key}},
		{call: "POST /v1/networks/security/apikeys/101/revoke", answer: answer{status: 200, body: key}},
		{call: "POST /v1/networks/security/apikeys/101/revoke", body: "{}", answer: answer{status: 200, body: key}},
		{call: "POST /v1/networks/security/apikeystable", body: "{}", answer: answer{status: 200, body: page}},
		{
			call: "POST /v1/networks/security/apikeystable?page=2&page_size=2000",
			body: `{"filters": {"status": "active", "network_employee_id": 11},
			 "search_terms": [{"search_type": "name", "value": "a"}]}`,
			answer: answer{status: 200, body: `{"api_keys": [], "paging": {"page": 2, "page_size": 2000, "total_count": 0}}`},
		},
		{call: "GET /v1/networks/security/apiwhitelist", answer: answer{status: 200, body: whitelist}},
		{call: "PUT /v1/networks/security/apiwhitelist", body: `{"ip_addresses": []}`, answer: answer{status: 200, body: whitelist}},
		{call: "GET /v1/networks", answer: answer{status: 200, body: network, contentType: "application/json; charset=utf-8"}},
		{call: "GET /v1/networks", answer: answer{status: 401, body: `{"error": "No Authentication Method Found"}`}},
		{call: "GET /v1/networks", answer: answer{status: 403, body: `{"Error": "Out of realm"}`}},
		{call: "GET /v1/networks/security/apikeys/7", answer: answer{status: 404, body: `{"error": "Not found"}`}},
		{call: "PUT /v1/networks/security/apikeys/7", body: keyUpdate, answer: answer{status: 400, body: `{"error": "revoked"}`}},
		{call: "GET /v1/networks/roles", answer: answer{status: 429, body: `{"error": "Too many requests"}`}},
		{call: "GET /v1/networks/roles", answer: answer{status: 500, body: `{"Error": "oops"}`}},
	} {
		checker := newChecker(t)
		got := send(checker.Wrap(tc.answer), tc.call, tc.body)
		if got.Code != tc.answer.status || got.Body.String() != tc.answer.body {
			t.Errorf("%s: the answer was changed to %d %s", tc.call, got.Code, got.Body)
		}
		for _, violation := range checker.Violations() {
			t.Errorf("%s: %s", tc.call, violation)
		}
	}
}

func TestChecker_reportsWhatTheContractForbids(t *testing.T) {
	t.Parallel()
	const (
		createCall = "POST /v1/networks/security/apikeys"
		getCall    = "GET /v1/networks/security/apikeys/101"
		searchCall = "POST /v1/networks/security/apikeystable"
	)
	createdAnswer, keyAnswer := answer{status: 200, body: created}, answer{status: 200, body: key}
	for name, tc := range map[string]struct {
		call, body string
		answer     answer
		want       []string
	}{
		"unknown path": {
			call: "GET /v1/networks/offers?x=1", answer: keyAnswer,
			want: []string{"GET /v1/networks/offers: the contract has no such call"},
		},
		"no base path": {
			call: "GET /networks", answer: answer{status: 200, body: network},
			want: []string{"GET /networks: the contract has no such call"},
		},
		"unknown method": {
			call: "DELETE /v1/networks/security/apikeys/101", answer: keyAnswer,
			want: []string{"DELETE /v1/networks/security/apikeys/101: the contract has no such call"},
		},
		"wrong ID": {
			call: "GET /v1/networks/security/apikeys/abc", answer: answer{status: 400, body: `{"error": "x"}`},
			want: []string{`getApiKey 400: request path parameter "network_api_key_id": an invalid integer`},
		},
		"unknown query parameter": {
			call: getCall + "?relationship=all", answer: keyAnswer,
			want: []string{`getApiKey 200: request query parameter "relationship": unknown`},
		},
		"query parameter with a wrong value": {
			call: searchCall + "?page=0&page_size=many", body: "{}", answer: answer{status: 200, body: page},
			want: []string{
				`searchApiKeys 200: request query parameter "page" at /: number must be at least 1`,
				`searchApiKeys 200: request query parameter "page_size": an invalid integer`,
			},
		},
		"query parameter twice": {
			call: searchCall + "?page=1&page=2", body: "{}", answer: answer{status: 200, body: page},
			want: []string{`searchApiKeys 200: request query parameter "page": given more than once`},
		},
		"malformed query": {
			call: searchCall + "?page=%zz", body: "{}", answer: answer{status: 200, body: page},
			want: []string{`searchApiKeys 200: request query: malformed`},
		},
		"unknown field in a request": {
			call: createCall, body: strings.TrimSuffix(keyCreate, "}") + `, "description": "x"}`, answer: createdAnswer,
			want: []string{`createApiKey 200: request body: doesn't match schema #/components/schemas/ApiKeyCreate` +
				` at /: property "description" is unsupported`},
		},
		"unknown field deep in a request": {
			call: searchCall, body: `{"filters": {"name": "x"}}`, answer: answer{status: 200, body: page},
			want: []string{`searchApiKeys 200: request body: doesn't match schema #/components/schemas/ApiKeySearch` +
				` at /filters: property "name" is unsupported`},
		},
		"update without a field": {
			call: "PUT /v1/networks/security/apikeys/101", body: `{"name": "a", "is_all_permissions": true}`,
			answer: keyAnswer,
			want: []string{`updateApiKey 200: request body: doesn't match schema #/components/schemas/ApiKeyUpdate` +
				` at /permissions: property "permissions" is missing`},
		},
		"null for a list in a request": {
			call: "PUT /v1/networks/security/apiwhitelist", body: `{"ip_addresses": null}`,
			answer: answer{status: 200, body: whitelist},
			want: []string{`replaceApiWhitelist 200: request body:` +
				` doesn't match schema #/components/schemas/ApiWhitelistReplace at /ip_addresses: Value is not nullable`},
		},
		"no body": {
			call: createCall, answer: createdAnswer,
			want: []string{`createApiKey 200: request body: value is required but missing`},
		},
		"body that is not JSON": {
			call: createCall, body: `{"name`, answer: answer{status: 400, body: `{"error": "x"}`},
			want: []string{`createApiKey 400: request body: failed to decode request body: not exactly one JSON value`},
		},
		"two JSON values in a request": {
			call: createCall, body: keyCreate + keyCreate, answer: createdAnswer,
			want: []string{`createApiKey 200: request body: not exactly one JSON value`},
		},
		"body of a call that takes none": {
			call: getCall, body: `{}`, answer: keyAnswer,
			want: []string{`getApiKey 200: request body: not allowed for this call`},
		},
		"field in the body of revoke": {
			call: "POST /v1/networks/security/apikeys/101/revoke", body: `{"reason": "x"}`, answer: keyAnswer,
			want: []string{
				`revokeApiKey 200: request body: doesn't match schema at /: property "reason" is unsupported`,
				`revokeApiKey 200: request body: doesn't match schema at /: there must be at most 0 properties`,
			},
		},
		"unknown field in an answer": {
			call: getCall, answer: answer{status: 200, body: strings.TrimSuffix(key, "}") + `, "owner": "x"}`},
			want: []string{`getApiKey 200: answer: response body doesn't match schema #/components/schemas/ApiKey` +
				` at /: property "owner" is unsupported`},
		},
		"secret in an answer other than a create's": {
			call: getCall, answer: createdAnswer,
			want: []string{`getApiKey 200: answer: response body doesn't match schema #/components/schemas/ApiKey` +
				` at /: property "api_key" is unsupported`},
		},
		"unknown field beside the secret": {
			call: createCall, body: keyCreate,
			answer: answer{status: 200, body: strings.TrimSuffix(created, "}") + `, "owner": "x"}`},
			want: []string{`createApiKey 200: answer: response body doesn't match schema` +
				` #/components/schemas/CreatedApiKey at /: property "owner" is unsupported`},
		},
		"create without the secret": {
			call: createCall, body: keyCreate, answer: keyAnswer,
			want: []string{`createApiKey 200: answer: response body doesn't match schema` +
				` #/components/schemas/CreatedApiKey at /api_key: property "api_key" is missing`},
		},
		"missing field in an answer": {
			call: getCall, answer: answer{status: 200, body: strings.Replace(key, `"status": "active", `, "", 1)},
			want: []string{`getApiKey 200: answer: response body doesn't match schema #/components/schemas/ApiKey` +
				` at /status: property "status" is missing`},
		},
		"wrong types in an answer": {
			call: "GET /v1/networks/security/apiwhitelist",
			answer: answer{
				status: 200,
				body:   `{"network_id": "1", "ip_addresses": [7], "time_saved": 1.5}`,
			},
			want: []string{
				`getApiWhitelist 200: answer: response body doesn't match schema #/components/schemas/ApiWhitelist` +
					` at /ip_addresses/0: value must be a string`,
				`getApiWhitelist 200: answer: response body doesn't match schema #/components/schemas/ApiWhitelist` +
					` at /network_id: value must be an integer`,
				`getApiWhitelist 200: answer: response body doesn't match schema #/components/schemas/ApiWhitelist` +
					` at /time_saved: value must be an integer`,
			},
		},
		"status that a key cannot have": {
			call: getCall, answer: answer{status: 200, body: strings.Replace(key, `"active"`, `"paused"`, 1)},
			want: []string{`getApiKey 200: answer: response body doesn't match schema #/components/schemas/ApiKey` +
				` at /status: value is not one of the allowed values ["active","revoked"]`},
		},
		"null for a list in an answer": {
			call: getCall, answer: answer{status: 200, body: strings.Replace(key, `["p"]`, `null`, 1)},
			want: []string{`getApiKey 200: answer: response body doesn't match schema #/components/schemas/ApiKey` +
				` at /permissions: Value is not nullable`},
		},
		"undeclared status": {
			call: createCall, body: keyCreate, answer: answer{status: 201, body: created},
			want: []string{`createApiKey 201: answer: the contract has no such status for this call`},
		},
		"redirect": {
			call: getCall, answer: answer{status: 307},
			want: []string{`getApiKey 307: answer: the contract has no such status for this call`},
		},
		"no rate limit header": {
			call: getCall, answer: answer{status: 200, body: key, withoutHeader: "X-RateLimit-Limit"},
			want: []string{`getApiKey 200: answer: response header "X-RateLimit-Limit" missing`},
		},
		"no remaining rate limit in an error": {
			call:   getCall,
			answer: answer{status: 429, body: `{"error": "x"}`, withoutHeader: "X-RateLimit-Remaining"},
			want:   []string{`getApiKey 429: answer: response header "X-RateLimit-Remaining" missing`},
		},
		"answer that is not JSON": {
			call: getCall, answer: answer{status: 500, body: "<html>", contentType: "text/html"},
			want: []string{`getApiKey 500: answer: response header Content-Type has unexpected value: "text/html"`},
		},
		"answer that is cut off": {
			call: getCall, answer: answer{status: 200, body: key[:50]},
			want: []string{`getApiKey 200: answer: failed to decode response body: not exactly one JSON value`},
		},
		"two JSON values in an answer": {
			call: getCall, answer: answer{status: 200, body: key + key},
			want: []string{`getApiKey 200: answer body: not exactly one JSON value`},
		},
		"error of an unknown shape": {
			call: getCall, answer: answer{status: 404, body: `{"message": "x"}`},
			want: []string{`getApiKey 404: answer: response body doesn't match schema #/components/schemas/Error` +
				` at /: value doesn't match any schema from "oneOf"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checker := newChecker(t)
			send(checker.Wrap(tc.answer), tc.call, tc.body)
			equal(t, "violations", lines(checker.Violations()), lines(tc.want))
		})
	}
}

func TestChecker_leavesAuthenticationToTheHandler(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	request := httptest.NewRequest("GET", "/v1/networks", nil)
	checker.Wrap(answer{status: 401, body: `{"error": "No Authentication Method Found"}`}).
		ServeHTTP(httptest.NewRecorder(), request)
	equal(t, "violations", lines(checker.Violations()), "")
}

func TestChecker_listsExercisedAndUnexercisedOperations(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	equal(t, "not exercised at first", strings.Join(checker.Unexercised(), " "),
		"createApiKey getApiKey getApiWhitelist getNetwork listEmployees listRoles"+
			" replaceApiWhitelist revokeApiKey searchApiKeys updateApiKey")

	for _, answer := range []answer{
		{status: 429, body: `{"error": "x"}`},
		{status: 200, body: network},
		{status: 200, body: network},
	} {
		send(checker.Wrap(answer), "GET /v1/networks", "")
	}
	send(checker.Wrap(answer{status: 404, body: `{"error": "x"}`}), "GET /v1/networks/security/apikeys/7", "")

	for range 2 { // reading the lists does not change them
		equal(t, "exercised", fmt.Sprint(checker.Exercised()), "map[getApiKey:[404] getNetwork:[200 429]]")
		equal(t, "not exercised", strings.Join(checker.Unexercised(), " "),
			"createApiKey getApiKey getApiWhitelist listEmployees listRoles"+
				" replaceApiWhitelist revokeApiKey searchApiKeys updateApiKey")
	}
}

func TestChecker_isSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	var requests sync.WaitGroup
	for range 8 {
		server := httptest.NewServer(checker.Wrap(answer{status: 200, body: key}))
		defer server.Close()
		for id := range 8 {
			requests.Go(func() {
				answer, err := http.Get(fmt.Sprintf("%s/v1/networks/security/apikeys/%d?id%d", server.URL, id+1, id))
				if err != nil {
					t.Error(err)
					return
				}
				answer.Body.Close()
				checker.Violations()
				checker.Unexercised()
			})
		}
	}
	requests.Wait()
	var want []string
	for id := range 8 {
		want = append(want, fmt.Sprintf(`getApiKey 200: request query parameter "id%d": unknown`, id))
	}
	if got := checker.Violations(); !slices.Equal(got, want) {
		t.Errorf("violations: %q, want %q, in this order", got, want)
	}
	if got := slices.Collect(maps.Keys(checker.Exercised())); len(got) != 1 {
		t.Errorf("exercised: %v, want one operation", got)
	}
}

func newChecker(t *testing.T) *contracttest.Checker {
	t.Helper()
	checker, err := contracttest.New()
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

// send makes a call, such as "GET /v1/networks", and returns its answer.
func send(handler http.Handler, call, body string) *httptest.ResponseRecorder {
	method, target, _ := strings.Cut(call, " ")
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	request.Header.Set("X-Eflow-API-Key", "the-caller")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}
