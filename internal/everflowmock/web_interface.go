package everflowmock

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
)

// Do runs a call (its method, and its path below /v1) as a person in Everflow's
// web interface does: no API key is needed, and neither the whitelist nor the
// rate limit nor a fault nor a difference is in the way. It is not one of Calls.
// The body is sent as JSON, and the answer is decoded into answer unless that is nil.
func (s *Server) Do(method, path string, body, answer any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, result, err := s.do(method, path, nil, content)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(result, answer)
}

// WebInterface serves, at the paths that the API has below /v1, what [Server.Do] does.
func (s *Server) WebInterface() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
		if err != nil {
			writeError(w, nil, &apiError{http.StatusRequestEntityTooLarge, "The body is broken off or too large"})
			return
		}
		op, answer, err := s.do(r.Method, r.URL.EscapedPath(), r.URL.Query(), body)
		if err != nil {
			writeError(w, op, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

func (s *Server) do(method, escapedPath string, query url.Values, body []byte) (*operation, json.RawMessage, error) {
	to := findRoute(method, (&url.URL{Path: basePath}).JoinPath(escapedPath))
	if to.operation == nil {
		return nil, nil, &apiError{http.StatusNotFound, "Not found"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := s.operate(to, &request{query: query, body: body})
	if err != nil {
		return to.operation, nil, err
	}
	content, err := json.Marshal(answer)
	return to.operation, content, err
}
