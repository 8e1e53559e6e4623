package contracttest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
)

const longRequest = `{"name": "a",   "network_employee_id": 11, "permissions": ["p"], "is_all_permissions": false}`

func TestChecker_passesTheRequestUnchanged(t *testing.T) {
	t.Parallel()
	var seen []string
	dump := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := httputil.DumpRequest(r, true)
		seen = append(seen, fmt.Sprintf("%s %v %d %v", text, err, r.ContentLength, r.TransferEncoding))
	})
	for _, call := range []string{
		"POST /v1/networks/security/apikeys",
		"POST /v1/networks/security/apikeystable?page=1",
		"GET /v1/networks/unknown?a=%zz",
	} {
		send(dump, call, longRequest)
		send(newChecker(t).Wrap(dump), call, longRequest)
	}
	for i := 0; i < len(seen); i += 2 {
		equal(t, "request", seen[i+1], seen[i])
	}
}

func TestChecker_passesTheAnswerUnchanged(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]http.HandlerFunc{
		"in parts": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Add("X-Twice", "1")
			w.Header().Add("X-Twice", "2")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "}")
			w.Header().Set("X-Late", "1")
		},
		"without a status":                   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"empty":                              func(http.ResponseWriter, *http.Request) {},
		"after status 103":                   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(404) },
		"flushed only":                       func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"flushed by http.ResponseController": func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() },
		"EnableFullDuplex of http.ResponseController": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, http.NewResponseController(w).EnableFullDuplex())
		},
	} {
		for _, path := range []string{"/v1/networks", "/v1/unknown"} {
			equal(t, name, answerOverTCP(t, newChecker(t).Wrap(server), path), answerOverTCP(t, server, path))
		}
	}
}

func TestChecker_checksTheAnswerThatWasSent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		server http.HandlerFunc
		want   string
	}{
		"a header after the body": {
			server: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("X-RateLimit-Limit", "50")
				_, _ = io.WriteString(w, network)
				w.Header().Set("X-RateLimit-Remaining", "49")
			},
			want: `map[getNetwork:[200]] getNetwork 200: answer: response header "X-RateLimit-Remaining" missing`,
		},
		"a status after status 103": {
			server: func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				answer{status: 200, body: network}.ServeHTTP(w, r)
			},
			want: `map[getNetwork:[200]] `,
		},
		"a second status": {
			server: func(w http.ResponseWriter, r *http.Request) {
				answer{status: 200, body: network}.ServeHTTP(w, r)
				w.WriteHeader(http.StatusTeapot)
			},
			want: `map[getNetwork:[200]] `,
		},
		"nothing": {
			server: func(http.ResponseWriter, *http.Request) {},
			want:   `map[getNetwork:[200]] getNetwork 200: answer: response header "X-RateLimit-Limit" missing`,
		},
	} {
		checker := newChecker(t)
		send(checker.Wrap(tc.server), "GET /v1/networks", "")
		equal(t, name, fmt.Sprint(checker.Exercised(), " ", lines(checker.Violations())), tc.want)
	}
}

func TestChecker_checksTheRequestThatArrived(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	send(checker.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = "" // the handler may change its request
		r.Header.Del("Content-Type")
		_, _ = io.Copy(io.Discard, r.Body)
		answer{status: 200, body: created}.ServeHTTP(w, r)
	})), "POST /v1/networks/security/apikeys?x=1", keyCreate)
	equal(t, "violations", lines(checker.Violations()), `createApiKey 200: request query parameter "x": unknown`)
}

func TestChecker_doesNotCheckAnAbortedAnswer(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]http.HandlerFunc{
		"aborted": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "{")
			panic(http.ErrAbortHandler)
		},
		"hijacked": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		},
	} {
		checker := newChecker(t)
		answerOverTCP(t, checker.Wrap(server), "/v1/networks?x=1")
		equal(t, name, lines(checker.Violations()), `getNetwork unanswered: request query parameter "x": unknown`)
		equal(t, name, fmt.Sprint(checker.Exercised()), "map[]")
	}
}

func TestChecker_doesNotCheckAnAbortedRequest(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	var body string
	var failure error
	server := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var read []byte
		read, failure = io.ReadAll(r.Body)
		body = string(read)
	})
	request := httptest.NewRequest("POST", "/v1/networks/security/apikeys",
		io.MultiReader(strings.NewReader(`{"na`), brokenReader{}))
	checker.Wrap(server).ServeHTTP(httptest.NewRecorder(), request)
	equal(t, "body", body, `{"na`)
	equal(t, "failure", fmt.Sprint(failure), "unexpected EOF")
	equal(t, "violations", lines(checker.Violations()), "")
}

func TestChecker_violationsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	const callersKey, createdKeyAsJSON = "k3y-of-the-caller", `"s3\"cret\\key"`
	for name, tc := range map[string]struct {
		call, body string
		answer     answer
	}{
		"in a path":                        {call: "GET /v1/" + callersKey},
		"as an ID":                         {call: "GET /v1/networks/security/apikeys/" + callersKey},
		"in the query":                     {call: "POST /v1/networks/security/apikeystable?page=" + callersKey + "&" + callersKey + "=1"},
		"as a field":                       {call: "POST /v1/networks/security/apikeystable", body: `{"` + callersKey + `": 1}`},
		"in an api_key field of a request": {call: "POST /v1/networks/security/apikeystable", body: `{"api_key": ` + createdKeyAsJSON + `, ` + createdKeyAsJSON + `: 1}`},
		"as a value":                       {call: "POST /v1/networks/security/apikeystable", body: `{"filters": "` + callersKey + `"}`},
		"in an invalid body":               {call: "POST /v1/networks/security/apikeystable", body: `{"api_key": ` + createdKeyAsJSON + `,`},
		"of a wrong type":                  {call: "GET /v1/networks", answer: answer{body: `{"network_id": ` + createdKeyAsJSON + `}`}},
		"in an answer without secrets":     {call: "GET /v1/networks", answer: answer{body: `{"api_key": ` + createdKeyAsJSON + `}`}},
		"as a header":                      {call: "GET /v1/networks", answer: answer{contentType: callersKey}},
		"in an error":                      {call: "GET /v1/networks", answer: answer{status: 401, body: `{"message": "` + callersKey + `"}`}},
		"as a field of an answer": {call: "GET /v1/networks", answer: answer{
			body: `{"api_key": ` + createdKeyAsJSON + `, ` + createdKeyAsJSON + `: 1}`,
		}},
		"a secret that contains another": {call: "GET /v1/networks", answer: answer{
			body: `{"api_key": "` + callersKey + `-and-` + callersKey + `", "` + callersKey + `-and-` + callersKey + `": 1}`,
		}},
	} {
		checker := newChecker(t)
		method, target, _ := strings.Cut(tc.call, " ")
		request := httptest.NewRequest(method, target, strings.NewReader(tc.body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Eflow-API-Key", callersKey)
		if tc.answer.status == 0 {
			tc.answer.status = http.StatusOK
		}
		checker.Wrap(tc.answer).ServeHTTP(httptest.NewRecorder(), request)

		got := lines(checker.Violations())
		if got == "" {
			t.Errorf("%s: no violation, so the test proves nothing", name)
		}
		for _, part := range []string{callersKey, "cret", "-and-"} {
			if strings.Contains(got, part) {
				t.Errorf("%s: a secret is in %s", name, got)
			}
		}
	}
}

func TestChecker_redactsNothingForAnEmptyKey(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	request := httptest.NewRequest("GET", "/v1/unknown", nil)
	request.Header.Set("X-Eflow-API-Key", "")
	checker.Wrap(answer{status: 401}).ServeHTTP(httptest.NewRecorder(), request)
	equal(t, "violations", lines(checker.Violations()), "GET /v1/unknown: the contract has no such call")
}

// answerOverTCP returns the answer as a client receives it, without its Date.
func answerOverTCP(t *testing.T, handler http.Handler, path string) string {
	t.Helper()
	// Close does not wait for a handler that hijacked its connection.
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		handler.ServeHTTP(w, r)
	}))
	defer func() {
		server.Close()
		<-ended
	}()
	answer, err := http.Get(server.URL + path)
	if err != nil {
		return "no answer"
	}
	defer answer.Body.Close()
	answer.Header.Del("Date")
	text, err := httputil.DumpResponse(answer, true)
	return fmt.Sprintf("%s %v", text, err)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
