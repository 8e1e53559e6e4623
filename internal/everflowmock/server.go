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
	// take real time.
	Now func() time.Time
	// CallerAddress is the address that all calls count as coming from. With
	// the zero value it is the connection's own.
	CallerAddress netip.Addr
	// Faults are added in order, as by AddFault.
	Faults []Fault
	// Differences are set as by SetDifferences.
	Differences []Difference
	// OnCall runs after each answer. It must be safe for concurrent use.
	OnCall func(Call)
	// Wrap is middleware around the API. Faults and differences are outside of it:
	// it sees only calls that the API receives, with answers as the contract has them.
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

// New makes a server. It fails if a seed, fault, difference, rate limit or
// latency is invalid.
func New(opts Options) (*Server, error) {
	s := &Server{opts: opts, now: opts.Now}
	s.SetCallerAddress(opts.CallerAddress)
	if s.now == nil {
		s.now = time.Now
	}
	if s.opts.Seed == nil {
		s.opts.Seed = DefaultSeed()
	}
	if opts.Latency < 0 {
		return nil, fmt.Errorf("latency %s: must not be negative", opts.Latency)
	}
	for _, f := range opts.Faults {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("fault %q: %w", f, err)
		}
	}
	if err := s.Reset(); err != nil {
		return nil, err
	}
	s.api = http.HandlerFunc(s.serveAPI)
	if opts.Wrap != nil {
		if s.api = opts.Wrap(s.api); s.api == nil {
			return nil, errors.New("wrap: returned no handler")
		}
	}
	return s, nil
}

// changeData runs f on the data. It panics on an error of f, which is a mistake of
// the test that calls the exported method.
func (s *Server) changeData(f func(*data) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := f(&s.data); err != nil {
		panic("everflowmock: " + err.Error())
	}
}
