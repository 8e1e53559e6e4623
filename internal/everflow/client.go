package everflow

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
)

// Defaults of [Config].
const (
	// DefaultMaxRequestsPerSecond leaves room for the customer's other systems
	// in each of the three limits that Everflow has documented, of which 20 a
	// second, counted over 30 s, is the lowest. One limit is shared by every key.
	DefaultMaxRequestsPerSecond = 15.0
	// DefaultMaxRetries makes the waits outlast a rate-limit window of 30 s
	// even when every one of them is drawn at its shortest.
	DefaultMaxRetries = 6
	// DefaultRequestTimeout is for one attempt, its answer read to the end.
	DefaultRequestTimeout = 30 * time.Second
)

const (
	// connectTimeout is short, so that a wrong address is reported soon.
	connectTimeout = 10 * time.Second
	// idleTimeout is less than that of load balancers, mostly 60 s: a create sent on a
	// connection that the other side is closing would end in doubt.
	idleTimeout = 30 * time.Second
)

// Config says where and as whom to call Everflow.
type Config struct {
	// APIKey is the network API key to authenticate with. Required.
	APIKey Secret
	// BaseURL is the API's address; empty means BaseURLUS. See [ParseBaseURL].
	BaseURL string
	// UserAgent is sent with every call.
	UserAgent string
	// MaxRequestsPerSecond caps the calls of this client, retries included;
	// 0 means DefaultMaxRequestsPerSecond.
	MaxRequestsPerSecond float64
	// MaxRetries is how often a call that may be repeated is repeated; nil means
	// DefaultMaxRetries.
	MaxRetries *int
	// RequestTimeout is for one attempt; 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// ReadOnly, if not empty, makes the client refuse each call that would change
	// something, before it is sent. It names the setting, for the error.
	ReadOnly string
	// HTTPClient's transport carries the calls; nil means a pooled one that
	// honours the usual proxy variables. Nothing else of the client is used.
	HTTPClient *http.Client
	// Observe, if set, is called after each attempt. It is given no header and no
	// body, so that it cannot log a secret.
	Observe func(ctx context.Context, attempt Attempt)
	// Waiting, if set, is called every few seconds while a call waits for the rate limit.
	Waiting func(ctx context.Context, waited time.Duration)
}

// Client calls Everflow's network API. It is safe for concurrent use. It adapts to the
// server's rate limit, page size and clock; a [Run] also remembers what was read and
// created.
type Client struct {
	baseURL  *url.URL
	key      Secret
	readOnly string
	http     *retryablehttp.Client
	pace     *pace

	clock clock
	// pageSize is the page size of the table that the server accepted, where it refused
	// the largest; otherwise 0.
	pageSize atomic.Int64
}

// New returns a client, or an error that says which setting is wrong and why.
func New(config Config) (*Client, error) {
	if err := CheckAPIKey(config.APIKey.Reveal()); err != nil {
		return nil, err
	}
	if config.BaseURL == "" {
		config.BaseURL = BaseURLUS
	}
	base, err := ParseBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	if config.MaxRequestsPerSecond == 0 {
		config.MaxRequestsPerSecond = DefaultMaxRequestsPerSecond
	}
	if config.RequestTimeout == 0 {
		config.RequestTimeout = DefaultRequestTimeout
	}
	retries := DefaultMaxRetries
	if config.MaxRetries != nil {
		retries = *config.MaxRetries
	}
	if config.MaxRequestsPerSecond < 0 || config.RequestTimeout < 0 || retries < 0 {
		return nil, errors.New("requests per second, retries and request timeout cannot be negative")
	}

	client := &Client{baseURL: base, key: config.APIKey, readOnly: config.ReadOnly, pace: newPace(config.MaxRequestsPerSecond, config.Waiting)}
	client.http = &retryablehttp.Client{
		HTTPClient: &http.Client{Transport: &transport{
			next:      baseTransport(config.HTTPClient),
			key:       client.key,
			userAgent: config.UserAgent,
			timeout:   config.RequestTimeout,
			clock:     &client.clock,
			pace:      client.pace,
			observe:   config.Observe,
		}},
		RetryWaitMin: retryWaitMin,
		RetryWaitMax: retryWaitMax,
		RetryMax:     retries,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return client, nil
}

// baseTransport is the given HTTP client's transport, or a pooled one.
func baseTransport(given *http.Client) http.RoundTripper {
	if given != nil {
		return cmp.Or(given.Transport, http.DefaultTransport)
	}
	pooled := cleanhttp.DefaultPooledTransport()
	pooled.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	pooled.IdleConnTimeout = idleTimeout
	return pooled
}

// KeySHA256 is the lower-case hex SHA-256 of the key the client authenticates with.
func (c *Client) KeySHA256() string { return c.key.SHA256() }

// RetryWait returns how long to wait after so many failures of [Client.ReplaceWhitelist],
// and whether to call it again at all. Calls that the client itself repeats wait as long.
func (c *Client) RetryWait(failures int) (wait time.Duration, again bool) {
	return backoff(retryWaitMin, retryWaitMax, failures-1, nil), failures <= c.http.RetryMax
}

// CheckAPIKey says what is wrong with a key that could never be sent, without
// repeating any of it.
func CheckAPIKey(key string) error {
	switch {
	case key == "":
		return errors.New("the API key is empty")
	case strings.TrimSpace(key) != key:
		return errors.New("the API key has white space or a line break at its start or end: remove it, in HCL with trimspace()")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return errors.New("the API key has a space, a line break or a character that is not plain ASCII inside: copy it anew")
	}
	return nil
}
