package everflow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestAPIKeys_comeInPagesAsSmallAsTheServerLikes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Seed: withKeys(101), Wrap: func(api http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "page_size=2000", "page_size=50", 1)
				api.ServeHTTP(w, r)
			})
		}})
		keys, err := a.Client.APIKeys(t.Context(), ofEmployee3)
		if err != nil || len(keys) != 101 || len(a.calls("searchApiKeys")) != 3 {
			t.Errorf("got %d keys, %v, %d calls", len(keys), err, len(a.calls("searchApiKeys")))
		}
	})
}

func TestAPIKeys_thatComeOrGoBetweenTwoPagesAreReadAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change      func(mock *everflowmock.Server)
		first, last int64
		keys        int
	}{
		"created": {
			change: func(mock *everflowmock.Server) {
				mock.AddKey(everflowmock.Key{ID: 5000, Name: "ci new", EmployeeID: 3, IsAllPermissions: true})
			}, first: 101, last: 5000, keys: 2002,
		},
		// What came after it moves up, so that one key of page 2 is on page 1 by now.
		"revoked": {change: func(mock *everflowmock.Server) { mock.RevokeKey(101) }, first: 102, last: 2101, keys: 2000},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var a *account
				changed := false
				a = onUncheckedMock(t, everflowmock.Options{Seed: withKeys(2001), OnCall: func(call everflowmock.Call) {
					if call.Query.Get("page") == "1" && !changed {
						changed = true
						test.change(a.mock)
					}
				}})
				keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{Status: "active", EmployeeID: 3, NameContains: "ci "})
				if err != nil || len(keys) != test.keys || keys[0].ID != test.first || keys[len(keys)-1].ID != test.last {
					t.Errorf("got %d keys, %v", len(keys), err)
				}
				if got := len(a.calls("searchApiKeys")); got > 4 {
					t.Errorf("%d calls", got)
				}
			})
		})
	}
}

// table is a server whose pages are written down, from page 1.
func table(t *testing.T, pages ...string) *account {
	t.Helper()
	return onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var number int
		if _, err := fmt.Sscan(r.URL.Query().Get("page"), &number); err != nil || number > len(pages)+1 {
			t.Errorf("page %s was asked for", r.URL.Query().Get("page"))
			number = 1
		}
		answering(200, append(pages, "{}")[number-1])(w, r)
	}))
}

// page is a page of keys with these IDs.
func page(number, total int, ids ...int64) string {
	keys := []any{}
	for _, id := range ids {
		key := aKey()
		key["network_api_key_id"] = id
		keys = append(keys, key)
	}
	body, _ := json.Marshal(object{"api_keys": keys, "paging": object{"page": number, "page_size": 2, "total_count": total}})
	return string(body)
}

// uncounted is a page without paging.
func uncounted(ids ...int64) string {
	var counted object
	_ = json.Unmarshal([]byte(page(1, 0, ids...)), &counted)
	delete(counted, "paging")
	return encoded(counted)
}

func TestAPIKeys_areWholeHoweverTheTableCounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pages []string
		want  []int64
	}{
		"a total that grows with the last page": {[]string{page(1, 3, 1, 2), page(2, 4, 3, 4)}, []int64{1, 2, 3, 4}},
		"a total that grows past the last page": {[]string{page(1, 3, 3, 2), page(2, 4, 2, 1), page(3, 4, 1)}, []int64{1, 2, 3}},
		"no total":                              {[]string{uncounted(1, 2), uncounted(3), uncounted()}, []int64{1, 2, 3}},
		"no total and no keys":                  {[]string{uncounted()}, []int64{}},
		"no total and no pages":                 {[]string{uncounted(1, 2, 3), uncounted(1, 2, 3)}, []int64{1, 2, 3}},
		"a page as full as the server allows":   {[]string{page(1, 2, 1, 2), page(2, 2)}, []int64{1, 2}},
		"the same, on each page":                {[]string{page(1, 2, 1, 2), page(1, 2, 1, 2)}, []int64{1, 2}},
		"everything on each page":               {[]string{page(1, 3, 1, 2, 3)}, []int64{1, 2, 3}},
		"a total as text":                       {[]string{strings.Replace(page(1, 1, 7), `"total_count":1`, `"total_count":"1"`, 1)}, []int64{7}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := table(t, test.pages...)
				keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
				if err != nil || !slices.Equal(ids(keys), test.want) {
					t.Errorf("got %v, %v, want %v", ids(keys), err, test.want)
				}
				if got := len(a.log.all()); got != len(test.pages) {
					t.Errorf("%d calls, want %d", got, len(test.pages))
				}
			})
		})
	}
}

func TestAPIKeys_areWholeWhereThereIsNoPageBeyondThem(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 404} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Get("page") == "1" {
						answering(200, page(1, 2, 1, 2))(w, r)
						return
					}
					answering(status, `{"error": "no such page"}`)(w, r)
				}))
				keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
				if err != nil || !slices.Equal(ids(keys), []int64{1, 2}) {
					t.Errorf("got %v, %v", ids(keys), err)
				}
			})
		})
	}
}

func TestAPIKeys_thatDoNotAddUpAreAnErrorAndNotAShorterList(t *testing.T) {
	t.Parallel()
	notAddUp := func(found, total int) string {
		return fmt.Sprintf("the pages did not add up: %d keys of %d", found, total)
	}
	for name, test := range map[string]struct {
		pages []string
		calls int
		want  string
	}{
		"an empty page before the end": {pages: []string{page(1, 5, 1, 2), page(2, 5, 3), page(3, 5)}, calls: 15, want: notAddUp(3, 5)},
		"no keys of one":               {pages: []string{page(1, 1)}, calls: 5, want: notAddUp(0, 1)},
		"one key of none":              {pages: []string{page(1, 0, 1)}, calls: 5, want: notAddUp(1, 0)},
		"three keys of two":            {pages: []string{page(1, 2, 1, 2, 3)}, calls: 5, want: notAddUp(3, 2)},
		"more on the second page":      {pages: []string{page(1, 3, 1, 2), page(2, 3, 3, 4)}, calls: 10, want: notAddUp(4, 3)},
		"totals of the page only":      {pages: []string{page(1, 2, 1, 2), page(2, 2, 3, 4)}, calls: 10, want: notAddUp(4, 2)},
		"one key twice":                {pages: []string{page(1, 2, 1, 1), page(2, 2)}, calls: 10, want: notAddUp(1, 2)},
		"one page again and again":     {pages: []string{page(1, 4, 1, 2), page(2, 4, 1, 2)}, calls: 10, want: notAddUp(2, 4)},
		"a total that shrinks":         {pages: []string{page(1, 3, 1, 2), page(2, 2)}, calls: 10, want: notAddUp(2, 2)},
		"a total that grows and lacks": {pages: []string{page(1, 3, 1, 2), page(2, 4)}, calls: 10, want: notAddUp(2, 4)},
		"no total on a later page":     {pages: []string{page(1, 3, 1, 2), uncounted(3)}, calls: 2, want: `the answer had no usable "paging.total_count"`},
		"no total, a full page twice":  {pages: []string{uncounted(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), uncounted(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}, calls: 2, want: "page 2 of the table repeats an earlier one, and no total says whether 10 keys are all"},
		"a negative total":             {pages: []string{page(1, -1)}, calls: 5, want: notAddUp(0, -1)},
		"page 1 for page 2":            {pages: []string{page(1, 4, 1, 2), page(1, 4, 3, 4)}, calls: 2, want: "the answer was page 1 of the table, not 2"},
		"page 2 for page 1":            {pages: []string{page(2, 2, 1, 2)}, calls: 1, want: "the answer was page 2 of the table, not 1"},
		"no second page":               {pages: []string{page(1, 4, 1, 2)}, calls: 2, want: `the answer had no usable "api_keys"`},
		"an unreadable second page":    {pages: []string{page(1, 4, 1, 2), page(2, 4, 3, 4)[:40]}, calls: 2, want: "the answer was not JSON, or broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := table(t, test.pages...)
				keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
				if failed := wantError(t, err); failed.Message != test.want || !failed.Malformed || keys != nil {
					t.Errorf("got %v, %v\nwant %s", keys, err, test.want)
				}
				if got := len(a.log.all()); got != test.calls {
					t.Errorf("%d calls, want %d", got, test.calls)
				}
			})
		})
	}
}

// A server that takes its paging from one place only finds it there.
func TestAPIKeys_arePagedInTheQueryAndInTheBody(t *testing.T) {
	t.Parallel()
	for _, differences := range [][]everflowmock.Difference{
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferencePagingIn, Value: "query"}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferencePagingIn, Value: "body"}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferencePageSizeCapped, Value: "2"}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferencePageSizeCapped, Value: "3"}, {Operation: "searchApiKeys", Kind: everflowmock.DifferenceFieldMissing, Field: "total_count"}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferenceFieldMissing, Field: "paging"}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferenceTimes, Value: "rfc3339"}, {Operation: "searchApiKeys", Kind: everflowmock.DifferenceIDsAsStrings}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferenceInObject, Value: "data"}},
		{{Operation: "searchApiKeys", Kind: everflowmock.DifferenceInList}},
	} {
		t.Run(fmt.Sprint(differences), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{Seed: withKeys(7)})
				want, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
				if err != nil || len(want) != 11 {
					t.Fatal(len(want), err)
				}
				if err := a.mock.SetDifferences(differences...); err != nil {
					t.Fatal(err)
				}
				got, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
				for i := range got { // each reading is a use of the own key
					got[i].LastUsedAt, want[i].LastUsedAt = 0, 0
				}
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
				}
			})
		})
	}
}

func TestAPIKeys_thatGrowWithEachPageAreReadAllTheSame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{Seed: withKeys(96)})
		if err := a.mock.SetDifferences(
			everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferencePageSizeCapped, Value: "10"},
			everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceKeyAddedBetweenPages},
		); err != nil {
			t.Fatal(err)
		}
		keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
		if err != nil || len(keys) < 100 {
			t.Errorf("got %d keys, %v", len(keys), err)
		}
		if calls := len(a.calls("searchApiKeys")); calls > 15 {
			t.Errorf("%d calls", calls)
		}
	})
}

// 500 keys of 20 KB each are 10 MB.
func TestAPIKeys_whosePageIsTooLargeAreReadInSmallerOnes(t *testing.T) {
	t.Parallel()
	t.Run("more than 8 MiB", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{Seed: withKeys(500)})
			a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Times: 2, Kind: everflowmock.FaultHuge})
			for reading := range 2 {
				keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci "})
				if err != nil || len(keys) != 500 {
					t.Errorf("reading %d: got %d keys, %v", reading, len(keys), err)
				}
			}
			var sizes []string
			for _, call := range a.calls("searchApiKeys") {
				sizes = append(sizes, call.Query.Get("page")+"/"+call.Query.Get("page_size"))
			}
			if want := []string{"1/2000", "1/500", "1/125", "2/125", "3/125", "4/125", "1/125", "2/125", "3/125", "4/125"}; !slices.Equal(sizes, want) {
				t.Errorf("read %q, want %q", sizes, want)
			}
		})
	})
	t.Run("refused", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{Seed: withKeys(600)})
			a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Times: 1, Kind: everflowmock.FaultStatus, Status: 400, Body: `{"error": "page_size must be at most 1000"}`})
			keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{NameContains: "ci "})
			if err != nil || len(keys) != 600 || len(a.calls("searchApiKeys")) != 3 {
				t.Errorf("got %d keys, %v, %d calls", len(keys), err, len(a.calls("searchApiKeys")))
			}
		})
	})
}
