package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const (
	// answerWithin is the time for one attempt, its answer read to the end.
	answerWithin = 20 * time.Second
	// maxAnswer bounds an answer, in bytes.
	maxAnswer = 16 << 20
	// How often a call is repeated. The waits of 1, 2, 4, 8 and 16 seconds outlast
	// a rate-limit window of 30 seconds.
	repeatsOfRateLimit = 5
	repeatsOfFailure   = 1
	longestWait        = 30 * time.Second
)

// caller sends calls to the account, and follows no redirect: it would carry the
// key along.
type caller struct {
	base      *url.URL
	key       everflow.Secret
	userAgent string
	guard     *guard
	http      *http.Client
}

func newCaller(base *url.URL, config Config, operations map[string]operation) *caller {
	next := config.Transport
	if next == nil {
		next = cleanhttp.DefaultPooledTransport()
	}
	g := newGuard(base, next, config.Writes, operations)
	return &caller{
		base: base, key: config.APIKey, guard: g,
		userAgent: "everflow-doctor/" + config.Version,
		http: &http.Client{
			Transport:     g,
			Timeout:       answerWithin,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// request is one call. A request that writes is sent once.
type request struct {
	method, path string
	query        url.Values
	body         any
	writes       bool
	// key takes the place of the doctor's own.
	key everflow.Secret
}

func (c *caller) send(ctx context.Context, r request) answer {
	if r.writes { // its outcome must be known, also when the run is interrupted
		ctx = context.WithoutCancel(ctx)
	}
	response, err := c.do(ctx, r)
	if err != nil {
		return answer{failure: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{failure: err}
	}
	return newAnswer(response, body)
}

func (c *caller) do(ctx context.Context, r request) (*http.Response, error) {
	address := c.base.JoinPath(r.path)
	address.RawQuery = r.query.Encode()
	var body any
	if r.body != nil {
		encoded, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.method, address.String(), body)
	if err != nil {
		return nil, err
	}
	key := r.key
	if key.IsEmpty() {
		key = c.key
	}
	req.Header.Set("X-Eflow-API-Key", key.Reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	sender := &retryablehttp.Client{
		HTTPClient: c.http, RetryMax: repeatsOfRateLimit, RetryWaitMin: time.Second, RetryWaitMax: longestWait,
		Backoff: backoff, ErrorHandler: retryablehttp.PassthroughErrorHandler,
		CheckRetry: repeats(r.writes),
	}
	return sender.Do(req)
}

// backoff doubles the wait, or takes what Retry-After asks for, up to longestWait:
// somebody is waiting for the report.
func backoff(shortest, longest time.Duration, attempt int, response *http.Response) time.Duration {
	return min(longestWait, retryablehttp.DefaultBackoff(shortest, longest, attempt, response))
}

// repeats decides after each attempt whether there is another: a refusal for the
// rate limit changed nothing; a failure is repeated only where repeating is harmless.
func repeats(writes bool) retryablehttp.CheckRetry {
	failures := 0
	return func(ctx context.Context, response *http.Response, err error) (bool, error) {
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case err == nil && response.StatusCode == http.StatusTooManyRequests:
			return true, nil
		case writes, errors.Is(err, errForbidden), err == nil && response.StatusCode < http.StatusInternalServerError:
			return false, nil
		}
		failures++
		return failures <= repeatsOfFailure, nil
	}
}

// failureReason says why no answer arrived, without an address.
func failureReason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return interrupted
	case errors.Is(err, errForbidden):
		return "the doctor did not allow itself to send the call"
	case isError[*tls.CertificateVerificationError](err):
		return "the TLS certificate of the host is not trusted on this machine"
	case isError[*net.DNSError](err):
		return "the name of the host was not found"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the host refused the connection"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer arrived in time"
	}
	return "the connection broke off before a whole answer arrived"
}

func isError[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
