package provider_test

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"sync"
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

// knownFailure says which cells of a matrix are known to fail, and how.
type knownFailure struct {
	matrix string
	cells  string // a regular expression
	kind   kindOfFinding
	reason string
}

type knownFailures struct {
	list []knownFailure

	mu   sync.Mutex
	used map[int]bool
}

var knownToFail = &knownFailures{list: []knownFailure{}}

// judge fails a cell for what it found, unless that is known.
func (k *knownFailures) judge(t *testing.T, matrix, cell string, found *findings) {
	t.Helper()
	for kind, texts := range found.list {
		text := string(kind) + ":\n" + strings.Join(texts, "\n")
		if reason := k.reason(matrix, cell, kind); reason != "" {
			t.Logf("known (%s), %s", reason, text)
		} else {
			t.Error(text)
		}
	}
}

// reason is empty for a failure that is not known.
func (k *knownFailures) reason(matrix, cell string, kind kindOfFinding) string {
	for i, known := range k.list {
		if known.matrix == matrix && known.kind == kind && regexp.MustCompile(known.cells).MatchString(cell) {
			k.mu.Lock()
			defer k.mu.Unlock()
			if k.used == nil {
				k.used = map[int]bool{}
			}
			k.used[i] = true
			return known.reason
		}
	}
	return ""
}

// expectUsed checks, once all cells are played, that each known failure still is one.
func (k *knownFailures) expectUsed(t *testing.T, matrix string) {
	t.Cleanup(func() {
		if some := flag.Lookup("test.run"); some != nil && strings.Contains(some.Value.String(), "/") {
			return // not all cells
		}
		for i, known := range k.list {
			if known.matrix == matrix && !k.used[i] {
				t.Errorf("take off the list of known failures what fails no more: %s of %q (%s)", known.kind, known.cells, known.reason)
			}
		}
	})
}
