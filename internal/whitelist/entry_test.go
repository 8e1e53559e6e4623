package whitelist_test

import (
	"strconv"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func TestParseEntry_spellingsOfOneMeaning(t *testing.T) {
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
		first, err := whitelist.ParseEntry(spellings[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, spelling := range spellings {
			got, err := whitelist.ParseEntry(spelling)
			if err != nil || !got.Equal(first) {
				t.Errorf("%q means %v, %v; %q means %v", spelling, got, err, spellings[0], first)
			}
		}
		if canonical == "::203.0.113.7" {
			canonical = "::cb00:7107"
		}
		if got := first.Canonical(); got != canonical {
			t.Errorf("got %q, want %q", got, canonical)
		}
	}
}

func TestParseEntry_differentMeanings(t *testing.T) {
	t.Parallel()
	entries := []string{
		"203.0.113.7", "203.0.113.8", "203.0.113.6/31", "203.0.113.0/24", "203.0.113.0/25", "203.0.113.0", "::203.0.113.7",
		"64:ff9b::203.0.113.7", "2002:cb00:7107::", "0.0.0.0/0", "0.0.0.0", "::/0", "::", "::1", "::/96", "::fffe:0:0/95", "2001:db8::", "2001:db8::/32",
	}
	for i, a := range entries {
		for _, b := range entries[i+1:] {
			first, errA := whitelist.ParseEntry(a)
			second, errB := whitelist.ParseEntry(b)
			if errA != nil || errB != nil || first.Equal(second) {
				t.Errorf("%q means %v, %v; %q means %v, %v", a, first, errA, b, second, errB)
			}
		}
	}
}

func TestParseEntry_saysWhatToWriteInstead(t *testing.T) {
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
		got, err := whitelist.ParseEntry(entry)
		if want = strconv.Quote(entry) + " " + want; err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v\nwant %s", entry, got, err, want)
		}
	}
}

func TestReadEntry_refusesNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		means      string
		isReadable bool
		shown      string
	}{
		"203.0.113.7":             {means: "203.0.113.7", isReadable: true, shown: "203.0.113.7"},
		"203.0.113.7/24":          {means: "203.0.113.0/24", isReadable: true, shown: "203.0.113.7/24"},
		"2001:DB8::7/64":          {means: "2001:db8::/64", isReadable: true, shown: "2001:DB8::7/64"},
		"::ffff:203.0.113.7/120":  {means: "203.0.113.0/24", isReadable: true, shown: "::ffff:203.0.113.7/120"},
		" 203.0.113.7\n":          {means: "203.0.113.7", isReadable: true, shown: `" 203.0.113.7\n"`},
		"203.0.113.1-203.0.113.9": {means: "203.0.113.1-203.0.113.9", shown: `"203.0.113.1-203.0.113.9"`},
		"203.0.113.7 # office":    {means: "203.0.113.7 # office", shown: `"203.0.113.7 # office"`},
		"\x1b[31moffice":          {means: "\x1b[31moffice", shown: `"\x1b[31moffice"`},
		"":                        {shown: `""`},
	} {
		entry := whitelist.ReadEntry(text)
		if entry.Canonical() != want.means || entry.IsReadable() != want.isReadable || entry.String() != want.shown || entry.Text() != text {
			t.Errorf("%q: means %q, readable %t, shown as %s, text %q", text, entry.Canonical(), entry.IsReadable(), entry, entry.Text())
		}
	}
}

func TestEntry_isReservedIfNoCallOverTheInternetComesFromIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"10.0.0.1": true, "10.0.0.0/8": true, "172.31.255.255": true, "192.168.1.0/24": true, "127.0.0.1": true, "169.254.1.1": true,
		"100.64.0.1": true, "0.0.0.0": true, "224.0.0.1": true, "255.255.255.255": true, "::1": true, "::": true, "fd00::1": true, "fe80::/10": true,
		"ff02::1": true, "::ffff:10.0.0.1": true, "224.0.0.0/3": true, "::/127": true,
		"172.32.0.1": false, "203.0.113.7": false, "8.8.8.8": false, "2001:db8::7": false, "0.0.0.0/0": false, "10.0.0.0/7": false, "::/0": false,
	} {
		if got := whitelist.ReadEntry(text).IsReserved(); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
