package everflow_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestRetries_areSevenAttemptsWhereTheyMayHelp(t *testing.T) {
	t.Parallel()
	status := func(status int) everflowmock.Fault {
		return everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: status}
	}
	for name, test := range map[string]struct {
		fault everflowmock.Fault
		// attempts of a call that may be repeated, and of a create.
		attempts, creates int
		// inDoubt, for a write.
		inDoubt bool
		message string
	}{
		"400":           {fault: status(400), attempts: 1, creates: 1, message: "400 Bad Request"},
		"401":           {fault: status(401), attempts: 1, creates: 1, message: "401 Unauthorized"},
		"403":           {fault: status(403), attempts: 1, creates: 1, message: "403 Forbidden"},
		"404":           {fault: status(404), attempts: 1, creates: 1, message: "404 Not Found"},
		"405":           {fault: status(405), attempts: 1, creates: 1, inDoubt: true, message: "405 Method Not Allowed"},
		"408":           {fault: status(408), attempts: 1, creates: 1, inDoubt: true, message: "408 Request Timeout"},
		"409":           {fault: status(409), attempts: 1, creates: 1, inDoubt: true, message: "409 Conflict"},
		"422":           {fault: status(422), attempts: 1, creates: 1, inDoubt: true, message: "422 Unprocessable Entity"},
		"429":           {fault: status(429), attempts: 7, creates: 7, message: "429 Too Many Requests (after 7 attempts)"},
		"500":           {fault: status(500), attempts: 7, creates: 1, inDoubt: true, message: "500 Internal Server Error"},
		"501":           {fault: status(501), attempts: 1, creates: 1, inDoubt: true, message: "501 Not Implemented"},
		"502":           {fault: status(502), attempts: 7, creates: 1, inDoubt: true, message: "502 Bad Gateway"},
		"503":           {fault: status(503), attempts: 7, creates: 1, inDoubt: true, message: "503 Service Unavailable"},
		"504":           {fault: status(504), attempts: 7, creates: 1, inDoubt: true, message: "504 Gateway Timeout"},
		"reset":         {fault: everflowmock.Fault{Kind: everflowmock.FaultReset}, attempts: 7, creates: 1, inDoubt: true, message: "no answer: EOF"},
		"no answer":     {fault: everflowmock.Fault{Kind: everflowmock.FaultHang}, attempts: 7, creates: 1, inDoubt: true, message: "no answer: timed out after 30s"},
		"half a body":   {fault: everflowmock.Fault{Kind: everflowmock.FaultResetInBody}, attempts: 7, creates: 1, inDoubt: true, message: "no answer: the answer broke off: unexpected EOF"},
		"stuck body":    {fault: everflowmock.Fault{Kind: everflowmock.FaultSlow}, attempts: 7, creates: 1, inDoubt: true, message: "no answer: timed out after 30s"},
		"slow body":     {fault: everflowmock.Fault{Kind: everflowmock.FaultSlow, Delay: 31 * time.Second}, attempts: 7, creates: 1, inDoubt: true, message: "no answer: timed out after 30s"},
		"late answer":   {fault: everflowmock.Fault{Kind: everflowmock.FaultHang, Delay: 31 * time.Second}, attempts: 7, creates: 1, inDoubt: true, message: "no answer: timed out after 30s"},
		"empty body":    {fault: everflowmock.Fault{Kind: everflowmock.FaultEmpty}, attempts: 1, creates: 1, inDoubt: true, message: "200 OK: the answer was empty"},
		"redirect":      {fault: everflowmock.Fault{Kind: everflowmock.FaultRedirect, URL: "/v1/networks"}, attempts: 1, creates: 1, inDoubt: true, message: "307 Temporary Redirect: redirected to another address, which is not followed, so that the API key goes to the configured host only: check the base URL"},
		"truncated":     {fault: everflowmock.Fault{Kind: everflowmock.FaultTruncated}, attempts: 1, creates: 1, inDoubt: true, message: "200 OK: the answer was not JSON, or broke off"},
		"just in time":  {fault: everflowmock.Fault{Kind: everflowmock.FaultHang, Delay: 29 * time.Second}, attempts: 1, creates: 1},
		"slow, in time": {fault: everflowmock.Fault{Kind: everflowmock.FaultSlow, Delay: 29 * time.Second}, attempts: 1, creates: 1},
	} {
		for _, operation := range everyOperation {
			t.Run(name+"/"+operation.name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					fault := test.fault
					fault.Operation = operation.name
					a.mock.AddFault(fault)
					_, err := operation.call(t.Context(), a.Run)
					attempts := test.attempts
					if operation.name == "createApiKey" {
						attempts = test.creates
					}
					if operation.isSentOnce {
						attempts = 1
					}
					calls := a.calls(operation.name)
					if len(calls) != attempts {
						t.Errorf("%d attempts, want %d", len(calls), attempts)
					}
					if test.message == "" {
						if err != nil {
							t.Error(err)
						}
						return
					}
					failed := wantError(t, err)
					want := calls[0].Method + " " + strings.TrimPrefix(calls[0].Path, "/v1") + ": " + strings.TrimSuffix(test.message, " (after 7 attempts)")
					if attempts > 1 {
						want += " (after 7 attempts)"
					}
					if failed.Error() != want {
						t.Errorf("got  %s\nwant %s", failed, want)
					}
					if failed.Attempts != attempts {
						t.Errorf("the error tells of %d attempts", failed.Attempts)
					}
					if got := failed.InDoubt; got != (test.inDoubt && operation.writes) {
						t.Errorf("got InDoubt %t", got)
					}
				})
			})
		}
	}
}

func TestRetries_outlastAWindowOfTheRateLimitAtTheirShortest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var all [][]time.Duration
		for range 5 {
			a := onMock(t, everflowmock.Options{})
			a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429})
			_, _ = a.Client.Network(t.Context())
			all = append(all, gaps(a.calls("getNetwork")))
		}
		shortest := []time.Duration{500, 1000, 2000, 4000, 8000, 15000} // ms; in sum 30.5 s, more than a window of 30 s
		for _, gaps := range all {
			if len(gaps) != 6 {
				t.Fatalf("%d waits, want 6", len(gaps))
			}
			for i, least := range shortest {
				if least *= time.Millisecond; gaps[i] < least || gaps[i] > 2*least {
					t.Errorf("wait %d was %s, want %s to %s", i+1, gaps[i], least, 2*least)
				}
			}
		}
		for i := range all {
			if slices.Equal(all[i], all[(i+1)%5]) {
				t.Error("two calls waited the same times")
			}
		}
	})
}

// gaps are the times between calls.
func gaps(calls []everflowmock.Call) []time.Duration {
	var list []time.Duration
	for i := 1; i < len(calls); i++ {
		list = append(list, calls[i].Time.Sub(calls[i-1].Time))
	}
	return list
}

func TestRetries_waitAsLongAsTheServerAsksUpToAMinute(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]struct{ least, most time.Duration }{
		"20":                            {20 * time.Second, 21 * time.Second},
		"60":                            {60 * time.Second, 61 * time.Second},
		"3600":                          {60 * time.Second, 61 * time.Second},
		"9223372036854775807":           {60 * time.Second, 61 * time.Second},
		"99999999999999999999":          {500 * time.Millisecond, time.Second},
		"0":                             {500 * time.Millisecond, time.Second},
		"-20":                           {500 * time.Millisecond, time.Second},
		"soon":                          {500 * time.Millisecond, time.Second},
		"Sat, 01 Jan 2000 00:00:20 GMT": {500 * time.Millisecond, time.Second},
	} {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprint(asked, " with ", status), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					a.mock.AddFault(everflowmock.Fault{Times: 1, Kind: everflowmock.FaultStatus, Status: status, Header: http.Header{"Retry-After": {asked}}})
					if _, err := a.Client.Network(t.Context()); err != nil {
						t.Fatal(err)
					}
					got := gaps(a.calls("getNetwork"))
					if len(got) != 1 || got[0] < want.least || got[0] > want.most {
						t.Errorf("waited %s, want %s to %s", got, want.least, want.most)
					}
				})
			})
		}
	}
}

// A shorter wait than ours is not asked for, since all clients would keep to it.
func TestRetries_neverWaitLessForAServerThatAsks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		_, _ = a.Client.Network(t.Context())
		got := gaps(a.calls("getNetwork"))
		if len(got) != 6 {
			t.Fatalf("%d waits, want 6", len(got))
		}
		for i, least := range []time.Duration{1, 1, 2, 4, 8, 15} {
			if got[i] < least*time.Second {
				t.Errorf("wait %d was %s", i+1, got[i])
			}
		}
	})
}

func TestRetries_areAsManyAsAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, retries := range []int{0, 1, 10, 20} {
		t.Run(fmt.Sprint(retries), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRetries = &retries })
				a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500})
				_, _ = a.Client.Network(t.Context())
				calls := a.calls("getNetwork")
				if len(calls) != retries+1 {
					t.Errorf("%d attempts, want %d", len(calls), retries+1)
				}
				for _, gap := range gaps(calls) {
					if gap > 30*time.Second {
						t.Errorf("a wait of %s", gap)
					}
				}
			})
		})
	}
}

func TestRetries_endWithTheFirstAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		for _, fault := range []everflowmock.Fault{
			{Kind: everflowmock.FaultStatus, Status: 429},
			{Kind: everflowmock.FaultReset, AfterActing: true},
			{Kind: everflowmock.FaultStatus, Status: 502, Body: "<html>", AfterActing: true},
			{Kind: everflowmock.FaultResetInBody},
			{Kind: everflowmock.FaultHang},
		} {
			fault.Times = 1
			a.mock.AddFault(fault)
		}
		key, err := a.UpdateAPIKey(t.Context(), everflow.APIKeyIdentity{ID: 2}, ciKey)
		if err != nil || key.Name != "ci" {
			t.Fatalf("got %+v, %v", key, err)
		}
		var got []string
		for _, attempt := range a.log.all() {
			got = append(got, fmt.Sprint(attempt.Number, " ", attempt.Method, " ", attempt.Path, " ", attempt.Status, " ", attempt.Err))
		}
		path := "PUT " + prefix + "/v1/networks/security/apikeys/2 "
		want := []string{
			"1 " + path + "429 <nil>", "2 " + path + "0 EOF", "3 " + path + "502 <nil>",
			"4 " + path + "0 the answer broke off: unexpected EOF", "5 " + path + "0 timed out after 30s", "6 " + path + "200 <nil>",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestRetries_tellTheLastAnswerThoughAFailureCameAfterIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		one := 1
		a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRetries = &one })
		a.mock.AddFault(everflowmock.Fault{Times: 1, Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"database is down"}`})
		a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultReset})
		_, err := a.Client.RevokeAPIKey(t.Context(), 2)
		const want = "POST /networks/security/apikeys/2/revoke: 500 Internal Server Error: database is down; then no answer: EOF (after 2 attempts)"
		if err == nil || err.Error() != want || everflow.StatusOf(err) != 500 {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

// A write may have been done by an attempt before the one that was refused.
func TestRetries_leaveAWriteInDoubtThoughTheLastAttemptWasRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Times: 1, Kind: everflowmock.FaultReset, AfterActing: true})
		a.mock.AddFault(everflowmock.Fault{Times: 1, Kind: everflowmock.FaultStatus, Status: 403})
		if _, err := a.Client.RevokeAPIKey(t.Context(), 2); everflow.StatusOf(err) != 403 || !everflow.IsInDoubt(err) {
			t.Errorf("got %v, in doubt %t", err, everflow.IsInDoubt(err))
		}
		if key, _ := a.mock.Key(2); !key.Revoked() {
			t.Error("the first attempt did not act")
		}
	})
}

func TestTimeout_isForOneAttemptAndNotForItsPlaceInLine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Latency: 900 * time.Millisecond}, func(config *everflow.Config) {
			config.MaxRequestsPerSecond, config.RequestTimeout = 0.1, time.Second
		})
		a.mock.AddFault(everflowmock.Fault{Skip: 1, Times: 1, Kind: everflowmock.FaultStatus, Status: 503})
		for range 2 {
			if _, err := a.Client.Network(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		attempts := a.log.all()
		if len(attempts) != 3 {
			t.Fatalf("%d attempts, want 3", len(attempts))
		}
		for i, waited := range []time.Duration{0, 9100 * time.Millisecond, 9 * time.Second} {
			got := attempts[i]
			if i == 2 { // after a wait of 0.5 to 1 s, which is not time in line
				waited -= 400 * time.Millisecond
				if got.Waited > waited || got.Waited < waited-500*time.Millisecond {
					t.Errorf("attempt 3 waited %s", got.Waited)
				}
			} else if got.Waited != waited {
				t.Errorf("attempt %d waited %s, want %s", i+1, got.Waited, waited)
			}
			if got.Took != 900*time.Millisecond {
				t.Errorf("attempt %d took %s", i+1, got.Took)
			}
		}
	})
}
