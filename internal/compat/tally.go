package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// tally is what became of the tests on one CLI. A test that has subtests counts as
// these.
type tally struct {
	cli            cli
	took           time.Duration
	passed, failed int
	// skips counts the tests that were skipped, by reason.
	skips map[string]int
	// ended is false when the run as a whole failed: it did not compile, say.
	ended bool
}

func (t tally) skipped() (n int) {
	for _, count := range t.skips {
		n += count
	}
	return n
}

func (t tally) good() bool { return t.ended && t.failed == 0 && t.passed > 0 }

// run runs the tests on a CLI, and prints what those say that fail.
func run(ctx context.Context, path, tests string) (tally, error) {
	command := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout=60m", "-run", tests, "./internal/provider") //nolint:gosec // the caller named the tests
	command.Env, command.Stderr = environment(path), os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	events, err := command.StdoutPipe()
	if err != nil {
		return tally{}, err
	}
	if err := command.Start(); err != nil {
		return tally{}, err
	}
	counted, err := count(events, os.Stdout)
	if err != nil {
		return tally{}, err
	}
	exit := new(exec.ExitError)
	if err := command.Wait(); err != nil && !errors.As(err, &exit) {
		return tally{}, err
	}
	return counted, ctx.Err()
}

// event is a line of go test -json.
type event struct{ Action, Test, Output string }

// count reads what go test -json writes.
func count(events io.Reader, failures io.Writer) (tally, error) {
	counted := tally{skips: map[string]int{}}
	said := map[string]string{}
	parents := map[string]bool{}
	failedBelow := map[string]bool{}
	for lines := json.NewDecoder(events); ; {
		var e event
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return counted, nil
		} else if err != nil {
			return tally{}, fmt.Errorf("go test wrote what is not JSON: %w", err)
		}
		switch e.Action {
		case "run":
			for parent := range above(e.Test) {
				parents[parent] = true
			}
		case "output", "build-output":
			said[e.Test] += e.Output
		case "fail":
			fmt.Fprint(failures, said[e.Test])
			for parent := range above(e.Test) {
				failedBelow[parent] = true
			}
			if e.Test != "" && !failedBelow[e.Test] {
				counted.failed++
			}
		case "pass":
			counted.ended = counted.ended || e.Test == ""
			if e.Test != "" && !parents[e.Test] {
				counted.passed++
			}
		case "skip":
			if e.Test != "" && !parents[e.Test] {
				counted.skips[reason(said[e.Test])]++
			}
		}
	}
}

// above yields what may be the tests that a test is a subtest of. Their names may
// hold slashes, too.
func above(test string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i, c := range test {
			if c == '/' && !yield(test[:i]) {
				return
			}
		}
	}
}

var skipLine = regexp.MustCompile(`(?m)^\s+\S+\.go:\d+: (.*)$`)

// reason is the last thing that a test said before it was skipped.
func reason(said string) string {
	lines := skipLine.FindAllStringSubmatch(said, -1)
	if len(lines) == 0 {
		return "no reason given"
	}
	return lines[len(lines)-1][1]
}
