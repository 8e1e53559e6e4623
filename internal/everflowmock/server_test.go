package everflowmock

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// testServer is a mock served by a real HTTP server, with its clock.
type testServer struct {
	*Server
	t      *testing.T
	url    string // without basePath
	clock  *testClock
	secret string // what calls authenticate with
}

// testClock starts at 2026-01-01T00:00:00Z and moves by advance only.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

const startOfTest = 1767225600

func newClock() *testClock { return &testClock{now: time.Unix(startOfTest, 0)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func startServer(t *testing.T, opts Options) *testServer {
	t.Helper()
	clock := newClock()
	opts.Now = clock.Now
	mock, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return &testServer{Server: mock, t: t, url: server.URL, clock: clock, secret: DemoAPIKey}
}

// withSecret is the same server, called with another key; "" sends none.
func (s testServer) withSecret(secret string) *testServer {
	s.secret = secret
	return &s
}

// newKey adds a key and returns a caller that uses it.
func (s *testServer) newKey(secret string, k Key) (int64, *testServer) {
	k.SHA256 = HashAPIKey(secret)
	return s.AddKey(k), s.withSecret(secret)
}

type response struct {
	status int
	body   string
	header http.Header
}

// call sends one call, path below /v1; header is name, value, name, value …
func (s *testServer) call(method, path, body string, header ...string) response {
	s.t.Helper()
	resp, err := s.roundTrip(method, path, body, header...)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response{status: resp.StatusCode, body: strings.TrimSpace(string(content)), header: resp.Header}
}

// roundTrip is call for answers that may never come. Every call has a connection of its own, and
// redirects are not followed.
func (s *testServer) roundTrip(method, path, body string, header ...string) (*http.Response, error) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/v1"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.secret != "" {
		req.Header.Set("X-Eflow-API-Key", s.secret)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	return transport.RoundTrip(req)
}

func (s *testServer) wantAnswer(g response, status int, body string) {
	s.t.Helper()
	if g.status != status || g.body != body {
		s.t.Errorf("got  %d %s\nwant %d %s", g.status, g.body, status, body)
	}
}

func TestServer_answersOnlyBelowItsBasePath(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.wantAnswer(s.call("GET", "/nothing", ""), 404, `{"error":"Not found"}`)
	resp, err := http.Get(s.url + "/networks")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, _ := io.ReadAll(resp.Body)
	s.wantAnswer(response{status: resp.StatusCode, body: strings.TrimSpace(string(content))}, 404,
		`{"error":"Not found: every path starts with /v1"}`)
}

func TestServer_namesTheMethodsThatAPathKnows(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	g := s.call("DELETE", "/networks/security/apikeys/4", "")
	s.wantAnswer(g, 405, `{"error":"Method not allowed"}`)
	if allow := g.header.Get("Allow"); allow != "GET, HEAD, PUT" {
		t.Errorf("Allow: %q, want GET, HEAD, PUT", allow)
	}
	s.wantAnswer(s.call("HEAD", "/networks/security/apikeys/4", ""), 200, "")
}

func TestServer_redirectsNoPath(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	for _, path := range []string{
		"/networks/", "//networks", "/./networks", "/roles/../networks", "/networks/security/apikeys/",
		"/networks/security/apikeys//revoke", "/networks/security/apikeys/4/", "/../v1/networks",
	} {
		s.wantAnswer(s.call("GET", path, ""), 404, `{"error":"Not found"}`)
	}
	s.wantAnswer(s.call("GET", "/networks/security/apikeys/%2e%2e", ""), 400, `{"error":"the ID in the path must be a positive integer"}`)
	s.wantAnswer(s.call("GET", "/networks/security/apikeys/4%2F", ""), 400, `{"error":"the ID in the path must be a positive integer"}`)
}

func TestServer_dateFollowsItsClock(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	if date := s.call("GET", "/networks", "").header.Get("Date"); date != "Thu, 01 Jan 2026 00:00:00 GMT" {
		t.Errorf("Date: %q", date)
	}
	s.clock.advance(time.Hour)
	s.AddFault(Fault{Kind: FaultStatus, Status: 500})
	if date := s.call("GET", "/networks", "").header.Get("Date"); date != "Thu, 01 Jan 2026 01:00:00 GMT" {
		t.Errorf("Date of a faulty answer: %q", date)
	}
}

func TestServer_refusesLargeBodies(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	g := s.call("POST", "/networks/security/apikeystable", `{"x":"`+strings.Repeat("a", 1<<20)+`"}`)
	s.wantAnswer(g, 413, `{"error":"Body larger than 1048576 bytes"}`)
	g = s.call("POST", "/networks/security/apikeystable", "{}"+strings.Repeat(" ", 1<<20-2))
	if g.status != 200 {
		t.Errorf("a body of exactly 1 MiB: %d %s", g.status, g.body)
	}
}

func TestServer_doesNotActOnABodyThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	finished := make(chan Call, 1)
	s := startServer(t, Options{OnCall: func(c Call) { finished <- c }})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /v1%s HTTP/1.1\r\nHost: x\r\nX-Eflow-API-Key: %s\r\nContent-Length: 999\r\n\r\n%s",
		apiKeys, DemoAPIKey, createBody)
	conn.Close()
	if c := <-finished; c.Operation != "createApiKey" || c.Status != 0 || c.APIStatus != 0 {
		t.Errorf("%+v", c)
	}
	s.wantKeyCount(4)
}

func TestServer_employeesAreAPlainList(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.wantAnswer(s.call("GET", "/networks/employees", ""), 200, `[`+
		`{"network_employee_id":1,"network_id":1001,"first_name":"Ada","last_name":"Admin","full_name":"Ada Admin",`+
		`"email":"ada.admin@example.com","account_status":"active","is_admin":true,"network_role_id":1},`+
		`{"network_employee_id":2,"network_id":1001,"first_name":"Pat","last_name":"Platform","full_name":"Pat Platform",`+
		`"email":"pat.platform@example.com","account_status":"active","is_admin":false,"network_role_id":2},`+
		`{"network_employee_id":3,"network_id":1001,"first_name":"Mia","last_name":"Manager","full_name":"Mia Manager",`+
		`"email":"mia.manager@example.com","account_status":"active","is_admin":false,"network_role_id":3},`+
		`{"network_employee_id":4,"network_id":1001,"first_name":"Lee","last_name":"Leaver","full_name":"Lee Leaver",`+
		`"email":"lee.leaver@example.com","account_status":"inactive","is_admin":false,"network_role_id":3}]`)
}

func TestServer_rolesAreAPlainList(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.AddRole(Role{Name: "Nothing"})
	s.wantAnswer(s.call("GET", "/networks/roles", ""), 200, `[`+
		`{"role_id":1,"network_id":1001,"name":"Administrator","description":"Everything",`+
		`"permissions":["Advertisers","Affiliates","Employees","Offers","Reporting","Roles","Security"],`+
		`"time_created":1672531200,"time_saved":1672531200},`+
		`{"role_id":2,"network_id":1001,"name":"Platform Engineering","description":"Integrations and their API keys",`+
		`"permissions":["Employees","Reporting","Roles","Security"],"time_created":1672531200,"time_saved":1672531200},`+
		`{"role_id":3,"network_id":1001,"name":"Account Manager","description":"Partners and offers",`+
		`"permissions":["Advertisers","Affiliates","Offers","Reporting"],"time_created":1672531200,"time_saved":1672531200},`+
		`{"role_id":4,"network_id":1001,"name":"Nothing","description":"","permissions":[],`+
		`"time_created":1767225600,"time_saved":1767225600}]`)
}

func TestServer_networkIsOneObject(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.wantAnswer(s.call("GET", "/networks", ""), 200, `{"network_id":1001,"name":"Example Network","status":"active",`+
		`"default_currency_id":"USD","reporting_timezone_id":67,"time_created":1672531200,"time_saved":1672531200}`)
	if id := s.NetworkID(); id != 1001 {
		t.Errorf("NetworkID() = %d", id)
	}
}

func TestServer_wrapSeesOnlyWhatTheAPIReceivedAndAnswered(t *testing.T) {
	t.Parallel()
	var seen []string
	wrap := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			recorder := httptest.NewRecorder()
			next.ServeHTTP(recorder, r)
			seen = append(seen, r.Method+" "+r.URL.Path+" "+string(body)+" → "+recorder.Result().Status)
			w.WriteHeader(recorder.Code)
			w.Write(recorder.Body.Bytes())
		})
	}
	s := startServer(t, Options{Wrap: wrap, Faults: []Fault{
		{Kind: FaultStatus, Status: 502, Times: 1},
		{Kind: FaultStatus, Status: 503, Times: 1, AfterActing: true},
	}})
	for _, status := range []int{502, 503, 200} {
		g := s.call("POST", "/networks/security/apikeystable", `{"filters":{"status":"revoked"}}`)
		if g.status != status {
			t.Errorf("status %d, want %d", g.status, status)
		}
	}
	want := `POST /v1/networks/security/apikeystable {"filters":{"status":"revoked"}} → 200 OK`
	if len(seen) != 2 || seen[0] != want || seen[1] != want {
		t.Errorf("the wrapper saw %q", seen)
	}
}

func TestNew_refusesOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string]Options{
		"latency -1s: must not be negative":                          {Latency: -time.Second},
		"rate limit: Calls must be positive":                         {RateLimit: RateLimit{Window: time.Second}},
		"rate limit: exactly one of Window and RefillPerSecond":      {RateLimit: RateLimit{Calls: 5}},
		`fault "* teapot": unknown kind "teapot": use one of status`: {Faults: []Fault{{Kind: "teapot"}}},
		"seed: network.network_id: must be positive":                 {Seed: &Seed{}},
		"wrap: returned no handler":                                  {Wrap: func(http.Handler) http.Handler { return nil }},
	} {
		if _, err := New(opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
