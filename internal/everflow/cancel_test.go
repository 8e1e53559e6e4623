package everflow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestCancel_duringAWaitEndsAtOnceAndKeepsTheLastAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    everflowmock.Fault
		deadline bool
		status   int
		want     string
	}{
		"429": {
			fault:  everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429, Body: `{"error":"Too many requests"}`},
			status: 429, want: "429 Too Many Requests: Too many requests; then cancelled while it waited to be sent",
		},
		"500, out of time": {
			fault:  everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500, Body: `{"Error":"boom"}`},
			status: 500, deadline: true, want: "500 Internal Server Error: boom; then out of time while it waited to be sent",
		},
		"reset": {
			fault: everflowmock.Fault{Kind: everflowmock.FaultReset},
			want:  "no answer: EOF; then cancelled while it waited to be sent",
		},
		"long words": {
			fault:  everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500, Body: strings.Repeat("x", 5000)},
			status: 500, want: "500 Internal Server Error: " + strings.Repeat("x", 500) + "…; then cancelled while it waited to be sent",
		},
	} {
		for _, operation := range operations("getNetwork", "searchApiKeys", "revokeApiKey") {
			t.Run(name+"/"+operation.name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					a.mock.AddFault(test.fault)
					ctx, cause := ending(t, test.deadline, 250*time.Millisecond)
					started := time.Now()
					_, err := operation.call(ctx, a.Run)
					if took := time.Since(started); took != 250*time.Millisecond {
						t.Errorf("ended after %s", took)
					}
					failed := wantError(t, err)
					if !strings.HasSuffix(failed.Error(), ": "+test.want) || failed.Status != test.status || failed.Attempts != 1 {
						t.Errorf("got %s, status %d, %d attempts\nwant …%s", failed, failed.Status, failed.Attempts, test.want)
					}
					if !errors.Is(err, cause) {
						t.Errorf("the error does not wrap %v", cause)
					}
				})
			})
		}
	}
}

// ending is a run that is cancelled, or out of time, after a while.
func ending(t *testing.T, deadline bool, after time.Duration) (context.Context, error) {
	if deadline {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		t.Cleanup(cancel)
		return ctx, context.DeadlineExceeded
	}
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(after, cancel)
	t.Cleanup(func() { timer.Stop(); cancel() })
	return ctx, context.Canceled
}

func TestCancel_whileAReadIsUnderWayEndsIt(t *testing.T) {
	t.Parallel()
	for _, operation := range everyOperation {
		if operation.writes {
			continue
		}
		for _, kind := range []everflowmock.FaultKind{everflowmock.FaultHang, everflowmock.FaultSlow} {
			t.Run(operation.name+"/"+string(kind), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					a.mock.AddFault(everflowmock.Fault{Kind: kind})
					ctx, _ := ending(t, false, time.Second)
					started := time.Now()
					_, err := operation.call(ctx, a.Run)
					if took := time.Since(started); took != time.Second {
						t.Errorf("ended after %s", took)
					}
					failed := wantError(t, err)
					if failed.Message != "cancelled before an answer arrived" || !errors.Is(err, context.Canceled) || len(a.mock.Calls()) != 1 {
						t.Errorf("got %v, %d calls", err, len(a.mock.Calls()))
					}
				})
			})
		}
	}
}

func TestCancel_whileAWriteIsUnderWayLetsItFinish(t *testing.T) {
	t.Parallel()
	for _, operation := range everyOperation {
		if !operation.writes {
			continue
		}
		for _, deadline := range []bool{false, true} {
			t.Run(fmt.Sprint(operation.name, " out of time ", deadline), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					a.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultHang, Delay: 10 * time.Second})
					ctx, _ := ending(t, deadline, time.Second)
					started := time.Now()
					_, err := operation.call(ctx, a.Run)
					if took := time.Since(started); err != nil || took != 10*time.Second {
						t.Errorf("got %v after %s", err, took)
					}
				})
			})
			t.Run(fmt.Sprint(operation.name, " refused, out of time ", deadline), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{Latency: time.Second})
					a.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultStatus, Status: 429})
					ctx, _ := ending(t, deadline, 1500*time.Millisecond)
					started := time.Now()
					_, err := operation.call(ctx, a.Run)
					failed := wantError(t, err)
					if failed.Status != 429 || failed.InDoubt || len(a.calls(operation.name)) != 1 {
						t.Errorf("got %v, in doubt %t, %d calls", err, failed.InDoubt, len(a.calls(operation.name)))
					}
					if took := time.Since(started); took > 2*time.Second {
						t.Errorf("ended after %s", took)
					}
				})
			})
		}
	}
}

func TestCancel_beforeACallSendsNothing(t *testing.T) {
	t.Parallel()
	for _, operation := range everyOperation {
		t.Run(operation.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				_, err := operation.call(ctx, a.Run)
				failed := wantError(t, err)
				if failed.Message != "cancelled while it waited to be sent" || failed.Attempts != 0 || failed.InDoubt || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, %d attempts, in doubt %t", err, failed.Attempts, failed.InDoubt)
				}
				if got := len(a.mock.Calls()); got != 0 {
					t.Errorf("%d calls", got)
				}
			})
		})
	}
}
