package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// kindOfFinding is what a cell finds wrong.
type kindOfFinding string

const (
	unexplained kindOfFinding = "unexplained" // stopped, or changed, without the words for it
	lost        kindOfFinding = "lost"        // alive, in no state, and not named
	calledGone  kindOfFinding = "called gone" // alive
	touched     kindOfFinding = "touched"     // of others, or revoked without need
	stuck       kindOfFinding = "stuck"       // a run without the difference does not end well
)

// findings are what a cell finds wrong.
type findings struct {
	testing.TB
	list map[kindOfFinding][]string
}

func (f *findings) Helper() {}

func (f *findings) add(kind kindOfFinding, format string, values ...any) {
	if f.list == nil {
		f.list = map[kindOfFinding][]string{}
	}
	f.list[kind] = append(f.list[kind], fmt.Sprintf(format, values...))
}

// Errorf is for checks that other tests have, too: of how an action ends.
func (f *findings) Errorf(format string, values ...any) { f.add(stuck, format, values...) }

// report fails the test for all that was found.
func (f *findings) report(t *testing.T) {
	t.Helper()
	for kind, texts := range f.list {
		t.Errorf("%s:\n%s", kind, strings.Join(texts, "\n"))
	}
}
