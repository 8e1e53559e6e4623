package everflow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// withKeys is the mock's seed with n active keys of employee 3, IDs from 101.
func withKeys(n int) *everflowmock.Seed {
	seed := everflowmock.DefaultSeed()
	for i := range n {
		seed.Keys = append(seed.Keys, everflowmock.SeedKey{Key: everflowmock.Key{
			ID: int64(101 + i), Name: fmt.Sprint("ci ", i), EmployeeID: 3, IsAllPermissions: true, SHA256: fmt.Sprintf("%064x", i),
		}})
	}
	return seed
}

var ofEmployee3 = everflow.APIKeyFilter{EmployeeID: 3, NameContains: "CI "}

func TestAPIKeys_areAllOfThemHoweverMany(t *testing.T) {
	t.Parallel()
	for n, pages := range map[int]int{0: 2, 1: 1, 1999: 1, 2000: 1, 2001: 2, 4000: 2, 4500: 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{Seed: withKeys(n)})
				keys, err := a.Client.APIKeys(t.Context(), ofEmployee3)
				if err != nil || len(keys) != n {
					t.Fatalf("got %d keys, %v", len(keys), err)
				}
				for i, key := range keys {
					if key.ID != int64(101+i) {
						t.Fatalf("key %d is at place %d", key.ID, i)
					}
				}
				if got := len(a.calls("searchApiKeys")); got != pages {
					t.Errorf("%d calls, want %d", got, pages)
				}
			})
		})
	}
}

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
			func(mock *everflowmock.Server) {
				mock.AddKey(everflowmock.Key{ID: 5000, Name: "ci new", EmployeeID: 3, IsAllPermissions: true})
			}, 101, 5000, 2002,
		},
		// What came after it moves up, so that one key of page 2 is on page 1 by now.
		"revoked": {func(mock *everflowmock.Server) { mock.RevokeKey(101) }, 102, 2101, 2000},
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
		"an empty page before the end": {[]string{page(1, 5, 1, 2), page(2, 5, 3), page(3, 5)}, 15, notAddUp(3, 5)},
		"no keys of one":               {[]string{page(1, 1)}, 5, notAddUp(0, 1)},
		"one key of none":              {[]string{page(1, 0, 1)}, 5, notAddUp(1, 0)},
		"three keys of two":            {[]string{page(1, 2, 1, 2, 3)}, 5, notAddUp(3, 2)},
		"more on the second page":      {[]string{page(1, 3, 1, 2), page(2, 3, 3, 4)}, 10, notAddUp(4, 3)},
		"totals of the page only":      {[]string{page(1, 2, 1, 2), page(2, 2, 3, 4)}, 10, notAddUp(4, 2)},
		"one key twice":                {[]string{page(1, 2, 1, 1), page(2, 2)}, 10, notAddUp(1, 2)},
		"one page again and again":     {[]string{page(1, 4, 1, 2), page(2, 4, 1, 2)}, 10, notAddUp(2, 4)},
		"a total that shrinks":         {[]string{page(1, 3, 1, 2), page(2, 2)}, 10, notAddUp(2, 2)},
		"a total that grows and lacks": {[]string{page(1, 3, 1, 2), page(2, 4)}, 10, notAddUp(2, 4)},
		"no total on a later page":     {[]string{page(1, 3, 1, 2), uncounted(3)}, 2, `the answer had no usable "paging.total_count"`},
		"no total, a full page twice":  {[]string{uncounted(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), uncounted(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}, 2, "page 2 of the table repeats an earlier one, and no total says whether 10 keys are all"},
		"a negative total":             {[]string{page(1, -1)}, 5, notAddUp(0, -1)},
		"page 1 for page 2":            {[]string{page(1, 4, 1, 2), page(1, 4, 3, 4)}, 2, "the answer was page 1 of the table, not 2"},
		"page 2 for page 1":            {[]string{page(2, 2, 1, 2)}, 1, "the answer was page 2 of the table, not 1"},
		"no second page":               {[]string{page(1, 4, 1, 2)}, 2, `the answer had no usable "api_keys"`},
		"an unreadable second page":    {[]string{page(1, 4, 1, 2), page(2, 4, 3, 4)[:40]}, 2, "the answer was not JSON, or broke off"},
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

func TestAPIKeys_areInOrderOfIDWhateverTheServersOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := table(t, page(1, 5, 9_000_000_000, 3), page(2, 5, 7, -1+9_007_199_254_740_993), page(3, 5, 1))
		keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
		if want := []int64{1, 3, 7, 9_000_000_000, 9_007_199_254_740_992}; err != nil || !slices.Equal(ids(keys), want) {
			t.Errorf("got %v, %v, want %v", ids(keys), err, want)
		}
	})
}

func TestAPIKeys_areFilteredAlsoWhereTheServerFiltersNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		filter everflow.APIKeyFilter
		want   []int64
	}{
		"all":                    {everflow.APIKeyFilter{}, []int64{1, 2, 3, 4, 5}},
		"active":                 {everflow.APIKeyFilter{Status: everflow.StatusActive}, []int64{1, 2, 3, 4}},
		"revoked":                {everflow.APIKeyFilter{Status: everflow.StatusRevoked}, []int64{5}},
		"employee":               {everflow.APIKeyFilter{EmployeeID: 3}, []int64{2, 5}},
		"name, in any case":      {everflow.APIKeyFilter{NameContains: "lEGACY"}, []int64{1, 2, 3}},
		"active, employee":       {everflow.APIKeyFilter{Status: "active", EmployeeID: 3}, []int64{2}},
		"all three":              {everflow.APIKeyFilter{Status: "revoked", EmployeeID: 3, NameContains: "MÄR"}, []int64{5}},
		"nothing":                {everflow.APIKeyFilter{NameContains: "%"}, nil},
		"a status of its own":    {everflow.APIKeyFilter{Status: "Active"}, nil},
		"an employee of none":    {everflow.APIKeyFilter{EmployeeID: 99}, nil},
		"name, not an end of it": {everflow.APIKeyFilter{NameContains: "raf"}, []int64{4}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				mock, err := everflowmock.New(everflowmock.Options{})
				if err != nil {
					t.Fatal(err)
				}
				mock.RevokeKey(mock.AddKey(everflowmock.Key{Name: "märchen", EmployeeID: 3, IsAllPermissions: true}))
				a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					all := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), strings.NewReader("{}"))
					all.Header = r.Header
					mock.ServeHTTP(w, all)
				}))
				keys, err := a.Client.APIKeys(t.Context(), test.filter)
				if got := ids(keys); err != nil || !reflect.DeepEqual(got, append([]int64{}, test.want...)) {
					t.Errorf("got %v, %v, want %v", got, err, test.want)
				}
			})
		})
	}
}

func TestAPIKeys_noMorePagesAreReadThanNeeded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		filter      everflow.APIKeyFilter
		keys, pages int
		last        int64
	}{
		"fewer than a page":   {everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 5}, 5, 1, 105},
		"a page":              {everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 2000}, 2000, 1, 2100},
		"one more":            {everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 2001}, 2001, 2, 2101},
		"more than there are": {everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 9999}, 4500, 3, 4600},
		"none on the first":   {everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 3, NotUsedSince: time.Unix(epoch, 0)}, 3, 2, 2103},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				seed := withKeys(4500)
				for i := range seed.Keys {
					if seed.Keys[i].ID <= 2100 {
						seed.Keys[i].TimeLastUsed = epoch
					}
				}
				a := onUncheckedMock(t, everflowmock.Options{Seed: seed})
				keys, err := a.Client.APIKeys(t.Context(), test.filter)
				if err != nil || len(keys) != test.keys || keys[len(keys)-1].ID != test.last {
					t.Fatalf("got %d keys, %v, the last %v", len(keys), err, keys[max(0, len(keys)-1):])
				}
				if got := len(a.calls("searchApiKeys")); got != test.pages {
					t.Errorf("%d calls, want %d", got, test.pages)
				}
			})
		})
	}
}

func TestAPIKeys_notUsedSince(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	used := func(moment time.Time) everflowmock.SeedKey {
		return everflowmock.SeedKey{Key: everflowmock.Key{
			Name: "x", EmployeeID: 3, IsAllPermissions: true, TimeLastUsed: moment.Unix(), SHA256: everflowmock.HashAPIKey(moment.String()),
		}}
	}
	seed := everflowmock.DefaultSeed()
	for i, key := range []everflowmock.SeedKey{used(at.Add(time.Second)), used(at), used(at.Add(-time.Second)), used(time.Unix(0, 0))} {
		key.ID = int64(101 + i)
		seed.Keys = append(seed.Keys, key)
	}
	for since, want := range map[time.Time][]int64{
		{}:                                   {101, 102, 103, 104},
		at.In(time.FixedZone("", 3600)):      {103, 104},
		time.Unix(0, 0):                      {104},
		at.Add(time.Second + time.Hour*24*9): {101, 102, 103, 104},
	} {
		a := onMock(t, everflowmock.Options{Seed: seed})
		// A key that the filter leaves out does not count towards what is wanted.
		for _, atMost := range []int64{0, int64(len(want))} {
			keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{NameContains: "x", NotUsedSince: since, AtMost: atMost})
			var got []int64
			for _, key := range keys {
				got = append(got, key.ID)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("not used since %s, at most %d: got %v, %v, want %v", since, atMost, got, err, want)
			}
		}
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

// A key that cannot be read whole, such as a very old one, is no reason not to read
// the others, but a list of keys that may include it is not given without it.
func TestAPIKeys_oneThatCannotBeReadIsNoneWithTheOthers(t *testing.T) {
	t.Parallel()
	odd := aKey()
	odd["network_api_key_id"], odd["permissions"], odd["status"] = 7, nil, "active"
	three := func(read response) answers {
		return answers{read: read, table: tableOf(key2(1001, "active"), response{200, encoded(odd)})}
	}
	t.Run("another key", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			proof, err := three(noKey).account(t).ProveAPIKey(t.Context(), inNetwork1001(2))
			if err != nil || proof.State != everflow.APIKeyLive {
				t.Errorf("got %+v, %v", proof, err)
			}
		})
	})
	t.Run("the key itself", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			_, err := three(noKey).account(t).ProveAPIKey(t.Context(), inNetwork1001(7))
			if want := `it is not known whether API key 7 exists: GET /networks/security/apikeys/7: 404 Not Found: not found; and POST /networks/security/apikeystable: 200 OK: the answer had no usable "api_keys.permissions"`; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	})
	t.Run("a list", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			a := three(noKey).account(t)
			if keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{}); err == nil || keys != nil {
				t.Errorf("got %v", keys)
			}
			if keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{Status: everflow.StatusRevoked}); err != nil || len(keys) != 1 {
				t.Errorf("got %v, %v", keys, err)
			}
		})
	})
}

// The key that the call is made with is live, so that a table of none is not whole.
func TestProveAPIKey_tableThatListsNothingProvesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := answers{read: noKey, table: response{200, `{"api_keys": [], "paging": {"page": 1, "total_count": 0}}`}}.account(t)
		_, err := a.ProveAPIKey(t.Context(), inNetwork1001(2))
		if want := "it is not known whether API key 2 exists: GET /networks/security/apikeys/2: 404 Not Found: not found; and POST /networks/security/apikeystable: the table lists no key at all, not even the provider's own"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestAPIKeys_aFilterThatFindsNothingIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, filter := range map[string]everflow.APIKeyFilter{
		"status":           {Status: everflow.StatusActive},
		"status, employee": {Status: everflow.StatusActive, EmployeeID: 3},
		"status, name":     {Status: everflow.StatusActive, NameContains: "mia"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{})
				want, err := a.Client.APIKeys(t.Context(), filter)
				if err != nil || len(want) == 0 {
					t.Fatal(want, err)
				}
				if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceStatusFilter, Value: "nothing"}); err != nil {
					t.Fatal(err)
				}
				if got, err := a.Client.APIKeys(t.Context(), filter); err != nil || !slices.Equal(ids(got), ids(want)) {
					t.Errorf("got %v, %v, want %v", ids(got), err, ids(want))
				}
			})
		})
	}
}
