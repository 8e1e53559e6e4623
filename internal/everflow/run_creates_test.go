package everflow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestCreate_cancelledBeforeItsTurnSendsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Wrap: late(10 * time.Second)})
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := a.CreateAPIKey(t.Context(), 3, ciKey); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // until the first is under way
		ctx, cause := ending(t, false, time.Second)
		_, err := a.CreateAPIKey(ctx, 3, ciKey)
		if want := "nothing was created: POST /networks/security/apikeys: cancelled while it waited to be sent"; err == nil || err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("got %v, want %s", err, want)
		}
		first.Wait()
		wantLive(t, a, 5)
		wantPosts(t, a, 1)
	})
}

func TestCreate_twoThatCanBeItAreListedAndNoneIsClaimed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var a *account
		a = onMock(t, everflowmock.Options{Wrap: acting(func(api http.Handler, w http.ResponseWriter, r *http.Request) {
			a.mock.AddKey(everflowmock.Key{Name: "ci", EmployeeID: 3, Permissions: []string{"Reporting"}}) // someone else's
			api.ServeHTTP(w, r)
		})})
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5 or 6: "+post+"no answer: EOF", known{candidates: []int64{5, 6}})
		wantLive(t, a, 5, 6)

		// The next create of the same name is told apart from both only by its answer.
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err = a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5 or 6 or 7 or 8: "+post+"no answer: EOF", known{candidates: []int64{5, 6, 7, 8}})
		got, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		if err != nil || got.ID != 10 || got.Secret.IsEmpty() {
			t.Errorf("got key %d, %v", got.ID, err)
		}
	})
}

// A server that is down is not asked by one create after the other.
func TestCreate_manyAtOnceShareOneListOfLiveKeys(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Times: 7, Kind: everflowmock.FaultStatus, Status: 500})
		create20 := func() (failed int) {
			var mu sync.Mutex
			var creates sync.WaitGroup
			for i := range 20 {
				creates.Go(func() {
					if _, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: fmt.Sprint("ci ", i), AllPermissions: true}); err != nil {
						mu.Lock()
						defer mu.Unlock()
						failed++
					}
				})
			}
			creates.Wait()
			return failed
		}
		if failed := create20(); failed != 20 || len(a.calls("searchApiKeys")) != 7 {
			t.Errorf("%d of 20 failed after %d searches, want all after 7", failed, len(a.calls("searchApiKeys")))
		}
		if failed := create20(); failed != 0 || len(a.calls("searchApiKeys")) != 8 {
			t.Errorf("%d of 20 failed after %d searches, want none after 8", failed, len(a.calls("searchApiKeys")))
		}
		if got := len(live(a)); got != 20 {
			t.Errorf("%d new keys, want 20", got)
		}
	})
}

func TestKeysBeforeFirstCreate_isTheStateBeforeTheFirstCreate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.RevokeKey(3)
		if _, err := a.CreateAPIKey(t.Context(), 3, ciKey); err != nil {
			t.Fatal(err)
		}
		a.mock.RevokeKey(1)
		got, err := a.KeysBeforeFirstCreate(t.Context())
		if err != nil || len(got) != 3 || got[1].Name != "Legacy API Key (Pat Platform)" || got[2].ID != 2 || got[4].Name != "Terraform" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestCreate_neverClaimsAKeyOfACreateBefore(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]everflowmock.Fault{
		"lost":                     before(everflowmock.Fault{Kind: everflowmock.FaultReset}),
		"answered with its key":    before(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(5, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`)}),
		"answered with a lost key": before(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(6, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`)}),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				if got, err := a.CreateAPIKey(t.Context(), 3, ciKey); err != nil || got.ID != 5 {
					t.Fatalf("got key %d, %v", got.ID, err)
				}
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
				if _, err := a.CreateAPIKey(t.Context(), 3, ciKey); err == nil || !strings.HasPrefix(err.Error(), "API key 6 was created") {
					t.Fatalf("got %v", err)
				}
				a.mock.AddFault(fault)
				if _, err := a.CreateAPIKey(t.Context(), 3, ciKey); err == nil || !strings.HasPrefix(err.Error(), "no key was found") {
					t.Errorf("got %v", err)
				}
				wantLive(t, a, 5, 6)
			})
		})
	}
}

// Whatever becomes of the answers to creates of one name and employee that run
// at once: a key is claimed by one create at most, every live key is claimed or
// named, and nothing else is.
func TestCreate_manyOfOneNameAtOnceNeverClaimOneKeyTwice(t *testing.T) {
	t.Parallel()
	acted := []everflowmock.Fault{
		{Kind: everflowmock.FaultReset},
		{Kind: everflowmock.FaultHang},
		{Kind: everflowmock.FaultStatus, Status: 500},
		{Kind: everflowmock.FaultTruncated},
		{Kind: everflowmock.FaultEmpty},
		{Kind: everflowmock.FaultResetInBody},
		{Kind: everflowmock.FaultBody, Body: created(2, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`)},
	}
	for i := range acted {
		acted[i] = after(acted[i])
	}
	notActed := []everflowmock.Fault{
		before(everflowmock.Fault{Kind: everflowmock.FaultReset}), before(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 502}),
		before(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429}), before(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 400}),
	}
	for name, test := range map[string]struct {
		faults                []everflowmock.Fault
		secrets, lost, failed int
	}{
		"none lost":      {secrets: 12},
		"some acted on":  {faults: acted, secrets: 5, lost: 7},
		"some not":       {faults: notActed, secrets: 9, failed: 3},
		"some of either": {faults: slices.Concat(acted, notActed), secrets: 2, lost: 7, failed: 3},
	} {
		for _, sameEmployee := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", one employee ", sameEmployee), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{Latency: time.Second})
					for _, fault := range test.faults {
						a.mock.AddFault(fault)
					}
					var mu sync.Mutex
					var claimed []int64
					var secrets, lost, failed int
					var creates sync.WaitGroup
					for i := range 12 {
						creates.Go(func() {
							employee := int64(3)
							if !sameEmployee {
								employee -= int64(i % 2)
							}
							got, err := a.CreateAPIKey(t.Context(), employee, ciKey)
							doubt, inDoubt := errors.AsType[*everflow.CreateInDoubtError](err)
							mu.Lock()
							defer mu.Unlock()
							switch {
							case err == nil:
								secrets, claimed = secrets+1, append(claimed, got.ID)
								if stored, _ := a.mock.Key(got.ID); stored.SHA256 != got.Secret.SHA256() || stored.EmployeeID != employee {
									t.Errorf("key %d has another secret or employee", got.ID)
								}
							case inDoubt && doubt.Key != nil:
								lost, claimed = lost+1, append(claimed, doubt.Key.ID)
								if doubt.Key.EmployeeID != employee {
									t.Errorf("key %d is another employee's", doubt.Key.ID)
								}
							default:
								if failed++; inDoubt && (doubt.Candidates != nil || doubt.LookUp != nil) {
									t.Errorf("got %v", err)
								}
							}
						})
					}
					creates.Wait()
					slices.Sort(claimed)
					if got := live(a); !slices.Equal(claimed, got) {
						t.Errorf("claimed %v, the server holds %v", claimed, got)
					}
					if sameEmployee && (secrets != test.secrets || lost != test.lost || failed != test.failed) {
						t.Errorf("%d with their secret, %d without, %d not made; want %d, %d, %d", secrets, lost, failed, test.secrets, test.lost, test.failed)
					}
				})
			})
		}
	}
}

func TestCreate_ofDifferentNamesRunSideBySide(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Wrap: late(5 * time.Second)})
		if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		var creates sync.WaitGroup
		for i := range 5 {
			creates.Go(func() {
				if _, err := a.CreateAPIKey(context.Background(), 3, everflow.APIKeySettings{Name: fmt.Sprint("ci ", i), AllPermissions: true}); err != nil {
					t.Error(err)
				}
			})
		}
		creates.Wait()
		if took := time.Since(started); took != 5*time.Second {
			t.Errorf("5 creates took %s, want 5s", took)
		}
	})
}
