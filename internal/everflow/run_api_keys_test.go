package everflow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// withLiveKeys is a mock with so many live keys beside the seed's.
func withLiveKeys(t *testing.T, n int, options everflowmock.Options) (a *account, ids []int64) {
	t.Helper()
	a = onUncheckedMock(t, options, func(config *everflow.Config) { config.MaxRequestsPerSecond = 1e6 })
	for i := range n {
		ids = append(ids, a.mock.AddKey(everflowmock.Key{Name: fmt.Sprint("number ", i), EmployeeID: 2, Permissions: []string{"Reporting"}}))
	}
	return a, ids
}

// inNetwork1001 is a key of the mock's network.
func inNetwork1001(id int64) everflow.APIKeyIdentity {
	return everflow.APIKeyIdentity{NetworkID: 1001, ID: id}
}

// refreshed reads keys, so many at a time, and returns them by ID.
func refreshed(t *testing.T, a *account, ids []int64, parallelism int) map[int64]everflow.APIKey {
	t.Helper()
	var mu sync.Mutex
	found := map[int64]everflow.APIKey{}
	next := make(chan int64)
	var reading sync.WaitGroup
	for range parallelism {
		reading.Go(func() {
			for id := range next {
				proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(id))
				if err != nil || proof.Key.ID != id {
					t.Errorf("key %d: got %d, %v", id, proof.Key.ID, err)
				}
				mu.Lock()
				found[id] = proof.Key
				mu.Unlock()
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	reading.Wait()
	return found
}

func TestRun_manyKeysCostAPageAndNotACallEach(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ keys, parallelism, singles, pages int }{
		{keys: 1, parallelism: 1, singles: 1},
		{keys: 2, parallelism: 2, singles: 1, pages: 1},
		{keys: 50, parallelism: 1, singles: 1, pages: 1},
		{keys: 50, parallelism: 10, singles: 1, pages: 1},
		{keys: 50, parallelism: 50, singles: 1, pages: 1},
		{keys: 1900, parallelism: 10, singles: 1, pages: 1},
		{keys: 4500, parallelism: 10, singles: 1, pages: 3},
	} {
		t.Run(fmt.Sprintf("%d keys, %d at a time", test.keys, test.parallelism), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a, ids := withLiveKeys(t, test.keys, everflowmock.Options{Latency: 50 * time.Millisecond})
				refreshed(t, a, ids, test.parallelism)
				if singles, pages := len(a.calls("getApiKey")), len(a.calls("searchApiKeys")); singles != test.singles || pages != test.pages {
					t.Errorf("%d calls for a key and %d pages, want %d and %d", singles, pages, test.singles, test.pages)
				}
			})
		})
	}
}

func TestRun_oneKeyReadAgainAndAgainIsOneCallEach(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 1, everflowmock.Options{})
		refreshed(t, a, []int64{ids[0], ids[0], ids[0]}, 1)
		if singles, pages := len(a.calls("getApiKey")), len(a.calls("searchApiKeys")); singles != 3 || pages != 0 {
			t.Errorf("%d calls for the key and %d pages", singles, pages)
		}
	})
}

func TestRun_keyThatThePageDoesNotShowIsAskedForByItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 3, everflowmock.Options{})
		a.mock.RevokeKey(ids[2])
		refreshed(t, a, ids[:2], 1)
		proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(ids[2]))
		if err != nil || proof.State != everflow.APIKeyRevoked {
			t.Errorf("the revoked key is %+v, %v", proof, err)
		}
		if proof, err = a.ProveAPIKey(t.Context(), inNetwork1001(9999)); err != nil || proof.State != everflow.APIKeyGone {
			t.Errorf("a key that never was: %+v, %v", proof, err)
		}
	})
}

func TestRun_tableThatCannotBeReadIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 3, everflowmock.Options{})
		refreshed(t, a, ids[:1], 1)
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
		if _, err := a.ProveAPIKey(t.Context(), inNetwork1001(ids[1])); everflow.StatusOf(err) != 403 {
			t.Errorf("got %v", err)
		}
	})
}

func TestRun_ownWritesAreNeverReadStale(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 5, everflowmock.Options{})
		refreshed(t, a, ids, 5)
		list := func(contains string) []everflow.APIKey {
			t.Helper()
			var keys []everflow.APIKey
			for range 2 { // by itself, then from the table
				found, err := a.APIKeys(t.Context(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: contains})
				if err != nil {
					t.Fatal(err)
				}
				keys = found
			}
			return keys
		}
		if len(list("number ")) != 5 {
			t.Error("not all keys are listed")
		}
		if _, err := a.UpdateAPIKey(t.Context(), everflow.APIKeyIdentity{ID: ids[1]}, everflow.APIKeySettings{Name: "renamed", AllPermissions: true}); err != nil {
			t.Fatal(err)
		}
		if now := refreshed(t, a, ids, 5)[ids[1]]; now.Name != "renamed" {
			t.Errorf("read after the update: %+v", now)
		}
		if len(list("number ")) != 4 || len(list("renamed")) != 1 {
			t.Error("the list does not show the update")
		}
		if _, err := a.RevokeAPIKey(t.Context(), inNetwork1001(ids[2])); err != nil {
			t.Fatal(err)
		}
		if now := refreshed(t, a, ids, 5)[ids[2]]; !now.IsRevoked() {
			t.Errorf("read after the revocation: %+v", now)
		}
		created, err := a.CreateAPIKey(t.Context(), 2, everflow.APIKeySettings{Name: "number new", AllPermissions: true})
		if err != nil {
			t.Fatal(err)
		}
		if keys := list("number "); !slices.ContainsFunc(keys, func(key everflow.APIKey) bool { return key.ID == created.ID }) {
			t.Errorf("the list does not show the new key: %v", keys)
		}
	})
}

func TestRun_oneReadersEndIsNotTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 4, everflowmock.Options{Latency: time.Second})
		refreshed(t, a, ids[:1], 1)
		leaving, leave := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		readers.Go(func() {
			if _, err := a.ProveAPIKey(leaving, inNetwork1001(ids[1])); !errors.Is(err, context.Canceled) {
				t.Errorf("the one who left got %v", err)
			}
		})
		time.Sleep(100 * time.Millisecond)
		readers.Go(func() {
			if proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(ids[2])); err != nil || proof.Key.ID != ids[2] {
				t.Errorf("the one who stayed got %+v, %v", proof, err)
			}
		})
		time.Sleep(100 * time.Millisecond)
		leave()
		readers.Wait()
	})
}

func TestRun_nobodyCanSpoilWhatOthersRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 2, everflowmock.Options{})
		refreshed(t, a, ids, 1)
		proof, _ := a.ProveAPIKey(t.Context(), inNetwork1001(ids[1]))
		proof.Key.Permissions[0] = "spoilt"
		if again, _ := a.ProveAPIKey(t.Context(), inNetwork1001(ids[1])); again.Key.Permissions[0] != "Reporting" {
			t.Errorf("read again: %v", again.Key.Permissions)
		}
	})
}

func TestRun_listsCostOneTableEach(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 20, everflowmock.Options{})
		// Each of the 20 lists that are not shared and find nothing is read twice.
		for _, status := range []string{everflow.StatusActive, everflow.StatusRevoked, ""} {
			for i := range ids {
				filter := everflow.APIKeyFilter{Status: status, EmployeeID: 2, NameContains: fmt.Sprint("NUMBER ", i)}
				got, err := a.APIKeys(t.Context(), filter)
				want, wantErr := a.Client.APIKeys(t.Context(), filter)
				if err != nil || wantErr != nil || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%+v: got %v, %v, want %v, %v", filter, got, err, want, wantErr)
				}
			}
		}
		if shared := len(a.calls("searchApiKeys")) - 80; shared != 2 {
			t.Errorf("%d searches for 60 shared lists, want 2", shared)
		}
	})
}

func TestRun_employeesAndRolesAreReadOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, _ := withLiveKeys(t, 0, everflowmock.Options{})
		for range 3 {
			employees, err := a.Employees(t.Context())
			roles, rolesErr := a.Roles(t.Context())
			if len(employees) != 4 || err != nil || len(roles) != 3 || rolesErr != nil {
				t.Error(employees, err, roles, rolesErr)
			}
			employees[0].Email = "spoilt"
		}
		if calls := len(a.mock.Calls()); calls != 2 {
			t.Errorf("%d calls", calls)
		}
	})
}

// IDs are wider than an int is on some of the platforms that the provider is built for.
func TestRun_idsAreComparedWhole(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, ids := withLiveKeys(t, 3, everflowmock.Options{})
		refreshed(t, a, ids, 1)
		if proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(ids[1]+1<<32)); err != nil || proof.State != everflow.APIKeyGone {
			t.Errorf("an ID that nobody has: %+v, %v", proof, err)
		}
	})
}
