package whitelist

import "testing"

// sets are whitelists and how each relates to another.
var sets = []struct {
	name             string
	a, b             []string
	covers, coversBA bool
	overlaps         bool
}{
	{"same", []string{"203.0.113.7"}, []string{"203.0.113.7"}, true, true, true},
	{"same in another spelling", []string{"203.0.113.7", "2001:DB8::/32"}, []string{"2001:db8:0::/32", "::ffff:203.0.113.7/128"}, true, true, true},
	{"both empty", nil, nil, true, true, false},
	{"one empty", []string{"203.0.113.7"}, nil, true, false, false},
	{"part", []string{"203.0.113.0/24"}, []string{"203.0.113.7", "203.0.113.128/25"}, true, false, true},
	{"one more", []string{"203.0.113.7", "198.51.100.1"}, []string{"203.0.113.7"}, true, false, true},
	{"one shared", []string{"203.0.113.7", "198.51.100.1"}, []string{"203.0.113.7", "192.0.2.1"}, false, false, true},
	{"partly shared", []string{"203.0.113.0/25"}, []string{"203.0.113.64/26", "203.0.113.128/25"}, false, false, true},
	{"side by side", []string{"203.0.113.0/25"}, []string{"203.0.113.128/25"}, false, false, false},
	{"apart", []string{"203.0.113.7"}, []string{"203.0.113.8"}, false, false, false},
	{"halves", []string{"203.0.113.0/25", "203.0.113.128/25"}, []string{"203.0.113.0/24"}, true, true, true},
	{"quarters of everything", []string{"192.0.0.0/2", "0.0.0.0/2", "128.0.0.0/2", "64.0.0.0/2"}, []string{"0.0.0.0/0"}, true, true, true},
	{"halves of IPv6", []string{"::/1", "8000::/1"}, []string{"::/0"}, true, true, true},
	{"halves but for one", []string{"203.0.113.0/25", "203.0.113.129", "203.0.113.130/31", "203.0.113.132/30", "203.0.113.136/29", "203.0.113.144/28", "203.0.113.160/27", "203.0.113.192/26"}, []string{"203.0.113.0/24"}, false, true, true},
	{"all of IPv4", []string{"0.0.0.0/0"}, []string{"203.0.113.7", "255.255.255.255", "0.0.0.0"}, true, false, true},
	{"all of IPv4, mapped", []string{"::ffff:0:0/96"}, []string{"0.0.0.0/0"}, true, true, true},
	{"all of IPv6", []string{"::/0"}, []string{"2001:db8::/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, true, false, true},
	// Everflow sees an IPv4 caller as one, whichever way he came.
	{"all of IPv6 is no IPv4", []string{"::/0"}, []string{"203.0.113.7"}, false, false, false},
	{"all of IPv4 is no IPv6", []string{"0.0.0.0/0"}, []string{"::/0"}, false, false, false},
	{"IPv6 that looks like IPv4", []string{"203.0.113.7"}, []string{"::203.0.113.7", "64:ff9b::203.0.113.7"}, false, false, false},
	{"all of both", []string{"0.0.0.0/0", "::/0"}, []string{"203.0.113.7", "2001:db8::7"}, true, false, true},
	{"repeated", []string{"203.0.113.7", "203.0.113.7/32"}, []string{"203.0.113.7"}, true, true, true},
	{"inside one another", []string{"203.0.113.0/24", "203.0.113.7"}, []string{"203.0.113.0/24"}, true, true, true},
	{"ends", []string{"255.255.255.255", "0.0.0.0"}, []string{"255.255.255.254/31"}, false, false, true},
	{"unreadable in both", []string{"office", "203.0.113.7"}, []string{"office"}, true, false, true},
	{"unreadable in the first", []string{"office", "203.0.113.7"}, []string{"203.0.113.7"}, true, false, true},
	{"unreadable and else apart", []string{"office"}, []string{"203.0.113.7"}, false, false, true},
	{"unreadable in the second", []string{"0.0.0.0/0", "::/0"}, []string{"office"}, false, false, true},
	{"unreadable and empty", []string{"office"}, nil, true, false, true},
	{"unreadable, two kinds", []string{"office"}, []string{"Office"}, false, false, true},
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
