package whitelist_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// addresses are n of them: 198.51.100.1 and so on.
func addresses(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("198.51.100.%d", i+1)
	}
	return texts
}

func add(text string) whitelist.Change { return whitelist.Change{Add: entry(text)} }

func remove(text string) whitelist.Change {
	return whitelist.Change{Remove: entry(text), NetworkID: 1001}
}

// plannedFrom are changes whose plan read a list with these entries.
func plannedFrom(live []string, changes ...whitelist.Change) []whitelist.Change {
	changes = slices.Clone(changes)
	for i := range changes {
		changes[i].PlannedFrom = list(live...).Fingerprint()
	}
	return changes
}

func changes(change func(string) whitelist.Change, texts ...string) []whitelist.Change {
	all := make([]whitelist.Change, len(texts))
	for i, text := range texts {
		all[i] = change(text)
	}
	return all
}

// apply makes changes as Terraform does, so many at a time, each some time after it
// had its turn.
func apply(ctx context.Context, m *whitelist.Manager, atOnce int, changes []whitelist.Change) []whitelist.Outcome {
	outcomes := make([]whitelist.Outcome, len(changes))
	room := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	for i, change := range changes {
		room <- struct{}{}
		work.Go(func() {
			time.Sleep(time.Duration(i%atOnce) * 20 * time.Millisecond)
			outcomes[i] = m.Change(ctx, change)
			<-room
		})
	}
	work.Wait()
	return outcomes
}

func expectAll(t *testing.T, outcomes []whitelist.Outcome, want whitelist.Kind) {
	t.Helper()
	for _, outcome := range outcomes {
		expectKind(t, outcome, want)
	}
}

func TestQueue_manyEntriesAreFewWrites(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		entries := addresses(100)
		began := time.Now()
		expectAll(t, apply(t.Context(), n.run(ours), 10, changes(add, entries...)), whitelist.Written)
		expectList(t, n, append(slices.Clone(entries), ours)...)
		added := len(n.put)
		expectAll(t, apply(t.Context(), n.run(ours), 10, changes(remove, entries...)), whitelist.Written)
		expectList(t, n, ours)
		if removed := len(n.put) - added; added > 12 || removed > 12 {
			t.Errorf("100 entries, 10 at a time, took %d writes to add and %d to remove", added, removed)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func TestQueue_othersEntriesStayAsTheyWereWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours, "192.0.2.7/24", "office", "2001:DB8::1")
		expectKind(t, n.run(ours).Change(t.Context(), add("2001:DB8::2")), whitelist.Written)
		expectList(t, n, ours, "192.0.2.7/24", "office", "2001:DB8::1", "2001:db8::2")
	})
}

// Both read the list before either writes.
func TestQueue_twoRunsAtOnceKeepEachOthersEntries(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		var work sync.WaitGroup
		for _, mine := range addresses(2) {
			work.Go(func() { expectKind(t, n.run(ours).Change(t.Context(), add(mine)), whitelist.Written) })
		}
		work.Wait()
		expectList(t, n, append(addresses(2), ours)...)
	})
}

func TestQueue_endlessUndoingEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		n.afterPut = func(int) { n.set(ours, "192.0.2.66") }
		expectKind(t, n.run(ours).Change(t.Context(), add(office)), whitelist.Undone)
		expectList(t, n, ours, "192.0.2.66")
		if len(n.put) != 3 {
			t.Errorf("%d writes, want 3", len(n.put))
		}
	})
}

func TestQueue_eachChangeHasItsOwnOutcome(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours, "198.51.100.2")
		m := n.run(ours)
		foreign := add("198.51.100.9")
		foreign.NetworkID = 2002
		outcomes := apply(t.Context(), m, 10, append(changes(add, addresses(3)...), add("198.51.100.3/32"), foreign))
		expectKind(t, outcomes[0], whitelist.Written)
		expectRefusal(t, outcomes[1], whitelist.Refused, whitelist.ReasonEntryExists)
		expectKind(t, outcomes[2], whitelist.Written)
		expectRefusal(t, outcomes[3], whitelist.Refused, whitelist.ReasonDuplicate)
		expectRefusal(t, outcomes[4], whitelist.Refused, whitelist.ReasonOtherNetwork)
		if len(n.put) != 1 {
			t.Errorf("%d writes, want 1", len(n.put))
		}
		expectRefusal(t, m.Change(t.Context(), add("198.51.100.1")), whitelist.Refused, whitelist.ReasonDuplicate)
	})
}

func TestQueue_oneEntryThatEverflowRefusesIsNoObstacleToTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		n.fault = func(int) (bool, error) {
			n.mu.Lock()
			defer n.mu.Unlock()
			if strings.Contains(n.put[len(n.put)-1], "198.51.100.2") {
				return false, badRequest
			}
			return true, nil
		}
		outcomes := apply(t.Context(), n.run(ours), 10, changes(add, addresses(3)...))
		expectKind(t, outcomes[0], whitelist.Written)
		expectKind(t, outcomes[1], whitelist.NotWritten)
		expectKind(t, outcomes[2], whitelist.Written)
		if !errors.Is(outcomes[1].WriteErr, badRequest) {
			t.Errorf("the error is %v", outcomes[1].WriteErr)
		}
		expectList(t, n, ours, "198.51.100.1", "198.51.100.3")
	})
}

func TestQueue_aListThatCannotBeReadFailsAllThatWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		n.failRead = func(int) error { return serverError }
		expectAll(t, apply(t.Context(), n.run(ours), 10, changes(add, addresses(3)...)), whitelist.NotRead)
	})
}

func TestQueue_turningTheListOn(t *testing.T) {
	t.Parallel()
	allowed := add(office)
	allowed.AllowLockout = true
	for name, test := range map[string]struct {
		egress  []string
		atOnce  int
		changes []whitelist.Change
		// refused are the indices of those that are.
		refused []int
		reason  whitelist.Reason
		list    []string
		puts    int
	}{
		"with ours among them":           {egress: []string{ours}, atOnce: 10, changes: changes(add, office, ours, "192.0.2.1"), list: []string{office, ours, "192.0.2.1"}, puts: 1},
		"ours first, one by one":         {egress: []string{ours}, atOnce: 1, changes: changes(add, ours, office), list: []string{office, ours}, puts: 2},
		"ours last, one by one":          {egress: []string{ours}, atOnce: 1, changes: changes(add, office, ours), refused: []int{0}, reason: whitelist.ReasonLocksOut, list: []string{ours}, puts: 1},
		"without ours":                   {egress: []string{ours}, atOnce: 10, changes: changes(add, office, "192.0.2.1"), refused: []int{0, 1}, reason: whitelist.ReasonLocksOut},
		"not known":                      {atOnce: 10, changes: changes(add, office, ours), refused: []int{0, 1}, reason: whitelist.ReasonNeedsEgress},
		"not known, allowed":             {atOnce: 10, changes: []whitelist.Change{{Add: entry(ours), AllowLockout: true}, add(office)}, list: []string{office, ours}, puts: 1},
		"without ours, one is allowed":   {egress: []string{ours}, atOnce: 10, changes: []whitelist.Change{{Add: entry("203.0.113.0/25"), AllowLockout: true}}, list: []string{"203.0.113.0/25"}, puts: 1},
		"ours by a range, two at a time": {egress: []string{ours}, atOnce: 2, changes: changes(add, "192.0.2.1", "203.0.113.0/24", "192.0.2.2", "192.0.2.3"), list: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "203.0.113.0/24"}, puts: 2},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork()
				outcomes := apply(t.Context(), n.run(test.egress...), test.atOnce, test.changes)
				for i, outcome := range outcomes {
					if slices.Contains(test.refused, i) {
						expectRefusal(t, outcome, whitelist.Refused, test.reason)
					} else {
						expectKind(t, outcome, whitelist.Written)
					}
				}
				expectList(t, n, test.list...)
				if len(n.put) != test.puts {
					t.Errorf("%d writes, want %d: %q", len(n.put), test.puts, n.put)
				}
			})
		})
	}
}

// The entry that admits Terraform comes later, such as one whose address is known
// only during the apply.
func TestQueue_anEntryThatWouldLockOutWaitsForTheOneThatAdmits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		m := n.run(ours)
		var work sync.WaitGroup
		work.Go(func() { expectKind(t, m.Change(t.Context(), add(office)), whitelist.Written) })
		time.Sleep(1500 * time.Millisecond)
		expectKind(t, m.Change(t.Context(), add(ours)), whitelist.Written)
		work.Wait()
		if len(n.put) != 1 {
			t.Errorf("%d writes, want 1: together", len(n.put))
		}
	})
}

func TestQueue_removals(t *testing.T) {
	t.Parallel()
	all := append([]string{ours}, addresses(24)...)
	for name, test := range map[string]struct {
		egress  []string
		live    []string
		atOnce  int
		changes []whitelist.Change
		refused []int
		list    []string
		mostPut int
	}{
		"one of two, known":                           {egress: []string{ours}, live: []string{ours, office}, atOnce: 10, changes: changes(remove, office), list: []string{ours}, mostPut: 1},
		"ours of two, known":                          {egress: []string{ours}, live: []string{ours, office}, atOnce: 10, changes: changes(remove, ours), refused: []int{0}, list: []string{ours, office}},
		"all, ours first in line":                     {egress: []string{ours}, live: all, atOnce: 10, changes: changes(remove, all...), mostPut: 5},
		"all, not known, in one write":                {live: all[:10], atOnce: 10, changes: changes(remove, all[:10]...), mostPut: 1},
		"all, one by one: ours waits, and is refused": {egress: []string{ours}, live: all[:3], atOnce: 1, changes: changes(remove, all[:3]...), refused: []int{0}, list: []string{ours}, mostPut: 2},
		"ours for a wider one":                        {egress: []string{ours}, live: []string{ours, office}, atOnce: 10, changes: []whitelist.Change{remove(ours), add("203.0.113.0/24")}, list: []string{office, "203.0.113.0/24"}, mostPut: 1},
		"ours exchanged for a wider one":              {egress: []string{ours}, live: []string{ours, office}, atOnce: 1, changes: []whitelist.Change{{Remove: entry(ours), Add: entry("203.0.113.0/24")}}, list: []string{office, "203.0.113.0/24"}, mostPut: 1},
		"ours exchanged for another":                  {live: []string{ours}, atOnce: 1, changes: []whitelist.Change{{Remove: entry(ours), Add: entry(office)}}, refused: []int{0}, list: []string{ours}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(test.live...)
				outcomes := apply(t.Context(), n.run(test.egress...), test.atOnce, plannedFrom(test.live, test.changes...))
				for i, outcome := range outcomes {
					if slices.Contains(test.refused, i) {
						expectRefusal(t, outcome, whitelist.Refused, whitelist.ReasonLocksOut)
					} else {
						expectKind(t, outcome, whitelist.Written)
					}
				}
				expectList(t, n, test.list...)
				if len(n.put) > test.mostPut {
					t.Errorf("%d writes, want at most %d", len(n.put), test.mostPut)
				}
			})
		})
	}
}

// What a destroy that went one by one left is ended by a second one.
func TestQueue_theOwnEntryIsRemovedOnceItIsTheLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		last := plannedFrom([]string{ours}, remove(ours))[0]
		expectKind(t, n.run(ours).Change(t.Context(), last), whitelist.Written)
		expectList(t, n)
	})
}

func TestQueue_aRefusedChangeDoesNotHoldUpTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours, office)
		m := n.run(ours)
		began := time.Now()
		var work sync.WaitGroup
		work.Go(func() {
			expectRefusal(t, m.Change(t.Context(), remove(ours)), whitelist.Refused, whitelist.ReasonLocksOut)
		})
		for _, mine := range addresses(3) {
			work.Go(func() {
				expectKind(t, m.Change(t.Context(), add(mine)), whitelist.Written)
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("%s took %s", mine, took)
				}
			})
		}
		work.Wait()
	})
}

func TestQueue_removalsDoNotOpenTheNetworkBecauseOthersRemoveTheirs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours, "198.51.100.1", "192.0.2.66")
		n.afterPut = func(count int) {
			if count == 1 {
				n.set(ours) // someone removes the one that is not the run's
			}
		}
		m := n.run(ours)
		expectKind(t, m.Change(t.Context(), remove("198.51.100.1")), whitelist.Written)
		expectRefusal(t, m.Change(t.Context(), remove(ours)), whitelist.Refused, whitelist.ReasonOpensNetwork)
		expectList(t, n, ours)
	})
}

func TestQueue_removalOpensTheNetworkOnlyIfItWasPlannedFromThatList(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		fromAnother, fromThis := plannedFrom([]string{ours, office}, remove(ours))[0], plannedFrom([]string{ours}, remove(ours))[0]
		expectRefusal(t, n.run(ours).Change(t.Context(), remove(ours)), whitelist.Refused, whitelist.ReasonOpensNetwork)
		expectRefusal(t, n.run(ours).Change(t.Context(), fromAnother), whitelist.Refused, whitelist.ReasonOpensNetwork)
		expectKind(t, n.run(ours).Change(t.Context(), fromThis), whitelist.Written)
	})
}

// The logger of a request ends with it.
func TestQueue_writesInTheContextOfACallerThatWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run(ours)
		change := func(writer, text string) {
			expectKind(t, m.Change(context.WithValue(t.Context(), writerKey{}, writer), add(text)), whitelist.Written)
		}
		var second sync.WaitGroup
		n.afterPut = func(count int) {
			if count == 1 {
				second.Go(func() { change("second", "192.0.2.1") })
			}
		}
		change("first", office)
		second.Wait()
		if want := []any{"first", "second"}; !slices.Equal(n.writers, want) {
			t.Errorf("written by %q, want %q", n.writers, want)
		}
	})
}

func TestQueue_lockoutThatNobodyForesaw(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		outcome := n.run().Change(t.Context(), whitelist.Change{Add: entry(office), AllowLockout: true})
		expectKind(t, outcome, whitelist.ShutOut)
		if !outcome.IsDone() {
			t.Error("it is not known to be made")
		}
		expectList(t, n, office)
	})
}

func TestQueue_interruptedInEveryPhase(t *testing.T) {
	t.Parallel()
	// A change waits 400 ms, then reads, writes and settles.
	for name, test := range map[string]struct {
		after time.Duration
		put   bool
	}{
		"before it":           {0, false},
		"while it waits":      {200 * time.Millisecond, false},
		"while it reads":      {425 * time.Millisecond, false},
		"while it is sent":    {475 * time.Millisecond, true},
		"while it settles":    {900 * time.Millisecond, true},
		"while it reads back": {1525 * time.Millisecond, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(ours)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(test.after, cancel)
				synctest.Wait()
				began := time.Now()
				outcome := n.run(ours).Change(ctx, add(office))
				if test.put {
					expectKind(t, outcome, whitelist.Written)
					expectList(t, n, ours, office)
				} else {
					expectKind(t, outcome, whitelist.NotWritten)
					expectList(t, n, ours)
				}
				if late := time.Since(began) - test.after; late > 1200*time.Millisecond || !test.put && late > 0 {
					t.Errorf("it went on for %s", late)
				}
			})
		})
	}
}

func TestQueue_interruptedWhileItWaitsForTheRateLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		n.fault = func(int) (bool, error) { return false, tooMany }
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		for _, outcome := range apply(ctx, n.run(ours), 10, changes(add, addresses(5)...)) {
			expectKind(t, outcome, whitelist.NotWritten)
		}
		if took := time.Since(began); took > 21*time.Second {
			t.Errorf("it took %s", took)
		}
		expectList(t, n, ours)
	})
}

func TestQueue_oneInterruptedCallerIsWithdrawnAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run(ours)
		ctx, cancel := context.WithTimeout(t.Context(), 420*time.Millisecond) // while the list is read
		defer cancel()
		var work sync.WaitGroup
		work.Go(func() { expectKind(t, m.Change(ctx, add("198.51.100.1")), whitelist.NotWritten) })
		work.Go(func() { expectKind(t, m.Change(t.Context(), add("198.51.100.2")), whitelist.Written) })
		work.Wait()
		expectList(t, n, ours, "198.51.100.2")
		// The next is not disturbed.
		expectKind(t, m.Change(t.Context(), add("198.51.100.1")), whitelist.Written)
	})
}

func TestQueue_afterAnInterruptionTheNextIsWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run(ours)
		for after := range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(after)*100*time.Millisecond)
			m.Change(ctx, add(fmt.Sprintf("192.0.2.%d", after+1)))
			expectKind(t, m.Change(t.Context(), add(fmt.Sprintf("198.51.100.%d", after+1))), whitelist.Written)
			cancel()
		}
		for _, want := range addresses(20) {
			if !slices.Contains(n.now(), want) {
				t.Errorf("%s is not in the list", want)
			}
		}
	})
}
