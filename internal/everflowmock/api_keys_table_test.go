package everflowmock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
)

// search returns the IDs that a search finds, and its paging.
func (s *testServer) search(query, body string) (ids []int64, p paging) {
	s.t.Helper()
	g := s.call("POST", "/networks/security/apikeystable"+query, body)
	var table struct {
		APIKeys []Key  `json:"api_keys"`
		Paging  paging `json:"paging"`
	}
	if err := json.Unmarshal([]byte(g.body), &table); err != nil || g.status != 200 {
		s.t.Fatal(g, err)
	}
	for _, k := range table.APIKeys {
		ids = append(ids, k.ID)
	}
	return ids, table.Paging
}

func TestAPIKeysTable_findsByStatusEmployeeAndName(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.RevokeKey(2)
	for body, want := range map[string][]int64{
		`{}`:               {1, 2, 3, 4},
		`{"filters":null}`: {1, 2, 3, 4},
		`{"filters":{"status":null,"network_employee_id":null}}`:                                          {1, 2, 3, 4},
		`{"filters":{"status":"active"},"search_terms":[]}`:                                               {1, 3, 4},
		`{"filters":{"status":"revoked"}}`:                                                                {2},
		`{"filters":{"network_employee_id":4}}`:                                                           {3},
		`{"filters":{"network_employee_id":99}}`:                                                          nil,
		`{"search_terms":[{"search_type":"name","value":"LEGACY api"}]}`:                                  {1, 2, 3},
		`{"search_terms":[{"search_type":"name","value":"legacy"},{"search_type":"name","value":"mia"}]}`: {2},
		`{"filters":{"status":"active"},"search_terms":[{"search_type":"name","value":"(Mia"}]}`:          nil,
	} {
		ids, p := s.search("", body)
		if !reflect.DeepEqual(ids, want) || p != (paging{Page: 1, PageSize: 50, TotalCount: len(want)}) {
			t.Errorf("%s: got %v %+v, want %v", body, ids, p, want)
		}
	}
}

func TestAPIKeysTable_emptyPageIsAnEmptyList(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	g := s.call("POST", "/networks/security/apikeystable?page=9&page_size=2", `{}`)
	s.wantAnswer(g, 200, `{"api_keys":[],"paging":{"page":9,"page_size":2,"total_count":4}}`)
	g = s.call("POST", "/networks/security/apikeystable", `{"search_terms":[{"search_type":"name","value":"nobody"}]}`)
	s.wantAnswer(g, 200, `{"api_keys":[],"paging":{"page":1,"page_size":50,"total_count":0}}`)
	g = s.call("POST", "/networks/security/apikeystable?page=9223372036854775807&page_size=2000", `{}`)
	s.wantAnswer(g, 200, `{"api_keys":[],"paging":{"page":9223372036854775807,"page_size":2000,"total_count":4}}`)
}

func TestAPIKeysTable_pagesFollowTheIDs(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	for range 101 {
		s.AddKey(Key{Name: "x", EmployeeID: 1, IsAllPermissions: true})
	}
	for query, want := range map[string]struct {
		first, last int64
		paging      paging
	}{
		"":                      {first: 1, last: 50, paging: paging{Page: 1, PageSize: 50, TotalCount: 105}},
		"?page=3":               {first: 101, last: 105, paging: paging{Page: 3, PageSize: 50, TotalCount: 105}},
		"?page=2&page_size=100": {first: 101, last: 105, paging: paging{Page: 2, PageSize: 100, TotalCount: 105}},
		"?page_size=2000":       {first: 1, last: 105, paging: paging{Page: 1, PageSize: 2000, TotalCount: 105}},
		"?page=105&page_size=1": {first: 105, last: 105, paging: paging{Page: 105, PageSize: 1, TotalCount: 105}},
		"?page=3&page_size=35":  {first: 71, last: 105, paging: paging{Page: 3, PageSize: 35, TotalCount: 105}},
	} {
		ids, p := s.search(query, `{}`)
		if len(ids) == 0 || ids[0] != want.first || ids[len(ids)-1] != want.last || p != want.paging ||
			len(ids) != int(want.last-want.first)+1 {
			t.Errorf("%q: got %v %+v, want %+v", query, ids, p, want)
		}
	}
}

func TestAPIKeysTable_refusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	const table = "/networks/security/apikeystable"
	for query, message := range map[string]string{
		"?page=0":         "page must be a positive integer",
		"?page=-1":        "page must be a positive integer",
		"?page=":          "page must be a positive integer",
		"?page=x":         "page must be a positive integer",
		"?page_size=0":    "page_size must be a positive integer",
		"?page_size=2001": "page_size must be at most 2000",
	} {
		s.wantAnswer(s.call("POST", table+query, `{}`), 400, fmt.Sprintf(`{"error":%q}`, message))
	}
	for body, message := range map[string]string{
		``:                                      "malformed JSON: EOF",
		`{"filters":{"status":"gone"}}`:         "filters.status must be active or revoked",
		`{"filters":{"status":7}}`:              "filters.status: wrong type",
		`{"filters":{"network_employee_id":0}}`: "filters.network_employee_id must be positive",
		`{"filters":{"network_employee_id":"1"}}`:                "filters.network_employee_id: wrong type",
		`{"filters":{"colour":"red"}}`:                           `filters: unknown filter \"colour\"`,
		`{"search_terms":[{"search_type":"email","value":"x"}]}`: `search_terms: unknown search_type \"email\"`,
	} {
		s.wantAnswer(s.call("POST", table, body), 400, `{"error":"`+message+`"}`)
	}
}
