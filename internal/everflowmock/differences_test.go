package everflowmock

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/contracttest"
)

// startWithDifferences serves the default seed with differences.
func startWithDifferences(t *testing.T, list ...Difference) *testServer {
	t.Helper()
	return startServer(t, Options{Differences: list})
}

const (
	keyTwo     = `{"network_api_key_id":2,"network_id":1001,"name":"Legacy API Key (Mia Manager)","network_employee_id":3,"permissions":["Affiliates","Offers"],"is_all_permissions":false,"status":"active","time_created":1672531200,"time_saved":1672531200,"time_last_used":0,"time_revoked":0}`
	getKeyTwo  = "GET " + apiKeys + "/2"
	searchKeys = "POST " + apiKeys + "table"
)

func (s *testServer) send(call, body string) response {
	s.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	return s.call(method, path, body)
}

// wantJSON compares an answer by its value: the order of fields has no meaning.
func wantJSON(t *testing.T, g response, status int, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(g.body), &a); err != nil {
		t.Errorf("%s: %s", err, g.body)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if g.status != status || !reflect.DeepEqual(a, b) {
		t.Errorf("got  %d %s\nwant %d %s", g.status, g.body, status, want)
	}
}

func TestDifference_changesTheAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		difference Difference
		status     int
		from, to   string // in keyTwo
	}{
		"status 201":    {difference: Difference{Kind: DifferenceHTTPStatus, Value: "201"}, status: 201},
		"in an object":  {difference: Difference{Kind: DifferenceInObject, Value: "data"}, status: 200, from: keyTwo, to: `{"data":` + keyTwo + `}`},
		"in a list":     {difference: Difference{Kind: DifferenceInList}, status: 200, from: keyTwo, to: `[` + keyTwo + `]`},
		"missing":       {difference: Difference{Kind: DifferenceFieldMissing, Field: "status"}, status: 200, from: `"status":"active",`},
		"null":          {difference: Difference{Kind: DifferenceFieldNull, Field: "status"}, status: 200, from: `"active"`, to: `null`},
		"renamed":       {difference: Difference{Kind: DifferenceFieldRenamed, Field: "status", Value: "state"}, status: 200, from: `"status"`, to: `"state"`},
		"number":        {difference: Difference{Kind: DifferenceFieldValue, Field: "network_id", Value: "2002"}, status: 200, from: `1001`, to: `2002`},
		"text":          {difference: Difference{Kind: DifferenceFieldValue, Field: "status", Value: "inactive"}, status: 200, from: `active`, to: `inactive`},
		"words":         {difference: Difference{Kind: DifferenceKeyStatusValues, Value: "enabled,disabled"}, status: 200, from: `active`, to: `enabled`},
		"of another":    {difference: Difference{Operation: "updateApiKey", Kind: DifferenceInList}, status: 200},
		"of this":       {difference: Difference{Operation: "getApiKey", Kind: DifferenceInList}, status: 200, from: keyTwo, to: `[` + keyTwo + `]`},
		"unknown field": {difference: Difference{Kind: DifferenceFieldNull, Field: "nothing"}, status: 200},
	} {
		s := startWithDifferences(t, c.difference)
		t.Log(name)
		wantJSON(t, s.send(getKeyTwo, ""), c.status, strings.Replace(keyTwo, c.from, c.to, 1))
	}
}

func TestDifference_changesEveryIDAndTime(t *testing.T) {
	t.Parallel()
	for kind, want := range map[Difference]string{
		{Kind: DifferenceIDsAsStrings}: strings.NewReplacer(
			`"network_api_key_id":2`, `"network_api_key_id":"2"`, `1001`, `"1001"`, `"network_employee_id":3`, `"network_employee_id":"3"`).Replace(keyTwo),
		{Kind: DifferenceTimes, Value: "rfc3339"}: strings.NewReplacer(
			`1672531200`, `"2023-01-01T00:00:00Z"`, `":0`, `":null`).Replace(keyTwo),
		{Kind: DifferenceTimes, Value: "milliseconds"}: strings.ReplaceAll(keyTwo, `1672531200`, `1672531200000`),
		{Kind: DifferenceTimes, Value: "missing"}:      keyTwo[:strings.Index(keyTwo, `,"time_created"`)] + "}",
	} {
		t.Log(kind)
		wantJSON(t, startWithDifferences(t, kind).send(getKeyTwo, ""), 200, want)
	}
	g := startWithDifferences(t, Difference{Kind: DifferenceTimes, Value: "float"}).send(getKeyTwo, "")
	if !strings.Contains(g.body, `"time_created":1672531200.0`) || !strings.Contains(g.body, `"time_revoked":0.0`) {
		t.Error(g.body)
	}
}

func TestDifference_reachesObjectsInLists(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t, Difference{Operation: "searchApiKeys", Kind: DifferenceFieldRenamed, Field: "network_api_key_id", Value: "id"})
	g := s.send(searchKeys, `{"search_terms":[{"search_type":"name","value":"mia"}]}`)
	wantJSON(t, g, 200, `{"api_keys":[`+strings.Replace(keyTwo, "network_api_key_id", "id", 1)+`],"paging":{"page":1,"page_size":50,"total_count":1}}`)
}

func TestDifference_entriesOfTheWhitelistAreObjects(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t, Difference{Kind: DifferenceEntriesAsObjects, Value: "ip"})
	wantJSON(t, s.send("GET "+apiWhitelist, ""), 200, `{"network_id":1001,"ip_addresses":[],"time_saved":0}`)
	g := s.send("PUT "+apiWhitelist, `{"ip_addresses":["127.0.0.1","2001:db8::/32"]}`)
	wantJSON(t, g, 200, `{"network_id":1001,"ip_addresses":[{"ip":"127.0.0.1"},{"ip":"2001:db8::/32"}],"time_saved":1767225600}`)
}

func TestDifference_severalActInTheirOrder(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t,
		Difference{Kind: DifferenceInObject, Value: "data"},
		Difference{Kind: DifferenceInList},
		Difference{Operation: "getApiKey", Kind: DifferenceFieldNull, Field: "status"},
		Difference{Kind: DifferenceHTTPStatus, Value: "202"},
	)
	wantJSON(t, s.send(getKeyTwo, ""), 202, `[{"data":`+strings.Replace(keyTwo, `"active"`, "null", 1)+`}]`)
}

func TestDifference_withoutABody(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t, Difference{Kind: DifferenceNoBody})
	s.wantAnswer(s.send(getKeyTwo, ""), 200, "")
	s = startWithDifferences(t, Difference{Kind: DifferenceHTTPStatus, Value: "204"})
	g := s.send("POST "+apiKeys+"/2/revoke", "")
	s.wantAnswer(g, 204, "")
	if length := g.header.Get("Content-Length"); length != "" {
		t.Errorf("Content-Length %q", length)
	}
	if k, _ := s.Key(2); !k.Revoked() {
		t.Error("the API did not act")
	}
}

func TestDifference_anErrorStaysAsItIs(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t, Difference{Kind: DifferenceHTTPStatus, Value: "201"}, Difference{Kind: DifferenceInList}, Difference{Kind: DifferenceNoBody})
	s.wantAnswer(s.send("GET "+apiKeys+"/99", ""), 404, `{"error":"API key 99 not found"}`)
}

func TestDifference_aPathThatIsNotThereDoesNothing(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]response{
		"json-404": {status: 404, body: `{"error":"Not found"}`},
		"html-404": {status: 404, body: `<html><head><title>404 Not Found</title></head></html>`},
		"405":      {status: 405, body: `{"error":"Method not allowed"}`},
	} {
		s := startWithDifferences(t, Difference{Operation: "revokeApiKey", Kind: DifferenceUnknownPath, Value: value})
		s.wantAnswer(s.send("POST "+apiKeys+"/2/revoke", ""), want.status, want.body)
		if k, _ := s.Key(2); k.Revoked() {
			t.Errorf("%s: the key is revoked", value)
		}
		if c := s.Calls()[0]; c.Operation != "revokeApiKey" || c.Status != want.status || c.APIStatus != 0 {
			t.Errorf("%s: recorded %+v", value, c)
		}
	}
}

func TestDifference_aRevokedKeyVanishes(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t, Difference{Kind: DifferenceRevokedNotFound})
	if g := s.send("POST "+apiKeys+"/2/revoke", ""); g.status != 200 || !strings.Contains(g.body, `"revoked"`) {
		t.Errorf("%d %s", g.status, g.body)
	}
	for _, call := range []string{getKeyTwo, "POST " + apiKeys + "/2/revoke", "PUT " + apiKeys + "/2"} {
		s.wantAnswer(s.send(call, "{}"), 404, `{"error":"API key 2 not found"}`)
	}
	s.wantAnswer(s.send(searchKeys, `{"filters":{"status":"revoked"}}`), 200, `{"api_keys":[],"paging":{"page":1,"page_size":50,"total_count":0}}`)
}

func TestDifference_ofTheFilterByStatus(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"ignored": `"total_count":4`, "nothing": `"total_count":0`} {
		s := startWithDifferences(t, Difference{Kind: DifferenceStatusFilter, Value: value})
		if g := s.send(searchKeys, `{"filters":{"status":"active"}}`); !strings.Contains(g.body, want) {
			t.Errorf("%s: %s", value, g.body)
		}
		if g := s.send(searchKeys, `{}`); !strings.Contains(g.body, `"total_count":4`) {
			t.Errorf("%s, unfiltered: %s", value, g.body)
		}
	}
	s := startWithDifferences(t, Difference{Kind: DifferenceStatusFilter, Value: "ignored"})
	s.RevokeKey(2)
	if g := s.send(searchKeys, `{"filters":{"status":"active"}}`); !strings.Contains(g.body, `"total_count":4`) {
		t.Error(g.body)
	}
}

func TestDifference_ofPaging(t *testing.T) {
	t.Parallel()
	const query, body = "?page=2&page_size=3", `{"page":2,"page_size":2}`
	for name, c := range map[string]struct {
		differences []Difference
		query, body string
		want        string
	}{
		"the contract's, in the query": {query: query, body: `{}`, want: `{"page":2,"page_size":3,"total_count":4}`},
		"the contract's, in the body":  {body: body, want: `{"page":2,"page_size":2,"total_count":4}`},
		"only in the body":             {differences: []Difference{{Kind: DifferencePagingIn, Value: "body"}}, query: query, body: `{}`, want: `{"page":1,"page_size":50,"total_count":4}`},
		"only in the body, sent there": {differences: []Difference{{Kind: DifferencePagingIn, Value: "body"}}, query: query, body: body, want: `{"page":2,"page_size":2,"total_count":4}`},
		"only in the query":            {differences: []Difference{{Kind: DifferencePagingIn, Value: "query"}}, body: body, want: `{"page":1,"page_size":50,"total_count":4}`},
		"nowhere":                      {differences: []Difference{{Kind: DifferencePagingIn, Value: "nowhere"}}, query: query, body: body, want: `{"page":1,"page_size":50,"total_count":4}`},
		"capped":                       {differences: []Difference{{Kind: DifferencePageSizeCapped, Value: "1"}}, query: query, body: `{}`, want: `{"page":2,"page_size":1,"total_count":4}`},
		"growing, first page":          {differences: []Difference{{Kind: DifferenceKeyAddedBetweenPages}}, body: `{}`, want: `{"page":1,"page_size":50,"total_count":4}`},
		"growing, second page":         {differences: []Difference{{Kind: DifferenceKeyAddedBetweenPages}}, query: query, body: `{}`, want: `{"page":2,"page_size":3,"total_count":5}`},
	} {
		s := startWithDifferences(t, c.differences...)
		if g := s.send(searchKeys+c.query, c.body); !strings.Contains(g.body, `"paging":`+c.want) {
			t.Errorf("%s: %s, want %s", name, g.body, c.want)
		}
	}
}

func TestDifference_aNameIsKeptOtherwise(t *testing.T) {
	t.Parallel()
	const name = ` Zoë & co. `
	for kind, want := range map[Difference]string{
		{Kind: DifferenceNameTrimmed}:               "Zoë & co.",
		{Kind: DifferenceNameTruncated, Value: "4"}: " Zoë",
		{Kind: DifferenceNameEscaped}:               " Zoë &amp; co. ",
	} {
		s := startWithDifferences(t, kind)
		body := `{"name":"` + name + `","network_employee_id":3,"permissions":[],"is_all_permissions":true}`
		s.send("POST "+apiKeys, body)
		s.send("PUT "+apiKeys+"/2", body)
		for _, id := range []int64{5, 2} {
			if k, _ := s.Key(id); k.Name != want {
				t.Errorf("%s: key %d is named %q, want %q", kind.Kind, id, k.Name, want)
			}
		}
	}
}

func TestDifference_ofTheDate(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"24h": "Fri, 02 Jan 2026 00:00:00 GMT", "-10m": "Wed, 31 Dec 2025 23:50:00 GMT", "none": "",
	} {
		s := startWithDifferences(t, Difference{Kind: DifferenceDateHeader, Value: value})
		for _, call := range []string{getKeyTwo, "GET " + apiKeys + "/99"} {
			if date := s.send(call, "").header.Get("Date"); date != want {
				t.Errorf("%s: Date %q, want %q", value, date, want)
			}
		}
	}
}

// The check of the contract is in Options.Wrap, where the answer has no differences yet.
func TestDifference_isNoViolationOfTheContract(t *testing.T) {
	t.Parallel()
	checker, err := contracttest.New()
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, Options{Wrap: checker.Wrap})
	for _, kind := range DifferenceKinds() {
		d := Difference{Kind: kind.Kind, Value: exampleOf[kind.Kind]}
		if kind.Field {
			d.Field = "network_id"
		}
		if err := s.SetDifferences(d); err != nil {
			t.Fatal(err)
		}
		s.send(getKeyTwo, "")
		s.call("POST", apiKeys+"table?page=2&page_size=1", "{}", "Content-Type", "application/json")
		s.call("POST", apiKeys, `{"name":"a","network_employee_id":2,"permissions":[],"is_all_permissions":true}`, "Content-Type", "application/json")
	}
	for _, violation := range checker.Violations() {
		t.Error(violation)
	}
}

var exampleOf = map[DifferenceKind]string{
	DifferenceUnknownPath: "405", DifferenceStatusFilter: "nothing", DifferencePagingIn: "body", DifferencePageSizeCapped: "2",
	DifferenceNameTruncated: "3", DifferenceHTTPStatus: "202", DifferenceInObject: "data", DifferenceTimes: "float",
	DifferenceKeyStatusValues: "ACTIVE,REVOKED", DifferenceEntriesAsObjects: "ip", DifferenceFieldRenamed: "network",
	DifferenceFieldValue: "2002", DifferenceDateHeader: "24h",
}

func TestDifference_isPlainJSON(t *testing.T) {
	t.Parallel()
	const text = `[{"operation":"getApiKey","kind":"field-renamed","field":"status","value":"state"},{"operation":"*","kind":"ids-as-strings"}]`
	var list []Difference
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	s := startWithDifferences(t, list...)
	if back, err := json.Marshal(s.Differences()); err != nil || string(back) != text {
		t.Errorf("%s %v", back, err)
	}
}

func TestSetDifferences_refusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	s := startWithDifferences(t, Difference{Kind: DifferenceInList})
	for want, d := range map[string]Difference{
		`difference "teapot" of "": unknown kind: use one of unknown-path, `:                 {Kind: "teapot"},
		`unknown operation: use * or one of getNetwork, `:                                    {Operation: "getApikey", Kind: DifferenceInList},
		`field is missing: this kind changes one JSON field`:                                 {Kind: DifferenceFieldNull},
		`this kind takes no field`:                                                           {Kind: DifferenceInList, Field: "status"},
		`this kind takes no value`:                                                           {Kind: DifferenceInList, Value: "2"},
		`value "html": use one of json-404, html-404, 405`:                                   {Kind: DifferenceUnknownPath, Value: "html"},
		`value "0": want a number of at least 1`:                                             {Kind: DifferencePageSizeCapped, Value: "0"},
		`value "404": want an HTTP status from 200 to 299`:                                   {Kind: DifferenceHTTPStatus, Value: "404"},
		`value is missing: this kind needs one`:                                              {Kind: DifferenceInObject},
		`value "ACTIVE": want the words for active and for revoked, as in ACTIVE,`:           {Kind: DifferenceKeyStatusValues, Value: "ACTIVE"},
		`difference "date-header" of "*": value "soon": want a duration, as in 24h or -10m,`: {Operation: "*", Kind: DifferenceDateHeader, Value: "soon"},
	} {
		if err := s.SetDifferences(d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := New(Options{Differences: []Difference{d}}); err == nil {
			t.Errorf("New takes %+v", d)
		}
	}
	if list := s.Differences(); len(list) != 1 {
		t.Errorf("the differences are now %v", list)
	}
	if err := s.SetDifferences(); err != nil || len(s.Differences()) != 0 {
		t.Errorf("%v, %v are left", err, s.Differences())
	}
}

func TestSetDifferences_doesNotReachACallThatIsUnderWay(t *testing.T) {
	t.Parallel()
	arrived, goOn := make(chan bool), make(chan bool)
	s := startServer(t, Options{Wrap: func(api http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrived <- true
			<-goOn
			api.ServeHTTP(w, r)
		})
	}})
	answers := make(chan response)
	get := func() { answers <- s.send(getKeyTwo, "") }
	go get()
	<-arrived
	if err := s.SetDifferences(Difference{Kind: DifferenceHTTPStatus, Value: "201"}); err != nil {
		t.Fatal(err)
	}
	goOn <- true
	if g := <-answers; g.status != 200 {
		t.Errorf("the call that was under way: %d", g.status)
	}
	go get()
	<-arrived
	goOn <- true
	if g := <-answers; g.status != 201 {
		t.Errorf("the call after it: %d", g.status)
	}
}
