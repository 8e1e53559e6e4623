package everflowmock

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
)

// CallFromWebInterface does what a call of the API does (its method, and its path
// below /v1), as a person in Everflow's web interface does it: no API key is
// needed, and the whitelist, the rate limit, faults and differences do not apply.
// It is not one of Calls. The body is sent as JSON; a nil answer is not decoded.
func (s *Server) CallFromWebInterface(method, path string, body, answer any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, result, err := s.callFromWebInterface(method, path, nil, content)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(result, answer)
}

// WebInterface serves [Server.CallFromWebInterface] by HTTP, at the paths that the
// API has below /v1.
func (s *Server) WebInterface() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
		if err != nil {
			writeError(w, nil, &apiError{http.StatusRequestEntityTooLarge, "The body is incomplete or too large"})
			return
		}
		op, answer, err := s.callFromWebInterface(r.Method, r.URL.EscapedPath(), r.URL.Query(), body)
		if err != nil {
			writeError(w, op, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

func (s *Server) callFromWebInterface(method, escapedPath string, query url.Values, body []byte) (*operation, json.RawMessage, error) {
	found := findRoute(method, (&url.URL{Path: basePath}).JoinPath(escapedPath))
	if found.operation == nil {
		return nil, nil, notFound("Not found")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := s.operate(found, &request{query: query, body: body})
	if err != nil {
		return found.operation, nil, err
	}
	content, err := json.Marshal(answer)
	return found.operation, content, err
}
