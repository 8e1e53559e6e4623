package everflow

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
)

// ParseAddress returns the meaning of one whitelist entry: a single IPv4 or IPv6
// address (as a prefix of its full length) or a CIDR range. Spellings that mean
// the same (203.0.113.7 and 203.0.113.7/32, IPv6 case and zeros, IPv4-mapped
// ::ffff: forms) give the same prefix. The error says what is wrong and how to
// write it, as the end of a sentence that names the entry.
func ParseAddress(entry string) (netip.Prefix, error) {
	text := strings.TrimSpace(entry)
	switch {
	case text == "":
		return netip.Prefix{}, fmt.Errorf("is empty: write an IPv4 or IPv6 address, such as 203.0.113.7, or a CIDR range, such as 203.0.113.0/24")
	case text != entry:
		return netip.Prefix{}, fmt.Errorf("has white space around it: write %q", text)
	case strings.Contains(text, "%"):
		return netip.Prefix{}, fmt.Errorf("has a zone (the part after %%), which means something on one machine only: write a public address without it")
	case isFromTo(text):
		return netip.Prefix{}, fmt.Errorf("is a range from one address to another: write it as one or more CIDR ranges, such as 203.0.113.0/24")
	}
	address, bits, ranged := strings.Cut(text, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, notAnAddress(address)
	}
	if !ranged {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("has no usable prefix length (%q): after the slash stands a number from 0 to %d", bits, ip.BitLen())
	}
	if masked := prefix.Masked(); masked != prefix {
		return netip.Prefix{}, fmt.Errorf("has bits set past its prefix length: write %s for the range, or %s for the single address", masked, ip)
	}
	if ip.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(ip.Unmap(), prefix.Bits()-96)
	}
	return prefix, nil
}

func isFromTo(text string) bool {
	from, to, ok := strings.Cut(text, "-")
	return ok && isAddress(strings.TrimSpace(from)) && isAddress(strings.TrimSpace(to))
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

func notAnAddress(text string) error {
	for octet := range strings.SplitSeq(text, ".") {
		if len(octet) > 1 && octet[0] == '0' && strings.Trim(octet, "0123456789") == "" {
			return fmt.Errorf("has a number with a leading zero, which some programs read as octal: write it without")
		}
	}
	if strings.Trim(text, "0123456789.:abcdefABCDEF") != "" {
		return fmt.Errorf("is not an IP address: the whitelist takes IPv4 and IPv6 addresses and CIDR ranges, no host names or wildcards")
	}
	return fmt.Errorf("is not an IPv4 or IPv6 address: write it like 203.0.113.7 or 2001:db8::7, or as a CIDR range such as 203.0.113.0/24")
}

// CanonicalAddress is the one spelling that is sent to Everflow: no /32 or /128
// on a single address, IPv6 in its short lower-case form.
func CanonicalAddress(prefix netip.Prefix) string {
	if prefix.IsSingleIP() {
		return prefix.Addr().String()
	}
	return prefix.String()
}

// AddressSet is the addresses that a whitelist's entries admit. It leaves the
// meaning of an empty whitelist (everyone) to its user.
type AddressSet struct {
	ips netipx.IPSet
	// Unreadable are entries of a form that this client does not know. What
	// they admit cannot be said, so they prove nothing in either direction.
	Unreadable []string
}

// NewAddressSet reads entries, in any spelling.
func NewAddressSet(entries []string) AddressSet {
	var builder netipx.IPSetBuilder
	var set AddressSet
	for _, entry := range entries {
		prefix, err := ParseAddress(entry)
		if err != nil {
			set.Unreadable = append(set.Unreadable, entry)
			continue
		}
		builder.AddPrefix(prefix)
	}
	ips, _ := builder.IPSet() // errors only on invalid prefixes, which ParseAddress never gives
	set.ips = *ips
	return set
}

// Contains reports whether every address of the entry is in the set.
func (s AddressSet) Contains(prefix netip.Prefix) bool { return s.ips.ContainsPrefix(prefix) }

// Overlaps reports whether the sets may have an address in common.
func (s AddressSet) Overlaps(other AddressSet) bool {
	return len(s.Unreadable) > 0 || len(other.Unreadable) > 0 || s.ips.Overlaps(&other.ips)
}

// Intersect returns what is in both sets. What is unreadable in either stays so.
func (s AddressSet) Intersect(other AddressSet) AddressSet {
	var builder netipx.IPSetBuilder
	builder.AddSet(&s.ips)
	builder.Intersect(&other.ips)
	both := AddressSet{Unreadable: slices.Concat(s.Unreadable, other.Unreadable)}
	if ips, err := builder.IPSet(); err == nil {
		both.ips = *ips
	}
	return both
}

// Covers reports whether every address of the other set is certainly in this one.
func (s AddressSet) Covers(other AddressSet) bool {
	for _, entry := range other.Unreadable {
		if !slices.Contains(s.Unreadable, entry) {
			return false
		}
	}
	var builder netipx.IPSetBuilder
	builder.AddSet(&other.ips)
	builder.RemoveSet(&s.ips)
	rest, err := builder.IPSet()
	return err == nil && len(rest.Ranges()) == 0
}
