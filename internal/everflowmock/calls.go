package everflowmock

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is one call as the server received it. It never has a key or an
// answer's body.
type Call struct {
	Time      time.Time // by the server's clock
	Operation string    // an element of Operations, or empty
	Method    string
	Path      string // escaped, as received
	Query     url.Values
	// Status is what the client was sent; 0 while the call is open, and when
	// its answer was never sent.
	Status int
	// APIStatus is what the API answered; 0 when a fault, or a path that
	// is said not to exist, kept the call from it.
	APIStatus int
	// Fault is the fault that was injected into this call, empty for none: "reset after acting".
	Fault       string
	Caller      netip.Addr
	KeyID       int64 // 0 when no key of this network came along, or no call reached the API
	KeyName     string
	Duration    time.Duration // real time
	RequestBody []byte        // at most 1 MiB and one byte
	Header      http.Header   // without X-Eflow-API-Key
}

// maxShown is longer than any part of a path that the API knows, an int64
// included, and shorter than any key.
const maxShown = 20

// ShownPath is the path for people to read: a key that strayed into it is not shown.
func (c Call) ShownPath() string {
	parts := strings.Split(c.Path, "/")
	for i := range parts {
		parts[i] = shorten(parts[i])
	}
	return strings.Join(parts, "/")
}

// ShownMethod is the method for people to read, as ShownPath is the path.
func (c Call) ShownMethod() string { return shorten(c.Method) }

// ShownQuery is the query for people to read, as ShownPath is the path.
func (c Call) ShownQuery() url.Values {
	shown := url.Values{}
	for name, values := range c.Query {
		for _, value := range values {
			shown.Add(shorten(name), shorten(value))
		}
	}
	return shown
}

func shorten(part string) string {
	if len(part) <= maxShown {
		return part
	}
	return fmt.Sprintf("[%d characters]", len(part))
}

func (c *Call) clone() Call {
	call := *c
	call.Query = maps.Clone(c.Query)
	call.RequestBody = slices.Clone(c.RequestBody)
	call.Header = c.Header.Clone()
	return call
}

// Calls lists everything that was received, in that order, calls that are
// still open included.
func (s *Server) Calls() []Call {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	calls := make([]Call, 0, len(s.calls))
	for _, c := range s.calls {
		calls = append(calls, c.clone())
	}
	return calls
}

// CountCalls counts the calls of one operation; "" and "*" count all.
func (s *Server) CountCalls(operation string) int {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	n := 0
	for _, c := range s.calls {
		if operation == "" || operation == "*" || c.Operation == operation {
			n++
		}
	}
	return n
}

// ClearCalls forgets the calls received so far.
func (s *Server) ClearCalls() {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	s.calls = nil
}

func (s *Server) record(c *Call) {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	s.calls = append(s.calls, c)
	if keep := s.opts.KeepCalls; keep > 0 && len(s.calls) > keep {
		s.calls = slices.Delete(s.calls, 0, len(s.calls)-keep)
	}
}

// update changes a recorded call, which Calls may be reading.
func (s *Server) update(c *Call, f func(*Call)) {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	f(c)
}
