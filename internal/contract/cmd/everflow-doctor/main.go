// Command everflow-doctor asks an Everflow account whether the contract that the
// provider is written against is true there. See everflow-doctor -help.
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

// version is set by the release.
var version = "dev"

func main() {
	// The signals stay caught to the end: what was made must be revoked first.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the command without its process, and returns its exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	c, err := parse(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printHelp(stdout)
		return doctor.ExitFits
	case err == nil && c.printVersion:
		fmt.Fprintln(stdout, "everflow-doctor", version)
		return doctor.ExitFits
	case err != nil:
		fmt.Fprintf(stderr, "everflow-doctor: %s (see everflow-doctor -help)\n", err)
		return doctor.ExitNotAsked
	}
	c.config.Version = version
	c.config.Progress = func(sentence string) { fmt.Fprintln(stderr, sentence) }
	report, err := doctor.Run(ctx, c.config)
	if err != nil {
		fmt.Fprintf(stderr, "everflow-doctor: %s\n", err)
		return doctor.ExitNotAsked
	}
	if c.asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(report)
	} else {
		err = report.WriteText(stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "everflow-doctor: the report could not be written: %s\n", err)
		return doctor.ExitNotAsked
	}
	return report.ExitCode()
}
