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
	fs.StringVar(&c.addr, "addr", defaultAddr, "listen on this `address`; port 0 picks a free one")
	fs.StringVar(&c.seedFile, "seed", "", "start with the data in this JSON `file` (default: a built-in seed)")
	fs.DurationVar(&c.options.Latency, "latency", 0, "add this `duration` to every answer")
	c.options.RateLimit = everflowmock.RateLimitBucket()
	fs.Func("rate-limit", "`model`: none; 20 or 30, calls per second in fixed windows of 30 s;\n"+
		"or bucket, 50 calls that refill by 30 per second (default bucket)", func(s string) (err error) {
		c.options.RateLimit, err = everflowmock.ParseRateLimit(s)
		return err
	})
	c.options.CallerAddress = netip.MustParseAddr("203.0.113.10")
	fs.Func("caller-address", "IP `address` that all calls count as coming from when the whitelist is asked;\n"+
		"connection stands for the connection's own (default 203.0.113.10)", func(s string) (err error) {
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
	fs.BoolVar(&c.printSeed, "print-seed", false, "print the built-in seed as JSON, to start a seed file from, and exit")
	return fs
}

func parseFlags(args []string) (config, error) {
	var c config
	fs := flagSet(&c)
	if err := fs.Parse(args); err != nil {
		return c, err
	}
	if fs.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q: everything is given by flags", fs.Arg(0))
	}
	var err error
	fs.Visit(func(f *flag.Flag) {
		switch {
		case c.printSeed && f.Name != "print-seed":
			err = fmt.Errorf("-print-seed stands alone, without -%s", f.Name)
		case f.Value.String() == "" && (f.Name == "addr" || f.Name == "seed"):
			err = fmt.Errorf("-%s is empty", f.Name)
		case f.Name == "latency" && c.options.Latency < 0:
			err = errors.New("-latency must not be negative")
		}
	})
	return c, err
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, "everflow-mock serves a mock of Everflow's API below /v1, to try the provider\n"+
		"without an Everflow account: with a web page like its Control Center at /, and\n"+
		"JSON for programs below /_mock/. It logs each call on standard error.\n\n"+
		"Usage: everflow-mock [flags]\n"+
		"       everflow-mock drift -help   change a running mock behind Terraform's back\n"+
		"       everflow-mock health -help  is the mock up?\n\n")
	var c config
	fs := flagSet(&c)
	fs.SetOutput(w)
	fs.PrintDefaults()
	fmt.Fprint(w, "\nA fault is a failure that the client gets in place of the real answer. It is written as\n\n")
	for line := range strings.Lines(everflowmock.FaultSyntax + "\n") {
		fmt.Fprint(w, strings.TrimRight("  "+line, " \n"), "\n")
	}
}
