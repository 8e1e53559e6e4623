package everflowmock

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const createBody = `{"name":"CI","network_employee_id":1,"is_all_permissions":true}`

// createWithFault returns a server with one fault, and the answer to one create.
func createWithFault(t *testing.T, f Fault) (s *testServer, g response) {
	t.Helper()
	s = startServer(t, Options{Faults: []Fault{f}})
	return s, s.call("POST", apiKeys, createBody)
}

func (s *testServer) wantKeyCount(n int) {
	s.t.Helper()
	if got := len(s.Keys()); got != n {
		s.t.Errorf("%d keys, want %d", got, n)
	}
}

func TestFault_resetIsARealOne(t *testing.T) {
	t.Parallel()
	for after, keys := range map[bool]int{false: 4, true: 5} {
		s := startServer(t, Options{Faults: []Fault{{Kind: FaultReset, AfterActing: after, Times: 1}}})
		if _, err := s.roundTrip("POST", apiKeys, createBody); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("after %t: %v, want a connection reset", after, err)
		}
		s.wantKeyCount(keys)
		s.wantAnswer(s.call("GET", apiKeys+"/99", ""), 404, `{"error":"API key 99 not found"}`)
	}
}

func TestFault_resetAbortsWhereThereIsNoConnection(t *testing.T) {
	t.Parallel()
	mock, err := New(Options{Faults: []Fault{{Kind: FaultReset}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if got, _ := recover().(error); !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("recovered %v, want http.ErrAbortHandler", got)
		}
		if calls := mock.Calls(); len(calls) != 1 || calls[0].Status != 0 || calls[0].Fault != "reset" {
			t.Errorf("%+v", calls)
		}
	}()
	mock.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/networks", nil))
}

func TestFault_resetOverTLSAndHTTP2FailsTheCall(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		mock, err := New(Options{Faults: []Fault{{Kind: FaultReset}}})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(mock)
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		_, err = server.Client().Get(server.URL + "/v1/networks")
		if err == nil || !http2 && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("HTTP/2 %t: %v", http2, err)
		}
	}
}

func TestFault_hangActsOnlyWhenItIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for after, keysWhileHanging := range map[bool]int{false: 4, true: 5} {
			mock, err := New(Options{Faults: []Fault{{Kind: FaultHang, Delay: time.Hour, AfterActing: after}}})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			w := httptest.NewRecorder()
			go mock.ServeHTTP(w, createRequest(t.Context()))
			synctest.Wait()
			if n := len(mock.Keys()); n != keysWhileHanging {
				t.Errorf("after %t: %d keys while it hangs, want %d", after, n, keysWhileHanging)
			}
			time.Sleep(time.Hour) // of the bubble's clock
			synctest.Wait()
			if n := len(mock.Keys()); n != 5 || w.Code != 200 || time.Since(began) != time.Hour {
				t.Errorf("after %t: %d keys, %d %s, %s", after, n, w.Code, w.Body, time.Since(began))
			}
		}
	})
}

func createRequest(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, "POST", "/v1"+apiKeys, strings.NewReader(createBody))
	r.Header.Set("X-Eflow-API-Key", DemoAPIKey)
	return r
}

func TestFault_hangEndsWhenTheClientLeaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault Fault
		keys  int
	}{
		"before acting, without end": {fault: Fault{Kind: FaultHang}, keys: 4},
		"before acting, for hours":   {fault: Fault{Kind: FaultHang, Delay: 5 * time.Hour}, keys: 4},
		"after acting, without end":  {fault: Fault{Kind: FaultHang, AfterActing: true}, keys: 5},
		"after acting, for hours":    {fault: Fault{Kind: FaultHang, AfterActing: true, Delay: 5 * time.Hour}, keys: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mock, err := New(Options{Faults: []Fault{c.fault}})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				recovered := make(chan any)
				go func() {
					defer func() { recovered <- recover() }()
					mock.ServeHTTP(httptest.NewRecorder(), createRequest(ctx))
				}()
				synctest.Wait()
				cancel()
				if got, _ := (<-recovered).(error); !errors.Is(got, http.ErrAbortHandler) {
					t.Errorf("recovered %v, want http.ErrAbortHandler", got)
				}
				if call := mock.Calls()[0]; call.Status != 0 || len(mock.Keys()) != c.keys {
					t.Errorf("status %d, %d keys, want %d keys", call.Status, len(mock.Keys()), c.keys)
				}
			})
		})
	}
}

func TestFaults_skipTimesAndOperation(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{Faults: []Fault{
		{Operation: "getNetwork", Kind: FaultStatus, Status: 500, Skip: 1, Times: 2},
		{Operation: "*", Kind: FaultStatus, Status: 503, Times: 1},
		{Operation: "listRoles", Kind: FaultStatus, Status: 504},
	}})
	var statuses []int
	for _, path := range []string{"/networks", "/networks", "/networks/roles", "/networks", "/networks", "/networks/roles", "/networks/employees"} {
		statuses = append(statuses, s.call("GET", path, "").status)
	}
	if want := []int{503, 500, 504, 500, 200, 504, 200}; !reflect.DeepEqual(statuses, want) {
		t.Errorf("got %v, want %v", statuses, want)
	}
	s.ClearFaults()
	if g := s.call("GET", "/networks/roles", ""); g.status != 200 {
		t.Errorf("after ClearFaults: %d", g.status)
	}
	s.AddFault(Fault{Kind: FaultStatus, Status: 418})
	if g := s.call("GET", "/no/such/path", ""); g.status != 418 {
		t.Errorf("an unknown path meets a fault of any operation: %d", g.status)
	}
}

func TestLatency_isAddedToEveryAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock, err := New(Options{Latency: time.Minute, Faults: []Fault{{Kind: FaultStatus, Status: 500, Skip: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range []int{200, 500} {
			began := time.Now()
			w := httptest.NewRecorder()
			mock.ServeHTTP(w, createRequest(t.Context()))
			if d := time.Since(began); d != time.Minute || w.Code != status {
				t.Errorf("%d after %s, want %d after 1m0s", w.Code, d, status)
			}
		}
	})
}

func TestLatency_endsWhenTheClientLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mock, err := New(Options{Latency: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		defer func() {
			if got, _ := recover().(error); !errors.Is(got, http.ErrAbortHandler) || time.Since(began) != time.Second {
				t.Errorf("recovered %v after %s", got, time.Since(began))
			}
			if n := len(mock.Keys()); n != 5 {
				t.Errorf("%d keys: the API acts before the wait", n)
			}
		}()
		mock.ServeHTTP(httptest.NewRecorder(), createRequest(ctx))
	})
}
