package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// command runs the command with an environment, and returns what it printed.
func command(t *testing.T, environment map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, func(name string) string { return environment[name] }, &out, &errs)
	return code, out.String(), errs.String()
}

func mockServer(t *testing.T) (url string, mock *everflowmock.Server) {
	t.Helper()
	mock, err := everflowmock.New(everflowmock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return server.URL, mock
}

func TestCommand_asksOverHTTPAndPrintsATable(t *testing.T) {
	t.Parallel()
	url, _ := mockServer(t)
	code, stdout, stderr := command(t, map[string]string{"EVERFLOW_API_KEY": everflowmock.DemoAPIKey, "EVERFLOW_BASE_URL": url})
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, line := range []string{
		"OPERATION             SOURCE      VERDICT     CALL",
		"getNetwork            published   fits        GET /networks",
		"searchApiKeys         assumed     fits        POST /networks/security/apikeystable",
		"createApiKey          assumed     not asked   POST /networks/security/apikeys",
		"Everything that was asked fits the contract.",
	} {
		if !strings.Contains(stdout, line+"\n") {
			t.Errorf("no line %q in:\n%s", line, stdout)
		}
	}
}

func TestCommand_printsJSONForMachines(t *testing.T) {
	t.Parallel()
	url, mock := mockServer(t)
	if err := mock.SetDifferences(everflowmock.Difference{Operation: "getApiKey", Kind: everflowmock.DifferenceFieldMissing, Field: "name"}); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(t, map[string]string{"EVERFLOW_API_KEY": everflowmock.DemoAPIKey}, "-base-url", url, "-json", "-writes", "-network-id", "1001")
	if code != 1 || !strings.Contains(stderr, "API key 5 was made.") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	type difference struct{ Field, Expected, Got string }
	var report struct {
		Operations []struct {
			ID, Source, Verdict string
			Differences         []difference
		}
		Made []struct{ What, Outcome string }
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Operations) != 10 {
		t.Fatalf("%d operations", len(report.Operations))
	}
	got := report.Operations[4]
	if got.ID != "getApiKey" || got.Source != "assumed" || got.Verdict != "differs" || len(got.Differences) != 1 ||
		got.Differences[0] != (difference{"name", "string", "no such field"}) {
		t.Errorf("got %+v", got)
	}
	if first := report.Operations[0]; first.ID != "getNetwork" || first.Verdict != "fits" || first.Differences == nil {
		t.Errorf("got %+v", first)
	}
	if len(report.Made) != 1 || report.Made[0].What != "API key 5" || report.Made[0].Outcome != "revoked" {
		t.Errorf("made %+v", report.Made)
	}
}

func TestCommand_refusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	with := func(variables ...string) map[string]string {
		environment := map[string]string{"EVERFLOW_API_KEY": "secret-key-of-mine"}
		for _, variable := range variables {
			name, value, _ := strings.Cut(variable, "=")
			environment[name] = value
		}
		return environment
	}
	for name, one := range map[string]struct {
		environment map[string]string
		args        []string
		want        string
	}{
		"no key":           {nil, nil, "set EVERFLOW_API_KEY to a network API key"},
		"key with a break": {with("EVERFLOW_API_KEY=secret-key-of-mine\n"), nil, "white space or a line break"},
		"two hosts":        {with("EVERFLOW_REGION=eu", "EVERFLOW_BASE_URL=https://example.com/v1"), nil, "a region and a base URL are both set"},
		"two hosts, flags": {with(), []string{"-region", "eu", "-base-url", "https://example.com/v1"}, "a region and a base URL are both set"},
		"unknown region":   {with(), []string{"-region", "mars"}, `the region "mars" is unknown`},
		"plain http":       {with("EVERFLOW_BASE_URL=http://example.com/v1"), nil, "the base URL is plain http"},
		"unparsable":       {with("EVERFLOW_BASE_URL=https://exa mple"), nil, "the base URL cannot be parsed"},
		"writes, no ID":    {with(), []string{"-writes"}, "-writes needs -network-id"},
		"ID, no writes":    {with(), []string{"-network-id", "7"}, "of use with -writes only"},
		"argument":         {with(), []string{"now"}, `unexpected argument "now"`},
		"unknown flag":     {with(), []string{"-loud"}, "flag provided but not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := command(t, one.environment, one.args...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, one.want) {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %q", code, stdout, stderr, one.want)
			}
			if strings.Contains(stderr, "secret-key") {
				t.Errorf("the key is in %q", stderr)
			}
		})
	}
}

func TestCommand_takesTheAccountFromFlagsFirst(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		args        []string
		environment map[string]string
		want        string
	}{
		"default":           {nil, nil, "https://api.eflow.team/v1"},
		"region":            {nil, map[string]string{"EVERFLOW_REGION": "eu"}, "https://api-eu.eflow.team/v1"},
		"base URL":          {nil, map[string]string{"EVERFLOW_BASE_URL": "https://example.com/v1"}, "https://example.com/v1"},
		"flag over another": {[]string{"-region", "us"}, map[string]string{"EVERFLOW_BASE_URL": "https://example.com/v1"}, "https://api.eflow.team/v1"},
	} {
		environment := map[string]string{"EVERFLOW_API_KEY": "key"}
		for variable, value := range one.environment {
			environment[variable] = value
		}
		c, err := parse(one.args, func(variable string) string { return environment[variable] })
		if err != nil || c.config.BaseURL != one.want {
			t.Errorf("%s: %q, %v; want %q", name, c.config.BaseURL, err, one.want)
		}
	}
}

func TestCommand_helps(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := command(t, nil, "-help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "Usage: EVERFLOW_API_KEY=... everflow-doctor [flags]") || !strings.Contains(stdout, "-writes") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if code, stdout, _ := command(t, nil, "-version"); code != 0 || stdout != "everflow-doctor dev\n" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
}
