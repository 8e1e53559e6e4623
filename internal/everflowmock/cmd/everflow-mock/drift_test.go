package main

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// drift runs everflow-mock drift against the mock.
func (c *command) drift(args ...string) (code int, stdout, stderr string) {
	c.t.Helper()
	return runToEnd(c.t, append([]string{"drift", "-addr", c.addr()}, args...)...)
}

func TestDrift_changesTheRunningMock(t *testing.T) {
	t.Parallel()
	c := startCommand(t)
	for _, step := range []struct{ args, want string }{
		{args: "show", want: "API key 1   active   Legacy API Key (Pat Platform)\nAPI key 2   active   Legacy API Key (Mia Manager)\n" +
			"API key 3   active   Legacy API Key (Lee Leaver)\nAPI key 4   active   Terraform\nAPI whitelist: empty, every address is accepted\n"},
		{args: "revoke 3", want: "API key 3 (\"Legacy API Key (Lee Leaver)\") is now revoked.\n"},
		{args: "rename 2 Mia", want: "API key 2 (\"Legacy API Key (Mia Manager)\") is now named \"Mia\".\n"},
		{args: "rename Mia Ida", want: "API key 2 (\"Mia\") is now named \"Ida\".\n"},
		{args: "add-key Unknown", want: "API key 5 (\"Unknown\") was created for Ada Admin, with all permissions. Its secret, shown this once:\n  SECRET\n"},
		{args: "whitelist add 198.51.100.7", want: "API whitelist: 198.51.100.7\n"},
		{args: "whitelist add 2001:DB8::/32", want: "API whitelist: 198.51.100.7, 2001:db8::/32\n"},
		{args: "whitelist remove 198.51.100.7/32", want: "API whitelist: 2001:db8::/32\n"},
		{args: "whitelist remove 2001:db8:0::/32", want: "API whitelist: empty, every address is accepted\n"},
		{args: "show", want: "API key 1   active   Legacy API Key (Pat Platform)\nAPI key 2   active   Ida\n" +
			"API key 3   revoked  Legacy API Key (Lee Leaver)\nAPI key 4   active   Terraform\nAPI key 5   active   Unknown\n" +
			"API whitelist: empty, every address is accepted\n"},
	} {
		code, stdout, stderr := c.drift(strings.Fields(step.args)...)
		stdout = regexp.MustCompile(`everflow-mock-[A-Z0-9]{26}`).ReplaceAllString(stdout, "SECRET")
		if code != 0 || stdout != step.want || stderr != "" {
			t.Errorf("drift %s: %d\n%s%s", step.args, code, stdout, stderr)
		}
	}
	if status := c.call("GET", "/networks/security/apikeys/2", "", demoKey); status != 200 {
		t.Errorf("status %d", status)
	}
	c.wantLog(`TIME GET /v1/networks/security/apikeys/2: 200, from 203.0.113.10, in DURATION, key 4 "Terraform"`)
}

func TestDrift_mistakesAreOneClearLine(t *testing.T) {
	t.Parallel()
	c := startCommand(t)
	const list = ": everflow-mock drift show lists the keys\n"
	for _, step := range []struct {
		args, want string
		code       int
	}{
		{args: "", want: `want a COMMAND with its arguments, got "" (see everflow-mock drift -help)` + "\n", code: 2},
		{args: "revoke", want: `want a COMMAND with its arguments, got "revoke" (see everflow-mock drift -help)` + "\n", code: 2},
		{args: "whitelist replace x", want: `want a COMMAND with its arguments, got "whitelist replace x" (see everflow-mock drift -help)` + "\n", code: 2},
		{args: "revoke 99", want: "there is no API key 99" + list, code: 1},
		{args: "rename 99 x", want: "there is no API key 99" + list, code: 1},
		{args: "revoke Nobody", want: `0 active API keys are named "Nobody": use the ID, which everflow-mock drift show prints` + "\n", code: 1},
		{args: "whitelist add x", want: `ip_addresses: "x" is neither an IP address nor a CIDR range` + "\n", code: 1},
		{args: "whitelist remove 192.0.2.1", want: `"192.0.2.1" is not in the whitelist. API whitelist: empty, every address is accepted` + "\n", code: 1},
	} {
		code, stdout, stderr := c.drift(strings.Fields(step.args)...)
		if code != step.code || stdout != "" || stderr != "everflow-mock drift: "+step.want {
			t.Errorf("drift %s: %d\n%s%s", step.args, code, stdout, stderr)
		}
	}
}

func TestHealth_tellsWhetherTheMockAnswers(t *testing.T) {
	t.Parallel()
	c := startCommand(t)
	if code, stdout, stderr := runToEnd(t, "health", "-addr", c.addr()); code != 0 || stdout+stderr != "" {
		t.Errorf("%d %s%s", code, stdout, stderr)
	}
	c.stop()
	code, _, stderr := runToEnd(t, "health", "-addr", c.addr())
	if code != 1 || !strings.HasPrefix(stderr, "everflow-mock health: no mock answers at "+c.addr()+": start one with everflow-mock, or give its address with -addr HOST:PORT (") {
		t.Errorf("%d %s", code, stderr)
	}
}

func TestRemote_isTheMockThatTheProviderCalls(t *testing.T) {
	t.Parallel()
	for baseURL, want := range map[string]string{
		"":                             "http://127.0.0.1:8080/_mock/",
		"http://127.0.0.1:9000/v1":     "http://127.0.0.1:9000/_mock/",
		"https://api.eflow.team/v1":    "http://127.0.0.1:8080/_mock/",
		"http://everflow-mock:8080/v1": "http://everflow-mock:8080/_mock/",
	} {
		mock, args, err := parseRemote([]string{"show"}, func(string) string { return baseURL })
		if err != nil || mock.url != want || len(args) != 1 {
			t.Errorf("%q: %+v, %q, %v", baseURL, mock, args, err)
		}
	}
}

func TestControl_isUsableFromAShell(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	c := startCommand(t)
	script := exec.CommandContext(t.Context(), "bash", "testdata/control.sh", "http://"+c.addr())
	var out bytes.Buffer
	script.Stdout, script.Stderr = &out, &out
	if err := script.Run(); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}
