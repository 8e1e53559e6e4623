package main

import (
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestCommand_logsEachCallWithoutAnythingSecret(t *testing.T) {
	t.Parallel()
	c := startCommand(t, "-fault", "getApiWhitelist reset after-acting times=1", "-fault", "getApiWhitelist status=502")
	c.call("POST", "/networks/security/apikeys", `{"name":"x","network_employee_id":1,"is_all_permissions":true}`, demoKey)
	c.wantLog(`TIME POST /v1/networks/security/apikeys: 200, from 203.0.113.10, in DURATION, key 4 "Terraform"`)
	c.call("GET", "/networks?key="+demoKey, "", "some-unknown-secret")
	c.wantLog(`TIME GET /v1/networks: 401, from 203.0.113.10, in DURATION`)
	c.call("GET", "/networks/security/apiwhitelist", "", demoKey)
	c.wantLog(`TIME GET /v1/networks/security/apiwhitelist: no answer, from 203.0.113.10, in DURATION, key 4 "Terraform", fault: reset after acting`)
	c.call("GET", "/networks/security/apiwhitelist", "", demoKey)
	c.wantLog(`TIME GET /v1/networks/security/apiwhitelist: 502, from 203.0.113.10, in DURATION, fault: status=502`)
	c.call("GET", "/networks/security/apikeys/"+demoKey, "", demoKey)
	c.wantLog(`TIME GET /v1/networks/security/apikeys/[35 characters]: 400, from 203.0.113.10, in DURATION, key 4 "Terraform"`)
	c.call("GET", "/a%0A%1Bb", "", demoKey)
	c.wantLog(`TIME GET /v1/a%0A%1Bb: 404, from 203.0.113.10, in DURATION`)
}

func TestLogLine_quotesWhatCouldForgeALine(t *testing.T) {
	t.Parallel()
	line := logLine(everflowmock.Call{Method: "GET\n", Path: "/\x1b[31m/\u202e", Status: 200, KeyID: 1, KeyName: "a\nb\u202e"})
	want := `0001-01-01T00:00:00Z "GET\n" "/\x1b[31m/\u202e": 200, from an unknown address, in 0s, key 1 "a\nb\u202e"`
	if line != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
}
