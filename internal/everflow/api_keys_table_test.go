package everflow_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
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
		"fewer than a page":   {filter: everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 5}, keys: 5, pages: 1, last: 105},
		"a page":              {filter: everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 2000}, keys: 2000, pages: 1, last: 2100},
		"one more":            {filter: everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 2001}, keys: 2001, pages: 2, last: 2101},
		"more than there are": {filter: everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 9999}, keys: 4500, pages: 3, last: 4600},
		"none on the first":   {filter: everflow.APIKeyFilter{EmployeeID: 3, NameContains: "ci", AtMost: 3, NotUsedSince: time.Unix(epoch, 0)}, keys: 3, pages: 2, last: 2103},
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
