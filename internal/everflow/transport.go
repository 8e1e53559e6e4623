package everflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// headerKey is the header that Everflow authenticates by.
	headerKey = "X-Eflow-API-Key"

	// maxAnswer bounds an answer, in bytes. The largest real one is a page of
	// 2,000 keys with some 4 KB each.
	maxAnswer = 8 << 20
)

var (
	errNotSent        = errors.New("not sent")
	errNoConnection   = errors.New("no connection")
	errAnswerTooLarge = fmt.Errorf("the answer is larger than %d MiB, which no Everflow answer is", maxAnswer>>20)
)

type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("timed out after %s", e.after) }

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
	effect      effect
	attempts    int
	unreachable int
	// inDoubt: on some attempt the server may have acted.
	inDoubt bool
	// last is the last answer that arrived; failure is why none has since.
	last    *received
	failure error
}

// received is what arrived of an answer.
type received struct {
	status   int
	location string
	body     []byte
}

type deliveryKey struct{}

func deliveryOf(ctx context.Context) *delivery {
	d, _ := ctx.Value(deliveryKey{}).(*delivery) // do puts it there for every call
	return d
}

// transport makes one attempt: it waits for the rate limit, adds the key, sets one
// time-out for request and answer, and reads the whole answer, so that an answer that
// breaks off is retried like any other failure.
type transport struct {
	next      http.RoundTripper
	key       Secret
	userAgent string
	timeout   time.Duration
	pace      *pace
	clock     *clock
	observe   func(context.Context, Attempt)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, sending := req.Context(), deliveryOf(req.Context())
	queued := time.Now()
	if !useReserved(ctx) {
		resume := pauseTimeLimit(ctx)
		err := t.pace.wait(ctx)
		resume()
		if err != nil {
			return nil, err
		}
	}
	sending.attempts++
	attempt := Attempt{Method: req.Method, Path: req.URL.Path, Number: sending.attempts, Waited: time.Since(queued)}
	started := time.Now()
	response, err := t.attempt(req, sending)
	attempt.Took, attempt.Err, sending.failure = time.Since(started), err, err
	if err == nil {
		attempt.Status = response.StatusCode
	}
	if sending.effect != effectRead && sending.mayHaveActed() {
		sending.inDoubt = true
	}
	if t.observe != nil {
		t.observe(ctx, attempt)
	}
	return response, err
}

func (t *transport) attempt(req *http.Request, sending *delivery) (*http.Response, error) {
	ctx := req.Context()
	if sending.effect != effectRead {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, &timeoutError{after: t.timeout})
	defer cancel()
	// GetConn without GotConn: no connection was made, so nothing was sent. A transport
	// without httptrace calls neither, which proves nothing.
	var connecting, connected atomic.Bool
	req = req.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connecting.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	req.Header.Set(headerKey, t.key.Reveal())
	req.Header.Set("User-Agent", t.userAgent)

	response, err := t.next.RoundTrip(req)
	switch {
	case err != nil && connecting.Load() && !connected.Load():
		return nil, fmt.Errorf("%w: %w", errNoConnection, attemptError(ctx, err))
	case err != nil:
		return nil, attemptError(ctx, err)
	}
	t.pace.learn(response.StatusCode, response.Header)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, attemptError(ctx, fmt.Errorf("the answer broke off: %w", err))
	}
	if len(body) > maxAnswer {
		return nil, errAnswerTooLarge
	}
	sending.last = &received{status: response.StatusCode, location: response.Header.Get("Location"), body: body}
	t.clock.set(sending.last, response.Header)
	response.Body = http.NoBody
	// A redirect would carry the key along: Go strips the standard headers only.
	// Without this one http.Client has nothing to follow.
	response.Header.Del("Location")
	return response, nil
}

// attemptError is err, or the time-out that is behind it, with a text that is safe to show.
func attemptError(ctx context.Context, err error) error {
	if late, ok := errors.AsType[*timeoutError](context.Cause(ctx)); ok {
		return late
	}
	// net/http quotes what it could not understand, which can be any part of an
	// answer.
	if text, _, quotes := strings.Cut(err.Error(), `"`); quotes {
		return &quotingError{text: strings.TrimRight(text, " :[("), cause: err}
	}
	return err
}

type quotingError struct {
	text  string
	cause error
}

func (e *quotingError) Error() string { return e.text }
func (e *quotingError) Unwrap() error { return e.cause }

// mayHaveActed reports whether the server may have acted on the last attempt.
func (d *delivery) mayHaveActed() bool {
	if d.failure != nil {
		return !neverSent(d.failure)
	}
	return !d.last.isRefusal()
}

// isRefusal reports whether an answer proves that nothing was done: it has one of the
// statuses that Everflow documents for that, in Everflow's own form. Any other answer can
// come from a proxy in front of a server that has acted.
func (r received) isRefusal() bool {
	switch r.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests:
		_, inForm := r.message()
		return inForm
	}
	return false
}

// isFromEverflow reports whether Everflow itself gave the answer, and not something in
// front of it.
func (r received) isFromEverflow() bool {
	if isSuccess(r.status) {
		return !r.isWebPage()
	}
	_, inForm := r.message()
	return inForm
}

// neverSent reports whether the server cannot have seen the attempt that failed.
func neverSent(err error) bool {
	return errors.Is(err, errNotSent) || errors.Is(err, errNoConnection)
}
