package doctor_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestDoctor_everythingFitsOnTheMock(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]doctor.Config{"reading": readsOnly, "writing": writesToo} {
		for model, limit := range map[string]everflowmock.RateLimit{
			"no limit": {}, "20": everflowmock.RateLimit20(), "30": everflowmock.RateLimit30(), "bucket": everflowmock.RateLimitBucket(),
		} {
			t.Run(name+"/"+model, func(t *testing.T) {
				t.Parallel()
				mock := newMock(t, everflowmock.Options{RateLimit: limit})
				mock.RevokeKey(3)
				mock.SetWhitelist("127.0.0.0/8", "2001:db8::/32")
				report := examine(t, &account{handler: mock}, config)
				expect(t, report)
				if report.ExitCode() != doctor.ExitFits {
					t.Errorf("exit code %d", report.ExitCode())
				}
				for _, one := range report.Operations {
					isAsked := config.Writes || !isWriting(one.ID)
					if isAsked != (one.Verdict == doctor.Fits) {
						t.Errorf("%s: %s (%s)", one.ID, one.Verdict, one.Reason)
					}
				}
				for _, one := range report.Conventions {
					if one.Verdict != doctor.Fits {
						t.Errorf("%s: %s", one.ID, one.Verdict)
					}
				}
				expectNothingLeft(t, mock)
				for _, call := range mock.Calls() {
					if call.Status == 429 {
						t.Errorf("%s %s met the rate limit", call.Method, call.Path)
					}
				}
			})
		}
	}
}

func isWriting(operation string) bool {
	return slices.Contains([]string{"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist"}, operation)
}

func expectNothingLeft(t *testing.T, mock *everflowmock.Server) {
	t.Helper()
	if left := live(mock); len(left) > 0 {
		t.Errorf("left alive: %q", left)
	}
	if got := mock.Whitelist(); !slices.Equal(got, []string{"127.0.0.0/8", "2001:db8::/32"}) {
		t.Errorf("the whitelist is %q", got)
	}
}

func TestDoctor_namesEachOperationOnceInOrder(t *testing.T) {
	t.Parallel()
	report := examine(t, &account{handler: withWhitelist(t)}, readsOnly)
	var got []string
	for _, one := range report.Operations {
		got = append(got, one.ID+" "+one.Source)
	}
	want := []string{
		"getNetwork published", "listEmployees published", "listRoles published",
		"searchApiKeys assumed", "getApiKey assumed", "getApiWhitelist assumed",
		"createApiKey assumed", "updateApiKey assumed", "revokeApiKey assumed", "replaceApiWhitelist assumed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("operations %q, want %q", got, want)
	}
	for _, operation := range everflowmock.Operations() {
		if !slices.ContainsFunc(want, func(line string) bool { return strings.HasPrefix(line, operation+" ") }) {
			t.Errorf("%s is not in the report", operation)
		}
	}
}

func TestDoctor_saysWhereTheAccountTakesThePageFrom(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]doctor.Follows{
		"":      {TablePath: "/networks/security/apikeystable", Paging: "query and body", LargestPage: 2000},
		"query": {TablePath: "/networks/security/apikeystable", Paging: "query", LargestPage: 2000},
		"body":  {TablePath: "/networks/security/apikeystable", Paging: "body", LargestPage: 2000},
	} {
		mock := withWhitelist(t)
		if place != "" {
			set(t, mock, everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferencePagingIn, Value: place})
		}
		report := examine(t, &account{handler: mock}, readsOnly)
		expect(t, report)
		if report.Follows != want {
			t.Errorf("%s: follows %+v, want %+v", place, report.Follows, want)
		}
	}
	mock := withWhitelist(t)
	set(t, mock, everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferencePageSizeCapped, Value: "2"})
	report := examine(t, &account{handler: mock}, readsOnly)
	expect(t, report) // the contract allows it
	if report.Follows.LargestPage != 2 {
		t.Errorf("largest page %d, want 2", report.Follows.LargestPage)
	}
}

func set(t *testing.T, mock *everflowmock.Server, differences ...everflowmock.Difference) {
	t.Helper()
	if err := mock.SetDifferences(differences...); err != nil {
		t.Fatal(err)
	}
}

// What the mock can be made to do otherwise, and all that the doctor says then.
// A line without a verdict of its own is one of "differs".
var differences = []struct {
	operation string
	kind      everflowmock.DifferenceKind
	field     string
	value     string
	want      []string
	// alive: the key that was made cannot be revoked.
	alive bool
}{
	{operation: "getNetwork", kind: "unknown-path", value: "json-404", want: []string{
		"getNetwork: missing", "createApiKey: not asked", "updateApiKey: not asked", "revokeApiKey: not asked", "replaceApiWhitelist: not asked",
	}},
	{operation: "listEmployees", kind: "unknown-path", value: "html-404", want: []string{
		"listEmployees: missing", "createApiKey: not asked", "updateApiKey: not asked", "revokeApiKey: not asked",
	}},
	{operation: "listRoles", kind: "unknown-path", value: "405", want: []string{"listRoles: missing"}},
	{operation: "searchApiKeys", kind: "unknown-path", value: "json-404", want: []string{
		"searchApiKeys: missing", "createApiKey: not asked", "updateApiKey: not asked", "revokeApiKey: not asked",
	}},
	{operation: "getApiKey", kind: "unknown-path", value: "json-404", want: []string{"getApiKey: missing"}},
	{operation: "getApiKey", kind: "unknown-path", value: "html-404", want: []string{"getApiKey: missing"}},
	{operation: "getApiWhitelist", kind: "unknown-path", value: "405", want: []string{"getApiWhitelist: missing", "replaceApiWhitelist: not asked"}},
	{operation: "createApiKey", kind: "unknown-path", value: "json-404", want: []string{
		"createApiKey: missing", "updateApiKey: not asked", "revokeApiKey: not asked",
	}},
	{operation: "updateApiKey", kind: "unknown-path", value: "405", want: []string{"updateApiKey: missing"}},
	{operation: "revokeApiKey", kind: "unknown-path", value: "json-404", alive: true, want: []string{"revokeApiKey: missing", "alive: API key 5"}},
	{operation: "replaceApiWhitelist", kind: "unknown-path", value: "html-404", want: []string{"replaceApiWhitelist: missing"}},

	{operation: "getApiKey", kind: "revoked-not-found", want: []string{"getApiKey: a revoked key: 200, with its status -> 404 Not Found"}},
	{operation: "searchApiKeys", kind: "status-filter", value: "ignored", want: []string{
		"searchApiKeys: filters.status: only keys that match are listed -> others are listed, too",
	}},
	{operation: "searchApiKeys", kind: "status-filter", value: "nothing", want: []string{
		"searchApiKeys: filters.status: a key that matches is listed -> it is not listed",
	}},
	{operation: "searchApiKeys", kind: "key-added-between-pages", want: []string{
		"searchApiKeys: paging.total_count: the same on every page -> another number on page 2, unless somebody made a key meanwhile",
	}},
	{operation: "*", kind: "name-trimmed", want: []string{"updateApiKey: name: the name that was sent -> the name without the blanks around it"}},
	{operation: "*", kind: "name-escaped", want: []string{"updateApiKey: name: the name that was sent -> the name with HTML escapes"}},
	{operation: "*", kind: "name-truncated", value: "100", want: []string{
		"updateApiKey: name: the name that was sent -> the first 100 of its 110 characters",
	}},
	{operation: "*", kind: "name-truncated", value: "6", want: []string{
		"createApiKey: name: the name that was sent -> the first 6 of its 28 characters",
		"updateApiKey: name: the name that was sent -> the first 6 of its 36 characters",
		"updateApiKey: name: the name that was sent -> the first 6 of its 110 characters",
	}},
	{operation: "createApiKey", kind: "http-status", value: "201", want: []string{"createApiKey: status: 200 -> 201 Created"}},
	{operation: "updateApiKey", kind: "http-status", value: "204", want: []string{
		"updateApiKey: status: 200 -> 204 No Content", "updateApiKey: (answer): object -> an empty answer",
	}},
	{operation: "createApiKey", kind: "no-body", want: []string{"createApiKey: (answer): object -> an empty answer"}},
	{operation: "revokeApiKey", kind: "no-body", want: []string{"revokeApiKey: (answer): object -> an empty answer"}},
	{operation: "listEmployees", kind: "in-object", value: "employees", want: []string{
		"listEmployees: (answer): array of objects -> object with it in the field employees",
	}},
	{operation: "searchApiKeys", kind: "in-object", value: "data", want: []string{
		"searchApiKeys: (answer): object -> the same inside the field data",
	}},
	{operation: "createApiKey", kind: "in-object", value: "result", want: []string{
		"createApiKey: (answer): object -> the same inside the field result",
	}},
	{operation: "revokeApiKey", kind: "in-list", want: []string{"revokeApiKey: (answer): object -> array with it as its first entry"}},
	{operation: "searchApiKeys", kind: "ids-as-strings", want: []string{
		"searchApiKeys: api_keys[].network_api_key_id: integer from 1 -> string of digits",
		"searchApiKeys: api_keys[].network_employee_id: integer from 1 -> string of digits",
		"searchApiKeys: api_keys[].network_id: integer from 1 -> string of digits",
	}},
	{operation: "createApiKey", kind: "ids-as-strings", want: []string{
		"createApiKey: network_api_key_id: integer from 1 -> string of digits",
		"createApiKey: network_employee_id: integer from 1 -> string of digits",
		"createApiKey: network_id: integer from 1 -> string of digits",
	}},
	{operation: "searchApiKeys", kind: "times", value: "rfc3339", want: []string{
		"searchApiKeys: api_keys[].time_created: integer from 0 -> string with a date",
		"searchApiKeys: api_keys[].time_last_used: integer from 0 -> null, in some entries",
		"searchApiKeys: api_keys[].time_last_used: integer from 0 -> string with a date, in some entries",
		"searchApiKeys: api_keys[].time_revoked: integer from 0 -> null, in some entries",
		"searchApiKeys: api_keys[].time_revoked: integer from 0 -> string with a date, in some entries",
		"searchApiKeys: api_keys[].time_saved: integer from 0 -> string with a date",
	}},
	{operation: "listRoles", kind: "times", value: "float", want: []string{
		"listRoles: [].time_created: integer from 0 -> number", "listRoles: [].time_saved: integer from 0 -> number",
	}},
	{operation: "getNetwork", kind: "times", value: "milliseconds", want: []string{
		"getNetwork: time_created: integer, Unix seconds -> integer too large for seconds, as milliseconds are",
		"getNetwork: time_saved: integer, Unix seconds -> integer too large for seconds, as milliseconds are",
	}},
	{operation: "replaceApiWhitelist", kind: "times", value: "missing", want: []string{
		"replaceApiWhitelist: time_saved: integer from 0 -> no such field",
	}},
	{operation: "*", kind: "key-status-values", value: "ACTIVE,REVOKED", want: []string{
		`searchApiKeys: api_keys[].status: string "active" or "revoked" -> another string`,
		`getApiKey: status: string "active" or "revoked" -> another string`,
		`createApiKey: status: string "active" or "revoked" -> another string`,
		`updateApiKey: status: string "active" or "revoked" -> another string`,
		`revokeApiKey: status: string "active" or "revoked" -> another string`,
	}},
	{operation: "getApiWhitelist", kind: "entries-as-objects", value: "ip", want: []string{
		"getApiWhitelist: ip_addresses[]: string that is not empty -> object", "replaceApiWhitelist: not asked",
	}},
	{operation: "searchApiKeys", kind: "field-missing", field: "paging", want: []string{"searchApiKeys: paging: object -> no such field"}},
	{operation: "createApiKey", kind: "field-missing", field: "api_key", want: []string{
		"createApiKey: api_key: string that is not empty -> no such field",
	}},
	{operation: "createApiKey", kind: "field-missing", field: "network_api_key_id", want: []string{
		"createApiKey: network_api_key_id: integer from 1 -> no such field",
	}},
	{operation: "listRoles", kind: "field-missing", field: "description"}, // not required
	{operation: "getApiWhitelist", kind: "field-null", field: "ip_addresses", want: []string{
		"getApiWhitelist: ip_addresses: array of strings -> null", "replaceApiWhitelist: not asked",
	}},
	{operation: "*", kind: "field-renamed", field: "network_api_key_id", value: "uid", want: []string{
		"searchApiKeys: api_keys[].network_api_key_id: integer from 1 -> no such field",
		"getApiKey: network_api_key_id: integer from 1 -> no such field",
		"createApiKey: network_api_key_id: integer from 1 -> no such field",
		"updateApiKey: network_api_key_id: integer from 1 -> no such field",
		"revokeApiKey: network_api_key_id: integer from 1 -> no such field",
	}},
	{operation: "createApiKey", kind: "field-renamed", field: "api_key", value: "secret", want: []string{
		"createApiKey: api_key: string that is not empty -> no such field",
	}},
	{operation: "searchApiKeys", kind: "field-renamed", field: "api_keys", value: "keys", want: []string{
		"searchApiKeys: api_keys: array of objects -> no such field; keys seems to be it",
	}},
	{operation: "getApiKey", kind: "field-value", field: "is_all_permissions", value: `"yes"`, want: []string{
		"getApiKey: is_all_permissions: boolean -> string",
	}},
	{operation: "*", kind: "date-header", value: "24h", want: []string{
		"dateHeader: header Date: time of the answer -> more than 5 minutes from this machine's clock",
	}},
	{operation: "*", kind: "date-header", value: "none", want: []string{"dateHeader: header Date: time of the answer -> no such header"}},
}

func TestDoctor_findsExactlyTheDifferenceThatThereIs(t *testing.T) {
	t.Parallel()
	for _, one := range differences {
		t.Run(strings.Join([]string{one.operation, string(one.kind), one.field, one.value}, " "), func(t *testing.T) {
			t.Parallel()
			mock := withWhitelist(t)
			set(t, mock, everflowmock.Difference{Operation: one.operation, Kind: one.kind, Field: one.field, Value: one.value})
			report := examine(t, &account{handler: mock}, writesToo)
			expect(t, report, one.want...)
			if want := min(len(one.want), doctor.ExitDiffers); report.ExitCode() != want {
				t.Errorf("exit code %d, want %d", report.ExitCode(), want)
			}
			if left := live(mock); (len(left) > 0) != one.alive && one.kind != "key-added-between-pages" {
				t.Errorf("left alive: %q", left)
			}
			mock.SetWhitelist("127.0.0.0/8", "2001:db8::/32")
		})
	}
}

// Those that show in a page that is read only, without -writes.
func TestDoctor_findsTheSameWithoutWriting(t *testing.T) {
	t.Parallel()
	for _, one := range differences {
		t.Run(strings.Join([]string{one.operation, string(one.kind), one.field, one.value}, " "), func(t *testing.T) {
			t.Parallel()
			mock := withWhitelist(t)
			set(t, mock, everflowmock.Difference{Operation: one.operation, Kind: one.kind, Field: one.field, Value: one.value})
			want := []string{}
			for _, line := range one.want {
				if operation, _, _ := strings.Cut(line, ":"); !isWriting(operation) && operation != "alive" {
					want = append(want, line)
				}
			}
			expect(t, examine(t, &account{handler: mock}, readsOnly), want...)
			for _, call := range mock.Calls() {
				if call.Method != "GET" && call.Path != "/v1/networks/security/apikeystable" && call.Path != "/v1/networks/security/apikeys/table" {
					t.Errorf("sent %s %s", call.Method, call.Path)
				}
			}
		})
	}
}

// A kind that is added to the mock has a line above.
func TestDoctor_knowsEveryKindOfDifference(t *testing.T) {
	t.Parallel()
	tried := map[everflowmock.DifferenceKind]bool{
		everflowmock.DifferencePagingIn: true, everflowmock.DifferencePageSizeCapped: true, // in a test of their own
	}
	for _, one := range differences {
		tried[one.kind] = true
	}
	for _, kind := range everflowmock.DifferenceKinds() {
		if !tried[kind.Kind] {
			t.Errorf("no difference of the kind %s is tried", kind.Kind)
		}
	}
}

// The address that the report ends with opens a form that there is.
func TestReport_endsWithAnAddressWhoseFormExists(t *testing.T) {
	t.Parallel()
	_, form, ok := strings.Cut(doctor.ReportURL, "template=")
	if _, err := os.Stat("../../../.github/ISSUE_TEMPLATE/" + form); !ok || err != nil {
		t.Errorf("%s: %v", doctor.ReportURL, err)
	}
}
