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

func newFlagSet(o *options) *flag.FlagSet {
	fs := flag.NewFlagSet("everflow-doctor", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.region, "region", "", "the `region` that hosts the account: us or eu (default: EVERFLOW_REGION, or us)")
	fs.StringVar(&o.baseURL, "base-url", "", "the `URL` of the API, instead of a region (default: EVERFLOW_BASE_URL)")
	fs.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	fs.BoolVar(&o.config.Writes, "writes", false, "also check the calls that write; requires -network-id")
	fs.Int64Var(&o.config.NetworkID, "network-id", 0, "with -writes: the `ID` of the network that the API key belongs to")
	fs.Int64Var(&o.config.EmployeeID, "employee-id", 0, "with -writes: the `ID` of the employee that the created key belongs to\n(default: the active employee with the lowest ID)")
	fs.BoolVar(&o.printVersion, "version", false, "print the version and exit")
	return fs
}

func parseOptions(args []string, getenv func(string) string) (options, error) {
	var o options
	fs := newFlagSet(&o)
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if o.printVersion {
		return o, nil
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: everflow-doctor takes flags only", fs.Arg(0))
	}
	if !o.config.Writes && (o.config.NetworkID != 0 || o.config.EmployeeID != 0) {
		return o, errors.New("-network-id and -employee-id require -writes")
	}
	key := getenv("EVERFLOW_API_KEY")
	if key == "" {
		return o, errors.New("EVERFLOW_API_KEY is not set: set it to a network API key (there is no flag for the key, because other users can see command lines)")
	}
	o.config.APIKey = everflow.NewSecret(key)
	var err error
	o.config.BaseURL, err = o.apiURL(getenv)
	return o, err
}

// apiURL returns the base URL to call. Flags override the environment. A region and a
// base URL from the same source are an error: the API key could go to the wrong host.
func (o options) apiURL(getenv func(string) string) (string, error) {
	region, baseURL := o.region, o.baseURL
	if region == "" && baseURL == "" {
		region, baseURL = getenv("EVERFLOW_REGION"), getenv("EVERFLOW_BASE_URL")
	}
	switch {
	case region != "" && baseURL != "":
		return "", errors.New("a region and a base URL are both set: set only one of them")
	case baseURL != "":
		return baseURL, nil
	case region == "" || region == "us":
		return everflow.BaseURLUS, nil
	case region == "eu":
		return everflow.BaseURLEU, nil
	}
	return "", fmt.Errorf("unknown region %q: Everflow hosts accounts in us and eu", region)
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, `everflow-doctor checks whether an Everflow account answers as the API contract of
the Terraform provider "everflow" says. Everflow does not publish the calls of its
Security section, so the provider's contract assumes them.

Without -writes, it makes only calls that read. With -writes, it also creates an API
key, renames it, uses it and revokes it; administrators get an e-mail about the new
key. If the API whitelist has entries, it writes the same list again: nobody should
change the whitelist meanwhile. It changes no other key.

The report holds types and names of fields, and no values of the account.

Usage: EVERFLOW_API_KEY=... everflow-doctor [flags]

`)
	var o options
	fs := newFlagSet(&o)
	fs.SetOutput(w)
	fs.PrintDefaults()
	fmt.Fprint(w, `
Exit codes: 0 if everything that was checked matches the contract; 1 if something
differs, is missing or needs your action; 2 if something could not be checked, or the
command line is wrong.
`)
}
