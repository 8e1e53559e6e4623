package whitelist

import "testing"

// sets are whitelists and how each relates to another.
var sets = []struct {
	name             string
	a, b             []string
	covers, coversBA bool
	overlaps         bool
}{
	{name: "same", a: []string{"203.0.113.7"}, b: []string{"203.0.113.7"}, covers: true, coversBA: true, overlaps: true},
	{name: "same in another spelling", a: []string{"203.0.113.7", "2001:DB8::/32"}, b: []string{"2001:db8:0::/32", "::ffff:203.0.113.7/128"}, covers: true, coversBA: true, overlaps: true},
	{name: "both empty", covers: true, coversBA: true},
	{name: "one empty", a: []string{"203.0.113.7"}, covers: true},
	{name: "part", a: []string{"203.0.113.0/24"}, b: []string{"203.0.113.7", "203.0.113.128/25"}, covers: true, overlaps: true},
	{name: "one more", a: []string{"203.0.113.7", "198.51.100.1"}, b: []string{"203.0.113.7"}, covers: true, overlaps: true},
	{name: "one shared", a: []string{"203.0.113.7", "198.51.100.1"}, b: []string{"203.0.113.7", "192.0.2.1"}, overlaps: true},
	{name: "partly shared", a: []string{"203.0.113.0/25"}, b: []string{"203.0.113.64/26", "203.0.113.128/25"}, overlaps: true},
	{name: "side by side", a: []string{"203.0.113.0/25"}, b: []string{"203.0.113.128/25"}},
	{name: "apart", a: []string{"203.0.113.7"}, b: []string{"203.0.113.8"}},
	{name: "halves", a: []string{"203.0.113.0/25", "203.0.113.128/25"}, b: []string{"203.0.113.0/24"}, covers: true, coversBA: true, overlaps: true},
	{name: "quarters of everything", a: []string{"192.0.0.0/2", "0.0.0.0/2", "128.0.0.0/2", "64.0.0.0/2"}, b: []string{"0.0.0.0/0"}, covers: true, coversBA: true, overlaps: true},
	{name: "halves of IPv6", a: []string{"::/1", "8000::/1"}, b: []string{"::/0"}, covers: true, coversBA: true, overlaps: true},
	{name: "halves but for one", a: []string{"203.0.113.0/25", "203.0.113.129", "203.0.113.130/31", "203.0.113.132/30", "203.0.113.136/29", "203.0.113.144/28", "203.0.113.160/27", "203.0.113.192/26"}, b: []string{"203.0.113.0/24"}, coversBA: true, overlaps: true},
	{name: "all of IPv4", a: []string{"0.0.0.0/0"}, b: []string{"203.0.113.7", "255.255.255.255", "0.0.0.0"}, covers: true, overlaps: true},
	{name: "all of IPv4, mapped", a: []string{"::ffff:0:0/96"}, b: []string{"0.0.0.0/0"}, covers: true, coversBA: true, overlaps: true},
	{name: "all of IPv6", a: []string{"::/0"}, b: []string{"2001:db8::/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, covers: true, overlaps: true},
	// Everflow sees an IPv4 caller as one, whichever way he came.
	{name: "all of IPv6 is no IPv4", a: []string{"::/0"}, b: []string{"203.0.113.7"}},
	{name: "all of IPv4 is no IPv6", a: []string{"0.0.0.0/0"}, b: []string{"::/0"}},
	{name: "IPv6 that looks like IPv4", a: []string{"203.0.113.7"}, b: []string{"::203.0.113.7", "64:ff9b::203.0.113.7"}},
	{name: "all of both", a: []string{"0.0.0.0/0", "::/0"}, b: []string{"203.0.113.7", "2001:db8::7"}, covers: true, overlaps: true},
	{name: "repeated", a: []string{"203.0.113.7", "203.0.113.7/32"}, b: []string{"203.0.113.7"}, covers: true, coversBA: true, overlaps: true},
	{name: "inside one another", a: []string{"203.0.113.0/24", "203.0.113.7"}, b: []string{"203.0.113.0/24"}, covers: true, coversBA: true, overlaps: true},
	{name: "ends", a: []string{"255.255.255.255", "0.0.0.0"}, b: []string{"255.255.255.254/31"}, overlaps: true},
	{name: "unreadable in both", a: []string{"office", "203.0.113.7"}, b: []string{"office"}, covers: true, overlaps: true},
	{name: "unreadable in the first", a: []string{"office", "203.0.113.7"}, b: []string{"203.0.113.7"}, covers: true, overlaps: true},
	{name: "unreadable and else apart", a: []string{"office"}, b: []string{"203.0.113.7"}, overlaps: true},
	{name: "unreadable in the second", a: []string{"0.0.0.0/0", "::/0"}, b: []string{"office"}, overlaps: true},
	{name: "unreadable and empty", a: []string{"office"}, covers: true, overlaps: true},
	{name: "unreadable, two kinds", a: []string{"office"}, b: []string{"Office"}, overlaps: true},
}

func TestList_coversOnlyWhatItSurelyAdmits(t *testing.T) {
	t.Parallel()
	for _, test := range sets {
		a, b := ReadList(test.a).addresses(), ReadList(test.b).addresses()
		if a.covers(b) != test.covers || b.covers(a) != test.coversBA {
			t.Errorf("%s: a covers b: %t, want %t; b covers a: %t, want %t", test.name, a.covers(b), test.covers, b.covers(a), test.coversBA)
		}
	}
}

func TestList_overlapsUnlessItSurelyDoesNot(t *testing.T) {
	t.Parallel()
	for _, test := range sets {
		a, b := ReadList(test.a).addresses(), ReadList(test.b).addresses()
		if a.overlaps(b) != test.overlaps || b.overlaps(a) != test.overlaps {
			t.Errorf("%s: %t and %t, want %t", test.name, a.overlaps(b), b.overlaps(a), test.overlaps)
		}
	}
}

func TestAddresses_intersect(t *testing.T) {
	t.Parallel()
	of := func(texts ...string) addresses { return ReadList(texts).addresses() }
	both := of("203.0.113.0/24", "192.0.2.1").intersect(of("203.0.113.128/25", "198.51.100.7"))
	if !both.covers(of("203.0.113.128/25")) || !of("203.0.113.128/25").covers(both) {
		t.Error("the intersection is not 203.0.113.128/25")
	}
	// What cannot be read proves nothing.
	if !of("192.0.2.1").intersect(of("new form")).overlaps(of("198.51.100.7")) {
		t.Error("an unreadable entry proves that there is no overlap")
	}
}
