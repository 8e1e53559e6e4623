package whitelist

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

var addressSeeds = []string{
	"203.0.113.7", "203.0.113.7/32", "::ffff:203.0.113.7", "::ffff:cb00:7107/128", "203.0.113.0/24", "::ffff:203.0.113.0/120",
	"0.0.0.0/0", "::/0", "::ffff:0:0/96", "::ffff:0:0/95", "2001:DB8::7", "2001:db8::/32", "fe80::1%eth0", "010.0.0.1", "203.0.113.7/24",
	"203.0.113.1-203.0.113.9", " 203.0.113.7", "203.0.113.7/", "203.0.113.7/033", "localhost", "203.0.113.*", "", "1", "::", ":", ".", "/", "-", "%",
}

func FuzzParseEntry(f *testing.F) {
	for i, seed := range addressSeeds {
		f.Add(seed, addressSeeds[(i+1)%len(addressSeeds)])
	}
	f.Fuzz(func(t *testing.T, one, other string) {
		entry, err := ParseEntry(one)
		prefix := entry.prefix
		if err != nil {
			if prefix.IsValid() || err.Error() == "" {
				t.Errorf("%q: %v beside %q", one, prefix, err)
			}
			return
		}
		if prefix != prefix.Masked() || !prefix.IsValid() || prefix.Addr().Zone() != "" {
			t.Errorf("%q: %v is no range", one, prefix)
		}
		canonical := entry.Canonical()
		if again, err := ParseEntry(canonical); err != nil || !again.Equal(entry) || again.Canonical() != canonical || !ReadEntry(one).Equal(entry) {
			t.Errorf("%q: %v is written %q, which means %v, %v", one, prefix, canonical, again, err)
		}
		first, last := ends(t, one)
		if !prefix.Contains(first) || !prefix.Contains(last) || prefix.Contains(first.Prev()) || prefix.Contains(last.Next()) {
			t.Errorf("%q: from %v to %v, but %v", one, first, last, prefix)
		}
		second, err := ParseEntry(other)
		if err != nil {
			return
		}
		otherFirst, otherLast := ends(t, other)
		if same := first == otherFirst && last == otherLast; same != entry.Equal(second) || same != (canonical == second.Canonical()) {
			t.Errorf("%q means %v, %q means %v", one, prefix, other, second.prefix)
		}
	})
}

// ends are the first and last address that an entry means, by net/netip alone.
func ends(t *testing.T, entry string) (first, last netip.Addr) {
	t.Helper()
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		address, err := netip.ParseAddr(entry)
		if err != nil {
			t.Fatalf("net/netip takes %q for no address", entry)
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	prefix = prefix.Masked() // as an answer's entry is read
	bytes := prefix.Addr().AsSlice()
	for bit := prefix.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ = netip.AddrFromSlice(bytes)
	if prefix.Bits() >= 96 { // a shorter one holds more than IPv4-mapped addresses
		return prefix.Addr().Unmap(), last.Unmap()
	}
	if prefix.Addr().Is4() {
		return prefix.Addr(), last
	}
	return prefix.Addr(), last
}

func FuzzList(f *testing.F) {
	f.Add("203.0.113.0/25 203.0.113.128/25", "203.0.113.0/24", "203.0.113.7")
	f.Add("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0", "255.255.255.255")
	f.Add("::/1 8000::/1", "::/0", "2001:db8::7")
	f.Add("::ffff:0:0/96", "203.0.113.7", "::ffff:203.0.113.8")
	f.Add("203.0.113.7 office", "office", "203.0.113.7")
	f.Add("", "203.0.113.7", "203.0.113.7")
	f.Add("10.0.0.0/8 10.1.0.0/16", "10.1.2.3 10.0.0.0/9", "10.255.255.255")
	f.Fuzz(func(t *testing.T, list, otherList, at string) {
		entries, others := strings.Fields(list), strings.Fields(otherList)
		a, b := ReadList(entries).addresses(), ReadList(others).addresses()
		covers, overlaps := a.covers(b), a.overlaps(b)
		if overlaps != b.overlaps(a) {
			t.Errorf("%q, %q: overlaps one way only", entries, others)
		}
		if !a.covers(a) {
			t.Errorf("%q does not cover itself", entries)
		}
		if covers && a.covers(List{}.addresses()) && len(others) > 0 && len(b.unreadable) < len(others) && !overlaps {
			t.Errorf("%q covers %q, but they do not overlap", entries, others)
		}
		// Every place where a set can begin or end, and one address of any kind.
		var places []netip.Addr
		if place, err := netip.ParseAddr(at); err == nil {
			places = append(places, place.WithZone("").Unmap())
		}
		for _, entry := range slices.Concat(entries, others) {
			if ReadEntry(entry).IsReadable() {
				first, last := ends(t, entry)
				places = append(places, first, last, first.Prev(), last.Next())
			}
		}
		beyond, shared := false, false
		for _, place := range places {
			if !place.IsValid() {
				continue
			}
			inA, inB := admits(t, entries, place), admits(t, others, place)
			single := netip.PrefixFrom(place, place.BitLen())
			if a.contains(single) != inA || b.contains(single) != inB {
				t.Errorf("%v: in %q %t, in %q %t", place, entries, a.contains(single), others, b.contains(single))
			}
			beyond, shared = beyond || inB && !inA, shared || inA && inB
		}
		readable := len(a.unreadable) == 0 && len(b.unreadable) == 0
		if covers && beyond || readable && !covers && !beyond {
			t.Errorf("%q covers %q: %t", entries, others, covers)
		}
		if overlaps != (shared || !readable) {
			t.Errorf("%q overlaps %q: %t", entries, others, overlaps)
		}
	})
}

// admits decides as a whitelist does, entry by entry, by net/netip alone.
func admits(t *testing.T, entries []string, place netip.Addr) bool {
	t.Helper()
	return slices.ContainsFunc(entries, func(entry string) bool {
		if !ReadEntry(entry).IsReadable() {
			return false
		}
		first, last := ends(t, entry)
		return first.BitLen() == place.BitLen() && first.Compare(place) <= 0 && place.Compare(last) <= 0
	})
}
