package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// runCommand runs the command with an environment.
func runCommand(t *testing.T, environment map[string]string, args ...string) (code int, stdout, stderr string) {
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

func TestCommand_printsATable(t *testing.T) {
	t.Parallel()
	url, _ := mockServer(t)
	code, stdout, stderr := runCommand(t, map[string]string{"EVERFLOW_API_KEY": everflowmock.DemoAPIKey, "EVERFLOW_BASE_URL": url})
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, line := range []string{
		"OPERATION             SOURCE      VERDICT       CALL",
		"getNetwork            published   matches       GET /networks",
		"searchApiKeys         assumed     matches       POST /networks/security/apikeystable",
		"createApiKey          assumed     not checked   POST /networks/security/apikeys",
		"Everything that was checked matches the contract.",
	} {
		if !strings.Contains(stdout, line+"\n") {
			t.Errorf("no line %q in:\n%s", line, stdout)
		}
	}
}

func TestCommand_printsJSON(t *testing.T) {
	t.Parallel()
	url, mock := mockServer(t)
	if err := mock.SetDifferences(everflowmock.Difference{Operation: "getApiKey", Kind: everflowmock.DifferenceFieldMissing, Field: "name"}); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runCommand(t, map[string]string{"EVERFLOW_API_KEY": everflowmock.DemoAPIKey}, "-base-url", url, "-json", "-writes", "-network-id", "1001")
	if code != 1 || !strings.Contains(stderr, "API key 5 was created.") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	type difference struct{ Field, Expected, Got string }
	var report struct {
		Operations []struct {
			ID, Source, Verdict string
			Differences         []difference
		}
		Written []doctor.Written
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Operations) != 10 {
		t.Fatalf("%d operations", len(report.Operations))
	}
	got := report.Operations[4]
	if got.ID != "getApiKey" || got.Source != "assumed" || got.Verdict != "differs" || len(got.Differences) != 1 ||
		got.Differences[0] != (difference{Field: "name", Expected: "string", Got: "no such field"}) {
		t.Errorf("got %+v", got)
	}
	if first := report.Operations[0]; first.ID != "getNetwork" || first.Verdict != "matches" || first.Differences == nil {
		t.Errorf("got %+v", first)
	}
	if want := []doctor.Written{{Object: "API key 5", Outcome: "revoked"}}; !slices.Equal(report.Written, want) {
		t.Errorf("written %+v, want %+v", report.Written, want)
	}
}

func TestCommand_refusesWrongCommandLines(t *testing.T) {
	t.Parallel()
	with := func(variables ...string) map[string]string {
		environment := map[string]string{"EVERFLOW_API_KEY": "secret-key-of-mine"}
		for _, variable := range variables {
			name, value, _ := strings.Cut(variable, "=")
			environment[name] = value
		}
		return environment
	}
	for name, tc := range map[string]struct {
		environment map[string]string
		args        []string
		want        string
	}{
		"no key":                 {want: "EVERFLOW_API_KEY is not set: set it to a network API key"},
		"key with line break":    {environment: with("EVERFLOW_API_KEY=secret-key-of-mine\n"), want: "white space or a line break"},
		"two hosts":              {environment: with("EVERFLOW_REGION=eu", "EVERFLOW_BASE_URL=https://example.com/v1"), want: "a region and a base URL are both set"},
		"two hosts, flags":       {environment: with(), args: []string{"-region", "eu", "-base-url", "https://example.com/v1"}, want: "a region and a base URL are both set"},
		"unknown region":         {environment: with(), args: []string{"-region", "mars"}, want: `unknown region "mars"`},
		"plain http":             {environment: with("EVERFLOW_BASE_URL=http://example.com/v1"), want: "the base URL is plain http"},
		"malformed URL":          {environment: with("EVERFLOW_BASE_URL=https://exa mple"), want: "the base URL cannot be parsed"},
		"writes without network": {environment: with(), args: []string{"-writes"}, want: "-writes requires -network-id"},
		"network without writes": {environment: with(), args: []string{"-network-id", "7"}, want: "-network-id and -employee-id require -writes"},
		"argument":               {environment: with(), args: []string{"now"}, want: `unexpected argument "now"`},
		"unknown flag":           {environment: with(), args: []string{"-loud"}, want: "flag provided but not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runCommand(t, tc.environment, tc.args...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, tc.want) {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %q", code, stdout, stderr, tc.want)
			}
			if strings.Contains(stderr, "secret-key") {
				t.Errorf("the key is in %q", stderr)
			}
		})
	}
}

func TestCommand_flagsOverrideTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args        []string
		environment map[string]string
		want        string
	}{
		"default":           {want: "https://api.eflow.team/v1"},
		"region":            {environment: map[string]string{"EVERFLOW_REGION": "eu"}, want: "https://api-eu.eflow.team/v1"},
		"base URL":          {environment: map[string]string{"EVERFLOW_BASE_URL": "https://example.com/v1"}, want: "https://example.com/v1"},
		"flag and base URL": {args: []string{"-region", "us"}, environment: map[string]string{"EVERFLOW_BASE_URL": "https://example.com/v1"}, want: "https://api.eflow.team/v1"},
	} {
		environment := map[string]string{"EVERFLOW_API_KEY": "key"}
		for variable, value := range tc.environment {
			environment[variable] = value
		}
		o, err := parseOptions(tc.args, func(variable string) string { return environment[variable] })
		if err != nil || o.config.BaseURL != tc.want {
			t.Errorf("%s: %q, %v; want %q", name, o.config.BaseURL, err, tc.want)
		}
	}
}

func TestCommand_printsHelpAndVersion(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runCommand(t, nil, "-help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "Usage: EVERFLOW_API_KEY=... everflow-doctor [flags]") || !strings.Contains(stdout, "-writes") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if code, stdout, _ := runCommand(t, nil, "-version"); code != 0 || stdout != "everflow-doctor dev\n" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
}
