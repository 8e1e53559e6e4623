package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

type config struct {
	addr      string
	seedFile  string
	printSeed bool
	options   everflowmock.Options
}

func flagSet(c *config) *flag.FlagSet {
	fs := flag.NewFlagSet("everflow-mock", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.StringVar(&c.addr, "addr", defaultAddr, "listen on this `address`; with port 0, on a free port")
	fs.StringVar(&c.seedFile, "seed", "", "start with the data in this JSON `file` (default: built-in data)")
	fs.DurationVar(&c.options.Latency, "latency", 0, "add this `duration` to every answer")
	c.options.RateLimit = everflowmock.RateLimitBucket()
	fs.Func("rate-limit", "`limit` of all calls: 20 or 30, so many per second, counted in windows of 30 s;\n"+
		"bucket, 50 at once and then 30 per second; or none (default bucket)", func(s string) (err error) {
		c.options.RateLimit, err = everflowmock.ParseRateLimit(s)
		return err
	})
	c.options.CallerAddress = netip.MustParseAddr("203.0.113.10")
	fs.Func("caller-address", "IP `address` that all calls count as coming from, for the API whitelist; with\n"+
		"the word connection, the address of each connection (default 203.0.113.10)", func(s string) (err error) {
		if s == "connection" {
			c.options.CallerAddress = netip.Addr{}
			return nil
		}
		c.options.CallerAddress, err = netip.ParseAddr(s)
		if err != nil || c.options.CallerAddress.Zone() != "" {
			return errors.New("want an IP address, as in 203.0.113.10, or connection")
		}
		return nil
	})
	fs.Func("fault", "inject this `fault` into calls, see below; may be repeated", func(s string) error {
		f, err := everflowmock.ParseFault(s)
		c.options.Faults = append(c.options.Faults, f)
		return err
	})
	fs.BoolVar(&c.printSeed, "print-seed", false, "print the built-in data as JSON, as a start for a seed file, and exit")
	return fs
}

func parseFlags(args []string) (config, error) {
	var c config
	fs := flagSet(&c)
	if err := fs.Parse(args); err != nil {
		return c, err
	}
	if fs.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q: the command takes flags only", fs.Arg(0))
	}
	var err error
	fs.Visit(func(f *flag.Flag) {
		switch {
		case c.printSeed && f.Name != "print-seed":
			err = fmt.Errorf("-print-seed cannot be combined with -%s", f.Name)
		case f.Value.String() == "" && (f.Name == "addr" || f.Name == "seed"):
			err = fmt.Errorf("-%s is empty", f.Name)
		case f.Name == "latency" && c.options.Latency < 0:
			err = errors.New("-latency must not be negative")
		}
	})
	return c, err
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, "everflow-mock serves a mock of Everflow's API, to try the provider without an\n"+
		"Everflow account: the API below /v1, a page like Everflow's Control Center at /,\n"+
		"and JSON for programs below /_mock/. It logs each call on standard error.\n\n"+
		"Usage: everflow-mock [flags]\n"+
		"       everflow-mock drift -help   change a running mock outside Terraform\n"+
		"       everflow-mock health -help  exit with 0 if a mock answers\n\n")
	var c config
	fs := flagSet(&c)
	fs.SetOutput(w)
	fs.PrintDefaults()
	fmt.Fprint(w, "\nA fault is a failure that the client gets in place of the real answer. It is written as\n\n")
	for line := range strings.Lines(everflowmock.FaultSyntax + "\n") {
		fmt.Fprint(w, strings.TrimRight("  "+line, " \n"), "\n")
	}
}
