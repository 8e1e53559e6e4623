package whitelist

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Entry is one entry of a whitelist: a single IPv4 or IPv6 address or a CIDR range.
type Entry struct {
	text string
	// prefix is what the text means; invalid if it cannot be read.
	prefix netip.Prefix
}

// meaning is equal for all spellings of an entry. What cannot be read means its text.
type meaning struct {
	prefix netip.Prefix
	text   string
}

// EntryError is a text of a configuration that is no entry of a whitelist.
type EntryError struct{ Text, Problem string }

// Error is a whole sentence without its period.
func (e *EntryError) Error() string { return fmt.Sprintf("%q %s", e.Text, e.Problem) }

// ParseEntry reads an entry of a configuration. Spellings that mean the same
// (203.0.113.7 and 203.0.113.7/32, IPv6 case and zeros, IPv4-mapped ::ffff: forms)
// give equal entries. Errors are *EntryError and say how to write it.
func ParseEntry(text string) (Entry, error) {
	prefix, problem := parse(text)
	if problem != "" {
		return Entry{}, &EntryError{Text: text, Problem: problem}
	}
	return Entry{text: text, prefix: prefix}, nil
}

// ReadEntry reads an entry of an answer. It refuses nothing: a range whose address
// has bits set past its prefix length is read as its network, and a text that is no
// entry is kept as it is.
func ReadEntry(text string) Entry {
	trimmed := strings.TrimSpace(text)
	if prefix, err := netip.ParsePrefix(trimmed); err == nil {
		trimmed = prefix.Masked().String()
	}
	prefix, problem := parse(trimmed)
	if problem != "" {
		return Entry{text: text}
	}
	return Entry{text: text, prefix: prefix}
}

func parse(text string) (prefix netip.Prefix, problem string) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return prefix, "is empty: write an IPv4 or IPv6 address, such as 203.0.113.7, or a CIDR range, such as 203.0.113.0/24"
	case trimmed != text:
		return prefix, fmt.Sprintf("has white space around it: write %q", trimmed)
	case strings.Contains(text, "%"):
		return prefix, "has a zone (the part after %), which means something on one machine only: write a public address without it"
	case isFromTo(text):
		return prefix, "is a range from one address to another: write it as one or more CIDR ranges, such as 203.0.113.0/24"
	}
	address, bits, isRange := strings.Cut(text, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return prefix, whyNoAddress(address)
	}
	if !isRange {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), ""
	}
	prefix, err = netip.ParsePrefix(text)
	if err != nil {
		return prefix, fmt.Sprintf("has no usable prefix length (%q): after the slash stands a number from 0 to %d", bits, ip.BitLen())
	}
	if masked := prefix.Masked(); masked != prefix {
		return prefix, fmt.Sprintf("has bits set past its prefix length: write %s for the range, or %s for the single address", masked, ip)
	}
	if ip.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(ip.Unmap(), prefix.Bits()-96)
	}
	return prefix, ""
}

func isFromTo(text string) bool {
	from, to, ok := strings.Cut(text, "-")
	return ok && isAddress(strings.TrimSpace(from)) && isAddress(strings.TrimSpace(to))
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

func whyNoAddress(text string) string {
	for octet := range strings.SplitSeq(text, ".") {
		if len(octet) > 1 && octet[0] == '0' && strings.Trim(octet, "0123456789") == "" {
			return "has a number with a leading zero, which some programs read as octal: write it without"
		}
	}
	if strings.Trim(text, "0123456789.:abcdefABCDEF") != "" {
		return "is not an IP address: the whitelist takes IPv4 and IPv6 addresses and CIDR ranges, no host names or wildcards"
	}
	return "is not an IPv4 or IPv6 address: write it like 203.0.113.7 or 2001:db8::7, or as a CIDR range such as 203.0.113.0/24"
}

// IsZero reports whether there is no entry.
func (e Entry) IsZero() bool { return e == Entry{} }

// IsReadable reports whether it is known what the entry admits.
func (e Entry) IsReadable() bool { return e.prefix.IsValid() }

// Text is the entry as it was written.
func (e Entry) Text() string { return e.text }

// String is the entry for a message: as it was written, or quoted where that could
// mislead.
func (e Entry) String() string {
	if !e.IsReadable() || strings.TrimSpace(e.text) != e.text {
		return strconv.Quote(e.text)
	}
	return e.text
}

// Canonical is the one spelling that is sent to Everflow: no /32 or /128 on a single
// address, IPv6 in its short lower-case form. What cannot be read stays as it is.
func (e Entry) Canonical() string {
	switch {
	case !e.IsReadable():
		return e.text
	case e.prefix.IsSingleIP():
		return e.prefix.Addr().String()
	}
	return e.prefix.String()
}

// Equal reports whether both mean the same.
func (e Entry) Equal(other Entry) bool { return e.meaning() == other.meaning() }

func (e Entry) meaning() meaning {
	if e.IsReadable() {
		return meaning{prefix: e.prefix}
	}
	return meaning{text: e.text}
}

// compare orders IPv4 before IPv6, by address; what cannot be read comes last.
func (e Entry) compare(other Entry) int {
	if e.IsReadable() != other.IsReadable() {
		if e.IsReadable() {
			return -1
		}
		return 1
	}
	return cmp.Or(e.prefix.Addr().Compare(other.prefix.Addr()), cmp.Compare(e.prefix.Bits(), other.prefix.Bits()), strings.Compare(e.text, other.text))
}

// reserved are addresses that no call over the internet comes from. The ranges for
// documentation are left out: examples and tests use them.
var reserved = ReadList([]string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
	"::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
}).addresses()

// IsReserved reports whether every address of the entry is private, loopback,
// link-local, multicast or otherwise reserved: it never reaches Everflow.
func (e Entry) IsReserved() bool { return e.IsReadable() && reserved.contains(e.prefix) }
