package whitelist_test

import (
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

const office = "198.51.100.7"

// changeTo is an update that was planned from the list in force.
func changeTo(from []string, to ...string) whitelist.Replacement {
	return whitelist.Replacement{NetworkID: 1001, From: list(from...), To: list(to...)}
}

func TestReplace_oneReadOneWriteOneReadBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		expectKind(t, n.run(ours).Replace(t.Context(), changeTo([]string{ours}, ours, "2001:DB8::7", "2001:db8::7/128")), whitelist.Written)
		expectList(t, n, ours, "2001:db8::7")
		if n.reads != 2 || len(n.put) != 1 {
			t.Errorf("%d reads, %d writes", n.reads, len(n.put))
		}
	})
}

func TestReplace_whatIsAsWantedIsNotWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours, office)
		expectKind(t, n.run().Replace(t.Context(), changeTo([]string{ours}, office, ours+"/32")), whitelist.Unchanged)
		if len(n.put) != 0 {
			t.Errorf("written: %q", n.put)
		}
	})
}

func TestReplace_refusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		live    []string
		egress  []string
		change  whitelist.Replacement
		want    whitelist.Reason
		added   string
		removed string
	}{
		"changed since the plan":    {live: []string{ours, "192.0.2.66"}, change: changeTo([]string{ours, office}, ours), want: whitelist.ReasonChanged, added: "192.0.2.66", removed: office},
		"destroyed, changed":        {live: []string{ours, "192.0.2.66"}, change: changeTo([]string{ours}), want: whitelist.ReasonChanged, added: "192.0.2.66"},
		"changed to what is odd":    {live: []string{ours, "office"}, change: changeTo([]string{ours}, ours, office), want: whitelist.ReasonChanged, added: `"office"`},
		"another network's":         {live: []string{ours}, change: whitelist.Replacement{NetworkID: 2002, From: list(ours), To: list(ours, office)}, want: whitelist.ReasonOtherNetwork},
		"another's, just the same":  {live: []string{ours}, change: whitelist.Replacement{NetworkID: 2002, From: list(ours), To: list(ours)}, want: whitelist.ReasonOtherNetwork},
		"created over others'":      {live: []string{ours}, change: whitelist.Replacement{To: list(office, ours), IsNew: true}, want: whitelist.ReasonListExists, added: office},
		"locks out":                 {live: []string{ours}, change: changeTo([]string{ours}, office), want: whitelist.ReasonLocksOut},
		"locks out by egress":       {live: []string{ours, office}, egress: []string{ours}, change: changeTo([]string{ours, office}, office), want: whitelist.ReasonLocksOut},
		"turned on without our own": {egress: []string{ours}, change: whitelist.Replacement{To: list(office), IsNew: true}, want: whitelist.ReasonLocksOut},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(test.live...)
				outcome := n.run(test.egress...).Replace(t.Context(), test.change)
				expectRefusal(t, outcome, whitelist.Refused, test.want)
				if got := outcome.Refusal; got.Added.String() != test.added || got.Removed.String() != test.removed {
					t.Errorf("added %s, removed %s", got.Added, got.Removed)
				}
				if len(n.put) != 0 {
					t.Errorf("written: %q", n.put)
				}
			})
		})
	}
}

// Two runs that read the list before either writes: one of them is overwritten, and
// sees it.
func TestReplace_ofTwoRunsAtOnceTheOverwrittenOneIsTold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		outcomes := make(chan whitelist.Outcome, 2)
		for _, mine := range []string{"192.0.2.1", "192.0.2.2"} {
			go func() { outcomes <- n.run(ours).Replace(t.Context(), changeTo([]string{ours}, ours, mine)) }()
		}
		written, told := 0, 0
		for range 2 {
			switch outcome := <-outcomes; outcome.Kind {
			case whitelist.Written:
				written++
			case whitelist.Overwritten:
				told++
			}
		}
		if written != 1 || told != 1 {
			t.Errorf("%d written and %d told, want one each", written, told)
		}
	})
}

// The plan's own list may judge a write that follows at once, and no other.
func TestReplace_aListThatWasReadLongerAgoIsReadAnew(t *testing.T) {
	for name, test := range map[string]struct {
		later time.Duration
		reads int
	}{
		"at once":         {100 * time.Millisecond, 2},
		"two seconds on":  {2 * time.Second, 3},
		"half an hour on": {30 * time.Minute, 3},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork()
				m := n.run(ours)
				if _, err := m.Read(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.later)
				expectKind(t, m.Replace(t.Context(), whitelist.Replacement{To: list(ours), IsNew: true}), whitelist.Written)
				if n.reads != test.reads {
					t.Errorf("%d reads, want %d", n.reads, test.reads)
				}
			})
		})
	}
}

func TestReplace_whatSomeoneSavedSinceThePlanReadTheListStopsIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		m := n.run(ours)
		if _, err := m.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		n.set(ours, "192.0.2.66")
		outcome := m.Replace(t.Context(), whitelist.Replacement{To: list(ours), IsNew: true})
		expectRefusal(t, outcome, whitelist.Refused, whitelist.ReasonListExists)
		expectList(t, n, ours, "192.0.2.66")
	})
}

// Two lists that the run has read prove which address is this machine's.
func TestReplace_whatSeveralListsProveOfThisMachineCounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours, office)
		m := n.run()
		if _, err := m.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.set(ours, "192.0.2.1")
		outcome := m.Replace(t.Context(), changeTo([]string{ours, office}, ours))
		expectRefusal(t, outcome, whitelist.Refused, whitelist.ReasonChanged)
		outcome = m.Replace(t.Context(), changeTo([]string{ours, "192.0.2.1"}, "192.0.2.1", office))
		expectRefusal(t, outcome, whitelist.Refused, whitelist.ReasonLocksOut)
	})
}
