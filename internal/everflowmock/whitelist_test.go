package everflowmock

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

const apiWhitelist = "/networks/security/apiwhitelist"

func TestWhitelist_keepsTheShortestSpellings(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{CallerAddress: netip.MustParseAddr("203.0.113.7")})
	s.wantAnswer(s.call("PUT", apiWhitelist, `{"ip_addresses":["2001:DB8:0:0::/32","::ffff:10.0.0.0/104","203.0.113.7/32",`+
		`"::FFFF:198.51.100.1","2001:db8:0:0:0:0:0:1/128","192.0.2.0/24"],"network_id":5}`), 200,
		`{"network_id":1001,"ip_addresses":["10.0.0.0/8","192.0.2.0/24","198.51.100.1","203.0.113.7",`+
			`"2001:db8::/32","2001:db8::1"],"time_saved":1767225600}`)
	want := []string{"10.0.0.0/8", "192.0.2.0/24", "198.51.100.1", "203.0.113.7", "2001:db8::/32", "2001:db8::1"}
	if got := s.Whitelist(); !reflect.DeepEqual(got, want) {
		t.Errorf("Whitelist() = %q", got)
	}
}

func TestWhitelist_malformedListChangesNothing(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{CallerAddress: netip.MustParseAddr("203.0.113.7")})
	s.SetWhitelist("203.0.113.0/24")
	for body, message := range map[string]string{
		`{}`:                      "ip_addresses is required; an empty list admits every address",
		`{"ip_addresses":null}`:   "ip_addresses is required; an empty list admits every address",
		`null`:                    "ip_addresses is required; an empty list admits every address",
		`{"ip_addresses":"::1"}`:  "ip_addresses: wrong type: string",
		`{"ip_addresses":[1]}`:    "ip_addresses: wrong type: number",
		`[]`:                      "malformed JSON: want an object",
		`{"ip_addresses":["::1"]`: "malformed JSON: unexpected EOF",
		whitelistBody("203.0.113.7", "203.0.113.7/32"): `ip_addresses: "203.0.113.7" and "203.0.113.7/32" are the same`,
		whitelistBody("::1", "0::1"):                   `ip_addresses: "::1" and "0::1" are the same`,
		whitelistBody("1.2.3.4", "::ffff:1.2.3.4"):     `ip_addresses: "1.2.3.4" and "::ffff:1.2.3.4" are the same`,
		whitelistBody("10.0.0.1/8"):                    `ip_addresses: "10.0.0.1/8" has bits set outside its mask; its range is 10.0.0.0/8`,
		whitelistBody("2001:db8::1/64"):                `ip_addresses: "2001:db8::1/64" has bits set outside its mask; its range is 2001:db8::/64`,
		whitelistBody("fe80::1%eth0"):                  notAnAddress("fe80::1%eth0"),
		whitelistBody("fe80::%eth0/64"):                notAnAddress("fe80::%eth0/64"),
		whitelistBody("10.0.0.0/33"):                   notAnAddress("10.0.0.0/33"),
		whitelistBody("10.0.0.0/08"):                   notAnAddress("10.0.0.0/08"),
		whitelistBody("010.0.0.1"):                     notAnAddress("010.0.0.1"),
		whitelistBody("10.0.0.1-10.0.0.9"):             notAnAddress("10.0.0.1-10.0.0.9"),
		whitelistBody("example.com"):                   notAnAddress("example.com"),
		whitelistBody(" 1.2.3.4"):                      notAnAddress(" 1.2.3.4"),
		whitelistBody(""):                              notAnAddress(""),
		`{"ip_addresses":[null]}`:                      notAnAddress(""),
		whitelistBody("203.0.113.7", "x"):              notAnAddress("x"),
	} {
		s.wantAnswer(s.call("PUT", apiWhitelist, body), 400, `{"error":"`+strings.ReplaceAll(message, `"`, `\"`)+`"}`)
	}
	if got := s.Whitelist(); !reflect.DeepEqual(got, []string{"203.0.113.0/24"}) {
		t.Errorf("the list is now %q", got)
	}
}

func whitelistBody(list ...string) string {
	return `{"ip_addresses":["` + strings.Join(list, `","`) + `"]}`
}

func notAnAddress(entry string) string {
	return fmt.Sprintf("ip_addresses: %q is neither an IP address nor a CIDR range", entry)
}

func TestWhitelist_newListHoldsFromTheNextCallOn(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{CallerAddress: netip.MustParseAddr("203.0.113.7")})
	if g := s.call("PUT", apiWhitelist, whitelistBody("198.51.100.1")); g.status != 200 {
		t.Fatalf("the call that locks its caller out: %d %s", g.status, g.body)
	}
	const lockedOut = `{"error":"IP address 203.0.113.7 is not in the API whitelist"}`
	s.wantAnswer(s.call("GET", "/networks", ""), 403, lockedOut)
	for _, c := range securityCalls {
		s.wantAnswer(s.call(c.method, c.path, c.body), 403, lockedOut)
	}
	s.wantAnswer(s.call("GET", "/networks/roles", ""), 403, `{"Error":"IP address 203.0.113.7 is not in the API whitelist"}`)
	s.wantAnswer(s.withSecret("unknown").call("GET", "/networks", ""), 401, `{"error":"Invalid API key"}`)
	s.SetCallerAddress(netip.MustParseAddr("198.51.100.1"))
	if g := s.call("PUT", apiWhitelist, `{"ip_addresses":[]}`); g.status != 200 {
		t.Fatalf("a whitelisted caller: %d %s", g.status, g.body)
	}
	s.SetCallerAddress(netip.Addr{})
	if g := s.call("GET", "/networks", ""); g.status != 200 {
		t.Errorf("an empty list admits everyone: %d %s", g.status, g.body)
	}
}

func TestWhitelist_admitsByMeaningOfTheAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		whitelist []string
		remote    string
		status    int
	}{
		{remote: "203.0.113.7:1234", status: 200},
		{remote: "[2001:db8::7]:1234", status: 200},
		{remote: "@", status: 200},
		{whitelist: []string{"203.0.113.7"}, remote: "203.0.113.7:1234", status: 200},
		{whitelist: []string{"203.0.113.7"}, remote: "[::ffff:203.0.113.7]:1234", status: 200},
		{whitelist: []string{"203.0.113.7"}, remote: "203.0.113.8:1234", status: 403},
		{whitelist: []string{"203.0.113.0/29"}, remote: "203.0.113.7:1234", status: 200},
		{whitelist: []string{"203.0.113.0/29"}, remote: "203.0.113.8:1234", status: 403},
		{whitelist: []string{"::ffff:203.0.113.0/125"}, remote: "203.0.113.7:1234", status: 200},
		{whitelist: []string{"::ffff:203.0.113.0/125"}, remote: "[::ffff:203.0.113.7]:1234", status: 200},
		{whitelist: []string{"0.0.0.0/0"}, remote: "203.0.113.7:1234", status: 200},
		{whitelist: []string{"0.0.0.0/0"}, remote: "[2001:db8::7]:1234", status: 403},
		{whitelist: []string{"::/0"}, remote: "[2001:db8::7]:1234", status: 200},
		{whitelist: []string{"::/0"}, remote: "203.0.113.7:1234", status: 403},
		{whitelist: []string{"2001:db8::/64"}, remote: "[2001:db8::ffff]:1234", status: 200},
		{whitelist: []string{"2001:db8::/64"}, remote: "[2001:db8:0:1::]:1234", status: 403},
		{whitelist: []string{"fe80::1"}, remote: "[fe80::1%eth0]:1234", status: 200},
		{whitelist: []string{"10.0.0.0/8", "2001:db8::7"}, remote: "[2001:db8::7]:1234", status: 200},
		{whitelist: []string{"10.0.0.0/8"}, remote: "@", status: 403},
	} {
		mock, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		mock.SetWhitelist(c.whitelist...)
		r := httptest.NewRequest("GET", "/v1/networks", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Eflow-API-Key", DemoAPIKey)
		w := httptest.NewRecorder()
		mock.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("list %q, caller %s: %d %s", c.whitelist, c.remote, w.Code, w.Body)
		}
	}
}

func TestCaller_countsAsTheGivenAddress(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{CallerAddress: netip.MustParseAddr("::ffff:203.0.113.7")})
	s.SetWhitelist("203.0.113.7")
	if g := s.call("GET", "/networks", ""); g.status != 200 {
		t.Errorf("from the given address: %d %s", g.status, g.body)
	}
	s.wantAnswer(s.call("GET", "/networks", "", "X-Forwarded-For", "198.51.100.1"), 200, s.call("GET", "/networks", "").body)
	s.SetCallerAddress(netip.MustParseAddr("198.51.100.1"))
	s.wantAnswer(s.call("GET", "/networks", ""), 403, `{"error":"IP address 198.51.100.1 is not in the API whitelist"}`)
	s.SetCallerAddress(netip.Addr{})
	s.wantAnswer(s.call("GET", "/networks", ""), 403, `{"error":"IP address 127.0.0.1 is not in the API whitelist"}`)
}
