package controlcenter

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

type site struct {
	*testing.T
	mock *everflowmock.Server
	url  string
}

func serve(t *testing.T) *site {
	t.Helper()
	mock, err := everflowmock.New(everflowmock.Options{CallerAddress: netip.MustParseAddr("203.0.113.10")})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(Handler(mock))
	t.Cleanup(server.Close)
	return &site{T: t, mock: mock, url: server.URL}
}

// send sends one request and follows no redirect; header is name, value, name, value …
func (s *site) send(method, path, contentType, body string, header ...string) (*http.Response, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	return resp, string(content)
}

func (s *site) get(path string) string {
	s.Helper()
	resp, body := s.send("GET", path, "", "")
	if resp.StatusCode != 200 {
		s.Errorf("GET %s: %s\n%s", path, resp.Status, body)
	}
	return body
}

func (s *site) post(path string, form url.Values, header ...string) (*http.Response, string) {
	s.Helper()
	return s.send("POST", path, "application/x-www-form-urlencoded", form.Encode(), header...)
}

func newKeyForm(name string) url.Values {
	return url.Values{"name": {name}, "employee": {"2"}, "access": {"some"}, "permission": {"Offers"}, "others": {" Custom, Offers ,"}}
}

func TestPage_showsASecretOnce(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, _ := s.post("/keys/new", newKeyForm("CI"))
	created := resp.Header.Get("Location")
	if resp.StatusCode != 303 || created != "/keys/5/created" {
		t.Fatalf("%s to %q", resp.Status, created)
	}
	k, _ := s.mock.Key(5)
	if k.Name != "CI" || k.EmployeeID != 2 || strings.Join(k.Permissions, ",") != "Custom,Offers" || k.IsAllPermissions {
		t.Errorf("%+v", k)
	}
	first := s.get(created)
	secret := regexp.MustCompile(`everflow-mock-[A-Z0-9]{26}`).FindString(first)
	if everflowmock.HashAPIKey(secret) != k.SHA256 {
		t.Errorf("the secret %q is not the key's", secret)
	}
	for _, path := range []string{created, "/", "/?status=all", "/keys/5/edit", "/keys/5/revoke", "/calls", "/_mock/state", "/_mock/calls"} {
		if strings.Contains(s.get(path), secret) {
			t.Errorf("%s shows the secret again", path)
		}
	}
}

func TestPage_showsASecretForItsOwnKeyOnly(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, _ := s.post("/keys/new", newKeyForm("of the network before the reset"))
	s.post("/reset", nil)
	s.mock.AddKey(everflowmock.Key{Name: "another", EmployeeID: 1, IsAllPermissions: true})
	if body := s.get(resp.Header.Get("Location")); strings.Contains(body, "everflow-mock-") {
		t.Errorf("another key's secret is shown:\n%s", body)
	}
}

func TestPage_hostileNamesAreText(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}` + "\u202e"
	s.mock.UpdateEmployee(2, func(e *everflowmock.Employee) { e.FullName, e.Email = hostile, hostile })
	s.mock.AddRole(everflowmock.Role{Name: hostile, Permissions: []string{hostile}})
	id := s.mock.AddKey(everflowmock.Key{Name: hostile, EmployeeID: 2, Permissions: []string{hostile}, SHA256: everflowmock.HashAPIKey("hostile")})
	s.send("GET", "/v1/<script>alert(1)</script>?<script>", "", "", "X-Eflow-API-Key", "hostile")
	for _, path := range []string{
		"/", "/?status=<script>&done=<script>", "/keys/new", "/keys/5/edit", "/keys/5/revoke", "/keys/5/created", "/calls", "/whitelist",
	} {
		if body := s.get(path); strings.Contains(body, "<script") || strings.Contains(body, "<img src=x") {
			t.Errorf("key %d on %s is not text:\n%s", id, path, body)
		}
	}
	_, body := s.post("/whitelist/edit", url.Values{"ip_addresses": {"</textarea><script>alert(1)</script>"}})
	if strings.Contains(body, "<script") {
		t.Error(body)
	}
}

func TestPage_redactsAKeyInMethodPathAndQuery(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const key = everflowmock.DemoAPIKey
	s.send("GET", "/v1/networks/security/apikeys/"+key+"?key="+key, "", "", "X-Eflow-API-Key", key, "User-Agent", key)
	s.send("A-"+key, "/v1/networks", "", "", "X-Eflow-API-Key", key)
	for _, path := range []string{"/calls", "/_mock/calls"} {
		if body := s.get(path); strings.Contains(body, key) || !strings.Contains(body, "[35 characters]") {
			t.Errorf("%s:\n%s", path, body)
		}
	}
}

func TestPage_refusesOtherSites(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, header := range [][]string{
		{"Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "null"},
	} {
		for _, path := range []string{"/keys/new", "/keys/1/revoke", "/whitelist/edit", "/reset", "/calls/clear", "/_mock/reset", "/_mock/web/networks/security/apikeys/1/revoke"} {
			if resp, body := s.post(path, newKeyForm("evil"), header...); resp.StatusCode != 403 {
				t.Errorf("POST %s with %q: %s\n%s", path, header, resp.Status, body)
			}
		}
	}
	if k, _ := s.mock.Key(1); k.Revoked() || len(s.mock.Keys()) != 4 {
		t.Errorf("%+v", s.mock.Keys())
	}
}

func TestPage_refusesNamesThatASiteCouldHave(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for host, want := range map[string]int{
		"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "evil.localhost.example": 421,
		"localhost": 200, "localhost:8080": 200, "mock.localhost": 200, "everflow-mock:8080": 200, "[::1]:8080": 200, "192.168.0.2": 200,
	} {
		for _, path := range []string{"/", "/keys/new", "/_mock/state"} {
			if resp, _ := s.send("GET", path, "", "", "Host", host); resp.StatusCode != want {
				t.Errorf("%s of %s: %s, want %d", path, host, resp.Status, want)
			}
		}
	}
}

func TestPage_allowsNoScriptAndNoFrame(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, path := range []string{"/", "/whitelist", "/keys/99/edit", "/style.css", "/_mock/state"} {
		resp, _ := s.send("GET", path, "", "")
		want := "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
		if got := resp.Header.Get("Content-Security-Policy"); got != want || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q", path, resp.Header)
		}
	}
}

func TestPage_showsTheProblemAndKeepsTheInput(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.mock.RevokeKey(3)
	for _, c := range []struct {
		path, field, value, want string
		status                   int
	}{
		{path: "/keys/new", field: "name", value: " ", want: "name is required", status: 422},
		{path: "/keys/new", field: "employee", value: "99", want: "network_employee_id 99 does not exist", status: 422},
		{path: "/keys/2/edit", field: "name", value: "", want: "name is required", status: 422},
		{path: "/keys/3/edit", field: "name", value: "x", want: "API key 3 is revoked", status: 422},
		{path: "/keys/99/edit", field: "name", value: "x", want: "There is no API key with this ID.", status: 404},
		{path: "/keys/x/revoke", field: "name", value: "x", want: "There is no API key with this ID.", status: 404},
		{path: "/whitelist/edit", field: "ip_addresses", value: "203.0.113.7\nnonsense", want: "&#34;nonsense&#34; is neither an IP address nor a CIDR range", status: 422},
	} {
		form := newKeyForm("Typed name")
		form.Set(c.field, c.value)
		resp, body := s.post(c.path, form)
		if resp.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("POST %s: %s\n%s", c.path, resp.Status, body)
		}
		if c.field == "employee" && !strings.Contains(body, `value="Typed name"`) || c.field == "ip_addresses" && !strings.Contains(body, "203.0.113.7\nnonsense</textarea>") {
			t.Errorf("POST %s lost the input:\n%s", c.path, body)
		}
	}
}

func TestPage_isNotLimitedByTheWhitelist(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const refused = "API calls are refused."
	if strings.Contains(s.get("/whitelist"), refused) {
		t.Error("an empty list refuses nothing")
	}
	s.post("/whitelist/edit", url.Values{"ip_addresses": {"198.51.100.0/24, 2001:db8::1\n192.0.2.1"}})
	if got := strings.Join(s.mock.Whitelist(), " "); got != "192.0.2.1 198.51.100.0/24 2001:db8::1" {
		t.Errorf("the list is %q", got)
	}
	if body := s.get("/"); !strings.Contains(body, refused) || !strings.Contains(body, "203.0.113.10") {
		t.Errorf("the page does not show that calls are refused:\n%s", body)
	}
	s.post("/whitelist/edit", url.Values{"ip_addresses": {"203.0.113.0/24"}})
	if body := s.get("/"); strings.Contains(body, refused) {
		t.Errorf("the page shows that calls are refused:\n%s", body)
	}
}
