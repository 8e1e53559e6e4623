package contracttest_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract"
)

// The notation of a field is "name type", then "!" if it is required, and the values
// of an enum. "list[]" are the entries of a list.
var (
	keyFields = []string{
		"is_all_permissions boolean!",
		"name string!",
		"network_api_key_id int64!",
		"network_employee_id int64!",
		"network_id int64!",
		"permissions array!",
		"permissions[] string",
		"status string! active|revoked",
		"time_created int64!",
		"time_last_used int64!",
		"time_revoked int64!",
		"time_saved int64!",
	}
	whitelistFields = []string{
		"ip_addresses array!",
		"ip_addresses[] string",
		"network_id int64!",
		"time_saved int64!",
	}
)

var calls = []struct {
	operation string
	call      string
	query     string
	request   []string
	answer    []string
	statuses  string
}{
	{
		operation: "getNetwork",
		call:      "GET /networks",
		answer: []string{
			"default_currency_id string",
			"name string!",
			"network_id int64!",
			"reporting_timezone_id int64",
			"status string",
			"time_created int64",
			"time_saved int64",
		},
		statuses: "200 401 403 429 500",
	},
	{
		operation: "listEmployees",
		call:      "GET /networks/employees",
		answer: []string{
			"[].account_status string!",
			"[].email string!",
			"[].first_name string",
			"[].full_name string!",
			"[].is_admin boolean",
			"[].last_name string",
			"[].network_employee_id int64!",
			"[].network_id int64!",
			"[].network_role_id int64",
		},
		statuses: "200 401 403 429 500",
	},
	{
		operation: "listRoles",
		call:      "GET /networks/roles",
		answer: []string{
			"[].description string",
			"[].name string!",
			"[].network_id int64!",
			"[].permissions array!",
			"[].permissions[] string",
			"[].role_id int64!",
			"[].time_created int64",
			"[].time_saved int64",
		},
		statuses: "200 401 403 429 500",
	},
	{
		operation: "createApiKey",
		call:      "POST /networks/security/apikeys",
		request: []string{
			"is_all_permissions boolean!",
			"name string!",
			"network_employee_id int64!",
			"permissions array!",
			"permissions[] string",
		},
		answer:   append([]string{"api_key string!"}, keyFields...),
		statuses: "200 400 401 403 429 500",
	},
	{
		operation: "getApiKey",
		call:      "GET /networks/security/apikeys/{network_api_key_id}",
		answer:    keyFields,
		statuses:  "200 400 401 403 404 429 500",
	},
	{
		operation: "updateApiKey",
		call:      "PUT /networks/security/apikeys/{network_api_key_id}",
		request: []string{
			"is_all_permissions boolean!",
			"name string!",
			"permissions array!",
			"permissions[] string",
		},
		answer:   keyFields,
		statuses: "200 400 401 403 404 429 500",
	},
	{
		operation: "revokeApiKey",
		call:      "POST /networks/security/apikeys/{network_api_key_id}/revoke",
		answer:    keyFields,
		statuses:  "200 400 401 403 404 429 500",
	},
	{
		operation: "searchApiKeys",
		call:      "POST /networks/security/apikeystable",
		query:     "page page_size",
		request: []string{
			"filters object",
			"filters.network_employee_id int64",
			"filters.status string active|revoked",
			"page integer",
			"page_size integer",
			"search_terms array",
			"search_terms[].search_type string! name",
			"search_terms[].value string!",
		},
		answer: append([]string{
			"api_keys array!",
			"paging object!",
			"paging.page integer!",
			"paging.page_size integer!",
			"paging.total_count int64!",
		}, prefixed("api_keys[].", keyFields)...),
		statuses: "200 400 401 403 429 500",
	},
	{
		operation: "getApiWhitelist",
		call:      "GET /networks/security/apiwhitelist",
		answer:    whitelistFields,
		statuses:  "200 401 403 429 500",
	},
	{
		operation: "replaceApiWhitelist",
		call:      "PUT /networks/security/apiwhitelist",
		request:   []string{"ip_addresses array!", "ip_addresses[] string"},
		answer:    whitelistFields,
		statuses:  "200 400 401 403 429 500",
	},
}

func TestContract_isValidOpenAPI(t *testing.T) {
	t.Parallel()
	if err := document(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestContract_hasTheseCallsAndNoOthers(t *testing.T) {
	t.Parallel()
	got := map[string]*openapi3.Operation{}
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			got[method+" "+path] = op
		}
	}
	if len(got) != len(calls) {
		t.Errorf("the contract has %d calls, want %d", len(got), len(calls))
	}
	for _, want := range calls {
		t.Run(want.operation, func(t *testing.T) {
			op := got[want.call]
			if op == nil {
				t.Fatalf("no %s", want.call)
			}
			equal(t, "operationId", op.OperationID, want.operation)
			equal(t, "query", parameters(op, "query"), want.query)
			equal(t, "statuses", statuses(op), want.statuses)
			equal(t, "request", lines(requestFields(op)), lines(want.request))
			equal(t, "answer", lines(answerFields(op, 200)), lines(want.answer))
		})
	}
}

func TestContract_statesSourceAndCertaintyOfEachCall(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			source, _ := op.Extensions["x-everflow-source"].(string)
			certainty, _ := op.Extensions["x-everflow-certainty"].(string)
			got[op.OperationID] = source + ", " + certainty
			if note, _ := op.Extensions["x-everflow-source-note"].(string); note == "" {
				t.Errorf("%s has no x-everflow-source-note", op.OperationID)
			}
		}
	}
	want := map[string]string{
		"getNetwork": "published, certain", "listEmployees": "published, certain", "listRoles": "published, certain",
		"searchApiKeys": "assumed, medium", "getApiKey": "assumed, medium", "createApiKey": "assumed, medium",
		"updateApiKey": "assumed, medium", "revokeApiKey": "assumed, low",
		"getApiWhitelist": "assumed, low", "replaceApiWhitelist": "assumed, low",
	}
	for operation := range got {
		equal(t, operation, got[operation], want[operation])
	}
}

// Without -writes, everflow-doctor sends only the calls whose effect is "reads".
func TestContract_statesEffectAndPermissionOfEachCall(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			effect, _ := op.Extensions["x-everflow-effect"].(string)
			permission, _ := op.Extensions["x-everflow-permission"].(string)
			got[method+" "+path] = strings.TrimSpace(effect + " " + permission)
		}
	}
	want := map[string]string{
		"GET /networks": "reads", "GET /networks/employees": "reads", "GET /networks/roles": "reads",
		"POST /networks/security/apikeystable":                        "reads Security",
		"GET /networks/security/apikeys/{network_api_key_id}":         "reads Security",
		"GET /networks/security/apiwhitelist":                         "reads Security",
		"POST /networks/security/apikeys":                             "writes Security",
		"PUT /networks/security/apikeys/{network_api_key_id}":         "writes Security",
		"POST /networks/security/apikeys/{network_api_key_id}/revoke": "writes Security",
		"PUT /networks/security/apiwhitelist":                         "writes Security",
	}
	for call := range got {
		equal(t, call, got[call], want[call])
	}
}

func TestContract_hasBothHostsAndTheKeyHeader(t *testing.T) {
	t.Parallel()
	doc := document(t)
	var servers []string
	for _, server := range doc.Servers {
		servers = append(servers, server.URL)
	}
	equal(t, "servers", lines(servers), lines([]string{
		"https://api.eflow.team/v1",
		"https://api-eu.eflow.team/v1",
	}))
	scheme := doc.Components.SecuritySchemes["apiKey"].Value
	equal(t, "security", scheme.Type+" "+scheme.In+" "+scheme.Name, "apiKey header X-Eflow-API-Key")
	if len(doc.Security) != 1 || doc.Security[0]["apiKey"] == nil {
		t.Error("not every call requires the API key")
	}
}

func TestContract_everyAnswerHasTheRateLimitHeaders(t *testing.T) {
	t.Parallel()
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			for status, answer := range op.Responses.Map() {
				for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining"} {
					if header := answer.Value.Headers[name]; header == nil || !header.Value.Required {
						t.Errorf("%s %s does not require %s", op.OperationID, status, name)
					}
				}
			}
		}
	}
}

func TestContract_errorsHaveOneOfTwoForms(t *testing.T) {
	t.Parallel()
	for _, item := range document(t).Paths.Map() {
		for _, op := range item.Operations() {
			for status, answer := range op.Responses.Map() {
				if status == "200" {
					continue
				}
				schema := answer.Value.Content.Get("application/json").Schema.Value
				for body, want := range map[string]bool{"error": true, "Error": true, "message": false} {
					if got := schema.IsMatching(map[string]any{body: "text"}); got != want {
						t.Errorf("%s %s: an error with %q is allowed: %t, want %t",
							op.OperationID, status, body, got, want)
					}
				}
			}
		}
	}
}

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func parameters(op *openapi3.Operation, in string) string {
	var names []string
	for _, parameter := range op.Parameters {
		if parameter.Value.In == in {
			names = append(names, parameter.Value.Name)
		}
	}
	return strings.Join(names, " ")
}

func statuses(op *openapi3.Operation) string {
	return strings.Join(op.Responses.Keys(), " ")
}

func requestFields(op *openapi3.Operation) []string {
	if op.RequestBody == nil {
		return nil
	}
	return fields("", op.RequestBody.Value.Content.Get("application/json").Schema.Value)
}

func answerFields(op *openapi3.Operation, status int) []string {
	return fields("", op.Responses.Status(status).Value.Content.Get("application/json").Schema.Value)
}

// fields lists the fields of a schema, in the notation of the table.
func fields(parent string, schema *openapi3.Schema) []string {
	var all []string
	for _, part := range schema.AllOf {
		all = append(all, fields(parent, part.Value)...)
	}
	for name, property := range schema.Properties {
		line := strings.TrimPrefix(parent+"."+name, ".")
		required := slices.Contains(schema.Required, name)
		all = append(all, line+" "+fieldType(property.Value, required))
		all = append(all, fields(line, property.Value)...)
	}
	if items := schema.Items; items != nil {
		if items.Value.Properties == nil {
			all = append(all, parent+"[] "+fieldType(items.Value, false))
		}
		all = append(all, fields(parent+"[]", items.Value)...)
	}
	return all
}

func fieldType(schema *openapi3.Schema, required bool) string {
	text := strings.Join(schema.Type.Slice(), " ")
	if schema.Format != "" {
		text = schema.Format
	}
	if required {
		text += "!"
	}
	var allowed []string
	for _, value := range schema.Enum {
		allowed = append(allowed, value.(string))
	}
	return strings.TrimSpace(text + " " + strings.Join(allowed, "|"))
}

func prefixed(prefix string, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, prefix+name)
	}
	return all
}

func lines(all []string) string {
	return strings.Join(slices.Sorted(slices.Values(all)), "\n")
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

// The guide has a line for each call, in the words of the contract.
func TestContract_matchesTheTableOfTheGuide(t *testing.T) {
	t.Parallel()
	const guide = "../../../templates/guides/published-and-assumed.md.tmpl"
	page, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{"| call | in the contract | source | certainty | why |", "| --- | --- | --- | --- | --- |"}
	for _, want := range calls {
		method, path, _ := strings.Cut(want.call, " ")
		op := document(t).Paths.Value(path).GetOperation(method)
		rows = append(rows, fmt.Sprintf("| `%s` | `%s` | %s | %s | %s |", want.call, want.operation,
			op.Extensions["x-everflow-source"], op.Extensions["x-everflow-certainty"], op.Extensions["x-everflow-source-note"]))
	}
	if table := strings.Join(rows, "\n"); !strings.Contains(string(page), "\n\n"+table+"\n\n") {
		t.Errorf("%s does not have this table:\n%s", guide, table)
	}
}
