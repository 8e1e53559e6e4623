// Command bench measures what the provider costs: the calls it makes, which come
// out of a quota that the customer's other systems share, and the time it takes.
// It runs the built provider with a real Terraform on mocks that answer after 50
// ms, prints one table, and exits with 1 when more calls were made than there may
// be. Times are compared with others of the same run only: no machine is like
// another.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"text/tabwriter"
	"time"
)

const latency = 50 * time.Millisecond

func main() {
	terraform := flag.String("terraform", "terraform", "the CLI to run")
	only := flag.String("only", "", "measure only this: refreshes, creations, lists or footprint")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *terraform, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, terraform, only string) (err error) {
	b, err := newBench(ctx, terraform)
	if err != nil {
		return err
	}
	defer b.clean()
	var rows []row
	defer func() { err = errors.Join(report(rows), err) }() // what was measured before an error, too
	for _, measurement := range []struct {
		name    string
		measure func() ([]row, error)
	}{{"refreshes", b.refreshes}, {"creations", b.creations}, {"lists", b.lists}, {"footprint", b.footprint}} {
		if only != "" && only != measurement.name {
			continue
		}
		more, err := measurement.measure()
		rows = append(rows, more...)
		for _, r := range more {
			fmt.Fprintln(os.Stderr, "measured:", r.work)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// row is one line of the table.
type row struct {
	work string
	// calls were made, of which most are allowed; 0 allows any number.
	calls, most int
	took        time.Duration
	// compared is what took is compared with, which took so long.
	compared string
	with     time.Duration
	// note stands in for calls and times.
	note string
}

func report(rows []row) error {
	fmt.Printf("%s/%s, %d processors, answers after %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), latency)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "WORK\tCALLS\tAT MOST\tTIME\tRATIO")
	tooMany := 0
	for _, r := range rows {
		if r.note != "" {
			_, _ = fmt.Fprintf(table, "%s\t\t\t%s\n", r.work, r.note)
			continue
		}
		most, ratio := "", ""
		if r.most > 0 {
			most = fmt.Sprint(r.most)
		}
		if r.with > 0 {
			ratio = fmt.Sprintf("%.2f of %s (%s)", r.took.Seconds()/r.with.Seconds(), r.compared, r.with.Round(10*time.Millisecond))
		}
		if r.most > 0 && r.calls > r.most {
			tooMany++
			most += " EXCEEDED"
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", r.work, r.calls, most, r.took.Round(10*time.Millisecond), ratio)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if tooMany > 0 {
		return fmt.Errorf("%d measurements made more calls than they may", tooMany)
	}
	return nil
}
