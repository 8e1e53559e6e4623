package everflow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// atOnce makes n calls at the same time and returns how long they took.
func atOnce(t *testing.T, a *account, n int) time.Duration {
	t.Helper()
	started := time.Now()
	var calls sync.WaitGroup
	for range n {
		calls.Go(func() {
			if _, err := a.Client.Network(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	return time.Since(started)
}

func TestRateLimit_spreadsCallsOverTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		perSecond float64
		calls     int
		// least is (calls - burst) / perSecond, the burst being half a second's calls.
		least time.Duration
	}{
		"default, 15 a second": {calls: 67, least: 4 * time.Second},
		"2 a second":           {perSecond: 2, calls: 11, least: 5 * time.Second},
		"1 in 10 seconds":      {perSecond: 0.1, calls: 4, least: 30 * time.Second},
		"100 a second":         {perSecond: 100, calls: 250, least: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRequestsPerSecond = test.perSecond })
				if took := atOnce(t, a, test.calls); took < test.least || took > test.least+test.least/100 {
					t.Errorf("%d calls took %s, want %s", test.calls, took, test.least)
				}
			})
		})
	}
}

func TestRateLimit_countsRetriesToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRequestsPerSecond = 0.01 })
		a.mock.AddFault(everflowmock.Fault{Times: 2, Kind: everflowmock.FaultStatus, Status: 503})
		if took := atOnce(t, a, 1); took.Round(time.Second) != 200*time.Second {
			t.Errorf("3 attempts took %s, want 200s", took)
		}
	})
}

// Everflow has documented three limits. A run that has the quota to itself
// meets none of them.
func TestRateLimit_staysBelowEachThatEverflowHasDocumented(t *testing.T) {
	t.Parallel()
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{RateLimit: limit})
				atOnce(t, a, 700)
				if got := len(a.log.all()); got != 700 {
					t.Errorf("%d attempts for 700 calls", got)
				}
			})
		})
	}
}

var limits = map[string]everflowmock.RateLimit{
	"20 a second":      everflowmock.RateLimit20(),
	"30 a second":      everflowmock.RateLimit30(),
	"bucket of 30, 50": everflowmock.RateLimitBucket(),
}

// The quota is shared: another system may have used it up just when a run starts.
func TestRateLimit_usedUpByOthersIsOutlasted(t *testing.T) {
	t.Parallel()
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{RateLimit: limit})
				another, err := everflow.New(everflow.Config{
					APIKey: everflow.NewSecret(ownKey), BaseURL: "http://127.0.0.1" + prefix + "/v1", MaxRequestsPerSecond: 1e6,
					HTTPClient: clientOf(a),
				})
				if err != nil {
					t.Fatal(err)
				}
				for range limit.Calls {
					if _, err := another.Network(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				created, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if err != nil || created.ID != 5 {
					t.Errorf("got %+v, %v", created, err)
				}
			})
		})
	}
}

func TestRateLimit_waitEndsWithTheRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deadline bool
		ends     time.Duration
		want     string
	}{
		"cancelled": {ends: 2 * time.Second, want: "cancelled while it waited to be sent"},
		// Known at once: the line is longer than the time that is left.
		"out of time": {deadline: true, want: "out of time while it waited to be sent"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRequestsPerSecond = 0.1 })
				atOnce(t, a, 1)
				ctx, cause := ending(t, test.deadline, 2*time.Second)
				started := time.Now()
				_, err := a.Client.RevokeAPIKey(ctx, 2)
				failed := wantError(t, err)
				if failed.Message != test.want || failed.InDoubt || failed.Attempts != 0 || !errors.Is(err, cause) {
					t.Errorf("got %v, in doubt %t", err, failed.InDoubt)
				}
				if took := time.Since(started); took != test.ends {
					t.Errorf("ended after %s, want %s", took, test.ends)
				}
			})
		})
	}
}

func TestObserve_isToldInTheCallsOwnContext(t *testing.T) {
	type key struct{}
	bubble(t, func(t *testing.T) {
		told := ""
		a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) {
			config.Observe = func(ctx context.Context, _ everflow.Attempt) { told, _ = ctx.Value(key{}).(string) }
		})
		if _, err := a.Client.Network(context.WithValue(t.Context(), key{}, "this call")); err != nil || told != "this call" {
			t.Errorf("got %q, %v", told, err)
		}
	})
}

// creating makes n keys with ten at a time, as Terraform does, and returns how
// long it took and how many attempts that were, and were refused.
func creating(t *testing.T, a *account, n int) (took time.Duration, attempts, refused int) {
	t.Helper()
	started := time.Now()
	var creating sync.WaitGroup
	next := make(chan int)
	for range 10 {
		creating.Go(func() {
			for i := range next {
				if _, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: fmt.Sprint("key ", i), AllPermissions: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	creating.Wait()
	for _, attempt := range a.log.all() {
		attempts++
		if attempt.Status == 429 {
			refused++
		}
	}
	return time.Since(started), attempts, refused
}

// At the very limit that Everflow has, a thousand creations go through without one
// refusal, in little more than the time that the limit takes.
func TestRateLimit_thousandKeysAtTheLimitItself(t *testing.T) {
	t.Parallel()
	for name, perSecond := range map[string]float64{"20 a second": 20, "30 a second": 30, "bucket of 30, 50": 30} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{RateLimit: limits[name], Latency: 50 * time.Millisecond},
					func(config *everflow.Config) { config.MaxRequestsPerSecond = perSecond })
				took, attempts, refused := creating(t, a, 1000)
				if refused > 0 || attempts > 1020 {
					t.Errorf("%d attempts, of which %d were refused", attempts, refused)
				}
				if least := time.Duration(1000 / perSecond * float64(time.Second)); took > least*5/4 {
					t.Errorf("took %s, more than 1.25 of %s", took, least)
				}
			})
		})
	}
}

// Others eat half of the quota, and care for nobody: no creation fails.
func TestRateLimit_thousandKeysBesideOthers(t *testing.T) {
	t.Parallel()
	for name, perSecond := range map[string]float64{"20 a second": 20, "30 a second": 30, "bucket of 30, 50": 30} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{RateLimit: limits[name], Latency: 50 * time.Millisecond})
				done, others := make(chan struct{}), 0
				go func() {
					for {
						select {
						case <-done:
							return
						case <-time.After(time.Duration(2 / perSecond * float64(time.Second))):
							request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+prefix+"/v1/networks", nil)
							request.Header.Set("X-Eflow-API-Key", ownKey)
							if response, err := clientOf(a).Do(request); err == nil {
								if response.StatusCode == 429 {
									others++
								}
								_ = response.Body.Close()
							}
						}
					}
				}()
				took, attempts, refused := creating(t, a, 1000)
				close(done)
				t.Logf("took %s, %d attempts, %d refused; others refused %d", took, attempts, refused, others)
				if attempts > 1020 {
					t.Errorf("%d attempts, of which %d were refused", attempts, refused)
				}
			})
		})
	}
}
