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

// callsPerSecond is a quarter of the lowest rate limit that Everflow has
// documented, which all systems of the customer share.
const callsPerSecond = 5

// errForbidden is a call that the doctor may not send.
var errForbidden = errors.New("the doctor may not send this call")

// guard is the only way out to the account. It lets a call through if the
// contract says that it reads, or if this very call was allowed before.
type guard struct {
	next    http.RoundTripper
	base    *url.URL
	limiter *rate.Limiter
	reading []string // "POST /networks/…table"

	mu sync.Mutex
	// allowed are the writing calls that may be sent; nil when none may ever be.
	allowed map[string]bool
}

func newGuard(base *url.URL, next http.RoundTripper, writes bool, operations map[string]operation) *guard {
	g := &guard{next: next, base: base, limiter: rate.NewLimiter(callsPerSecond, 1)}
	for _, one := range operations {
		if !one.reads || one.method == http.MethodGet {
			continue
		}
		for _, path := range append([]string{one.path}, one.alternatives...) {
			g.reading = append(g.reading, one.method+" "+path)
		}
	}
	if writes {
		g.allowed = map[string]bool{}
	}
	return g
}

// allow lets one writing call through from now on. It does nothing unless the
// doctor may write at all.
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
	return slices.Contains(g.reading, call) || g.allowed[call]
}

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	path, below := strings.CutPrefix(req.URL.EscapedPath(), g.base.EscapedPath())
	if !below || req.URL.Host != g.base.Host || req.URL.Scheme != g.base.Scheme || !g.permits(req.Method, path) {
		return nil, errForbidden
	}
	if err := g.limiter.Wait(req.Context()); err != nil {
		return nil, err
	}
	return g.next.RoundTrip(req)
}
