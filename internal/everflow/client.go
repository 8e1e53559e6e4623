package everflow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"
)

// Hosts of Everflow's API, as published.
const (
	BaseURLUS = "https://api.eflow.team/v1"
	BaseURLEU = "https://api-eu.eflow.team/v1"
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

// Config says where and as whom to call Everflow.
type Config struct {
	// APIKey is the network API key to authenticate with. Required.
	APIKey string
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
	// HTTPClient carries the calls; nil means a pooled client that honours the
	// usual proxy variables. Its redirect policy and timeout are replaced.
	HTTPClient *http.Client
	// Observe, if set, is told of each attempt after it ended. It is given no
	// header and no body, so that it cannot log a secret.
	Observe func(ctx context.Context, attempt Attempt)
}

// Client calls Everflow's network API. It is safe for concurrent use, and keeps
// what a run must remember (see [Client.CreateAPIKey]): use one per run.
type Client struct {
	baseURL *url.URL
	key     Secret
	http    *retryablehttp.Client

	creating creations
	network  struct {
		sync.Mutex
		known *Network
	}
}

// New returns a client, or an error that says which setting is wrong and why.
func New(config Config) (*Client, error) {
	if err := CheckAPIKey(config.APIKey); err != nil {
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

	carrier := http.Client{Transport: cleanhttp.DefaultPooledTransport()}
	if config.HTTPClient != nil {
		carrier = *config.HTTPClient
	}
	next := carrier.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	// A redirect would carry the key's header along: Go strips only the
	// headers it knows. None is followed; a 3xx answer becomes an error.
	carrier.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	carrier.Timeout = 0 // the transport below times each attempt, its queueing excluded
	carrier.Jar = nil
	client := &Client{baseURL: base, key: NewSecret(config.APIKey)}
	carrier.Transport = &transport{
		next:      next,
		key:       client.key,
		userAgent: config.UserAgent,
		timeout:   config.RequestTimeout,
		// A burst of half a second's worth keeps small runs quick.
		limiter: rate.NewLimiter(rate.Limit(config.MaxRequestsPerSecond), max(1, int(config.MaxRequestsPerSecond/2))),
		observe: config.Observe,
	}
	client.http = &retryablehttp.Client{
		HTTPClient:   &carrier,
		RetryWaitMin: retryWaitMin,
		RetryWaitMax: retryWaitMax,
		RetryMax:     retries,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return client, nil
}

// KeySHA256 is the lower-case hex SHA-256 of the key the client authenticates with.
func (c *Client) KeySHA256() string { return c.key.SHA256() }

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

// ParseBaseURL checks a base URL: https, or plain http to this machine itself,
// with no user, query or fragment. A URL without a path means the API's first
// version, so "/v1" is added.
func ParseBaseURL(raw string) (*url.URL, error) {
	base, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the input, which may hold a password.
		return nil, errors.New("the base URL cannot be parsed: write it like " + BaseURLUS)
	}
	switch {
	case base.User != nil:
		return nil, errors.New("the base URL has a user name or password in it: remove that, the API key is its own setting")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, fmt.Errorf("the base URL %q does not start with https://: write it like %s", raw, BaseURLUS)
	case base.Hostname() == "":
		return nil, fmt.Errorf("the base URL %q names no host: write it like %s", raw, BaseURLUS)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("the base URL has a query or a fragment (a part after ? or #): remove it")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("the base URL %q is plain http, which would send the API key unencrypted: use https (plain http is accepted for localhost, 127.0.0.0/8 and [::1] only)", raw)
	}
	if strings.Trim(base.Path, "/") == "" {
		base.Path = "/v1"
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = ""
	return base, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
