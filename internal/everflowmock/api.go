package everflowmock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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

func forbidden(format string, args ...any) error {
	return &apiError{http.StatusForbidden, fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &apiError{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// request is what an operation needs of a call.
type request struct {
	id          int64 // from the path, for operations that have one
	query       url.Values
	body        []byte
	differences differences
}

// decode reads the body. Unknown fields are ignored.
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

// serveAPI answers the call of an exchange as the contract says. Options.Wrap wraps it.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	e := r.Context().Value(exchangeKey{}).(*exchange)
	s.mu.Lock()
	defer s.mu.Unlock()
	result, err := e.checkAndOperate(w.Header(), r)
	if err != nil {
		writeError(w, e.route.operation, err)
		return
	}
	writeJSON(w, http.StatusOK, result)
}

var errMethodNotAllowed = &apiError{http.StatusMethodNotAllowed, "Method not allowed"}

// checkAndOperate runs the call's operation, unless one of the API's checks refuses it.
func (e *exchange) checkAndOperate(header http.Header, r *http.Request) (any, error) {
	s, op := e.server, e.route.operation
	if err := s.countForRateLimit(header); err != nil {
		return nil, err
	}
	switch {
	case op == nil && e.route.allow != "":
		header.Set("Allow", e.route.allow)
		return nil, errMethodNotAllowed
	case op == nil && !strings.HasPrefix(r.URL.Path, basePath+"/"):
		return nil, notFound("Not found: every path starts with %s", basePath)
	case op == nil:
		return nil, notFound("Not found")
	case len(e.call.RequestBody) > maxBodyBytes:
		return nil, &apiError{http.StatusRequestEntityTooLarge, fmt.Sprintf("Body larger than %d bytes", maxBodyBytes)}
	}
	key, err := s.authenticate(e.call, r.Header.Get(keyHeader))
	if err != nil {
		return nil, err
	}
	if err := s.authorize(key, op.permission); err != nil {
		return nil, err
	}
	return s.operate(e.route, &request{query: r.URL.Query(), body: e.call.RequestBody, differences: e.differences})
}

// operate runs the operation of a route, whoever the caller is.
func (s *Server) operate(found route, req *request) (any, error) {
	if found.id != "" {
		id, err := strconv.ParseInt(found.id, 10, 64)
		if err != nil || id <= 0 {
			return nil, badRequest("the ID in the path must be a positive integer")
		}
		req.id = id
	}
	return found.operation.serve(s, req)
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
