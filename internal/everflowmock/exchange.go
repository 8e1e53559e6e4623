package everflowmock

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// answer is a buffered response, so that a fault or a difference can change it.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *answer) setBody(contentType string, body []byte) {
	a.header.Set("Content-Type", contentType)
	a.body.Reset()
	a.body.Write(body)
}

// exchange is one call and its answer.
type exchange struct {
	server      *Server
	w           http.ResponseWriter
	r           *http.Request
	call        *Call
	route       route
	differences differences
	started     time.Time
}

// exchangeKey is the key of the exchange in the context of serveAPI's request.
type exchangeKey struct{}

// ServeHTTP answers one call. Like a handler that loses its connection, it
// ends with [http.ErrAbortHandler] when no answer is to be sent.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := &exchange{server: s, w: w, r: r, route: findRoute(r.Method, r.URL), started: time.Now()}
	e.call = &Call{
		Time: s.now(), Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(),
		Caller: s.callerOf(r), Header: r.Header.Clone(),
	}
	e.call.Header.Del(keyHeader)
	var readErr error
	if r.Body != nil {
		e.call.RequestBody, readErr = io.ReadAll(io.LimitReader(r.Body, maxBodyBytes+1))
	}
	if op := e.route.operation; op != nil {
		e.call.Operation = op.id
		e.differences = s.differencesOf(op.id)
	}
	s.recordCall(e.call)
	defer e.finish()
	if readErr != nil {
		panic(http.ErrAbortHandler) // the client went away in the middle of its call
	}
	if f, ok := s.nextFault(e.call.Operation); ok {
		s.updateCall(e.call, func(c *Call) { c.Fault = f.description() })
		e.inject(f)
		return
	}
	a := e.callAPI()
	e.wait(s.opts.Latency)
	e.send(a)
}

// callAPI returns the API's answer, with the differences from the contract.
func (e *exchange) callAPI() *answer {
	if value, ok := e.differences.value(DifferenceUnknownPath); ok {
		return answerUnknownPath(value)
	}
	r := e.r.WithContext(context.WithValue(e.r.Context(), exchangeKey{}, e))
	r.Body = io.NopCloser(bytes.NewReader(e.call.RequestBody))
	a := newAnswer()
	e.server.api.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	e.server.updateCall(e.call, func(c *Call) { c.APIStatus = a.status })
	e.differences.applyTo(a, e.server.now())
	return a
}

// wait aborts the handler when the client goes away.
func (e *exchange) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-e.r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

func (e *exchange) waitForClientToLeave() {
	<-e.r.Context().Done()
	panic(http.ErrAbortHandler)
}

func (e *exchange) send(a *answer) {
	e.sendHeader(a)
	e.w.Write(a.body.Bytes())
}

// sendHeader records the status before it sends it, so that a client that has its
// answer finds the call complete.
func (e *exchange) sendHeader(a *answer) {
	h := e.w.Header()
	h.Set("Date", e.server.now().UTC().Format(http.TimeFormat))
	maps.Copy(h, a.header)
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	e.server.updateCall(e.call, func(c *Call) { c.Status, c.Duration = a.status, time.Since(e.started) })
	e.w.WriteHeader(a.status)
}

// resetConnection drops the connection with a TCP reset. Where the handler has no
// connection of its own (HTTP/2, httptest.ResponseRecorder), it aborts.
func (e *exchange) resetConnection() {
	conn, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if t, ok := raw.(interface{ NetConn() net.Conn }); ok {
		raw = t.NetConn() // below TLS, whose Close would send an alert first
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // if this fails, the connection still ends without an answer
	}
	raw.Close()
}

func (e *exchange) finish() {
	var finished Call
	e.server.updateCall(e.call, func(c *Call) {
		c.Duration = time.Since(e.started)
		finished = c.clone()
	})
	if e.server.opts.OnCall != nil {
		e.server.opts.OnCall(finished)
	}
}
