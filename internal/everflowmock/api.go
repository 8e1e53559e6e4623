package everflowmock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxBodyBytes limits a request's body; more is answered 413.
const maxBodyBytes = 1 << 20

// apiError is an answer other than 200.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func badRequest(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// request is a call that passed all gates, on its way to its operation.
type request struct {
	id          int64 // from the path, for operations that have one
	query       url.Values
	body        []byte
	differences differences
}

// decode reads the body like a lenient server: fields that it does not know are ignored.
func (r *request) decode(into any) error {
	d := json.NewDecoder(bytes.NewReader(r.body))
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return badRequest("malformed JSON: more than one value")
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return badRequest("malformed JSON: want an object")
	case errors.As(err, &wrongType):
		return badRequest("%s: wrong type: %s", wrongType.Field, wrongType.Value)
	default:
		return badRequest("malformed JSON: %s", err)
	}
}

// arrival is what ServeHTTP learnt about a call and what the API adds to it.
type arrival struct {
	route       route
	body        []byte
	caller      netip.Addr
	keyID       int64
	keyName     string
	differences differences
}

type arrivalKey struct{}

// serveAPI is the API without faults, between Options.Wrap and the data.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	a := r.Context().Value(arrivalKey{}).(*arrival)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.limit(w.Header()); err != nil {
		writeError(w, a.route.operation, err)
		return
	}
	answer, err := s.call(a, r)
	if err != nil {
		if errors.Is(err, errMethod) {
			w.Header().Set("Allow", a.route.allow)
		}
		writeError(w, a.route.operation, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

var errMethod = &apiError{http.StatusMethodNotAllowed, "Method not allowed"}

func (s *Server) call(a *arrival, r *http.Request) (any, error) {
	op := a.route.operation
	switch {
	case op == nil && a.route.allow != "":
		return nil, errMethod
	case op == nil && !strings.HasPrefix(r.URL.Path, basePath+"/"):
		return nil, &apiError{http.StatusNotFound, "Not found: every path starts with " + basePath}
	case op == nil:
		return nil, &apiError{http.StatusNotFound, "Not found"}
	case len(a.body) > maxBodyBytes:
		return nil, &apiError{http.StatusRequestEntityTooLarge, fmt.Sprintf("Body larger than %d bytes", maxBodyBytes)}
	}
	if err := s.authenticate(a, r.Header.Get(keyHeader)); err != nil {
		return nil, err
	}
	if err := s.authorize(a.keyID, op.permission); err != nil {
		return nil, err
	}
	return s.operate(a.route, &request{query: r.URL.Query(), body: a.body, differences: a.differences})
}

// operate runs the operation of a route, without asking who calls.
func (s *Server) operate(to route, req *request) (any, error) {
	if to.id != "" {
		id, err := strconv.ParseInt(to.id, 10, 64)
		if err != nil || id <= 0 {
			return nil, badRequest("the ID in the path must be a positive integer")
		}
		req.id = id
	}
	return to.operation.serve(s, req)
}

func writeError(w http.ResponseWriter, op *operation, err error) {
	status := http.StatusInternalServerError
	var e *apiError
	if errors.As(err, &e) {
		status = e.status
	}
	field := "error"
	if op != nil && op.capitalError {
		field = "Error"
	}
	writeJSON(w, status, map[string]string{field: err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // every answer is made of strings, integers and booleans
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// withArrival hands a to serveAPI through whatever Options.Wrap puts in between.
func withArrival(r *http.Request, a *arrival) *http.Request {
	r = r.WithContext(context.WithValue(r.Context(), arrivalKey{}, a))
	r.Body = io.NopCloser(bytes.NewReader(a.body))
	return r
}
