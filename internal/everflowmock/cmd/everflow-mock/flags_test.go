package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestCommand_mistakesAreOneClearLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	badSeed := writeFile(t, "seed.json", strings.Replace(seed, `"api_key":`, `"apikey":`, 1))
	missing := filepath.Join(t.TempDir(), "none.json")
	const help = " (see everflow-mock -help)"
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{args: []string{"-nonsense"}, code: 2, want: "flag provided but not defined: -nonsense" + help},
		{args: []string{"serve"}, code: 2, want: `unexpected argument "serve": the command takes flags only` + help},
		{args: []string{"-addr"}, code: 2, want: "flag needs an argument: -addr" + help},
		{args: []string{"-addr", ""}, code: 2, want: "-addr is empty" + help},
		{args: []string{"-seed="}, code: 2, want: "-seed is empty" + help},
		{args: []string{"-latency", "5"}, code: 2, want: `invalid value "5" for flag -latency: parse error` + help},
		{args: []string{"-latency", "-1s"}, code: 2, want: "-latency must not be negative" + help},
		{args: []string{"-rate-limit", "40"}, code: 2, want: `invalid value "40" for flag -rate-limit: unknown rate limit "40": use none, 20, 30 or bucket` + help},
		{args: []string{"-caller-address", "10.0.0.0/8"}, code: 2, want: `invalid value "10.0.0.0/8" for flag -caller-address: want an IP address, as in 203.0.113.10, or connection` + help},
		{args: []string{"-fault", "* status=42"}, code: 2, want: `invalid value "* status=42" for flag -fault: the status must be from 200 to 599` + help},
		{args: []string{"-print-seed", "-seed", "x"}, code: 2, want: "-print-seed cannot be combined with -seed" + help},
		{args: []string{"-seed", missing}, code: 1, want: "seed file: open " + missing + ": no such file or directory"},
		{args: []string{"-seed", badSeed}, code: 1, want: "seed file " + badSeed + `: api_keys[0]: unknown field "apikey"`},
		{args: []string{"-addr", taken.Addr().String()}, code: 1, want: "listen tcp " + taken.Addr().String() + ": bind: address already in use"},
		{args: []string{"-addr", "nonsense"}, code: 1, want: "listen tcp: address nonsense: missing port in address"},
	} {
		code, stdout, stderr := runToEnd(t, c.args...)
		if code != c.code || stdout != "" || stderr != "everflow-mock: "+c.want+"\n" {
			t.Errorf("%q: %d %q\ngot  %swant %s", c.args, code, stdout, stderr, c.want)
		}
	}
}

func TestCommand_helpExplainsFlagsAndFaults(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runToEnd(t, "-help")
	if code != 0 || stderr != "" {
		t.Errorf("%d %s", code, stderr)
	}
	for _, want := range []string{
		"-addr", "-seed", "-latency", "-rate-limit",
		"-caller-address", "-fault", "-print-seed", "createApiKey reset after-acting times=1", "wrong-types",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%s is not explained", want)
		}
	}
}

func TestCommand_printedSeedIsASeed(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runToEnd(t, "-print-seed")
	if code != 0 || stderr != "" {
		t.Errorf("%d %s", code, stderr)
	}
	if _, err := everflowmock.ParseSeed([]byte(stdout)); err != nil {
		t.Error(err)
	}
	if !strings.Contains(stdout, `"api_key": "`+demoKey+`"`) {
		t.Error("the demo key is missing")
	}
}

func TestCommand_rateLimitIsTheBucketUnlessSaidOtherwise(t *testing.T) {
	t.Parallel()
	for want, args := range map[everflowmock.RateLimit][]string{
		everflowmock.RateLimitBucket(): nil,
		everflowmock.RateLimit20():     {"-rate-limit", "20"},
		everflowmock.RateLimit30():     {"-rate-limit=30"},
		{}:                             {"-rate-limit", "none"},
	} {
		c, err := parseFlags(args)
		if err != nil || c.options.RateLimit != want {
			t.Errorf("%q: %+v, %v", args, c.options.RateLimit, err)
		}
	}
}
