package everflowmock

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFault_statusBeforeAndAfter(t *testing.T) {
	t.Parallel()
	s, g := createWithFault(t, Fault{Kind: FaultStatus, Status: 502, Body: "<html>Bad Gateway</html>"})
	s.wantAnswer(g, 502, "<html>Bad Gateway</html>")
	s.wantKeyCount(4)
	if g.header.Get("Content-Type") != "text/html; charset=utf-8" || g.header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("%v", g.header)
	}
	s, g = createWithFault(t, Fault{Kind: FaultStatus, Status: 500, AfterActing: true})
	s.wantAnswer(g, 500, `{"error":"Internal Server Error"}`)
	s.wantKeyCount(5)
	if g.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", g.header)
	}
	s, g = createWithFault(t, Fault{Kind: FaultStatus, Status: 429, Body: "slow down", Header: http.Header{"Retry-After": {"5"}}})
	s.wantAnswer(g, 429, "slow down")
	if g.header.Get("Retry-After") != "5" || g.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v", g.header)
	}
	_, g = createWithFault(t, Fault{Kind: FaultStatus, Status: 503, Body: "{}", ContentType: "text/x-odd"})
	if g.header.Get("Content-Type") != "text/x-odd" {
		t.Errorf("%v", g.header)
	}
	s, g = createWithFault(t, Fault{Kind: FaultStatus, Status: 204, AfterActing: true})
	s.wantAnswer(g, 204, "")
}

func TestFault_bodiesThatAreNotTheAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault Fault
		body  string
		keys  int
	}{
		{fault: Fault{Kind: FaultEmpty}, keys: 4},
		{fault: Fault{Kind: FaultEmpty, AfterActing: true}, keys: 5},
		{fault: Fault{Kind: FaultBody, Body: `{"api_keys":null}`}, body: `{"api_keys":null}`, keys: 4},
		{fault: Fault{Kind: FaultBody, Body: `[]`, AfterActing: true}, body: `[]`, keys: 5},
	} {
		s, g := createWithFault(t, c.fault)
		s.wantAnswer(g, 200, c.body)
		s.wantKeyCount(c.keys)
	}
}

func TestFault_redirect(t *testing.T) {
	t.Parallel()
	s, g := createWithFault(t, Fault{Kind: FaultRedirect, URL: "https://example.com/v1/x"})
	s.wantAnswer(g, 307, "")
	if to := g.header.Get("Location"); to != "https://example.com/v1/x" {
		t.Errorf("Location %q", to)
	}
	s.wantKeyCount(4)
	_, g = createWithFault(t, Fault{Kind: FaultRedirect, URL: "/v1/networks", Status: 302})
	s.wantAnswer(g, 302, "")
}

func TestFault_slowSendsHeadersAtOnceAndTheBodyLater(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	whole := s.call("GET", "/networks", "").body + "\n"
	s.AddFault(Fault{Kind: FaultSlow, Times: 1})
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "GET", s.url+"/v1/networks", nil)
	r.Header.Set("X-Eflow-API-Key", DemoAPIKey)
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != 200 || resp.ContentLength != int64(len(whole)) {
		t.Fatalf("%+v, %v", resp, err)
	}
	half := make([]byte, len(whole)/2)
	if _, err := io.ReadFull(resp.Body, half); err != nil || string(half) != whole[:len(whole)/2] {
		t.Errorf("%q, %v", half, err)
	}
	cancel()
	if rest, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("more than half: %q, %v", rest, err)
	}
	resp.Body.Close()

	s.AddFault(Fault{Kind: FaultSlow, Delay: 20 * time.Millisecond})
	began := time.Now()
	s.wantAnswer(s.call("GET", "/networks", ""), 200, strings.TrimSpace(whole))
	if d := time.Since(began); d < 20*time.Millisecond {
		t.Errorf("took %s", d)
	}
}

func TestFault_cutDropsTheConnectionInTheBody(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{Faults: []Fault{{Kind: FaultResetInBody}}})
	resp, err := s.roundTrip("POST", apiKeys, createBody)
	s.wantKeyCount(5)
	if err != nil {
		return // the reset may overtake the headers
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("read a whole body: %q", body)
	}
}

func TestFault_truncatedIsACompleteAnswerWithHalfItsJSON(t *testing.T) {
	t.Parallel()
	s, g := createWithFault(t, Fault{Kind: FaultTruncated})
	if g.status != 200 || !strings.HasPrefix(g.body, `{"network_api_key_id":5,"network_id":1001,"name":"CI"`) || json.Valid([]byte(g.body)) {
		t.Errorf("%d %s", g.status, g.body)
	}
	s.wantKeyCount(5)
}

func TestFault_wrongTypes(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{Faults: []Fault{{Kind: FaultWrongTypes}}})
	s.wantAnswer(s.call("GET", apiKeys+"/2", ""), 200, `{"is_all_permissions":"false","name":"Legacy API Key (Mia Manager)",`+
		`"network_api_key_id":"2","network_employee_id":"3","network_id":"1001","permissions":["Affiliates","Offers"],`+
		`"status":"active","time_created":"1672531200","time_last_used":"0","time_revoked":"0","time_saved":"1672531200"}`)
	if g := s.call("GET", "/networks/employees", ""); !strings.Contains(g.body, `"network_employee_id":"4"`) {
		t.Errorf("inside a list: %s", g.body)
	}
}

func TestFault_extraFieldsAreInEveryObject(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{Faults: []Fault{{Kind: FaultExtraFields}}})
	const extra = `"new_null":null,"new_number":1.5,"new_object":{"list":[1,"two",true]},"new_text":"new"`
	s.wantAnswer(s.call("GET", apiWhitelist, ""), 200,
		`{"ip_addresses":[],"network_id":1001,`+extra+`,"time_saved":0}`)
	g := s.call("POST", "/networks/security/apikeystable?page_size=1", `{}`)
	if n := strings.Count(g.body, extra); n != 3 { // the table, the key and the paging
		t.Errorf("in %d objects: %s", n, g.body)
	}
}

func TestFault_hugeBodyIsStillValidJSON(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{Faults: []Fault{{Kind: FaultHuge}}})
	resp, err := s.roundTrip("GET", "/networks", "")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || len(body) < 10<<20 || !json.Valid(body) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}
