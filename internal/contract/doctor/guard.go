package doctor

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// callsPerSecond is a quarter of the lowest rate limit that Everflow has documented.
// All API keys of the network share the limit.
const callsPerSecond = 5

// errForbidden is a call that the doctor may not send.
var errForbidden = errors.New("the doctor may not send this call")

// guard is the transport of all requests. It sends a call only if the call reads by the
// contract, or if its method and path were allowed before.
type guard struct {
	next    http.RoundTripper
	base    *url.URL
	limiter *rate.Limiter
	reads   []string // calls that read by POST, such as "POST /networks/…table"

	mu sync.Mutex
	// allowed are the calls that write and may be sent. It stays nil without Writes.
	allowed map[string]bool
}

func newGuard(base *url.URL, next http.RoundTripper, writes bool, operations map[string]operation) *guard {
	g := &guard{next: next, base: base, limiter: rate.NewLimiter(callsPerSecond, 1)}
	for _, op := range operations {
		if !op.reads || op.method == http.MethodGet {
			continue
		}
		for _, path := range append([]string{op.path}, op.alternativePaths...) {
			g.reads = append(g.reads, op.method+" "+path)
		}
	}
	if writes {
		g.allowed = map[string]bool{}
	}
	return g
}

// allow permits a call that writes. It has no effect without Writes.
func (g *guard) allow(method, path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.allowed != nil {
		g.allowed[method+" "+path] = true
	}
}

func (g *guard) permits(method, path string) bool {
	if method == http.MethodGet {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	call := method + " " + path
	return slices.Contains(g.reads, call) || g.allowed[call]
}

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	path, isBelowBase := strings.CutPrefix(req.URL.EscapedPath(), g.base.EscapedPath())
	if !isBelowBase || req.URL.Host != g.base.Host || req.URL.Scheme != g.base.Scheme || !g.permits(req.Method, path) {
		return nil, errForbidden
	}
	if err := g.limiter.Wait(req.Context()); err != nil {
		return nil, err
	}
	return g.next.RoundTrip(req)
}
