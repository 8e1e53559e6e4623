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
// seed, no state file, no latency and no rate limit.
type Options struct {
	// Seed is what the server starts with; nil means [DefaultSeed].
	Seed *Seed
	// StateFile keeps the server's data across restarts. If the file exists,
	// it wins over the seed. Only one server at a time may use it. Empty:
	// everything is kept in memory.
	StateFile string
	// Latency is added to every answer, after the API acted. The wait ends
	// early when the client goes away.
	Latency time.Duration
	// RateLimit is shared by all callers. The zero value limits nothing.
	RateLimit RateLimit
	// Now is the server's clock; nil means time.Now. Waits (Latency, Fault.Delay)
	// are real time whatever the clock says.
	Now func() time.Time
	// TrustForwardedFor takes the caller's address from the last entry of
	// X-Forwarded-For, the one that the nearest proxy added. Without that
	// header the connection's address counts.
	TrustForwardedFor bool
	// LoopbackAs is the address that calls from loopback count as coming
	// from. The zero value leaves them as they are.
	LoopbackAs netip.Addr
	// Faults are added in order, as by AddFault.
	Faults []Fault
	// OnCall runs after each answer, at times concurrently.
	OnCall func(Call)
	// Wrap stands between the faults and the API: it sees only what the API
	// really received, and what the API itself answered.
	Wrap func(http.Handler) http.Handler
	// ForgetCalls leaves Calls and CountCalls empty, for a server that runs for days.
	ForgetCalls bool
}

// Server is a mock Everflow server. Use [New] to make one. It is safe for
// concurrent use.
type Server struct {
	opts  Options
	now   func() time.Time
	api   http.Handler
	state *stateFile

	mu      sync.Mutex // guards what follows
	data    data
	limiter limiter
	loopAs  netip.Addr

	callsMu sync.Mutex
	calls   []*Call

	faultsMu sync.Mutex
	faults   []*armedFault
}

// New makes a server. It fails on a bad seed, on a state file that cannot be
// read or written, and on a fault or a rate limit that makes no sense. An
// existing state file is never changed by a call that fails.
func New(opts Options) (*Server, error) {
	s := &Server{opts: opts, now: opts.Now, loopAs: opts.LoopbackAs.WithZone("").Unmap()}
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
	seed := opts.Seed
	if seed == nil {
		seed = DefaultSeed()
	}
	if s.data, err = seed.data(s.now()); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	if opts.StateFile != "" {
		s.state = &stateFile{path: opts.StateFile}
		if s.data, err = s.state.open(s.data, s.now()); err != nil {
			return nil, err
		}
	}
	s.api = http.HandlerFunc(s.serveAPI)
	if opts.Wrap != nil {
		if s.api = opts.Wrap(s.api); s.api == nil {
			return nil, errors.New("wrap: returned no handler")
		}
	}
	return s, nil
}

// SetLoopbackAs changes Options.LoopbackAs: from now on, calls from loopback
// count as coming from this address.
func (s *Server) SetLoopbackAs(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loopAs = addr.WithZone("").Unmap()
}

// Restored tells whether the data came from an existing state file, not from the seed.
func (s *Server) Restored() bool { return s.state != nil && s.state.restored }

// change runs f on a copy of the data, and takes the copy over once it is
// saved: after an error nothing has changed. The caller holds s.mu.
func (s *Server) change(f func(*data) error) error {
	next := s.data.clone()
	if err := f(&next); err != nil {
		return err
	}
	if s.state != nil {
		if err := s.state.save(next); err != nil {
			return err
		}
	}
	s.data = next
	return nil
}

// mustChange is change for the typed calls, where a failure is the test's own mistake.
func (s *Server) mustChange(f func(*data) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.change(f); err != nil {
		panic("everflowmock: " + err.Error())
	}
}
