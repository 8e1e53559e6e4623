package everflowmock

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// RateLimit is how many calls all callers together may make. Everflow's
// documentation has described three limits: [RateLimit20], [RateLimit30] and
// [RateLimitBucket]. The zero value limits nothing.
//
// Every call that reaches the API counts, also one that is then refused. A call
// that a [Fault] keeps from the API does not.
type RateLimit struct {
	// Calls is how many calls fit into one Window, or how many a full bucket holds.
	Calls int
	// Window is how long a fixed window lasts. It starts with the first call
	// after the window before it has ended.
	Window time.Duration
	// RefillPerSecond makes it a bucket that refills continuously. Exactly one of Window
	// and RefillPerSecond must be set.
	RefillPerSecond float64
	// RetryAfter adds a Retry-After header, in whole seconds, to 429 answers.
	// Everflow documents none.
	RetryAfter bool
}

// RateLimit20 is 20 calls per second, counted in fixed windows of 30 seconds.
func RateLimit20() RateLimit { return RateLimit{Calls: 600, Window: 30 * time.Second} }

// RateLimit30 is 30 calls per second, counted in fixed windows of 30 seconds.
func RateLimit30() RateLimit { return RateLimit{Calls: 900, Window: 30 * time.Second} }

// RateLimitBucket is a bucket of 50 calls that refills by 30 per second.
func RateLimitBucket() RateLimit { return RateLimit{Calls: 50, RefillPerSecond: 30} }

// ParseRateLimit is the limit with this name: none, 20, 30 or bucket.
func ParseRateLimit(name string) (RateLimit, error) {
	switch name {
	case "none":
		return RateLimit{}, nil
	case "20":
		return RateLimit20(), nil
	case "30":
		return RateLimit30(), nil
	case "bucket":
		return RateLimitBucket(), nil
	}
	return RateLimit{}, fmt.Errorf("unknown rate limit %q: use none, 20, 30 or bucket", name)
}

// unlimited is what the headers say when there is no limit.
const unlimited = 1_000_000

// limiter reports whether one more call is allowed, how many remain after it, and
// how long to wait when it is not allowed.
type limiter interface {
	allow(now time.Time) (ok bool, remaining int, wait time.Duration)
}

func (l RateLimit) limiter() (limiter, error) {
	switch {
	case l == RateLimit{} || l == RateLimit{RetryAfter: true}:
		return noLimit{}, nil
	case l.Calls < 1:
		return nil, errors.New("rate limit: Calls must be positive")
	case l.Window < 0 || l.RefillPerSecond < 0 || (l.Window > 0) == (l.RefillPerSecond > 0):
		return nil, errors.New("rate limit: exactly one of Window and RefillPerSecond must be set, to more than 0")
	case l.Window > 0:
		return &fixedWindow{calls: l.Calls, window: l.Window}, nil
	default:
		return (*bucket)(rate.NewLimiter(rate.Limit(l.RefillPerSecond), l.Calls)), nil
	}
}

type noLimit struct{}

func (noLimit) allow(time.Time) (bool, int, time.Duration) { return true, unlimited, 0 }

type fixedWindow struct {
	calls  int
	window time.Duration
	end    time.Time
	used   int
}

func (l *fixedWindow) allow(now time.Time) (bool, int, time.Duration) {
	if !now.Before(l.end) {
		l.end, l.used = now.Add(l.window), 0
	}
	if l.used >= l.calls {
		return false, 0, l.end.Sub(now)
	}
	l.used++
	return true, l.calls - l.used, 0
}

type bucket rate.Limiter

func (l *bucket) allow(now time.Time) (bool, int, time.Duration) {
	b := (*rate.Limiter)(l)
	ok := b.AllowN(now, 1)
	tokens := max(b.TokensAt(now), 0)
	if ok {
		return true, int(tokens), 0
	}
	return false, 0, time.Duration((1 - tokens) / float64(b.Limit()) * float64(time.Second))
}

// countForRateLimit counts a call and sets the headers of the rate limit. It
// fails when the limit is reached.
func (s *Server) countForRateLimit(h http.Header) error {
	ok, remaining, wait := s.limiter.allow(s.now())
	calls := s.opts.RateLimit.Calls
	if calls == 0 {
		calls = unlimited
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(calls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	if ok {
		return nil
	}
	if s.opts.RateLimit.RetryAfter {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	return &apiError{http.StatusTooManyRequests, "Too many requests"}
}
