package whitelist

import (
	"net/netip"

	"go4.org/netipx"
)

// addresses are what entries admit. Entries that cannot be read prove nothing in
// either direction. The meaning of an empty list, everyone, is left to the caller.
type addresses struct {
	ips        netipx.IPSet
	unreadable map[string]bool
}

func (l List) addresses() addresses {
	var builder netipx.IPSetBuilder
	set := addresses{unreadable: map[string]bool{}}
	for _, entry := range l.entries {
		if entry.IsReadable() {
			builder.AddPrefix(entry.prefix)
		} else {
			set.unreadable[entry.text] = true
		}
	}
	return set.withIPs(builder)
}

// withIPs: a builder fails on invalid prefixes only, which no readable entry has.
func (a addresses) withIPs(builder netipx.IPSetBuilder) addresses {
	if ips, err := builder.IPSet(); err == nil {
		a.ips = *ips
	}
	return a
}

func (a addresses) contains(prefix netip.Prefix) bool { return a.ips.ContainsPrefix(prefix) }

// overlaps reports whether the two may have an address in common.
func (a addresses) overlaps(other addresses) bool {
	return len(a.unreadable) > 0 || len(other.unreadable) > 0 || a.ips.Overlaps(&other.ips)
}

// intersect is what is in both. What is unreadable in either stays so.
func (a addresses) intersect(other addresses) addresses {
	var builder netipx.IPSetBuilder
	builder.AddSet(&a.ips)
	builder.Intersect(&other.ips)
	both := addresses{unreadable: map[string]bool{}}
	for _, texts := range []map[string]bool{a.unreadable, other.unreadable} {
		for text := range texts {
			both.unreadable[text] = true
		}
	}
	return both.withIPs(builder)
}

// covers reports whether every address of the other is certainly in this one.
func (a addresses) covers(other addresses) bool {
	for text := range other.unreadable {
		if !a.unreadable[text] {
			return false
		}
	}
	var builder netipx.IPSetBuilder
	builder.AddSet(&other.ips)
	builder.RemoveSet(&a.ips)
	rest, err := builder.IPSet()
	return err == nil && len(rest.Ranges()) == 0
}
