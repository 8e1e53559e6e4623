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

func TestChecker_showsTheServerTheRequestAsItIsWithoutIt(t *testing.T) {
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

func TestChecker_showsTheClientTheAnswerAsItIsWithoutIt(t *testing.T) {
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
		"without a status":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"without anything":  func(http.ResponseWriter, *http.Request) {},
		"after a 103":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(404) },
		"flushed, no more":  func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"by the controller": func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() },
		"what else the controller can do": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, http.NewResponseController(w).EnableFullDuplex())
		},
	} {
		for _, path := range []string{"/v1/networks", "/v1/unknown"} {
			equal(t, name, overTheWire(t, newChecker(t).Wrap(server), path), overTheWire(t, server, path))
		}
	}
}

func TestChecker_judgesTheAnswerThatWasSent(t *testing.T) {
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
		"a status after an announcement": {
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

func TestChecker_judgesTheRequestThatArrived(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	send(checker.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = "" // as a server may that has read it
		r.Header.Del("Content-Type")
		_, _ = io.Copy(io.Discard, r.Body)
		answer{status: 200, body: created}.ServeHTTP(w, r)
	})), "POST /v1/networks/security/apikeys?x=1", keyCreate)
	equal(t, "violations", lines(checker.Violations()), `createApiKey 200: request query parameter "x": unknown`)
}

func TestChecker_doesNotJudgeAnAnswerThatIsBrokenOff(t *testing.T) {
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
		overTheWire(t, checker.Wrap(server), "/v1/networks?x=1")
		equal(t, name, lines(checker.Violations()), `getNetwork unanswered: request query parameter "x": unknown`)
		equal(t, name, fmt.Sprint(checker.Exercised()), "map[]")
	}
}

func TestChecker_doesNotJudgeARequestThatIsBrokenOff(t *testing.T) {
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

func TestChecker_textsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	const callers, shown = "k3y-of-the-caller", `s3"cret\key`
	const shownAsJSON = `"s3\"cret\\key"`
	for name, tc := range map[string]struct {
		call, body string
		answer     answer
	}{
		"in a path":            {call: "GET /v1/" + callers},
		"as an ID":             {call: "GET /v1/networks/security/apikeys/" + callers},
		"in the query":         {call: "POST /v1/networks/security/apikeystable?page=" + callers + "&" + callers + "=1"},
		"as a field":           {call: "POST /v1/networks/security/apikeystable", body: `{"` + callers + `": 1}`},
		"a request's own":      {call: "POST /v1/networks/security/apikeystable", body: `{"api_key": ` + shownAsJSON + `, ` + shownAsJSON + `: 1}`},
		"as a value":           {call: "POST /v1/networks/security/apikeystable", body: `{"filters": "` + callers + `"}`},
		"in a broken body":     {call: "POST /v1/networks/security/apikeystable", body: `{"api_key": ` + shownAsJSON + `,`},
		"of a wrong type":      {call: "GET /v1/networks", answer: answer{body: `{"network_id": ` + shownAsJSON + `}`}},
		"where it must not be": {call: "GET /v1/networks", answer: answer{body: `{"api_key": ` + shownAsJSON + `}`}},
		"as a header":          {call: "GET /v1/networks", answer: answer{content: callers}},
		"in an error":          {call: "GET /v1/networks", answer: answer{status: 401, body: `{"message": "` + callers + `"}`}},
		"as a field of an answer": {call: "GET /v1/networks", answer: answer{
			body: `{"api_key": ` + shownAsJSON + `, ` + shownAsJSON + `: 1}`,
		}},
		"one inside the other": {call: "GET /v1/networks", answer: answer{
			body: `{"api_key": "` + callers + `-and-` + callers + `", "` + callers + `-and-` + callers + `": 1}`,
		}},
	} {
		checker := newChecker(t)
		method, target, _ := strings.Cut(tc.call, " ")
		request := httptest.NewRequest(method, target, strings.NewReader(tc.body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Eflow-API-Key", callers)
		if tc.answer.status == 0 {
			tc.answer.status = http.StatusOK
		}
		checker.Wrap(tc.answer).ServeHTTP(httptest.NewRecorder(), request)

		got := lines(checker.Violations())
		if got == "" {
			t.Errorf("%s: no violation, so nothing was tried", name)
		}
		for _, part := range []string{callers, "cret", "-and-"} {
			if strings.Contains(got, part) {
				t.Errorf("%s: a secret is in %s", name, got)
			}
		}
	}
}

func TestChecker_textsAreWholeWhenTheKeyIsEmpty(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	request := httptest.NewRequest("GET", "/v1/unknown", nil)
	request.Header.Set("X-Eflow-API-Key", "")
	checker.Wrap(answer{status: 401}).ServeHTTP(httptest.NewRecorder(), request)
	equal(t, "violations", lines(checker.Violations()), "GET /v1/unknown: the contract has no such call")
}

// overTheWire returns all that a client sees of an answer, but for the time.
func overTheWire(t *testing.T, handler http.Handler, path string) string {
	t.Helper()
	// Close does not wait for a handler that took over its connection.
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
