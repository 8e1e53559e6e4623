package everflow

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
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
)

// checkRetry returns no error of its own, so that the call ends with that of its last attempt.
func checkRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	sending := deliveryOf(ctx)
	if neverSent(err) {
		sending.unreachable++
	}
	return isRepeated(ctx, sending, response, err), nil
}

// isRepeated decides whether an attempt is followed by another. A refusal for
// the rate limit changed nothing and may always be repeated; anything after which
// the server may have acted, only when repeating is harmless.
func isRepeated(ctx context.Context, sending *delivery, response *http.Response, err error) bool {
	switch {
	case err == nil && !isWorthRetrying(response.StatusCode), ctx.Err() != nil, isPermanent(err), sending.effect == effectReplace:
		return false
	case err == nil && response.StatusCode == http.StatusTooManyRequests:
		return sending.effect != effectCreate || sending.last.isRefusal()
	case neverSent(err):
		return sending.unreachable <= maxUnreachable
	}
	return sending.effect != effectCreate
}

// isWorthRetrying reports whether a status may be another one at the next attempt.
// Everflow documents that for 429 and 500; 502 to 504 come from a proxy in front of it.
func isWorthRetrying(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isPermanent reports whether another attempt would fail for the same reason.
func isPermanent(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	return certificate || notTLS || errors.Is(err, errAnswerTooLarge) || errors.Is(err, errNotSent) || errors.Is(err, ErrReadOnly)
}

// backoff is an exponential wait with jitter, or what the server asks for in
// Retry-After if that is longer, up to a bound.
func backoff(shortest, longest time.Duration, attempt int, response *http.Response) time.Duration {
	wait := longest
	if attempt < 16 {
		wait = min(longest, shortest<<attempt)
	}
	wait = wait/2 + rand.N(wait/2) //nolint:gosec // spreads waits; nothing to guess
	if response != nil {
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
			asked := min(time.Duration(min(seconds, 3600))*time.Second, maxRetryAfter)
			wait = max(wait, asked+rand.N(time.Second)) //nolint:gosec // as above
		}
	}
	return wait
}
