package everflow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// lostAnswers are the ways in which the answer to a create gets lost.
var lostAnswers = map[string]struct {
	fault everflowmock.Fault
	cause string
}{
	"reset":        {everflowmock.Fault{Kind: everflowmock.FaultReset}, "no answer: EOF"},
	"no answer":    {everflowmock.Fault{Kind: everflowmock.FaultHang}, "no answer: timed out after 30s"},
	"408":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 408}, "408 Request Timeout: Request Timeout"},
	"500":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500}, "500 Internal Server Error: Internal Server Error"},
	"501":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 501}, "501 Not Implemented: Not Implemented"},
	"502 page":     {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 502, Body: "<html><title>Bad gateway</title>"}, `502 Bad Gateway: the answer was a web page, titled "Bad gateway"`},
	"503":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 503}, "503 Service Unavailable: Service Unavailable"},
	"504":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 504}, "504 Gateway Timeout: Gateway Timeout"},
	"303":          {everflowmock.Fault{Kind: everflowmock.FaultRedirect, Status: 303, URL: "/v1/networks"}, "303 See Other: redirected to another address, which is not followed, so that the API key goes to the configured host only: check the base URL"},
	"empty":        {everflowmock.Fault{Kind: everflowmock.FaultEmpty}, "200 OK: the answer was empty"},
	"null":         {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: "null"}, `200 OK: the answer had no usable "network_api_key_id"`},
	"other JSON":   {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: `{"created": true}`}, `200 OK: the answer had no usable "network_api_key_id"`},
	"a list":       {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: `[]`}, "200 OK: the answer was JSON of another shape than expected"},
	"a page":       {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: "<html>"}, "200 OK: the answer was not JSON, or broke off"},
	"a key before": {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(2, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`)}, "200 OK: the answer was about another key"},
	"a dead key":   {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: strings.Replace(created(5, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`), "active", "revoked", 1)}, "200 OK: the answer was about another key"},
	"no ID":        {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(0, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`)}, `200 OK: the answer had no usable "network_api_key_id"`},
}

// created is a create's answer for employee 3, with one more field.
func created(id int64, name, more string) string {
	return fmt.Sprintf(`{"network_api_key_id": %d, "network_id": 1001, "name": %q, "network_employee_id": 3, "permissions": ["Reporting"],
		"is_all_permissions": false, "status": "active", "time_created": 1, "time_saved": 1, "time_last_used": 0, "time_revoked": 0, %s}`, id, name, more)
}

// known is what a create in doubt found out.
type known struct {
	key          int64
	candidates   []int64
	lookUpFailed bool
}

// wantDoubt fails the test unless err is an *everflow.CreateInDoubtError with
// this text.
func wantDoubt(t *testing.T, err error, text string, want known) {
	t.Helper()
	doubt, ok := errors.AsType[*everflow.CreateInDoubtError](err)
	if !ok {
		t.Fatalf("got %v, want an *everflow.CreateInDoubtError", err)
	}
	if got := err.Error(); got != text {
		t.Errorf("got  %s\nwant %s", got, text)
	}
	got := known{candidates: ids(doubt.Candidates), lookUpFailed: doubt.LookUp != nil}
	if doubt.Key != nil {
		got.key = doubt.Key.ID
	}
	if got.key != want.key || !slices.Equal(got.candidates, want.candidates) || got.lookUpFailed != want.lookUpFailed {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

const (
	post  = "POST /networks/security/apikeys: "
	lost5 = "API key 5 was created, but its secret was lost on the way: " + post
)

// live are the IDs of the mock's active keys that its seed does not have.
func live(a *account) []int64 {
	var found []int64
	for _, key := range a.mock.Keys() {
		if key.ID > 4 && !key.Revoked() {
			found = append(found, key.ID)
		}
	}
	return found
}

func wantLive(t *testing.T, a *account, want ...int64) {
	t.Helper()
	if got := live(a); !slices.Equal(got, want) {
		t.Errorf("the server holds the new live keys %v, want %v", got, want)
	}
}

func wantPosts(t *testing.T, a *account, want int) {
	t.Helper()
	if got := len(a.calls("createApiKey")); got != want {
		t.Errorf("the create was sent %d times, want %d", got, want)
	}
}

func TestCreate_lostAfterActingIsFoundAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	for name, lost := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(lost.fault))
				got, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+lost.cause, known{key: 5})
				if got.ID != 0 || !got.Secret.IsEmpty() {
					t.Errorf("got key %d beside the error", got.ID)
				}
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func after(fault everflowmock.Fault) everflowmock.Fault {
	fault.Operation, fault.Times, fault.After = "createApiKey", 1, true
	return fault
}

func before(fault everflowmock.Fault) everflowmock.Fault {
	fault.Operation, fault.Times = "createApiKey", 1
	return fault
}

func TestCreate_lostBeforeActingClaimsNothingAndIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	for name, lost := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				// One like it was there before, one is another employee's, one is revoked.
				a.mock.UpdateKey(2, func(key *everflowmock.Key) { key.Name = "ci" })
				a.mock.AddFault(before(lost.fault))
				a.mock.AddKey(everflowmock.Key{Name: "ci", EmployeeID: 2, IsAllPermissions: true})
				a.mock.RevokeKey(a.mock.AddKey(everflowmock.Key{Name: "ci", EmployeeID: 3, IsAllPermissions: true}))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, "no key was found that the call could have created: "+post+lost.cause, known{})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func TestCreate_answeredInPartAfterActingIsFoundAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	for kind, cause := range map[everflowmock.FaultKind]string{
		everflowmock.FaultCut:        "no answer: the answer broke off: unexpected EOF",
		everflowmock.FaultSlow:       "no answer: timed out after 30s",
		everflowmock.FaultTruncated:  "200 OK: the answer was not JSON, or broke off",
		everflowmock.FaultWrongTypes: `200 OK: the answer's field "is_all_permissions" is of the wrong type`,
		everflowmock.FaultHuge:       "the answer is larger than 8 MiB, which no Everflow answer is",
	} {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: kind}))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+cause, known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func TestCreate_answeredWithoutItsSecretIsKnownByItsAnswerAlone(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{
		"missing": `"x": 1`,
		"null":    `"api_key": null`,
		"empty":   `"api_key": ""`,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(5, "ci", more)}))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+"200 OK: the answer did not hold the secret", known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
				if got := len(a.calls("searchApiKeys")); got != 1 {
					t.Errorf("%d searches, want the one before the create", got)
				}
			})
		})
	}
}

func TestCreate_inDoubtEndsWithTheCallsOwnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		if everflow.StatusOf(err) != 500 || !everflow.IsInDoubt(err) {
			t.Errorf("got status %d, in doubt %t", everflow.StatusOf(err), everflow.IsInDoubt(err))
		}
	})
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

// onRenaming starts a mock that stores the name " ci " of a create in another form.
func onRenaming(t *testing.T, name string) *account {
	t.Helper()
	var a *account
	a = onMock(t, everflowmock.Options{Wrap: acting(func(api http.Handler, w http.ResponseWriter, r *http.Request) {
		stored := httptest.NewRecorder()
		api.ServeHTTP(stored, r)
		a.mock.RenameKey(5, name)
		maps.Copy(w.Header(), stored.Header())
		_, _ = io.WriteString(w, strings.Replace(stored.Body.String(), " ci ", name, 1))
	})})
	return a
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
				wantDoubt(t, err, lost5+"504 Gateway Timeout: Gateway Timeout", known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func TestCreate_notFoundIsGivenUpAfterFourLooks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, _ = a.CreateAPIKey(t.Context(), 3, ciKey)
		searches := a.calls("searchApiKeys")[1:] // the first comes before the create
		if got := gaps(searches); !slices.Equal(got, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}) {
			t.Errorf("looked again after %s", got)
		}
		for _, search := range searches {
			if want := `{"filters":{"network_employee_id":3,"status":"active"}}`; strings.TrimSpace(string(search.RequestBody)) != want {
				t.Errorf("looked for %s", search.RequestBody)
			}
		}
	})
}

func TestCreate_refusedMadeNoKey(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 422, 429} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				fault := everflowmock.Fault{Operation: "createApiKey", Kind: everflowmock.FaultStatus, Status: status}
				a.mock.AddFault(fault)
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if _, ok := errors.AsType[*everflow.CreateInDoubtError](err); ok || everflow.IsInDoubt(err) || everflow.StatusOf(err) != status {
					t.Errorf("got %v", err)
				}
				wantLive(t, a)
				if got := len(a.calls("searchApiKeys")); got != 1 {
					t.Errorf("%d searches, want the one before the create", got)
				}
			})
		})
	}
}

func TestCreate_isRepeatedOnlyWhereTheServerCannotHaveActed(t *testing.T) {
	t.Parallel()
	for name, upset := range map[string]func(a *account){
		"429": func(a *account) {
			a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 6, Kind: everflowmock.FaultStatus, Status: 429})
		},
		"no connection": func(a *account) { a.wire.refuseNext(3) },
		"both": func(a *account) {
			a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429}))
			a.wire.refuseNext(2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				if _, err := a.LiveBefore(t.Context()); err != nil {
					t.Fatal(err)
				}
				upset(a)
				got, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if err != nil || got.ID != 5 || got.Secret.IsEmpty() {
					t.Errorf("got key %d, %v", got.ID, err)
				}
				wantLive(t, a, 5)
			})
		})
	}
}

func TestCreate_unreachableMadeNoKey(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		if _, err := a.LiveBefore(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.wire.refuseNext(1000)
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		if want := post + "no connection: dial tcp: connection refused (after 4 attempts)"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		wantLive(t, a)
	})
}

// Nothing tells that a carrier of another make sent nothing.
func TestCreate_failedByAnUnknownCarrierIsInDoubt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, err := everflow.New(everflow.Config{APIKey: ownKey, HTTPClient: &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				if strings.HasSuffix(req.URL.Path, "/apikeystable") {
					return replying(page(1, 0)).Transport.RoundTrip(req)
				}
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "no key was found that the call could have created: "+post+"no answer: dial tcp: connection refused", known{})
	})
}

// A 429 is the end of all doubt about that attempt, but not about one before it.
func TestCreate_isNotRepeatedAfterADoubtfulAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429}))
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, lost5+
			"429 Too Many Requests: Too Many Requests; then no answer: EOF (after 2 attempts)", known{key: 5})
		wantLive(t, a, 5)
		wantPosts(t, a, 2)
	})
}

func TestCreate_cancelledInMidCallIsSeenToItsEnd(t *testing.T) {
	t.Parallel()
	for _, outOfTime := range []bool{false, true} {
		t.Run(fmt.Sprint("answered, out of time ", outOfTime), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{Wrap: late(5 * time.Second)})
				ctx, _ := ending(t, outOfTime, time.Second)
				got, err := a.CreateAPIKey(ctx, 3, ciKey)
				if err != nil || got.ID != 5 || got.Secret.IsEmpty() {
					t.Errorf("got key %d, %v", got.ID, err)
				}
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
		t.Run(fmt.Sprint("lost, out of time ", outOfTime), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{Wrap: late(5 * time.Second)})
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
				ctx, _ := ending(t, outOfTime, time.Second)
				_, err := a.CreateAPIKey(ctx, 3, ciKey)
				wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
		t.Run(fmt.Sprint("late, out of time ", outOfTime), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{Wrap: late(40 * time.Second)})
				ctx, _ := ending(t, outOfTime, time.Second)
				_, err := a.CreateAPIKey(ctx, 3, ciKey)
				wantDoubt(t, err, lost5+"no answer: timed out after 30s", known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func TestCreate_cancelledBeforeItsTurnSendsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Wrap: late(10 * time.Second)})
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := a.CreateAPIKey(t.Context(), 3, ciKey); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second) // the first is under way
		ctx, cause := ending(t, false, time.Second)
		_, err := a.CreateAPIKey(ctx, 3, ciKey)
		if want := "nothing was created: context canceled"; err == nil || err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("got %v, want %s", err, want)
		}
		first.Wait()
		wantLive(t, a, 5)
		wantPosts(t, a, 1)
	})
}

func TestCreate_ofANameThatTheServerTrimsKeepsTheSecret(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, "ci")
		got, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		if err != nil || got.ID != 5 || got.Name != "ci" || got.Secret.IsEmpty() {
			t.Errorf("got key %d, %q, %v", got.ID, got.Name, err)
		}
		wantLive(t, a, 5)
	})
}

func TestCreate_ofANameWithSpacesThatTheServerKeepsIsRecognised(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		spaced := everflow.APIKeySettings{Name: " ci ", AllPermissions: true}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, spaced)
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
		got, err := a.CreateAPIKey(t.Context(), 3, spaced)
		if err != nil || got.ID != 6 || got.Name != " ci " || got.Secret.IsEmpty() {
			t.Errorf("got key %d, %q, %v", got.ID, got.Name, err)
		}
		wantLive(t, a, 5, 6)
	})
}

func TestCreate_ofANameThatTheServerTrimsIsFoundAfterALostAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, "ci")
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
		wantLive(t, a, 5)
	})
}

// The answer to one create can never be taken for another's, but a key that it
// names is not passed over in silence either.
func TestCreate_answeredWithAnotherNameNamesThatKeyAndClaimsNone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, " CI ")
		_, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5: "+post+"200 OK: the answer was about a key of another name or employee", known{candidates: []int64{5}})
		wantLive(t, a, 5)
		wantPosts(t, a, 1)
	})
}

func TestCreate_answeredWithAnotherEmployeesKeyNamesItAndTheOneFound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		answer := strings.Replace(created(77, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`), `"network_employee_id": 3`, `"network_employee_id": 2`, 1)
		a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: answer}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 77: "+post+"200 OK: the answer was about a key of another name or employee", known{candidates: []int64{77}})

		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: answer}))
		_, err = a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, lost5+"200 OK: the answer was about a key of another name or employee", known{key: 5})
		wantLive(t, a, 5)
	})
}

func TestCreate_twoThatCanBeItAreListedAndNoneIsClaimed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var a *account
		a = onMock(t, everflowmock.Options{Wrap: acting(func(api http.Handler, w http.ResponseWriter, r *http.Request) {
			a.mock.AddKey(everflowmock.Key{Name: "ci", EmployeeID: 3, IsAllPermissions: true}) // someone else's
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

func TestCreate_whoseLookUpFailsSaysSo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault everflowmock.Fault
		want  string
	}{
		"refused": {
			everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 403},
			"POST /networks/security/apikeystable: 403 Forbidden: Forbidden",
		},
		"down": {
			everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500},
			"POST /networks/security/apikeystable: 500 Internal Server Error: Internal Server Error (after 7 attempts)",
		},
		"not a table": {
			everflowmock.Fault{Kind: everflowmock.FaultBody, Body: `{"api_keys": null, "paging": {"page": 1, "page_size": 50, "total_count": 0}}`},
			`POST /networks/security/apikeystable: 200 OK: the answer had no usable "api_keys"`,
		},
		"out of time": {
			everflowmock.Fault{Kind: everflowmock.FaultHang},
			"POST /networks/security/apikeystable: no answer: context deadline exceeded (after 3 attempts)",
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

// The answer names a key that the look-up cannot confirm.
func TestCreate_whoseLookUpFailsStillNamesTheKeyOfItsAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, " CI ")
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Skip: 1, Kind: everflowmock.FaultStatus, Status: 403})
		_, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5: "+post+
			"200 OK: the answer was about a key of another name or employee; looking for it failed too: POST /networks/security/apikeystable: 403 Forbidden: Forbidden", known{candidates: []int64{5}, lookUpFailed: true})
	})
}

func TestCreate_isNotSentWhenTheLiveKeysCannotBeListedFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Times: 7, Kind: everflowmock.FaultStatus, Status: 500})
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		if want := "nothing was created, because the live keys could not be listed first: POST /networks/security/apikeystable: 500 Internal Server Error: Internal Server Error (after 7 attempts)"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if everflow.IsInDoubt(err) {
			t.Error("it is in doubt")
		}
		wantPosts(t, a, 0)

		if got, err := a.CreateAPIKey(t.Context(), 3, ciKey); err != nil || got.ID != 5 { // the failure is not kept
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

func TestLiveBefore_isTheStateBeforeTheFirstCreate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.RevokeKey(3)
		if _, err := a.CreateAPIKey(t.Context(), 3, ciKey); err != nil {
			t.Fatal(err)
		}
		a.mock.RevokeKey(1)
		got, err := a.LiveBefore(t.Context())
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
		{Kind: everflowmock.FaultCut},
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
		"none lost":      {nil, 12, 0, 0},
		"some acted on":  {acted, 5, 7, 0},
		"some not":       {notActed, 9, 0, 3},
		"some of either": {slices.Concat(acted, notActed), 2, 7, 3},
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
		if _, err := a.LiveBefore(t.Context()); err != nil {
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
