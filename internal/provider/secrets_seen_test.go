package provider_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// secretsSeen learns every secret that a mock hands out.
type secretsSeen struct {
	mu    sync.Mutex
	texts []string
}

func (s *secretsSeen) learn(body []byte) {
	var answer struct {
		APIKey string `json:"api_key"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.APIKey != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.texts = append(s.texts, answer.APIKey)
	}
}

// wrap stands before the mock's API and reads its answers along.
func (s *secretsSeen) wrap(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)
		s.learn(recorder.Body.Bytes())
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// expectNone checks that no secret is in the texts, whole or any 8 characters of
// it, in clear, base64 or hex.
func (s *secretsSeen) expectNone(t testing.TB, texts []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []byte(strings.Join(texts, "\n"))
	for _, secret := range s.texts {
		if leak := leaked(all, secret); leak != "" {
			t.Errorf("%q, a part of a secret, is in what was said", leak)
		}
	}
}

// leaked returns a part of the secret that the text holds, in any of the forms.
func leaked(text []byte, secret string) string {
	const part = 8
	secret = strings.TrimPrefix(secret, "everflow-mock-") // says whose it is, and nothing else
	for i := 0; i+part <= len(secret); i++ {
		piece := secret[i : i+part]
		for _, form := range []string{piece, hex.EncodeToString([]byte(piece)), base64.RawStdEncoding.EncodeToString([]byte(piece))[:10]} {
			if bytes.Contains(text, []byte(form)) {
				return form
			}
		}
	}
	return ""
}
