package everflow

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

const (
	// headerKey is the header that Everflow authenticates by.
	headerKey = "X-Eflow-API-Key"

	// Waits between attempts double from the first to the second bound, each drawn
	// between its half and its whole, so that runs that were refused together
	// do not come back together.
	retryWaitMin = 1 * time.Second
	retryWaitMax = 30 * time.Second
	// maxRetryAfter caps a wait that the server asks for, which Everflow does
	// not document.
	maxRetryAfter = 60 * time.Second
	// maxUnreachable is how often an address that takes no connection is tried
	// again: no rate limit to outwait there, and often just a wrong base URL.
	maxUnreachable = 3

	// maxAnswer bounds an answer, in bytes. The largest real one is a page of
	// 2,000 keys with some 4 KB each.
	maxAnswer = 8 << 20
)

var (
	errNotStarted     = errors.New("not sent")
	errAnswerTooLarge = fmt.Errorf("the answer is larger than %d MiB, which no Everflow answer is", maxAnswer>>20)
)

type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no complete answer within %s", e.after) }
func (e *timeoutError) Timeout() bool { return true }

// Attempt is one request and how it ended.
type Attempt struct {
	Method, Path string
	// Number counts from 1 within a call.
	Number int
	// Status is 0 when no answer arrived; Err says why.
	Status int
	Err    error
	// Waited is the time spent in line for the rate limit; Took, from sending to
	// the last byte of the answer.
	Waited, Took time.Duration
}

// delivery travels with a call through retryablehttp, whose policies see only a
// context.
type delivery struct {
	// repeatable: sending it twice does no more than sending it once.
	repeatable bool
	// finish: once an attempt is under way, cancelling the run does not cut
	// it off, so that a write's outcome is known.
	finish      bool
	attempts    int
	unreachable int
	// inDoubt: on some attempt the server may have acted without saying so.
	inDoubt    bool
	lastStatus int
	lastBody   []byte
}

type deliveryKey struct{}

func deliveryOf(ctx context.Context) *delivery {
	d, ok := ctx.Value(deliveryKey{}).(*delivery)
	if !ok {
		return &delivery{}
	}
	return d
}

// transport is what every attempt passes: the rate limit, the key, one time-out
// for request and answer, and the answer read whole, so that a broken body is
// retried like any other broken answer.
type transport struct {
	next      http.RoundTripper
	key       Secret
	userAgent string
	timeout   time.Duration
	limiter   *rate.Limiter
	observe   func(context.Context, Attempt)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, sending := req.Context(), deliveryOf(req.Context())
	queued := time.Now()
	if err := t.limiter.Wait(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotStarted, context.Cause(ctx))
	}
	sending.attempts++
	attempt := Attempt{Method: req.Method, Path: req.URL.Path, Number: sending.attempts, Waited: time.Since(queued)}
	started := time.Now()
	answer, err := t.attempt(req, sending)
	attempt.Took, attempt.Err = time.Since(started), err
	if err == nil {
		attempt.Status = answer.StatusCode
		sending.inDoubt = sending.inDoubt || !(refusal(answer.StatusCode) || answer.StatusCode/100 == 2)
	} else {
		sending.inDoubt = sending.inDoubt || !neverSent(err)
	}
	if t.observe != nil {
		t.observe(ctx, attempt)
	}
	return answer, err
}

func (t *transport) attempt(req *http.Request, sending *delivery) (*http.Response, error) {
	ctx := req.Context()
	if sending.finish {
		ctx = context.WithoutCancel(ctx)
	}
	late := &timeoutError{after: t.timeout}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, late)
	defer cancel()
	req = req.Clone(ctx)
	req.Header.Set(headerKey, t.key.Reveal())
	req.Header.Set("User-Agent", t.userAgent)

	answer, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, t.orTimeout(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, t.orTimeout(ctx, fmt.Errorf("the answer broke off: %w", err))
	}
	if len(body) > maxAnswer {
		return nil, errAnswerTooLarge
	}
	sending.lastStatus, sending.lastBody = answer.StatusCode, body
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

func (t *transport) orTimeout(ctx context.Context, err error) error {
	if late, ok := errors.AsType[*timeoutError](context.Cause(ctx)); ok {
		return late
	}
	return err
}

// checkRetry decides whether an attempt is followed by another. A refusal for
// the rate limit changed nothing and may always be repeated; anything after which
// the server may have acted, only when repeating is harmless.
func checkRetry(ctx context.Context, answer *http.Response, err error) (bool, error) {
	sending := deliveryOf(ctx)
	if err == nil && !retriedStatus(answer.StatusCode) {
		return false, nil // also when the run was cancelled meanwhile: the answer stands
	}
	if ctx.Err() != nil {
		return false, nil
	}
	if err == nil {
		return sending.repeatable || answer.StatusCode == http.StatusTooManyRequests, nil
	}
	if neverSent(err) {
		sending.unreachable++
		return sending.unreachable <= maxUnreachable, nil
	}
	return sending.repeatable && !permanent(err), nil
}

// retriedStatus: Everflow documents 429 and 500 as worth a retry; 502 to 504
// come from what stands in front of it.
func retriedStatus(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func permanent(err error) bool {
	if errors.Is(err, errAnswerTooLarge) {
		return true
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	return certificate || notTLS
}

// backoff is an exponential wait with jitter, or what the server asks for in
// Retry-After if that is longer, up to a bound.
func backoff(shortest, longest time.Duration, attempt int, answer *http.Response) time.Duration {
	wait := longest
	if attempt < 16 {
		wait = min(longest, shortest<<attempt)
	}
	wait = wait/2 + rand.N(wait/2) //nolint:gosec // spreads waits; nothing to guess
	if answer != nil {
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
			asked := min(time.Duration(min(seconds, 3600))*time.Second, maxRetryAfter)
			wait = max(wait, asked+rand.N(time.Second)) //nolint:gosec // as above
		}
	}
	return wait
}

// redirectTarget names the host of a redirect for an error message.
func redirectTarget(answer *http.Response) string {
	target, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || target.Host == "" {
		return "another address"
	}
	return strconv.Quote(target.Host)
}
