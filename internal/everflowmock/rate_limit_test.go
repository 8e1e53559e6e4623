package everflowmock

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// burst sends n calls without a network, and counts those that got through.
func (s *testServer) burst(n int) (accepted int, last response) {
	for range n {
		r := httptest.NewRequest("GET", "/v1/networks", nil)
		r.Header.Set("X-Eflow-API-Key", s.secret)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		last = response{status: w.Code, body: strings.TrimSpace(w.Body.String()), header: w.Header()}
		if w.Code == 200 {
			accepted++
		}
	}
	return accepted, last
}

func (s *testServer) wantBurst(n, accepted int) {
	s.t.Helper()
	if got, last := s.burst(n); got != accepted {
		s.t.Errorf("%d of %d calls got through, want %d; the last: %d %s", got, n, accepted, last.status, last.body)
	}
}

func (s *testServer) wantHeaders(g response, limit, remaining, retryAfter string) {
	s.t.Helper()
	h := g.header
	if h.Get("X-RateLimit-Limit") != limit || h.Get("X-RateLimit-Remaining") != remaining ||
		h.Get("Retry-After") != retryAfter {
		s.t.Errorf("headers %v, want limit %s, remaining %s, retry after %q", h, limit, remaining, retryAfter)
	}
}

func TestRateLimit_20InFixedWindows(t *testing.T) {
	t.Parallel()
	fixedWindows(t, RateLimit20(), 600, "600", "599")
}

func TestRateLimit_30InFixedWindows(t *testing.T) {
	t.Parallel()
	fixedWindows(t, RateLimit30(), 900, "900", "899")
}

func fixedWindows(t *testing.T, limit RateLimit, calls int, limitHeader, firstRemaining string) {
	s := startServer(t, Options{RateLimit: limit})
	_, first := s.burst(1)
	s.wantHeaders(first, limitHeader, firstRemaining, "")
	s.clock.advance(29 * time.Second)
	s.wantBurst(calls-1, calls-1)
	_, refused := s.burst(1)
	s.wantAnswer(refused, 429, `{"error":"Too many requests"}`)
	s.wantHeaders(refused, limitHeader, "0", "")
	s.clock.advance(time.Second - time.Nanosecond)
	s.wantBurst(1, 0)
	s.clock.advance(time.Nanosecond)
	s.wantBurst(calls+5, calls)
	s.clock.advance(45 * time.Second)
	s.wantBurst(1, 1)
	s.clock.advance(29 * time.Second) // the window began with the call above, not at a round time
	s.wantBurst(calls, calls-1)
}

func TestRateLimit_bucketRefillsContinuously(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{RateLimit: RateLimitBucket()})
	_, first := s.burst(1)
	s.wantHeaders(first, "50", "49", "")
	s.wantBurst(60, 49)
	_, refused := s.burst(1)
	s.wantAnswer(refused, 429, `{"error":"Too many requests"}`)
	s.wantHeaders(refused, "50", "0", "")
	s.clock.advance(time.Second / 10)
	s.wantBurst(5, 3)
	s.clock.advance(time.Second)
	s.wantBurst(40, 30)
	s.clock.advance(time.Hour)
	s.wantBurst(60, 50)
}

func TestRateLimit_noneSaysALargeNumber(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.wantBurst(2000, 2000)
	_, g := s.burst(1)
	s.wantHeaders(g, "1000000", "1000000", "")
}

func TestRateLimit_numbersAreFree(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{RateLimit: RateLimit{Calls: 2, Window: time.Minute}})
	s.wantBurst(5, 2)
	s = startServer(t, Options{RateLimit: RateLimit{Calls: 3, RefillPerSecond: 0.5}})
	s.wantBurst(5, 3)
	s.clock.advance(2 * time.Second)
	s.wantBurst(5, 1)
}

func TestRateLimit_isSharedByAllCallersAndCountsRefusedCalls(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{RateLimit: RateLimit{Calls: 4, Window: time.Minute}})
	s.wantHeaders(s.withSecret("").call("GET", "/networks", ""), "4", "3", "")
	s.wantHeaders(s.withSecret("unknown").call("GET", "/networks", ""), "4", "2", "")
	s.wantHeaders(s.call("GET", "/no/such/path", ""), "4", "1", "")
	s.wantHeaders(s.call("GET", "/networks/security/apikeys/99", ""), "4", "0", "")
	g := s.call("GET", "/networks/employees", "")
	s.wantAnswer(g, 429, `{"Error":"Too many requests"}`)
	s.wantHeaders(g, "4", "0", "")
	if k, _ := s.Key(4); k.TimeLastUsed != startOfTest {
		t.Errorf("last used %d", k.TimeLastUsed)
	}
}

func TestRateLimit_refusedCreateDoesNotAct(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{RateLimit: RateLimit{Calls: 1, Window: time.Minute}})
	s.burst(1)
	g := s.call("POST", apiKeys, `{"name":"x","network_employee_id":1,"is_all_permissions":true}`)
	if g.status != 429 || len(s.Keys()) != 4 {
		t.Errorf("%d %s, %d keys", g.status, g.body, len(s.Keys()))
	}
}

func TestRateLimit_retryAfterOnlyOnRequest(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{RateLimit: RateLimit{Calls: 1, Window: time.Minute, RetryAfter: true}})
	_, accepted := s.burst(1)
	s.wantHeaders(accepted, "1", "0", "")
	s.clock.advance(10*time.Second + time.Millisecond)
	_, refused := s.burst(1)
	s.wantHeaders(refused, "1", "0", "50")
	s = startServer(t, Options{RateLimit: RateLimit{Calls: 1, RefillPerSecond: 0.1, RetryAfter: true}})
	s.burst(1)
	s.clock.advance(2500 * time.Millisecond)
	_, refused = s.burst(1)
	s.wantHeaders(refused, "1", "0", "8")
}

func TestParseRateLimit_knowsFourNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]RateLimit{
		"none":   {},
		"20":     {Calls: 600, Window: 30 * time.Second},
		"30":     {Calls: 900, Window: 30 * time.Second},
		"bucket": {Calls: 50, RefillPerSecond: 30},
	} {
		if got, err := ParseRateLimit(name); got != want || err != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := ParseRateLimit("40"); err == nil || err.Error() != `unknown rate limit "40": use none, 20, 30 or bucket` {
		t.Error(err)
	}
}
