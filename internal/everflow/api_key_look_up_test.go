package everflow_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// likeOurs is a key that another run makes: as the one that ours asks for.
var likeOurs = everflowmock.Key{Name: "ci", EmployeeID: 3, Permissions: []string{"Reporting"}}

// besideALostCreate makes a create fail before it is acted on, and a key meanwhile.
func besideALostCreate(t *testing.T, change func(*everflowmock.Key)) error {
	t.Helper()
	a := onMock(t, everflowmock.Options{})
	if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Minute)
	key := likeOurs
	key.TimeCreated = time.Now().Unix()
	change(&key)
	a.mock.AddKey(key)
	if _, err := a.Client.Employees(t.Context()); err != nil { // the last call tells the time
		t.Fatal(err)
	}
	a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultReset}))
	_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
	wantPosts(t, a, 1)
	return err
}

func TestLookUp_claimsOnlyWhatNothingElseCanHaveMade(t *testing.T) {
	t.Parallel()
	const (
		claimed = lost5 + "no answer: EOF"
		named   = "which key was created, if any, is not known: it can be API key 5: " + post + "no answer: EOF"
		none    = "no key was found that the call could have created: " + post + "no answer: EOF"
	)
	for name, test := range map[string]struct {
		change func(*everflowmock.Key)
		text   string
		want   known
	}{
		"just as asked for":          {change: func(*everflowmock.Key) {}, text: claimed, want: known{key: 5}},
		"in use":                     {change: func(k *everflowmock.Key) { k.TimeLastUsed = time.Now().Unix() + 1 }, text: none, want: known{}},
		"its creation noted as use":  {change: func(k *everflowmock.Key) { k.TimeLastUsed = k.TimeCreated }, text: claimed, want: known{key: 5}},
		"revoked":                    {change: func(k *everflowmock.Key) { k.Status = "revoked" }, text: none, want: known{}},
		"another employee's":         {change: func(k *everflowmock.Key) { k.EmployeeID = 2 }, text: named, want: known{candidates: []int64{5}}},
		"other permissions":          {change: func(k *everflowmock.Key) { k.Permissions = []string{"Offers"} }, text: named, want: known{candidates: []int64{5}}},
		"all permissions":            {change: func(k *everflowmock.Key) { k.Permissions, k.IsAllPermissions = nil, true }, text: named, want: known{candidates: []int64{5}}},
		"cut":                        {change: func(k *everflowmock.Key) { k.Name = "c" }, text: named, want: known{candidates: []int64{5}}},
		"another name":               {change: func(k *everflowmock.Key) { k.Name = "cd" }, text: none, want: known{}},
		"minutes older than the run": {change: func(k *everflowmock.Key) { k.TimeCreated -= 120 }, text: named, want: known{candidates: []int64{5}}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				wantDoubt(t, besideALostCreate(t, test.change), test.text, test.want)
			})
		})
	}
}

// Where the table does not say when a key was last used, another run's can be in use.
func TestLookUp_namesAKeyWhoseUseIsNotSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{})
		if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceFieldMissing, Field: "time_last_used"}); err != nil {
			t.Fatal(err)
		}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5: "+post+"no answer: EOF", known{candidates: []int64{5}})
	})
}

// A server whose word for a live key is another one does not find it by the filter.
func TestLookUp_findsAKeyOfAStatusThatIsNotKnown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{})
		if err := a.mock.SetDifferences(
			everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceStatusFilter, Value: "nothing"},
			everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceKeyStatusValues, Value: "enabled,disabled"},
		); err != nil {
			t.Fatal(err)
		}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
	})
}

func TestLookUp_goesOnAfterALookThatFailed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]everflowmock.Fault{
		"refused":    {Kind: everflowmock.FaultStatus, Status: 403},
		"not a list": {Kind: everflowmock.FaultBody, Body: `{}`},
		"a page":     {Kind: everflowmock.FaultStatus, Status: 502, Body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
				fault.Operation, fault.Skip, fault.Times = "searchApiKeys", 1, 3
				a.mock.AddFault(fault)
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
			})
		})
	}
}

// The look's own call stands in line behind 60 others, at two seconds each.
func TestLookUp_doesNotRunOutOfTimeInOurOwnQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Wrap: late(5 * time.Second)}, func(config *everflow.Config) { config.MaxRequestsPerSecond = 0.5 })
		if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		started := time.Now()
		var others sync.WaitGroup
		time.AfterFunc(3*time.Second, func() { // the create is under way
			for range 60 {
				others.Go(func() {
					if _, err := a.Client.Network(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
		})
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		others.Wait()
		if took := time.Since(started); took < 100*time.Second {
			t.Errorf("nobody waited: %s", took)
		}
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
	})
}

func TestCreate_notFoundIsGivenUpAfterFourLooks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, _ = a.CreateAPIKey(t.Context(), 3, ciKey)
		searches := a.calls("searchApiKeys")[1:] // the first comes before the create
		if got := gaps(searches); !slices.Equal(got, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 0}) {
			t.Errorf("looked again after %s", got)
		}
		for i, search := range searches {
			// The first four as before the create; the last for a key of a status that is not known.
			want := `{"page":1,"page_size":2000,"filters":{"status":"active"}}`
			if i == 4 {
				want = `{"page":1,"page_size":2000}`
			}
			if strings.TrimSpace(string(search.RequestBody)) != want {
				t.Errorf("looked for %s", search.RequestBody)
			}
		}
	})
}

func TestCreate_whoseLookUpFailsSaysSo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault everflowmock.Fault
		want  string
	}{
		"refused": {
			everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 403},
			"POST /networks/security/apikeystable: 403 Forbidden",
		},
		"down": {
			everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500},
			"POST /networks/security/apikeystable: 500 Internal Server Error (after 7 attempts)",
		},
		"not a table": {
			everflowmock.Fault{Kind: everflowmock.FaultBody, Body: `{"api_keys": null, "paging": {"page": 1, "page_size": 50, "total_count": 0}}`},
			`POST /networks/security/apikeystable: 200 OK: the answer had no usable "api_keys"`,
		},
		"out of time": {
			everflowmock.Fault{Kind: everflowmock.FaultHang},
			"POST /networks/security/apikeystable: out of time before an answer arrived (after 3 attempts)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
				test.fault.Operation, test.fault.Skip = "searchApiKeys", 1
				a.mock.AddFault(test.fault)
				started := time.Now()
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, "whether a key was created is not known: "+post+"no answer: EOF; looking for it failed too: "+test.want, known{lookUpFailed: true})
				if took := time.Since(started); took > 90*time.Second {
					t.Errorf("looked for %s", took)
				}
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func TestCreate_timedOutAndActedOnSecondsLaterIsFound(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{31 * time.Second, 35 * time.Second, 43 * time.Second} {
		t.Run(by.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{Wrap: late(by)})
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+"no answer: timed out after 30s", known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

// A gateway gives up long before the server behind it does.
func TestCreate_givenUpByAGatewayAndActedOnSecondsLaterIsFound(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{time.Second, 5 * time.Second, 13 * time.Second} {
		t.Run(by.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var a *account
				a = onMock(t, everflowmock.Options{OnCall: func(call everflowmock.Call) {
					if call.Operation == "createApiKey" {
						time.AfterFunc(by, func() { a.mock.AddKey(everflowmock.Key{Name: "ci", EmployeeID: 3, Permissions: []string{"Reporting"}}) })
					}
				}})
				a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 504}))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+"504 Gateway Timeout", known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

// acting is a server that acts on a create in its own way. It stands behind the
// faults, so that what it does happens whatever becomes of the answer.
func acting(act func(api http.Handler, w http.ResponseWriter, r *http.Request)) func(http.Handler) http.Handler {
	return func(api http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/apikeys") {
				act(api, w, r)
				return
			}
			api.ServeHTTP(w, r)
		})
	}
}

// late acts on a create, but not before a while has passed, even when the
// client is gone by then.
func late(by time.Duration) func(http.Handler) http.Handler {
	return acting(func(api http.Handler, w http.ResponseWriter, r *http.Request) {
		time.Sleep(by)
		api.ServeHTTP(w, r)
	})
}
