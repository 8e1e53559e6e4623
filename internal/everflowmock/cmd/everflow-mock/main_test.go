package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

const seed = `{
  "network": {"network_id": 7, "name": "Small"},
  "employees": [{"network_employee_id": 3, "first_name": "Ann", "email": "ann@example.com", "is_admin": true}],
  "api_keys": [{"network_api_key_id": 9, "name": "a\n\u001b[31mb", "network_employee_id": 3, "is_all_permissions": true, "api_key": "PLAIN-SECRET"}]
}`

const callerNote = "Calls count as coming from 203.0.113.10: an API whitelist that is not empty must contain that address.\n"

func TestCommand_bannerShowsTheRealPortAndThePublishedKey(t *testing.T) {
	t.Parallel()
	c := startCommand(t)
	if !regexp.MustCompile(`^http://127\.0\.0\.1:[1-9][0-9]*/v1$`).MatchString(c.url) {
		t.Errorf("base URL %q", c.url)
	}
	want := "everflow-mock is ready at " + c.url + "\nControl Center, for people: " + strings.TrimSuffix(c.url, "v1") + "\nTo use it with the demo key, which is published and not a secret:\n" +
		"  export EVERFLOW_BASE_URL=" + c.url + " EVERFLOW_API_KEY=everflow-mock-demo-key-not-a-secret\n" + callerNote
	if c.banner != want {
		t.Errorf("banner\n%s", c.banner)
	}
	if status := c.call("GET", "/networks", "", demoKey); status != 200 {
		t.Errorf("status %d", status)
	}
	c.wantLog(`TIME GET /v1/networks: 200, from 203.0.113.10, in DURATION, key 4 "Terraform"`)
	if code := c.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if status := c.call("GET", "/networks", "", demoKey); status != 0 {
		t.Errorf("after the end: status %d", status)
	}
}

func TestCommand_seedFile(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "seed.json", seed)
	c := startCommand(t, "-seed", path)
	want := "everflow-mock is ready at " + c.url + "\nControl Center, for people: " + strings.TrimSuffix(c.url, "v1") + "\nTo use it with an API key of \"" + path + "\":\n" +
		"  export EVERFLOW_BASE_URL=" + c.url + " EVERFLOW_API_KEY=...\n" + callerNote
	if c.banner != want {
		t.Errorf("banner\n%s", c.banner)
	}
	c.call("GET", "/networks", "", "PLAIN-SECRET")
	c.wantLog(`TIME GET /v1/networks: 200, from 203.0.113.10, in DURATION, key 9 "a\n\x1b[31mb"`)
	if status := c.call("GET", "/networks", "", demoKey); status != 401 {
		t.Errorf("the built-in key: %d", status)
	}
}

func TestCommand_bannerNeverShowsAKeyOfASeedFile(t *testing.T) {
	t.Parallel()
	c := startCommand(t, "-seed", writeFile(t, "seed.json", strings.Replace(seed, "PLAIN-SECRET", demoKey, 1)))
	if strings.Contains(c.banner, demoKey) {
		t.Errorf("banner\n%s", c.banner)
	}
}

func TestCommand_callerAddressIsOneThatTheExamplesAdmit(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"203.0.113.10": nil,
		"2001:db8::1":  {"-caller-address", "2001:db8::1"},
		"127.0.0.1":    {"-caller-address", "connection"},
	} {
		c := startCommand(t, args...)
		c.call("GET", "/networks", "", demoKey)
		c.wantLog(`TIME GET /v1/networks: 200, from ` + want + `, in DURATION, key 4 "Terraform"`)
	}
}

func TestCommand_optionsReachTheServer(t *testing.T) {
	t.Parallel()
	c := startCommand(t, "-caller-address", "203.0.113.7", "-latency", "1ms", "-rate-limit", "20")
	if status := c.call("PUT", "/networks/security/apiwhitelist", `{"ip_addresses":["203.0.113.0/24"]}`, demoKey); status != 200 {
		t.Errorf("status %d", status)
	}
	c.wantLog(`TIME PUT /v1/networks/security/apiwhitelist: 200, from 203.0.113.7, in DURATION, key 4 "Terraform"`)
}

func TestCommand_callsInFlightGetTheirAnswer(t *testing.T) {
	t.Parallel()
	c := startCommand(t, "-latency", "300ms")
	status := make(chan int)
	client := c.dial()
	reader := c.beginCall(client)
	fmt.Fprint(client, "{}")
	go func() {
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	if code := c.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if got := <-status; got != 200 {
		t.Errorf("status %d", got)
	}
}

func TestCommand_hangingCallsDoNotKeepItAlive(t *testing.T) {
	t.Parallel()
	c := startCommand(t, "-fault", "* hang")
	client := c.dial()
	reader := c.beginCall(client)
	fmt.Fprint(client, "{}")
	if code := c.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if err := client.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is still open: %v", err)
	}
}

func TestCommand_warnsWhenOthersCanReachIt(t *testing.T) {
	t.Parallel()
	c := startCommand(t, "-addr", "0.0.0.0:0")
	if !regexp.MustCompile(`^http://127\.0\.0\.1:[1-9][0-9]*/v1$`).MatchString(c.url) {
		t.Errorf("base URL %q", c.url)
	}
	c.wantLog("warning: other machines can reach the API and the Control Center, which asks for no password, and there is no TLS")
}
