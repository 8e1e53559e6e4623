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

// Wrap returns a handler that passes requests and answers through unchanged and
// checks both against the contract.
//
// A call that the contract does not have is a violation, and so is one outside its
// base path. A missing or invalid API key is not: next decides about it. If next
// aborts its answer (a panic with [http.ErrAbortHandler], a hijacked connection),
// only the request is checked.
func (c *Checker) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := c.router.FindRoute(r)
		if err != nil {
			c.addViolation(redact(fmt.Sprintf("%s %s: the contract has no such call", r.Method, r.URL.Path),
				secretsIn(r.Header)))
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil { // the request was not sent to its end, so it cannot be checked
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failingReader{err}))
			next.ServeHTTP(w, r)
			return
		}
		e := &exchange{
			request:  copyRequest(r, body),
			body:     body,
			route:    route,
			params:   params,
			recorder: &recorder{ResponseWriter: w},
		}
		defer c.check(e)
		if len(body) > 0 { // an empty body stays what it was, such as http.NoBody
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(e.recorder, r)
		e.complete = !e.recorder.hijacked
	})
}

// check records the violations of an exchange that has ended.
func (c *Checker) check(e *exchange) {
	operation, heading := e.route.Operation.OperationID, "unanswered"
	found := e.checkRequest()
	if e.complete {
		status := e.recorder.statusSent()
		c.addExercised(operation, status)
		heading = fmt.Sprint(status)
		found = append(found, e.checkAnswer()...)
	}
	secrets := secretsIn(e.request.Header, e.body, e.recorder.body.Bytes())
	for _, text := range found {
		c.addViolation(redact(fmt.Sprintf("%s %s: %s", operation, heading, text), secrets))
	}
}

// An exchange is a request and its answer.
type exchange struct {
	request  *http.Request // a copy that the server does not see
	body     []byte
	route    *routers.Route
	params   map[string]string
	recorder *recorder
	complete bool // the answer is whole
}

// copyRequest copies the request as it arrived, before the server can change it.
func copyRequest(r *http.Request, body []byte) *http.Request {
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	return copied
}

// validation reports all errors at once, sets no defaults, and leaves
// authentication to the server.
var validation = &openapi3filter.Options{
	MultiError:          true,
	SkipSettingDefaults: true,
	AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
}

func (e *exchange) input() *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request:    e.request,
		PathParams: e.params,
		Route:      e.route,
		Options:    validation,
	}
}

func (e *exchange) checkRequest() []string {
	found := violationsIn("request", openapi3filter.ValidateRequest(e.request.Context(), e.input()))
	switch {
	case e.route.Operation.RequestBody == nil && len(e.body) > 0:
		found = append(found, "request body: not allowed for this call")
	case hasTrailingData(e.body):
		found = append(found, "request body: "+notJSON)
	}
	return append(found, e.checkQuery()...)
}

// checkQuery checks what openapi3filter does not: unknown and repeated parameters.
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
	found := violationsIn("answer", openapi3filter.ValidateResponse(e.request.Context(),
		&openapi3filter.ResponseValidationInput{
			RequestValidationInput: e.input(),
			Status:                 status,
			Header:                 e.recorder.headerSent(),
			Body:                   io.NopCloser(bytes.NewReader(slices.Clone(answer))),
			Options:                validation,
		}))
	if hasTrailingData(answer) {
		found = append(found, "answer body: "+notJSON)
	}
	return found
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }
