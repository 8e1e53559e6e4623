// Command everflow-doctor checks whether an Everflow account answers as the API
// contract of the provider says. See everflow-doctor -help.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
)

// version is set when a release is built.
var version = "dev"

func main() {
	// The signals are caught until the end, so that a created key is revoked first.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printHelp(stdout)
		return doctor.ExitMatches
	case err == nil && o.printVersion:
		fmt.Fprintln(stdout, "everflow-doctor", version)
		return doctor.ExitMatches
	case err != nil:
		fmt.Fprintf(stderr, "everflow-doctor: %s\nSee everflow-doctor -help.\n", err)
		return doctor.ExitNotChecked
	}
	o.config.Version = version
	o.config.Progress = func(sentence string) { fmt.Fprintln(stderr, sentence) }
	report, err := doctor.Run(ctx, o.config)
	if err != nil {
		fmt.Fprintf(stderr, "everflow-doctor: %s\n", err)
		return doctor.ExitNotChecked
	}
	if o.asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(report)
	} else {
		err = report.WriteText(stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "everflow-doctor: the report could not be written: %s\n", err)
		return doctor.ExitNotChecked
	}
	return report.ExitCode()
}
