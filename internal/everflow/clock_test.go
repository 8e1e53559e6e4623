package everflow_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestNow_isTheServersTimeWhateverTheMachines(t *testing.T) {
	bubble(t, func(t *testing.T) {
		theirs := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
		started := time.Now()
		a := onMock(t, everflowmock.Options{Now: func() time.Time { return theirs.Add(time.Since(started)) }})
		for _, passed := range []time.Duration{0, 90 * time.Minute} {
			time.Sleep(passed)
			now, err := a.Now(t.Context())
			if err != nil || !now.Equal(theirs.Add(passed)) {
				t.Errorf("after %s it is %s (%v), want %s", passed, now, err, theirs.Add(passed))
			}
		}
		if calls := len(a.mock.Calls()); calls != 1 {
			t.Errorf("%d calls were made to know the time, want 1", calls)
		}
	})
}

func TestNow_withoutADateIsAnErrorAndNotTheMachinesTime(t *testing.T) {
	for name, date := range map[string][]string{"none": nil, "unreadable": {"yesterday"}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header()["Date"] = date
					answering(200, `{"network_id": 1}`)(w, r)
				}))
				if now, err := a.Now(t.Context()); err == nil || !strings.Contains(err.Error(), "Date") {
					t.Errorf("got %s and %v, want an error that names the header", now, err)
				}
			})
		})
	}
}

// What stands in front of Everflow answers with a clock of its own.
func TestNow_isSetByEverflowsOwnAnswersOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   time.Duration
	}{
		"an answer":           {status: 200, body: `{"network_id": 1}`, want: 24 * time.Hour},
		"no body":             {status: 204, want: 24 * time.Hour},
		"Everflow's refusal":  {status: 403, body: `{"error": "no"}`, want: 24 * time.Hour},
		"a page":              {status: 502, body: "<html>"},
		"a sign-in page":      {status: 200, body: "<html>"},
		"a text":              {status: 503, body: "no"},
		"someone else's JSON": {status: 404, body: `{"message": "no route"}`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				started, first := time.Now().UTC(), true
				a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if first {
						first = false
						answering(200, `{"network_id": 1}`)(w, nil)
						return
					}
					w.Header().Set("Date", time.Now().UTC().Add(24*time.Hour).Format(http.TimeFormat))
					answering(test.status, test.body)(w, nil)
				}), func(config *everflow.Config) { config.MaxRetries = new(int) })
				_, _ = a.Client.Network(t.Context())
				_, _ = a.Whitelist(t.Context())
				if now, err := a.Now(t.Context()); err != nil || !now.Equal(started.Add(test.want)) {
					t.Errorf("it is %s (%v), want %s", now, err, started.Add(test.want))
				}
			})
		})
	}
}
