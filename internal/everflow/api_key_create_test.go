package everflow_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
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
	"408":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 408}, "408 Request Timeout"},
	"500":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500}, "500 Internal Server Error"},
	"501":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 501}, "501 Not Implemented"},
	"502 page":     {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 502, Body: "<html><title>Bad gateway</title>"}, `502 Bad Gateway: the answer was a web page, titled "Bad gateway"`},
	"503":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 503}, "503 Service Unavailable"},
	"504":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 504}, "504 Gateway Timeout"},
	"303":          {everflowmock.Fault{Kind: everflowmock.FaultRedirect, Status: 303, URL: "/v1/networks"}, "303 See Other: redirected to another address, which is not followed, so that the API key goes to the configured host only: check the base URL"},
	"empty":        {everflowmock.Fault{Kind: everflowmock.FaultEmpty}, "200 OK: the answer was empty"},
	"null":         {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: "null"}, "200 OK: the answer was JSON of another shape than expected"},
	"other JSON":   {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: `{"created": true}`}, `200 OK: the answer had no usable "network_api_key_id"`},
	"a list":       {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: `[]`}, "200 OK: the answer was JSON of another shape than expected"},
	"a page":       {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: "<html>"}, "200 OK: the answer was a web page"},
	"a key before": {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(2, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`)}, "200 OK: the answer was about another key"},
	"no ID":        {everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(0, "ci", `"api_key": null`)}, `200 OK: the answer had no usable "network_api_key_id"`},
	"403 page":     {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 403, Body: "<html><title>Blocked</title>"}, `403 Forbidden: the answer was a web page, titled "Blocked"`},
	"404 page":     {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 404, Body: "<html>"}, "404 Not Found: the answer was a web page"},
	"405":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 405}, "405 Method Not Allowed"},
	"409":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 409}, "409 Conflict"},
	"413 page":     {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 413, Body: "<html>"}, "413 Request Entity Too Large: the answer was a web page"},
	"422":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 422}, "422 Unprocessable Entity"},
	"425":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 425}, "425 Too Early"},
	"429 page":     {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429, Body: "<html>"}, "429 Too Many Requests: the answer was a web page"},
	"431":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 431, Body: "no"}, "431 Request Header Fields Too Large: no"},
	"499":          {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 499}, "499: injected fault"},
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
	fault.Operation, fault.Times, fault.AfterActing = "createApiKey", 1, true
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

func TestCreate_refusedMadeNoKey(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 429} {
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
				if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
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
		if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
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
		client := newRun(t, everflow.Config{APIKey: everflow.NewSecret(ownKey), HTTPClient: &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				if strings.HasSuffix(req.URL.Path, "/apikeystable") {
					return replying(page(1, 0)).Transport.RoundTrip(req)
				}
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			}),
		}})
		_, err := client.CreateAPIKey(t.Context(), 3, ciKey)
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

func TestCreate_isNotSentWhenTheLiveKeysCannotBeListedFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Times: 7, Kind: everflowmock.FaultStatus, Status: 500})
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		if want := "nothing was created, because the live keys could not be listed first: POST /networks/security/apikeystable: 500 Internal Server Error (after 7 attempts)"; err == nil || err.Error() != want {
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

// Without a table a key whose answer is lost could never be found.
func TestCreate_withoutATableIsNotSent(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"json-404", "html-404", "405"} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{})
				if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceUnknownPath, Value: kind}); err != nil {
					t.Fatal(err)
				}
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if err == nil || !everflow.IsAbsent(err) || !strings.HasPrefix(err.Error(), "nothing was created, because the live keys could not be listed first: ") {
					t.Errorf("got %v", err)
				}
				wantPosts(t, a, 0)
			})
		})
	}
}

// A server in front answers with the new secret in its words.
func TestCreate_failedTextNeverRepeatsTheNewSecret(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]everflowmock.Fault{
		"error":  {Kind: everflowmock.FaultStatus, Status: http.StatusInternalServerError, Body: `{"error": "audit of ` + canary + ` failed"}`},
		"text":   {Kind: everflowmock.FaultStatus, Status: http.StatusBadGateway, Body: "created " + canary},
		"title":  {Kind: everflowmock.FaultStatus, Status: http.StatusForbidden, Body: "<html><title>" + canary + "</title>"},
		"quoted": {Kind: everflowmock.FaultStatus, Status: http.StatusBadRequest, Body: `{"error": "api_key='` + canary + `'"}`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(before(fault))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if err == nil {
					t.Fatal("no error")
				}
				wantNoCanary(t, err)
			})
		})
	}
}
