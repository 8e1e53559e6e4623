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
	// callTimeout includes reading the answer. Each attempt has its own.
	callTimeout = 20 * time.Second
	// A longer answer is cut off, and so is no valid JSON.
	maxAnswerBytes = 16 << 20
	// The waits of 1, 2, 4, 8 and 16 seconds are longer in sum than the rate limit's
	// window of 30 seconds.
	maxRateLimitRetries = 5
	maxFailureRetries   = 1
	maxWait             = 30 * time.Second
)

// client sends requests to the account. It follows no redirect, which would receive
// the API key.
type client struct {
	base      *url.URL
	key       everflow.Secret
	userAgent string
	guard     *guard
	http      *http.Client
}

func newClient(base *url.URL, config Config, operations map[string]operation) *client {
	next := config.Transport
	if next == nil {
		next = cleanhttp.DefaultPooledTransport()
	}
	g := newGuard(base, next, config.Writes, operations)
	return &client{
		base: base, key: config.APIKey, guard: g,
		userAgent: "everflow-doctor/" + config.Version,
		http: &http.Client{
			Transport:     g,
			Timeout:       callTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// request is one call. A call that writes is repeated only after 429.
type request struct {
	method, path string
	query        url.Values
	body         any
	writes       bool
	// key is the API key to use; empty is the key of the configuration.
	key everflow.Secret
}

func (c *client) send(ctx context.Context, r request) answer {
	if r.writes { // an interruption must not hide whether the call took effect
		ctx = context.WithoutCancel(ctx)
	}
	response, err := c.do(ctx, r)
	if err != nil {
		return answer{failure: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return answer{failure: err}
	}
	return newAnswer(response, body)
}

func (c *client) do(ctx context.Context, r request) (*http.Response, error) {
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
		HTTPClient: c.http, RetryMax: maxRateLimitRetries, RetryWaitMin: time.Second, RetryWaitMax: maxWait,
		Backoff: backoff, ErrorHandler: retryablehttp.PassthroughErrorHandler,
		CheckRetry: retryPolicy(r.writes),
	}
	return sender.Do(req)
}

// backoff limits Retry-After to maxWait.
func backoff(shortest, longest time.Duration, attempt int, response *http.Response) time.Duration {
	return min(maxWait, retryablehttp.DefaultBackoff(shortest, longest, attempt, response))
}

// retryPolicy repeats every call after 429, which changed nothing, and calls that
// read after a failure.
func retryPolicy(writes bool) retryablehttp.CheckRetry {
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
		return failures <= maxFailureRetries, nil
	}
}

// failureReason says why no answer arrived. It holds no address.
func failureReason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return interrupted
	case errors.Is(err, errForbidden):
		return "everflow-doctor blocked the call, which its safety rules do not allow; this is a bug in everflow-doctor, please report it"
	case isErrorType[*tls.CertificateVerificationError](err):
		return "this machine does not trust the TLS certificate of the host"
	case isErrorType[*net.DNSError](err):
		return "the host name could not be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the host refused the connection"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no complete answer arrived within 20 seconds"
	}
	return "the connection failed before the answer was complete"
}

func isErrorType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
