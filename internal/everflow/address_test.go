package everflow_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

func TestParseAddress_spellingsOfOneMeaning(t *testing.T) {
	t.Parallel()
	for canonical, spellings := range map[string][]string{
		"203.0.113.7":    {"203.0.113.7", "203.0.113.7/32", "::ffff:203.0.113.7", "::FFFF:cb00:7107", "::ffff:203.0.113.7/128", "0:0:0:0:0:ffff:203.0.113.7"},
		"203.0.113.0/24": {"203.0.113.0/24", "::ffff:203.0.113.0/120", "::ffff:cb00:7100/120"},
		"0.0.0.0/0":      {"0.0.0.0/0", "::ffff:0:0/96", "::ffff:0.0.0.0/96"},
		"0.0.0.0":        {"0.0.0.0", "0.0.0.0/32", "::ffff:0.0.0.0"},
		"128.0.0.0/1":    {"128.0.0.0/1", "::ffff:128.0.0.0/97"},
		"2001:db8::7":    {"2001:db8::7", "2001:DB8::7", "2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8:0:0::7/128", "2001:db8::0.0.0.7"},
		"2001:db8::/32":  {"2001:db8::/32", "2001:DB8:0::/32"},
		"::/0":           {"::/0", "0::0/0"},
		"::":             {"::", "::/128", "0:0:0:0:0:0:0:0"},
		"::/95":          {"::/95"},
		"::fffe:0:0/95":  {"::fffe:0:0/95"},
		"::203.0.113.7":  {"::203.0.113.7", "::cb00:7107"}, // not IPv4-mapped
	} {
		first, err := everflow.ParseAddress(spellings[0])
		if err != nil {
			t.Fatalf("%q %v", spellings[0], err)
		}
		for _, spelling := range spellings {
			got, err := everflow.ParseAddress(spelling)
			if err != nil || got != first {
				t.Errorf("%q means %v, %v; %q means %v", spelling, got, err, spellings[0], first)
			}
		}
		if canonical == "::203.0.113.7" {
			canonical = "::cb00:7107"
		}
		if got := everflow.CanonicalAddress(first); got != canonical {
			t.Errorf("got %q, want %q", got, canonical)
		}
	}
}

func TestParseAddress_differentMeanings(t *testing.T) {
	t.Parallel()
	entries := []string{
		"203.0.113.7", "203.0.113.8", "203.0.113.6/31", "203.0.113.0/24", "203.0.113.0/25", "203.0.113.0", "::203.0.113.7",
		"64:ff9b::203.0.113.7", "2002:cb00:7107::", "0.0.0.0/0", "0.0.0.0", "::/0", "::", "::1", "::/96", "::fffe:0:0/95", "2001:db8::", "2001:db8::/32",
	}
	for i, a := range entries {
		for _, b := range entries[i+1:] {
			first, errA := everflow.ParseAddress(a)
			second, errB := everflow.ParseAddress(b)
			if errA != nil || errB != nil || first == second {
				t.Errorf("%q means %v, %v; %q means %v, %v", a, first, errA, b, second, errB)
			}
		}
	}
}

func TestParseAddress_saysWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	const (
		like   = "is not an IPv4 or IPv6 address: write it like 203.0.113.7 or 2001:db8::7, or as a CIDR range such as 203.0.113.0/24"
		names  = "is not an IP address: the whitelist takes IPv4 and IPv6 addresses and CIDR ranges, no host names or wildcards"
		zero   = "has a number with a leading zero, which some programs read as octal: write it without"
		zone   = "has a zone (the part after %), which means something on one machine only: write a public address without it"
		fromTo = "is a range from one address to another: write it as one or more CIDR ranges, such as 203.0.113.0/24"
	)
	for entry, want := range map[string]string{
		"":                          "is empty: write an IPv4 or IPv6 address, such as 203.0.113.7, or a CIDR range, such as 203.0.113.0/24",
		" \t\n":                     "is empty: write an IPv4 or IPv6 address, such as 203.0.113.7, or a CIDR range, such as 203.0.113.0/24",
		" 203.0.113.7":              `has white space around it: write "203.0.113.7"`,
		"203.0.113.7\n":             `has white space around it: write "203.0.113.7"`,
		"203.0.113.0/24\u00a0":      `has white space around it: write "203.0.113.0/24"`,
		"203.0.113.7/24":            "has bits set past its prefix length: write 203.0.113.0/24 for the range, or 203.0.113.7 for the single address",
		"2001:db8::7/64":            "has bits set past its prefix length: write 2001:db8::/64 for the range, or 2001:db8::7 for the single address",
		"::1/0":                     "has bits set past its prefix length: write ::/0 for the range, or ::1 for the single address",
		"::ffff:0:0/95":             "has bits set past its prefix length: write ::fffe:0:0/95 for the range, or ::ffff:0.0.0.0 for the single address",
		"203.0.113.7/":              `has no usable prefix length (""): after the slash stands a number from 0 to 32`,
		"203.0.113.7/33":            `has no usable prefix length ("33"): after the slash stands a number from 0 to 32`,
		"203.0.113.7/-1":            `has no usable prefix length ("-1"): after the slash stands a number from 0 to 32`,
		"203.0.113.7/+8":            `has no usable prefix length ("+8"): after the slash stands a number from 0 to 32`,
		"203.0.113.0/024":           `has no usable prefix length ("024"): after the slash stands a number from 0 to 32`,
		"203.0.113.0/255.255.255.0": `has no usable prefix length ("255.255.255.0"): after the slash stands a number from 0 to 32`,
		"203.0.113.0/24/24":         `has no usable prefix length ("24/24"): after the slash stands a number from 0 to 32`,
		"203.0.113.0/ 24":           `has no usable prefix length (" 24"): after the slash stands a number from 0 to 32`,
		"2001:db8::/129":            `has no usable prefix length ("129"): after the slash stands a number from 0 to 128`,
		"::ffff:203.0.113.7/129":    `has no usable prefix length ("129"): after the slash stands a number from 0 to 128`,
		"fe80::1%eth0":              zone,
		"fe80::/64%eth0":            zone,
		"203.0.113.1-203.0.113.9":   fromTo,
		"203.0.113.1 - 203.0.113.9": fromTo,
		"2001:db8::1-2001:db8::9":   fromTo,
		"203.0.113.1-9":             names,
		"010.0.0.1":                 zero,
		"203.0.113.007":             zero,
		"203.0.113.00/24":           zero,
		"203.0.113":                 like,
		"203.0.113.256":             like,
		"203.0.113.7.9":             like,
		"203.0.113.":                like,
		"1":                         like,
		"3405803783":                like,
		"203.0.113.7:443":           like,
		"2001:db8:::7":              like,
		"2001:db8":                  like,
		"2001:db8:1:2:3:4:5:6:7":    like,
		"12345::":                   like,
		"/24":                       like,
		"[2001:db8::7]":             names,
		"203.0.113.*":               names,
		"203.0.113.7,203.0.113.8":   names,
		"203.0.113.7 203.0.113.8":   names,
		"localhost":                 names,
		"api.eflow.team":            names,
		"https://203.0.113.7":       names,
		"0xcb.0.0x71.7":             names,
		"２０３.0.113.7":               names,
		"203.0.113.7\x00":           names,
		"203.0.113.7\xff":           names,
		"any":                       names,
	} {
		got, err := everflow.ParseAddress(entry)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v\nwant %s", entry, got, err, want)
		}
	}
}

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

func TestAddressSet_coversOnlyWhatItSurelyAdmits(t *testing.T) {
	t.Parallel()
	for _, test := range sets {
		a, b := everflow.NewAddressSet(test.a), everflow.NewAddressSet(test.b)
		if a.Covers(b) != test.covers || b.Covers(a) != test.coversBA {
			t.Errorf("%s: a covers b: %t, want %t; b covers a: %t, want %t", test.name, a.Covers(b), test.covers, b.Covers(a), test.coversBA)
		}
	}
}

func TestAddressSet_overlapsUnlessItSurelyDoesNot(t *testing.T) {
	t.Parallel()
	for _, test := range sets {
		a, b := everflow.NewAddressSet(test.a), everflow.NewAddressSet(test.b)
		if a.Overlaps(b) != test.overlaps || b.Overlaps(a) != test.overlaps {
			t.Errorf("%s: %t and %t, want %t", test.name, a.Overlaps(b), b.Overlaps(a), test.overlaps)
		}
	}
}

func TestAddressSet_contains(t *testing.T) {
	t.Parallel()
	set := everflow.NewAddressSet([]string{"203.0.113.0/25", "203.0.113.128/25", "2001:db8::/32", "office", "", "10.0.0.0/8 "})
	for entry, want := range map[string]bool{
		"203.0.113.7": true, "203.0.113.0/24": true, "203.0.113.64/26": true, "203.0.112.0/23": false, "203.0.114.0": false,
		"::ffff:203.0.113.7": true, "2001:db8::7": true, "2001:db8:1::/48": true, "2001:db8::/31": false, "10.0.0.1": false,
	} {
		prefix, err := everflow.ParseAddress(entry)
		if err != nil {
			if entry != "2001:db8::/31" {
				t.Fatalf("%q %v", entry, err)
			}
			prefix = netip.MustParsePrefix(entry)
		}
		if got := set.Contains(prefix); got != want {
			t.Errorf("%s: %t", entry, got)
		}
	}
	if want := []string{"office", "", "10.0.0.0/8 "}; !slices.Equal(set.Unreadable, want) {
		t.Errorf("unreadable: %q", set.Unreadable)
	}
}

func TestAddressSet_zeroValueIsEmpty(t *testing.T) {
	t.Parallel()
	var empty everflow.AddressSet
	some := everflow.NewAddressSet([]string{"203.0.113.7"})
	if empty.Covers(some) || !some.Covers(empty) || empty.Overlaps(some) || empty.Contains(netip.MustParsePrefix("203.0.113.7/32")) {
		t.Error("it is not")
	}
}
