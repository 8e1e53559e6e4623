package contracttest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Wrap returns a handler that passes every request to next and its answer to
// the client, both unchanged, and checks them with the contract.
//
// A call that the contract does not have, outside its base path included, is a
// violation. Whether a request needs a key, and a valid one, is for next to
// decide: a request without one is no violation. An answer that next breaks
// off (a panic with [http.ErrAbortHandler], a hijacked connection) is not
// checked; its request is.
func (c *Checker) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := c.router.FindRoute(r)
		if err != nil {
			c.addViolation(redact(fmt.Sprintf("%s %s: the contract has no such call", r.Method, r.URL.Path),
				secrets(r.Header)))
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil { // the client broke off: there is no whole request to check
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failingReader{err}))
			next.ServeHTTP(w, r)
			return
		}
		e := &exchange{
			request:  asSent(r, body),
			body:     body,
			route:    route,
			params:   params,
			recorder: &recorder{ResponseWriter: w},
		}
		defer c.conclude(e)
		if len(body) > 0 { // an empty one stays what it was, http.NoBody say
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(e.recorder, r)
		e.complete = !e.recorder.hijacked
	})
}

// conclude records what is wrong with an exchange that is over.
func (c *Checker) conclude(e *exchange) {
	operation, heading := e.route.Operation.OperationID, "unanswered"
	found := e.checkRequest()
	if e.complete {
		status := e.recorder.statusSent()
		c.addExercised(operation, status)
		heading = fmt.Sprint(status)
		found = append(found, e.checkAnswer()...)
	}
	hidden := secrets(e.request.Header, e.body, e.recorder.body.Bytes())
	for _, text := range found {
		c.addViolation(redact(fmt.Sprintf("%s %s: %s", operation, heading, text), hidden))
	}
}

// An exchange is one request and what was answered to it.
type exchange struct {
	request  *http.Request // a copy that the server does not see
	body     []byte
	route    *routers.Route
	params   map[string]string
	recorder *recorder
	complete bool // the answer is whole
}

// asSent copies the request as it arrived, before the server can change it.
func asSent(r *http.Request, body []byte) *http.Request {
	sent := r.Clone(r.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	return sent
}

// options report everything at once, change nothing, and leave authentication
// to the server.
var options = &openapi3filter.Options{
	MultiError:          true,
	SkipSettingDefaults: true,
	AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
}

func (e *exchange) input() *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request:    e.request,
		PathParams: e.params,
		Route:      e.route,
		Options:    options,
	}
}

func (e *exchange) checkRequest() []string {
	found := reasons("request", openapi3filter.ValidateRequest(e.request.Context(), e.input()))
	switch {
	case e.route.Operation.RequestBody == nil && len(e.body) > 0:
		found = append(found, "request body: this call takes none")
	case trailing(e.body):
		found = append(found, "request body: "+notJSON)
	}
	return append(found, e.checkQuery()...)
}

// checkQuery finds what openapi3filter lets pass: parameters that the contract
// does not name, and ones given twice.
func (e *exchange) checkQuery() []string {
	query, err := url.ParseQuery(e.request.URL.RawQuery)
	if err != nil {
		return []string{"request query: malformed"}
	}
	var found []string
	for name, values := range query {
		switch declared := e.route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name); {
		case declared == nil:
			found = append(found, fmt.Sprintf("request query parameter %q: unknown", name))
		case len(values) > 1:
			found = append(found, fmt.Sprintf("request query parameter %q: given more than once", name))
		}
	}
	return found
}

func (e *exchange) checkAnswer() []string {
	status := e.recorder.statusSent()
	if e.route.Operation.Responses.Status(status) == nil {
		return []string{"answer: the contract has no such status for this call"}
	}
	answer := e.recorder.body.Bytes()
	found := reasons("answer", openapi3filter.ValidateResponse(e.request.Context(),
		&openapi3filter.ResponseValidationInput{
			RequestValidationInput: e.input(),
			Status:                 status,
			Header:                 e.recorder.headerSent(),
			Body:                   io.NopCloser(bytes.NewReader(slices.Clone(answer))),
			Options:                options,
		}))
	if trailing(answer) {
		found = append(found, "answer body: "+notJSON)
	}
	return found
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }
