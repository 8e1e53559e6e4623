package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// key returns the test's one live key of a name.
func (a *account) key(name string) everflow.APIKey {
	a.t.Helper()
	live, err := a.api.Client.APIKeys(context.Background(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: a.prefix + name})
	a.ok(err)
	live = slices.DeleteFunc(live, func(key everflow.APIKey) bool { return key.Name != a.prefix+name })
	if len(live) != 1 {
		a.t.Fatalf("%d live keys are named %q, want 1", len(live), a.prefix+name)
	}
	return live[0]
}

// exactly is a regular expression that matches one name.
func exactly(name string) string { return "^" + regexp.QuoteMeta(name) + "$" }

// liveKeys are the IDs of the mock's live keys whose names match a regular expression.
func (a *account) liveKeys(names string) (ids []int64) {
	pattern := regexp.MustCompile(names)
	for _, key := range a.mock.Keys() {
		if pattern.MatchString(key.Name) && !key.Revoked() {
			ids = append(ids, key.ID)
		}
	}
	return ids
}

func (a *account) expectLiveKeys(t testing.TB, names string, want ...int64) {
	t.Helper()
	if got := a.liveKeys(names); !slices.Equal(got, want) {
		t.Errorf("the live keys named %s are %v, want %v", names, got, want)
	}
}

// nothingLeft checks that each key of the test is revoked, once it is destroyed.
func (a *account) nothingLeft() {
	a.t.Helper()
	live, err := a.api.Client.APIKeys(context.Background(), everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: a.prefix})
	a.ok(err)
	if len(live) > 0 {
		a.t.Errorf("still live after destroy: %v", live)
	}
}

// whitelist returns the live list, sorted. On a mock it costs no call.
func (a *account) whitelist() []string {
	a.t.Helper()
	if a.mock != nil {
		return slices.Sorted(slices.Values(a.mock.Whitelist()))
	}
	list, err := a.api.Whitelist(context.Background())
	a.ok(err)
	return slices.Sorted(slices.Values(list.IPAddresses))
}

// expectWhitelist checks the live list, in any order.
func (a *account) expectWhitelist(t testing.TB, want ...string) {
	t.Helper()
	if got := a.whitelist(); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the live whitelist is %q, want %q", got, want)
	}
}

func (a *account) setWhitelist(entries ...string) {
	a.t.Helper()
	_, err := a.api.ReplaceWhitelist(context.Background(), entries)
	a.ok(err)
}

func (a *account) networkID() string {
	a.t.Helper()
	id, err := a.api.NetworkID(context.Background())
	a.ok(err)
	return strconv.FormatInt(id, 10)
}

func (a *account) isLive(id int64) bool {
	a.t.Helper()
	key, ok := a.mock.Key(id)
	if !ok {
		a.t.Fatalf("there is no key %d", id)
	}
	return !key.Revoked()
}

// addKey makes a key that is nobody's business here.
func (a *account) addKey(name string, employee int64) int64 {
	a.t.Helper()
	created, err := a.api.CreateAPIKey(context.Background(), employee, everflow.APIKeySettings{Name: name, AllPermissions: true})
	a.ok(err)
	return created.ID
}

// isRevoked tells how the mock has a key.
func (a *account) isRevoked(id int64) bool {
	a.t.Helper()
	key, ok := a.mock.Key(id)
	if !ok {
		a.t.Fatalf("there is no key %d", id)
	}
	return key.Revoked()
}

// addLegacyKeys adds live keys of awkward names, some of them twice and more, and
// of all kinds of permissions; and a few revoked ones.
func (a *account) addLegacyKeys(n int) {
	a.t.Helper()
	for i := range n {
		key := everflowmock.Key{Name: awkwardNames[i%len(awkwardNames)], EmployeeID: int64(1 + i%4)}
		switch i % 3 {
		case 0:
			key.IsAllPermissions = true
		case 1:
			key.Permissions = []string{"Offers"}
		case 2:
			key.Permissions = []string{`odd "${permission}"`, "Reporting", `%{x}`, fmt.Sprint("p", i)}
		}
		if i%2 == 0 {
			key.TimeLastUsed = int64(1700000000 + i)
		}
		a.mock.AddKey(key)
	}
	for range 3 {
		a.mock.RevokeKey(a.mock.AddKey(everflowmock.Key{Name: "revoked", EmployeeID: 2, IsAllPermissions: true}))
	}
}
