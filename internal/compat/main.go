// Command compat runs the acceptance tests on each CLI that it is given, and prints
// how many passed, were skipped and failed on each.
//
// A CLI is a name on PATH, such as terraform or tofu, or a path. The exit status is 1
// unless every test passed or was skipped on every CLI.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/compat [-run REGEXP] CLI...")
		flag.PrintDefaults()
	}
	tests := flag.String("run", "^TestAcc", "which tests to run")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "compat: no CLI was named, and neither terraform nor tofu is on PATH.")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if !compare(ctx, *tests, flag.Args()) {
		stop()
		os.Exit(1)
	}
}

// compare runs the tests on each CLI, and reports whether nothing failed.
func compare(ctx context.Context, tests string, names []string) bool {
	clis, err := find(ctx, names)
	if err != nil {
		fmt.Fprintln(os.Stderr, "compat:", err)
		return false
	}
	var tallies []tally
	for _, cli := range clis {
		fmt.Printf("== %s (%s)\n", cli.version, cli.path)
		start := time.Now()
		counted, err := run(ctx, cli.path, tests)
		if err != nil {
			fmt.Fprintf(os.Stderr, "compat: %s: %s\n", cli.version, err)
			return false
		}
		counted.cli, counted.took = cli, time.Since(start)
		fmt.Printf("%d passed, %d skipped, %d failed, in %s\n", counted.passed, counted.skipped(), counted.failed, counted.took.Round(time.Second))
		tallies = append(tallies, counted)
	}
	show(tallies)
	return !slices.ContainsFunc(tallies, func(t tally) bool { return !t.good() })
}

// show prints the table, and why tests were skipped.
func show(tallies []tally) {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintln(table, "| CLI \t| passed \t| skipped \t| failed \t| time \t|")
	fmt.Fprintln(table, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	for _, t := range tallies {
		failed := fmt.Sprint(t.failed)
		if !t.good() && t.failed == 0 {
			failed = "the run: see above"
		}
		fmt.Fprintf(table, "| %s \t| %d \t| %d \t| %s \t| %s \t|\n", t.cli.version, t.passed, t.skipped(), failed, t.took.Round(time.Second))
	}
	_ = table.Flush()
	for _, t := range tallies {
		for _, reason := range slices.Sorted(maps.Keys(t.skips)) {
			fmt.Printf("skipped on %s: %d × %s\n", t.cli.version, t.skips[reason], reason)
		}
	}
}
