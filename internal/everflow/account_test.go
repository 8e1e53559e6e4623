package everflow_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/contracttest"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const (
	// prefix is in front of the API's own paths in every test, so that a call
	// to an absolute path fails.
	prefix = "/gateway/eu"
	ownKey = everflowmock.DemoAPIKey
	// epoch is when the clock of every bubble starts, in Unix seconds.
	epoch = 946684800
)

// bubble runs a test in which time is fake: waits take none.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// account is a run and the mock that it calls.
type account struct {
	*everflow.Run
	mock *everflowmock.Server
	wire *wire
	log  *attemptLog
}

// onMock starts a mock, and holds what the mock's API is asked and answers
// against the contract.
func onMock(t *testing.T, options everflowmock.Options, configure ...func(*everflow.Config)) *account {
	t.Helper()
	checker, err := contracttest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, violation := range checker.Violations() {
			t.Error("against the contract: ", violation)
		}
	})
	wrap := options.Wrap
	options.Wrap = func(api http.Handler) http.Handler {
		if wrap != nil {
			api = wrap(api)
		}
		return checker.Wrap(api)
	}
	return onUncheckedMock(t, options, configure...)
}

// onUncheckedMock is for traffic so large that holding it against the contract
// would take longer than the test.
func onUncheckedMock(t *testing.T, options everflowmock.Options, configure ...func(*everflow.Config)) *account {
	t.Helper()
	mock, err := everflowmock.New(options)
	if err != nil {
		t.Fatal(err)
	}
	a := onHandler(t, mock, configure...)
	a.mock = mock
	return a
}

// onHandler starts a client whose calls a handler answers.
func onHandler(t *testing.T, handler http.Handler, configure ...func(*everflow.Config)) *account {
	t.Helper()
	a := &account{wire: newWire(t, mounted(t, handler)), log: &attemptLog{}}
	config := everflow.Config{
		APIKey:     everflow.NewSecret(ownKey),
		BaseURL:    "http://127.0.0.1" + prefix + "/v1",
		UserAgent:  "everflow-test/1.0",
		HTTPClient: &http.Client{Transport: a.wire.transport},
		Observe:    a.log.observe,
	}
	for _, change := range configure {
		change(&config)
	}
	a.Run = newRun(t, config)
	return a
}

func newRun(t *testing.T, config everflow.Config) *everflow.Run {
	t.Helper()
	client, err := everflow.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return everflow.NewRun(client)
}

// onTCP starts the handler on a real connection, for tests of what a pipe does
// not have: addresses, TCP resets, TLS. Nothing in them may wait.
func onTCP(t *testing.T, handler http.Handler) (baseURL string) {
	t.Helper()
	server := httptest.NewServer(mounted(t, handler))
	t.Cleanup(server.Close)
	return server.URL + prefix + "/v1"
}

func mounted(t *testing.T, handler http.Handler) http.Handler {
	stripped := http.StripPrefix(prefix, handler)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.EscapedPath(), prefix+"/v1/") {
			t.Errorf("%s %s is outside the base URL", r.Method, r.URL.EscapedPath())
		}
		stripped.ServeHTTP(w, r)
	})
}

// answering is a handler that gives the same answer to every call.
func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// calls are the mock's calls of one operation.
func (a *account) calls(operation string) []everflowmock.Call {
	return slices.DeleteFunc(a.mock.Calls(), func(call everflowmock.Call) bool { return call.Operation != operation })
}

// attemptLog is what a client reports of its attempts.
type attemptLog struct {
	mu       sync.Mutex
	attempts []everflow.Attempt
}

func (l *attemptLog) observe(_ context.Context, attempt everflow.Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempts = append(l.attempts, attempt)
}

func (l *attemptLog) all() []everflow.Attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.attempts)
}

// wire joins net/http's own client and server by pipes, which fake time can
// wait for. It is the server's net.Listener.
type wire struct {
	transport *http.Transport
	accept    chan net.Conn
	closed    chan struct{}
	close     func()

	mu     sync.Mutex
	dials  int
	refuse int  // how many of the next dials are refused
	drop   bool // whether dials are left without an answer
}

func newWire(t *testing.T, handler http.Handler) *wire {
	t.Helper()
	w := &wire{accept: make(chan net.Conn), closed: make(chan struct{})}
	w.close = sync.OnceFunc(func() { close(w.closed) })
	w.transport = &http.Transport{DialContext: w.dial}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(w)
	}()
	t.Cleanup(func() {
		w.transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	return w
}

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	w.mu.Lock()
	w.dials++
	refuse, drop := w.refuse > 0, w.drop
	w.refuse--
	w.mu.Unlock()
	switch {
	case refuse:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case drop:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	client, server := net.Pipe()
	w.accept <- server
	return client, nil
}

// refuseNext closes what is open and refuses the next n connections.
func (w *wire) refuseNext(n int) {
	w.transport.CloseIdleConnections()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = n
}

// dropAll leaves every dial from now on without an answer.
func (w *wire) dropAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop = true
}

func (w *wire) dialled() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dials
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.accept:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	w.close()
	return nil
}

func (w *wire) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// replying is an HTTP client without a wire: every call has the same answer, at once.
func replying(body string) *http.Client {
	return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: req,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	})}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func clientOf(a *account) *http.Client { return &http.Client{Transport: a.wire.transport} }
