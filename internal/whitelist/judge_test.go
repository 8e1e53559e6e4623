package whitelist_test

import (
	"slices"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func entry(text string) whitelist.Entry {
	e, err := whitelist.ParseEntry(text)
	if err != nil {
		panic(err)
	}
	return e
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const ours = "203.0.113.10"
	for name, test := range map[string]struct {
		egress []string
		// read are lists that were read before.
		read       [][]string
		live, next []string
		want       whitelist.Risk
		turnsOn    bool
		outside    []string
		narrowed   []string
	}{
		"nothing to nothing":                {want: whitelist.RiskNone},
		"emptied":                           {live: []string{ours}, want: whitelist.RiskOpens, narrowed: []string{ours}},
		"turned on, not known":              {next: []string{ours}, want: whitelist.RiskUnknown, turnsOn: true},
		"turned on with ours":               {egress: []string{ours}, next: []string{"203.0.113.0/24"}, want: whitelist.RiskNone, turnsOn: true},
		"turned on without ours":            {egress: []string{ours}, next: []string{"198.51.100.1"}, want: whitelist.RiskLocksOut, turnsOn: true, outside: []string{ours}},
		"turned on with one of two of ours": {egress: []string{ours, "203.0.113.11"}, next: []string{ours}, want: whitelist.RiskLocksOut, turnsOn: true, outside: []string{"203.0.113.11"}},
		"one more":                          {live: []string{ours}, next: []string{ours, "198.51.100.1"}, want: whitelist.RiskNone},
		"one wider":                         {live: []string{ours}, next: []string{"203.0.113.0/24"}, want: whitelist.RiskNone},
		"one less, not known":               {live: []string{ours, "198.51.100.1"}, next: []string{ours}, want: whitelist.RiskUnknown, narrowed: []string{"198.51.100.1"}},
		"one less, ours stays":              {egress: []string{ours}, live: []string{ours, "198.51.100.1"}, next: []string{ours}, want: whitelist.RiskNone, narrowed: []string{"198.51.100.1"}},
		"one less, ours goes":               {egress: []string{ours}, live: []string{ours, "198.51.100.1"}, next: []string{"198.51.100.1"}, want: whitelist.RiskLocksOut, outside: []string{ours}, narrowed: []string{ours}},
		"narrowed, not known":               {live: []string{"203.0.113.0/24"}, next: []string{"203.0.113.0/25"}, want: whitelist.RiskUnknown, narrowed: []string{"203.0.113.0/24"}},
		"narrowed to ours":                  {egress: []string{ours}, live: []string{"203.0.113.0/24"}, next: []string{ours}, want: whitelist.RiskNone, narrowed: []string{"203.0.113.0/24"}},
		"nothing in common":                 {live: []string{ours}, next: []string{"198.51.100.1"}, want: whitelist.RiskLocksOut, narrowed: []string{ours}},
		"nothing in common, egress else":    {egress: []string{"198.51.100.1"}, live: []string{ours}, next: []string{"198.51.100.1"}, want: whitelist.RiskLocksOut, narrowed: []string{ours}},
		"what is unreadable proves nothing": {live: []string{"office"}, next: []string{"198.51.100.1"}, want: whitelist.RiskUnknown, narrowed: []string{"office"}},
		"what is unreadable stays":          {live: []string{"office", ours}, next: []string{"office", ours, "192.0.2.1"}, want: whitelist.RiskNone},

		// What several lists together prove of this machine's address.
		"two lists prove that it stays": {
			read: [][]string{{ours, "198.51.100.1"}, {ours, "192.0.2.1"}}, live: []string{ours, "192.0.2.1"}, next: []string{ours},
			want: whitelist.RiskNone, narrowed: []string{"192.0.2.1"},
		},
		"two lists prove that it goes": {
			read: [][]string{{ours, "198.51.100.1"}, {ours, "192.0.2.1"}}, live: []string{ours, "192.0.2.1"}, next: []string{"192.0.2.1", "198.51.100.1"},
			want: whitelist.RiskLocksOut, narrowed: []string{ours},
		},
		"an empty list proves nothing": {
			read: [][]string{{ours, "198.51.100.1"}, {}}, live: []string{ours, "192.0.2.1"}, next: []string{ours},
			want: whitelist.RiskNone, narrowed: []string{"192.0.2.1"},
		},
		"two lists with nothing in common: the newest counts": {
			read: [][]string{{"198.51.100.1"}, {ours, "192.0.2.1"}}, live: []string{ours, "192.0.2.1"}, next: []string{ours},
			want: whitelist.RiskUnknown, narrowed: []string{"192.0.2.1"},
		},
	} {
		caller := whitelist.Caller{Egress: list(test.egress...)}
		for _, read := range test.read {
			caller = caller.Learn(list(read...))
		}
		got := whitelist.Judge(caller, list(test.live...), list(test.next...))
		if got.Risk != test.want || got.TurnsOn != test.turnsOn || !slices.Equal(got.Outside.Texts(), test.outside) || !slices.Equal(got.Narrowed.Texts(), test.narrowed) {
			t.Errorf("%s: risk %d, want %d; turns on %t; outside %q; narrowed %q", name, got.Risk, test.want, got.TurnsOn, got.Outside.Texts(), got.Narrowed.Texts())
		}
	}
}

func TestVerdict_isCausedByWhatAddsToNothingOrTakesWhatNothingElseAdmits(t *testing.T) {
	t.Parallel()
	const ours = "203.0.113.10"
	known := whitelist.Caller{Egress: list(ours)}
	for name, test := range map[string]struct {
		caller     whitelist.Caller
		live, next []string
		change     whitelist.Change
		want       bool
	}{
		"added to nothing":            {caller: known, next: []string{"192.0.2.1"}, change: whitelist.Change{Add: entry("192.0.2.1")}, want: true},
		"added to a list":             {caller: known, live: []string{ours}, next: []string{"192.0.2.1"}, change: whitelist.Change{Add: entry("192.0.2.1")}},
		"ours removed":                {caller: known, live: []string{ours, "192.0.2.1"}, next: []string{"192.0.2.2"}, change: whitelist.Change{Remove: entry(ours)}, want: true},
		"another removed beside ours": {caller: known, live: []string{ours, "192.0.2.1", "192.0.2.2"}, next: []string{"192.0.2.2"}, change: whitelist.Change{Remove: entry("192.0.2.1")}},
		"removed, not known whose":    {caller: whitelist.Caller{}, live: []string{ours, "192.0.2.1"}, next: []string{"192.0.2.2"}, change: whitelist.Change{Remove: entry("192.0.2.1")}, want: true},
		"removed, egress is wrong":    {caller: known, live: []string{"198.51.100.1", "192.0.2.1"}, next: []string{"198.51.100.1"}, change: whitelist.Change{Remove: entry("192.0.2.1")}, want: true},
		"removed, admitted by others": {caller: known, live: []string{ours, "203.0.113.0/24"}, next: []string{"203.0.113.0/24"}, change: whitelist.Change{Remove: entry(ours)}},
	} {
		if got := whitelist.Judge(test.caller, list(test.live...), list(test.next...)).IsCausedBy(test.change); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
