package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

type options struct {
	config          doctor.Config
	region, baseURL string
	asJSON          bool
	printVersion    bool
}

func flagSet(c *options) *flag.FlagSet {
	fs := flag.NewFlagSet("everflow-doctor", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.StringVar(&c.region, "region", "", "where the account is hosted, `us or eu` (default: EVERFLOW_REGION, or us)")
	fs.StringVar(&c.baseURL, "base-url", "", "the API's `address`, instead of a region (default: EVERFLOW_BASE_URL)")
	fs.BoolVar(&c.asJSON, "json", false, "print the report as JSON")
	fs.BoolVar(&c.config.Writes, "writes", false, "also ask the calls that write; needs -network-id")
	fs.Int64Var(&c.config.NetworkID, "network-id", 0, "the `ID` of the network that may be written to")
	fs.Int64Var(&c.config.EmployeeID, "employee-id", 0, "with -writes: the `ID` of the employee whom the key belongs to\n(default: the active employee with the lowest ID)")
	fs.BoolVar(&c.printVersion, "version", false, "print the version, and exit")
	return fs
}

func parse(args []string, getenv func(string) string) (options, error) {
	var c options
	fs := flagSet(&c)
	if err := fs.Parse(args); err != nil {
		return c, err
	}
	if c.printVersion {
		return c, nil
	}
	if fs.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q: everything is given by flags", fs.Arg(0))
	}
	if !c.config.Writes && (c.config.NetworkID != 0 || c.config.EmployeeID != 0) {
		return c, errors.New("-network-id and -employee-id are of use with -writes only")
	}
	key := getenv("EVERFLOW_API_KEY")
	if key == "" {
		return c, errors.New("set EVERFLOW_API_KEY to a network API key; it is no flag, which others could see in the list of processes")
	}
	c.config.APIKey = everflow.NewSecret(key)
	var err error
	c.config.BaseURL, err = c.address(getenv)
	return c, err
}

// address is where to call. A flag wins over the environment; a region and a base
// URL in one place are two hosts, of which one would get a key that is not its own.
func (c options) address(getenv func(string) string) (string, error) {
	region, baseURL := c.region, c.baseURL
	if region == "" && baseURL == "" {
		region, baseURL = getenv("EVERFLOW_REGION"), getenv("EVERFLOW_BASE_URL")
	}
	switch {
	case region != "" && baseURL != "":
		return "", errors.New("a region and a base URL are both set: each names the host to call, so set only one of them")
	case baseURL != "":
		return baseURL, nil
	case region == "" || region == "us":
		return everflow.BaseURLUS, nil
	case region == "eu":
		return everflow.BaseURLEU, nil
	}
	return "", fmt.Errorf("the region %q is unknown: Everflow hosts accounts in us and eu", region)
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, `everflow-doctor asks an Everflow account whether the contract that the provider
"everflow" is written against is true there. Everflow publishes nothing about the
calls of its Security section: they are assumed.

Without -writes only calls that read are sent. With it, an API key without
permissions is made, renamed, tried and revoked (administrators get an e-mail about
it), and the API whitelist, if it has entries, is written as it is. No other key is
touched. Let nobody change the whitelist meanwhile.

The report holds types and names of fields, and no value of the account.

Usage: EVERFLOW_API_KEY=... everflow-doctor [flags]

`)
	var c options
	fs := flagSet(&c)
	fs.SetOutput(w)
	fs.PrintDefaults()
	fmt.Fprint(w, `
Exit codes: 0 everything that was asked fits; 1 something differs, is missing or was
left behind; 2 something could not be asked, or the command line makes no sense.
`)
}
