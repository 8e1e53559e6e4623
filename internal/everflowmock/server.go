package everflowmock

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Options configure a [Server]. The zero value is a server with the built-in
// seed, no latency and no rate limit. Everything is kept in memory.
type Options struct {
	// Seed is what the server starts with; nil means [DefaultSeed].
	Seed *Seed
	// Latency is added to every answer, after the API acted. The wait ends
	// early when the client goes away.
	Latency time.Duration
	// RateLimit is shared by all callers. The zero value limits nothing.
	RateLimit RateLimit
	// Now is the server's clock; nil means time.Now. Waits (Latency, Fault.Delay)
	// are real time whatever the clock says.
	Now func() time.Time
	// CallerAddress is the address that all calls count as coming from. With
	// the zero value it is the connection's own.
	CallerAddress netip.Addr
	// Faults are added in order, as by AddFault.
	Faults []Fault
	// Differences are what SetDifferences is given.
	Differences []Difference
	// OnCall runs after each answer, at times concurrently.
	OnCall func(Call)
	// Wrap stands between the faults and differences and the API: it sees only what
	// the API really received, and what the API of the contract answered.
	Wrap func(http.Handler) http.Handler
	// KeepCalls limits Calls and CountCalls to the newest calls, for a server
	// that runs for days; 0 keeps all.
	KeepCalls int
}

// Server is a mock Everflow server. Use [New] to make one. It is safe for
// concurrent use.
type Server struct {
	opts Options
	now  func() time.Time
	api  http.Handler

	mu            sync.Mutex // guards what follows
	data          data
	limiter       limiter
	callerAddress netip.Addr
	differences   []Difference

	callsMu sync.Mutex
	calls   []*Call

	faultsMu sync.Mutex
	faults   []*activeFault
}

// New makes a server. It fails on a bad seed, and on a fault, a difference or a
// rate limit that makes no sense.
func New(opts Options) (*Server, error) {
	s := &Server{opts: opts, now: opts.Now, callerAddress: opts.CallerAddress.WithZone("").Unmap()}
	if s.now == nil {
		s.now = time.Now
	}
	if opts.Latency < 0 {
		return nil, fmt.Errorf("latency %s: must not be negative", opts.Latency)
	}
	var err error
	if s.limiter, err = opts.RateLimit.limiter(); err != nil {
		return nil, err
	}
	for _, f := range opts.Faults {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("fault %q: %w", f, err)
		}
		s.AddFault(f)
	}
	if err := s.SetDifferences(opts.Differences...); err != nil {
		return nil, err
	}
	seed := opts.Seed
	if seed == nil {
		seed = DefaultSeed()
	}
	if s.data, err = seed.data(s.now()); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	s.opts.Seed = seed
	s.api = http.HandlerFunc(s.serveAPI)
	if opts.Wrap != nil {
		if s.api = opts.Wrap(s.api); s.api == nil {
			return nil, errors.New("wrap: returned no handler")
		}
	}
	return s, nil
}

// CallerAddress is the address that all calls count as coming from, invalid
// if it is the connection's own.
func (s *Server) CallerAddress() netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callerAddress
}

// SetCallerAddress changes Options.CallerAddress for the calls that follow.
func (s *Server) SetCallerAddress(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callerAddress = addr.WithZone("").Unmap()
}

// change runs f on the data. It panics on an error of f: that is a mistake of
// the test that makes the typed call.
func (s *Server) change(f func(*data) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := f(&s.data); err != nil {
		panic("everflowmock: " + err.Error())
	}
}
