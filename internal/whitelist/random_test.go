package whitelist_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// Many runs at once, each with entries of its own, on a network whose writes fail now
// and then; runs are cancelled at any moment. No entry is lost, none comes back,
// nobody is locked out, and no goroutine is left.
func TestRandom_runsKeepEachOthersEntries(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { runAtRandom(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func runAtRandom(t *testing.T, random *rand.Rand) {
	n := newNetwork(ours, "192.0.2.66", "office")
	dice := &dice{random: random}
	n.fault = dice.fault
	n.failRead = dice.failRead
	var runs sync.WaitGroup
	ledger := &ledger{sure: map[string]bool{}}
	for run := range 2 + dice.number(3) {
		m := n.run(ours)
		ctx, cancel := context.WithCancel(t.Context())
		if dice.one(3) {
			time.AfterFunc(dice.upTo(20*time.Second), cancel)
		}
		for entry := range 2 + dice.number(6) {
			text := fmt.Sprintf("198.51.%d.%d", 100+run, entry+1)
			runs.Go(func() {
				time.Sleep(dice.upTo(3 * time.Second))
				ledger.note(text, true, m.Change(ctx, add(text)))
				time.Sleep(dice.upTo(3 * time.Second))
				if dice.one(2) && ledger.has(text) {
					ledger.note(text, false, m.Change(ctx, remove(text)))
				}
			})
		}
		defer cancel()
	}
	runs.Wait()
	got := n.now()
	for _, foreign := range []string{ours, "192.0.2.66", "office"} {
		if !slices.Contains(got, foreign) {
			t.Errorf("%s is lost", foreign)
		}
	}
	for text, want := range ledger.sure {
		if slices.Contains(got, text) != want {
			t.Errorf("%s in the list: %t, want %t", text, !want, want)
		}
	}
	for _, sent := range n.put {
		if !list(strings.Fields(sent)...).Has(entry(ours)) {
			t.Errorf("a write left this machine out: %s", sent)
		}
	}
}

// ledger is what is known of the entries by the outcomes.
type ledger struct {
	mu   sync.Mutex
	sure map[string]bool
}

func (l *ledger) note(text string, added bool, outcome whitelist.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch outcome.Kind {
	case whitelist.Unchanged, whitelist.Written:
		l.sure[text] = added
	case whitelist.NotRead, whitelist.Refused, whitelist.NotWritten, whitelist.Undone:
		if outcome.Kind != whitelist.Undone && added {
			l.sure[text] = false
		}
	default:
		delete(l.sure, text)
	}
}

func (l *ledger) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sure[text]
}

// dice is a source of chance for many.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (d *dice) number(below int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.IntN(below)
}

func (d *dice) one(in int) bool { return d.number(in) == 0 }

func (d *dice) upTo(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.random.Int64N(int64(most)))
}

func (d *dice) fault(int) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch d.random.IntN(12) {
	case 0:
		return false, tooMany
	case 1:
		return d.random.IntN(2) == 0, unavailable
	case 2:
		return d.random.IntN(2) == 0, serverError
	case 3:
		return d.random.IntN(2) == 0, lostAnswer
	}
	return true, nil
}

func (d *dice) failRead(int) error {
	if d.one(40) {
		return serverError
	}
	return nil
}
