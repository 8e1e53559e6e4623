package whitelist_test

import (
	"slices"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func list(texts ...string) whitelist.List { return whitelist.ReadList(texts) }

func TestList_equalWhateverOrderSpellingAndRepeats(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b           []string
		want           bool
		added, removed []string
	}{
		"same":         {a: []string{"203.0.113.7"}, b: []string{"203.0.113.7"}, want: true},
		"order":        {a: []string{"203.0.113.7", "198.51.100.1"}, b: []string{"198.51.100.1", "203.0.113.7"}, want: true},
		"spelling":     {a: []string{"203.0.113.7", "2001:DB8::7"}, b: []string{"::ffff:203.0.113.7", "2001:db8:0::7/128"}, want: true},
		"repeats":      {a: []string{"203.0.113.7", "203.0.113.7/32"}, b: []string{"203.0.113.7"}, want: true},
		"host bits":    {a: []string{"203.0.113.7/24"}, b: []string{"203.0.113.0/24"}, want: true},
		"unreadable":   {a: []string{"office", "203.0.113.7"}, b: []string{"203.0.113.7", "office"}, want: true},
		"both empty":   {want: true},
		"one more":     {a: []string{"203.0.113.7"}, b: []string{"203.0.113.7", "198.51.100.1"}, added: []string{"198.51.100.1"}},
		"one less":     {a: []string{"203.0.113.7", "office"}, b: []string{"203.0.113.7"}, removed: []string{"office"}},
		"sorted, once": {a: nil, b: []string{"2001:db8::7", "198.51.100.10", "198.51.100.9/32", "198.51.100.9", "office"}, added: []string{"198.51.100.9/32", "198.51.100.10", "2001:db8::7", "office"}},
		"one wider":    {a: []string{"203.0.113.7"}, b: []string{"203.0.113.0/24"}, added: []string{"203.0.113.0/24"}, removed: []string{"203.0.113.7"}},
	} {
		a, b := list(test.a...), list(test.b...)
		added, removed := a.Diff(b)
		if a.Equal(b) != test.want || b.Equal(a) != test.want || !slices.Equal(added.Texts(), test.added) || !slices.Equal(removed.Texts(), test.removed) {
			t.Errorf("%s: %t, added %q, removed %q", name, a.Equal(b), added.Texts(), removed.Texts())
		}
		if (a.Fingerprint() == b.Fingerprint()) != test.want {
			t.Errorf("%s: the fingerprints say otherwise", name)
		}
	}
}

func TestList_arrangedLikeAnEarlierOne(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ live, prior, want []string }{
		"the earlier order and spelling": {
			live:  []string{"198.51.100.1", "203.0.113.7", "2001:db8::7"},
			prior: []string{"2001:DB8::7", "203.0.113.7/32", "198.51.100.1"},
			want:  []string{"2001:DB8::7", "203.0.113.7/32", "198.51.100.1"},
		},
		"repeats stay": {
			live:  []string{"203.0.113.7"},
			prior: []string{"203.0.113.7", "203.0.113.7/32"},
			want:  []string{"203.0.113.7", "203.0.113.7/32"},
		},
		"what is new comes last, sorted": {
			live:  []string{"office", "198.51.100.20", "203.0.113.7", "198.51.100.3"},
			prior: []string{"203.0.113.7", "192.0.2.1"},
			want:  []string{"203.0.113.7", "198.51.100.3", "198.51.100.20", "office"},
		},
		"what is new stands where something is gone": {
			live:  []string{"203.0.113.7", "192.0.2.66"},
			prior: []string{"198.51.100.0/24", "203.0.113.7"},
			want:  []string{"192.0.2.66", "203.0.113.7"},
		},
		"nothing before": {
			live: []string{"203.0.113.7", "office", "198.51.100.3"},
			want: []string{"198.51.100.3", "203.0.113.7", "office"},
		},
	} {
		if got := list(test.live...).ArrangedLike(list(test.prior...)).Texts(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		slices.Reverse(test.live)
		if got := list(test.live...).ArrangedLike(list(test.prior...)).Texts(); !slices.Equal(got, test.want) {
			t.Errorf("%s, answered in another order: %q, want %q", name, got, test.want)
		}
	}
}

func TestList_isArrangedLikeIfALineByLineDiffShowsOnlyWhatChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b []string
		want bool
	}{
		"the same":           {a: []string{"192.0.2.1", "192.0.2.2"}, b: []string{"192.0.2.1", "192.0.2.2"}, want: true},
		"one more and less":  {a: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, b: []string{"192.0.2.1", "192.0.2.4", "192.0.2.3"}, want: true},
		"exchanged":          {a: []string{"192.0.2.1", "192.0.2.2"}, b: []string{"192.0.2.2", "192.0.2.1"}},
		"exchanged and more": {a: []string{"192.0.2.1", "192.0.2.2"}, b: []string{"192.0.2.3", "192.0.2.2", "192.0.2.1"}},
		"spelled otherwise":  {a: []string{"192.0.2.1", "192.0.2.2"}, b: []string{"192.0.2.1/32", "192.0.2.3"}},
		"given twice":        {a: []string{"192.0.2.1", "192.0.2.2"}, b: []string{"192.0.2.1", "192.0.2.1", "192.0.2.3"}},
		"nothing in common":  {a: []string{"192.0.2.1"}, b: []string{"192.0.2.3"}, want: true},
		"removed in between": {a: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, b: []string{"192.0.2.1", "192.0.2.3"}, want: true},
		"one foreign in the place of one that is gone": {a: []string{"192.0.2.1", "office", "192.0.2.3"}, b: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, want: true},
		"one foreign in another place":                 {a: []string{"192.0.2.1", "192.0.2.3", "office"}, b: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}},
	} {
		if got := list(test.b...).IsArrangedLike(list(test.a...)); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestList_isSentInOneSpellingEachEntryOnce(t *testing.T) {
	t.Parallel()
	got := list("2001:DB8::7", "203.0.113.7/32", "::ffff:203.0.113.7", "198.51.100.0/24").Canonical().Texts()
	if want := []string{"198.51.100.0/24", "203.0.113.7", "2001:db8::7"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestList_applyKeepsWhatIsNotItsOwnAsItIs(t *testing.T) {
	t.Parallel()
	live := list("office", "203.0.113.7/24", "192.0.2.1/32", "198.51.100.1")
	got := live.Apply(
		whitelist.Change{Remove: entry("192.0.2.1")},
		whitelist.Change{Add: entry("2001:DB8::7")},
		whitelist.Change{Add: entry("203.0.113.0/24")}, // there already
		whitelist.Change{Remove: entry("198.51.100.1"), Add: entry("198.51.100.2/32")},
	).Texts()
	if want := []string{"office", "203.0.113.7/24", "2001:db8::7", "198.51.100.2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestList_admits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list  []string
		entry string
		want  bool
	}{
		"empty: everyone":  {entry: "203.0.113.7", want: true},
		"the address":      {list: []string{"203.0.113.7/32"}, entry: "::ffff:203.0.113.7", want: true},
		"by two halves":    {list: []string{"203.0.113.0/25", "203.0.113.128/25"}, entry: "203.0.113.0/24", want: true},
		"a part":           {list: []string{"203.0.113.0/25"}, entry: "203.0.113.0/24"},
		"another family":   {list: []string{"::/0"}, entry: "203.0.113.7"},
		"only unreadables": {list: []string{"office"}, entry: "203.0.113.7"},
	} {
		if got := list(test.list...).Admits(entry(test.entry)); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestList_messageNamesTheFirstOfMany(t *testing.T) {
	t.Parallel()
	many := make([]string, 25)
	for i := range many {
		many[i] = "192.0.2.1"
	}
	if got, want := list("203.0.113.7", "office").String(), `203.0.113.7, "office"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := list(many...).String(); got[len(got)-len(" and 5 more"):] != " and 5 more" {
		t.Errorf("%s", got)
	}
}
