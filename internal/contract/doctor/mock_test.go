package doctor_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/contracttest"
	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestDoctor_mockMatchesTheContract(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]doctor.Config{"reading": reading, "writing": writing} {
		for model, limit := range map[string]everflowmock.RateLimit{
			"no limit": {}, "20": everflowmock.RateLimit20(), "30": everflowmock.RateLimit30(), "bucket": everflowmock.RateLimitBucket(),
		} {
			t.Run(name+"/"+model, func(t *testing.T) {
				t.Parallel()
				mock := newMock(t, everflowmock.Options{RateLimit: limit})
				mock.RevokeKey(3)
				mock.SetWhitelist("127.0.0.0/8", "2001:db8::/32")
				report := runDoctor(t, &account{handler: mock}, config)
				expectFindings(t, report)
				if report.ExitCode() != doctor.ExitMatches {
					t.Errorf("exit code %d", report.ExitCode())
				}
				for _, op := range report.Operations {
					isChecked := config.Writes || !isWriting(op.ID)
					if isChecked != (op.Verdict == doctor.Matches) {
						t.Errorf("%s: %s (%s)", op.ID, op.Verdict, op.Reason)
					}
				}
				for _, c := range report.Conventions {
					if c.Verdict != doctor.Matches {
						t.Errorf("%s: %s", c.ID, c.Verdict)
					}
				}
				expectUnchanged(t, mock)
				for _, call := range mock.Calls() {
					if call.Status == 429 {
						t.Errorf("%s %s was answered 429", call.Method, call.Path)
					}
				}
			})
		}
	}
}

func isWriting(operation string) bool {
	return slices.Contains([]string{"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist"}, operation)
}

func expectUnchanged(t *testing.T, mock *everflowmock.Server) {
	t.Helper()
	if keys := activeNewKeys(mock); len(keys) > 0 {
		t.Errorf("active keys: %q", keys)
	}
	if got := mock.Whitelist(); !slices.Equal(got, []string{"127.0.0.0/8", "2001:db8::/32"}) {
		t.Errorf("the whitelist is %q", got)
	}
}

func TestReport_listsEachOperationOnceInOrder(t *testing.T) {
	t.Parallel()
	report := runDoctor(t, &account{handler: newMockWithWhitelist(t)}, reading)
	var got []string
	for _, op := range report.Operations {
		got = append(got, op.ID+" "+op.Source)
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

func TestDoctor_reportsWherePagingIsReadFrom(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]doctor.Search{
		"":      {Path: "/networks/security/apikeystable", Paging: "query and body", LargestPage: 2000},
		"query": {Path: "/networks/security/apikeystable", Paging: "query", LargestPage: 2000},
		"body":  {Path: "/networks/security/apikeystable", Paging: "body", LargestPage: 2000},
	} {
		mock := newMockWithWhitelist(t)
		if place != "" {
			setDifferences(t, mock, everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferencePagingIn, Value: place})
		}
		report := runDoctor(t, &account{handler: mock}, reading)
		expectFindings(t, report)
		if report.Search != want {
			t.Errorf("%s: search %+v, want %+v", place, report.Search, want)
		}
	}
	mock := newMockWithWhitelist(t)
	setDifferences(t, mock, everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferencePageSizeCapped, Value: "2"})
	report := runDoctor(t, &account{handler: mock}, reading)
	expectFindings(t, report) // the contract allows it
	if report.Search.LargestPage != 2 {
		t.Errorf("largest page %d, want 2", report.Search.LargestPage)
	}
}

func setDifferences(t *testing.T, mock *everflowmock.Server, differences ...everflowmock.Difference) {
	t.Helper()
	if err := mock.SetDifferences(differences...); err != nil {
		t.Fatal(err)
	}
}

// testedDifference is a difference of the mock from the contract.
type testedDifference struct {
	operation string
	kind      everflowmock.DifferenceKind
	field     string
	value     string
	want      []string // findings
	// staysActive: the created key cannot be revoked.
	staysActive bool
}

func (d testedDifference) String() string {
	return strings.Join([]string{d.operation, string(d.kind), d.field, d.value}, " ")
}

func (d testedDifference) set(t *testing.T, mock *everflowmock.Server) {
	t.Helper()
	setDifferences(t, mock, everflowmock.Difference{Operation: d.operation, Kind: d.kind, Field: d.field, Value: d.value})
}

var differences = []testedDifference{
	{operation: "getNetwork", kind: "unknown-path", value: "json-404", want: []string{
		"getNetwork: missing", "createApiKey: not checked", "updateApiKey: not checked", "revokeApiKey: not checked", "replaceApiWhitelist: not checked",
	}},
	{operation: "listEmployees", kind: "unknown-path", value: "html-404", want: []string{
		"listEmployees: missing", "createApiKey: not checked", "updateApiKey: not checked", "revokeApiKey: not checked",
	}},
	{operation: "listRoles", kind: "unknown-path", value: "405", want: []string{"listRoles: missing"}},
	{operation: "searchApiKeys", kind: "unknown-path", value: "json-404", want: []string{
		"searchApiKeys: missing", "createApiKey: not checked", "updateApiKey: not checked", "revokeApiKey: not checked",
	}},
	{operation: "getApiKey", kind: "unknown-path", value: "json-404", want: []string{"getApiKey: missing"}},
	{operation: "getApiKey", kind: "unknown-path", value: "html-404", want: []string{"getApiKey: missing"}},
	{operation: "getApiWhitelist", kind: "unknown-path", value: "405", want: []string{"getApiWhitelist: missing", "replaceApiWhitelist: not checked"}},
	{operation: "createApiKey", kind: "unknown-path", value: "json-404", want: []string{
		"createApiKey: missing", "updateApiKey: not checked", "revokeApiKey: not checked",
	}},
	{operation: "updateApiKey", kind: "unknown-path", value: "405", want: []string{"updateApiKey: missing"}},
	{operation: "revokeApiKey", kind: "unknown-path", value: "json-404", staysActive: true, want: []string{"revokeApiKey: missing", "needs action: API key 5"}},
	{operation: "replaceApiWhitelist", kind: "unknown-path", value: "html-404", want: []string{"replaceApiWhitelist: missing"}},

	{operation: "getApiKey", kind: "revoked-not-found", want: []string{"getApiKey: status for a revoked key: 200 -> 404 Not Found"}},
	{operation: "searchApiKeys", kind: "status-filter", value: "ignored", want: []string{
		"searchApiKeys: filters.status: lists only matching keys -> lists other keys, too",
	}},
	{operation: "searchApiKeys", kind: "status-filter", value: "nothing", want: []string{
		"searchApiKeys: filters.status: lists a matching key -> does not list it",
	}},
	{operation: "searchApiKeys", kind: "key-added-between-pages", want: []string{
		"searchApiKeys: paging.total_count: the same on every page -> another number on page 2; the reason can also be a key that was created meanwhile",
	}},
	{operation: "*", kind: "name-trimmed", want: []string{"updateApiKey: name: the name that was sent -> the name without leading and trailing spaces"}},
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
		"updateApiKey: status: 200 -> 204 No Content", "updateApiKey: (whole answer): object -> empty body",
	}},
	{operation: "createApiKey", kind: "no-body", want: []string{"createApiKey: (whole answer): object -> empty body"}},
	{operation: "revokeApiKey", kind: "no-body", want: []string{"revokeApiKey: (whole answer): object -> empty body"}},
	{operation: "listEmployees", kind: "in-object", value: "employees", want: []string{
		"listEmployees: (whole answer): array of objects -> this array inside the field employees",
	}},
	{operation: "searchApiKeys", kind: "in-object", value: "data", want: []string{
		"searchApiKeys: (whole answer): object -> this object inside the field data",
	}},
	{operation: "createApiKey", kind: "in-object", value: "result", want: []string{
		"createApiKey: (whole answer): object -> this object inside the field result",
	}},
	{operation: "revokeApiKey", kind: "in-list", want: []string{"revokeApiKey: (whole answer): object -> array that has this object as its first entry"}},
	{operation: "searchApiKeys", kind: "ids-as-strings", want: []string{
		"searchApiKeys: api_keys[].network_api_key_id: integer, at least 1 -> string of digits",
		"searchApiKeys: api_keys[].network_employee_id: integer, at least 1 -> string of digits",
		"searchApiKeys: api_keys[].network_id: integer, at least 1 -> string of digits",
	}},
	{operation: "createApiKey", kind: "ids-as-strings", want: []string{
		"createApiKey: network_api_key_id: integer, at least 1 -> string of digits",
		"createApiKey: network_employee_id: integer, at least 1 -> string of digits",
		"createApiKey: network_id: integer, at least 1 -> string of digits",
	}},
	{operation: "searchApiKeys", kind: "times", value: "rfc3339", want: []string{
		"searchApiKeys: api_keys[].time_created: integer, at least 0 -> string with a date",
		"searchApiKeys: api_keys[].time_last_used: integer, at least 0 -> null, in some entries",
		"searchApiKeys: api_keys[].time_last_used: integer, at least 0 -> string with a date, in some entries",
		"searchApiKeys: api_keys[].time_revoked: integer, at least 0 -> null, in some entries",
		"searchApiKeys: api_keys[].time_revoked: integer, at least 0 -> string with a date, in some entries",
		"searchApiKeys: api_keys[].time_saved: integer, at least 0 -> string with a date",
	}},
	{operation: "listRoles", kind: "times", value: "float", want: []string{
		"listRoles: [].time_created: integer, at least 0 -> number", "listRoles: [].time_saved: integer, at least 0 -> number",
	}},
	{operation: "getNetwork", kind: "times", value: "milliseconds", want: []string{
		"getNetwork: time_created: integer, Unix time in seconds -> integer too large for seconds, possibly milliseconds",
		"getNetwork: time_saved: integer, Unix time in seconds -> integer too large for seconds, possibly milliseconds",
	}},
	{operation: "replaceApiWhitelist", kind: "times", value: "missing", want: []string{
		"replaceApiWhitelist: time_saved: integer, at least 0 -> no such field",
	}},
	{operation: "*", kind: "key-status-values", value: "ACTIVE,REVOKED", want: []string{
		`searchApiKeys: api_keys[].status: string "active" or "revoked" -> string with another value`,
		`getApiKey: status: string "active" or "revoked" -> string with another value`,
		`createApiKey: status: string "active" or "revoked" -> string with another value`,
		`updateApiKey: status: string "active" or "revoked" -> string with another value`,
		`revokeApiKey: status: string "active" or "revoked" -> string with another value`,
	}},
	{operation: "getApiWhitelist", kind: "entries-as-objects", value: "ip", want: []string{
		"getApiWhitelist: ip_addresses[]: non-empty string -> object", "replaceApiWhitelist: not checked",
	}},
	{operation: "searchApiKeys", kind: "field-missing", field: "paging", want: []string{"searchApiKeys: paging: object -> no such field"}},
	{operation: "createApiKey", kind: "field-missing", field: "api_key", want: []string{
		"createApiKey: api_key: non-empty string -> no such field",
	}},
	{operation: "createApiKey", kind: "field-missing", field: "network_api_key_id", want: []string{
		"createApiKey: network_api_key_id: integer, at least 1 -> no such field",
	}},
	{operation: "listRoles", kind: "field-missing", field: "description"}, // not required
	{operation: "getApiWhitelist", kind: "field-null", field: "ip_addresses", want: []string{
		"getApiWhitelist: ip_addresses: array of strings -> null", "replaceApiWhitelist: not checked",
	}},
	{operation: "*", kind: "field-renamed", field: "network_api_key_id", value: "uid", want: []string{
		"searchApiKeys: api_keys[].network_api_key_id: integer, at least 1 -> no such field",
		"getApiKey: network_api_key_id: integer, at least 1 -> no such field",
		"createApiKey: network_api_key_id: integer, at least 1 -> no such field",
		"updateApiKey: network_api_key_id: integer, at least 1 -> no such field",
		"revokeApiKey: network_api_key_id: integer, at least 1 -> no such field",
	}},
	{operation: "createApiKey", kind: "field-renamed", field: "api_key", value: "secret", want: []string{
		"createApiKey: api_key: non-empty string -> no such field",
	}},
	{operation: "searchApiKeys", kind: "field-renamed", field: "api_keys", value: "keys", want: []string{
		"searchApiKeys: api_keys: array of objects -> no such field; similar field: keys",
	}},
	{operation: "getApiKey", kind: "field-value", field: "is_all_permissions", value: `"yes"`, want: []string{
		"getApiKey: is_all_permissions: boolean -> string",
	}},
	{operation: "*", kind: "date-header", value: "24h", want: []string{
		"dateHeader: header Date: time of the answer -> more than 5 minutes from this machine's clock",
	}},
	{operation: "*", kind: "date-header", value: "none", want: []string{"dateHeader: header Date: time of the answer -> no such header"}},
}

func TestDoctor_findsExactlyTheDifference(t *testing.T) {
	t.Parallel()
	for _, d := range differences {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			mock := newMockWithWhitelist(t)
			d.set(t, mock)
			report := runDoctor(t, &account{handler: mock}, writing)
			expectFindings(t, report, d.want...)
			if want := min(len(d.want), doctor.ExitDiffers); report.ExitCode() != want {
				t.Errorf("exit code %d, want %d", report.ExitCode(), want)
			}
			if keys := activeNewKeys(mock); (len(keys) > 0) != d.staysActive && d.kind != "key-added-between-pages" {
				t.Errorf("active keys: %q", keys)
			}
		})
	}
}

// Without -writes the doctor finds the differences of the calls that read.
func TestDoctor_findsDifferencesWithoutWriting(t *testing.T) {
	t.Parallel()
	for _, d := range differences {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			mock := newMockWithWhitelist(t)
			d.set(t, mock)
			want := []string{}
			for _, line := range d.want {
				if operation, _, _ := strings.Cut(line, ":"); !isWriting(operation) && operation != "needs action" {
					want = append(want, line)
				}
			}
			expectFindings(t, runDoctor(t, &account{handler: mock}, reading), want...)
			for _, call := range mock.Calls() {
				if call.Method != "GET" && call.Path != "/v1/networks/security/apikeystable" && call.Path != "/v1/networks/security/apikeys/table" {
					t.Errorf("sent %s %s", call.Method, call.Path)
				}
			}
		})
	}
}

func TestDifferences_haveEachKindOfTheMock(t *testing.T) {
	t.Parallel()
	tested := map[everflowmock.DifferenceKind]bool{
		everflowmock.DifferencePagingIn: true, everflowmock.DifferencePageSizeCapped: true, // TestDoctor_reportsWherePagingIsReadFrom
	}
	for _, d := range differences {
		tested[d.kind] = true
	}
	for _, kind := range everflowmock.DifferenceKinds() {
		if !tested[kind.Kind] {
			t.Errorf("no test has a difference of the kind %s", kind.Kind)
		}
	}
}

func TestReportURL_hasAnExistingForm(t *testing.T) {
	t.Parallel()
	_, form, ok := strings.Cut(doctor.ReportURL, "template=")
	if _, err := os.Stat("../../../.github/ISSUE_TEMPLATE/" + form); !ok || err != nil {
		t.Errorf("%s: %v", doctor.ReportURL, err)
	}
}

func TestDoctor_sendsWhatTheContractAllows(t *testing.T) {
	t.Parallel()
	checker, err := contracttest.New()
	if err != nil {
		t.Fatal(err)
	}
	mock := newMock(t, everflowmock.Options{Wrap: checker.Wrap})
	mock.SetWhitelist("127.0.0.0/8")
	runDoctor(t, &account{handler: mock}, writing)
	// It asks on purpose for a path that no server has.
	want := []string{"GET /v1/networks/security/everflow-doctor-control: the contract has no such call"}
	if got := checker.Violations(); !slices.Equal(got, want) {
		t.Errorf("violations: %q", got)
	}
	if missing := checker.Unexercised(); len(missing) > 0 {
		t.Errorf("not sent: %q", missing)
	}
}
