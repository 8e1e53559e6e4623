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

// Call is one call as the server received it. It has neither the API key nor the
// answer's body.
type Call struct {
	Time      time.Time // by the server's clock
	Operation string    // an element of Operations, or empty
	Method    string
	Path      string // escaped, as received
	Query     url.Values
	// Status is the status that the client was sent; 0 before and without an answer.
	Status int
	// APIStatus is the status that the API answered; 0 when a fault or
	// DifferenceUnknownPath kept the call from the API.
	APIStatus int
	// Fault is the fault that was injected into this call, empty for none: "reset after acting".
	Fault       string
	Caller      netip.Addr
	KeyID       int64 // 0 for a call without a key of this network, and one that did not reach the API
	KeyName     string
	Duration    time.Duration // real time
	RequestBody []byte        // cut after 1 MiB and one byte
	Header      http.Header   // without X-Eflow-API-Key
}

// maxUnredacted is longer than any part of a path that the API knows, an int64
// included, and shorter than any API key.
const maxUnredacted = 20

// RedactedPath is the path for logs and pages. A part that is long enough to be an
// API key is replaced by its length.
func (c Call) RedactedPath() string {
	parts := strings.Split(c.Path, "/")
	for i := range parts {
		parts[i] = redact(parts[i])
	}
	return strings.Join(parts, "/")
}

// RedactedMethod is the method, redacted as the path is.
func (c Call) RedactedMethod() string { return redact(c.Method) }

// RedactedQuery is the query, redacted as the path is.
func (c Call) RedactedQuery() url.Values {
	redacted := url.Values{}
	for name, values := range c.Query {
		for _, value := range values {
			redacted.Add(redact(name), redact(value))
		}
	}
	return redacted
}

func redact(part string) string {
	if len(part) <= maxUnredacted {
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

// Calls lists the calls in the order in which they were received, with those that
// are not answered yet.
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

// ClearCalls removes the calls received so far.
func (s *Server) ClearCalls() {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	s.calls = nil
}

func (s *Server) recordCall(c *Call) {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	s.calls = append(s.calls, c)
	if keep := s.opts.KeepCalls; keep > 0 && len(s.calls) > keep {
		s.calls = slices.Delete(s.calls, 0, len(s.calls)-keep)
	}
}

// updateCall changes a recorded call, which Calls may be reading.
func (s *Server) updateCall(c *Call, f func(*Call)) {
	s.callsMu.Lock()
	defer s.callsMu.Unlock()
	f(c)
}
