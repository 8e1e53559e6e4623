package whitelist

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// List is the entries of a whitelist. Their order, spelling and repeats mean
// nothing: two lists are equal if they have the same entries.
type List struct{ entries []Entry }

// ReadList reads the entries of an answer or of a state.
func ReadList(texts []string) List {
	entries := make([]Entry, len(texts))
	for i, text := range texts {
		entries[i] = ReadEntry(text)
	}
	return List{entries: entries}
}

// NewList is a list of these entries.
func NewList(entries ...Entry) List { return List{entries: entries} }

// ParseList reads the entries of a configuration. Each error is an *EntryError.
func ParseList(texts []string) (List, []error) {
	var list List
	var failed []error
	for _, text := range texts {
		entry, err := ParseEntry(text)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		list.entries = append(list.entries, entry)
	}
	return list, failed
}

// IsEmpty reports whether there is no entry, so that every address is accepted.
func (l List) IsEmpty() bool { return len(l.entries) == 0 }

// Entries returns the entries, which nobody may change.
func (l List) Entries() []Entry { return l.entries }

// Texts returns the entries as they were written.
func (l List) Texts() []string {
	texts := make([]string, len(l.entries))
	for i, entry := range l.entries {
		texts[i] = entry.text
	}
	return texts
}

func (l List) meanings() map[meaning]bool {
	has := make(map[meaning]bool, len(l.entries))
	for _, entry := range l.entries {
		has[entry.meaning()] = true
	}
	return has
}

// Equal reports whether both have the same entries.
func (l List) Equal(other List) bool {
	added, removed := l.Diff(other)
	return added.IsEmpty() && removed.IsEmpty()
}

// Diff returns what another list has more and less, sorted.
func (l List) Diff(to List) (added, removed List) { return to.without(l), l.without(to) }

func (l List) without(other List) List {
	has := other.meanings()
	var rest []Entry
	for _, entry := range l.entries {
		if !has[entry.meaning()] {
			rest, has[entry.meaning()] = append(rest, entry), true
		}
	}
	slices.SortFunc(rest, Entry.compare)
	return List{entries: rest}
}

// Find returns the entry of the list that means the same.
func (l List) Find(wanted Entry) (found Entry, ok bool) {
	key := wanted.meaning()
	if i := slices.IndexFunc(l.entries, func(e Entry) bool { return e.meaning() == key }); i >= 0 {
		return l.entries[i], true
	}
	return Entry{}, false
}

// Has reports whether the list has the entry, in any spelling.
func (l List) Has(wanted Entry) bool {
	_, ok := l.Find(wanted)
	return ok
}

// Admits reports whether Everflow accepts calls from every address of the entry.
func (l List) Admits(entry Entry) bool {
	return l.IsEmpty() || entry.IsReadable() && l.addresses().contains(entry.prefix)
}

// AdmitsEveryone reports which address families are admitted whole by entries.
func (l List) AdmitsEveryone() (ipv4, ipv6 bool) {
	set := l.addresses()
	return set.contains(netip.MustParsePrefix("0.0.0.0/0")), set.contains(netip.MustParsePrefix("::/0"))
}

// outside returns the entries that the set does not admit whole.
func (l List) outside(set addresses) List {
	var rest []Entry
	for _, entry := range l.entries {
		if entry.IsReadable() && !set.contains(entry.prefix) || !entry.IsReadable() && !set.unreadable[entry.text] {
			rest = append(rest, entry)
		}
	}
	slices.SortFunc(rest, Entry.compare)
	return List{entries: rest}
}

// ArrangedLike returns the list in the order and spelling of an earlier one. What is
// new stands, sorted, where entries are gone, and at the end: the order in which
// Everflow answers never shows, and Terraform, which compares lists of one length
// position by position, shows no entry that stayed.
func (l List) ArrangedLike(prior List) List {
	has := l.meanings()
	added := l.without(prior).entries
	arranged := make([]Entry, 0, len(l.entries))
	for _, entry := range prior.entries {
		switch {
		case has[entry.meaning()]:
			arranged = append(arranged, entry)
		case len(added) > 0:
			arranged, added = append(arranged, added[0]), added[1:]
		}
	}
	return List{entries: append(arranged, added...)}
}

// IsArrangedLike reports whether a comparison line by line shows nothing but what is
// added and removed: the entries that both lists have stand in the same order and
// spelling, and in lists of one length, which Terraform compares position by
// position, in the same place.
func (l List) IsArrangedLike(other List) bool {
	if len(l.entries) != len(other.entries) {
		return slices.Equal(l.common(other).Texts(), other.common(l).Texts())
	}
	inL, inOther := l.meanings(), other.meanings()
	for i, entry := range l.entries {
		before := other.entries[i]
		if entry.text != before.text && (inOther[entry.meaning()] || inL[before.meaning()]) {
			return false
		}
	}
	return true
}

func (l List) common(other List) List {
	has := other.meanings()
	var both List
	for _, entry := range l.entries {
		if has[entry.meaning()] {
			both.entries = append(both.entries, entry)
		}
	}
	return both
}

// Canonical returns the entries as a configuration's list is sent: in one spelling,
// each once, sorted.
func (l List) Canonical() List {
	var canonical List
	for _, entry := range l.without(List{}).entries {
		entry.text = entry.Canonical()
		canonical.entries = append(canonical.entries, entry)
	}
	return canonical
}

// Apply returns the list after changes. Entries that stay keep their order and
// spelling, which may be other people's.
func (l List) Apply(changes ...Change) List {
	gone := map[meaning]bool{}
	for _, change := range changes {
		if !change.Remove.IsZero() {
			gone[change.Remove.meaning()] = true
		}
	}
	var after List
	for _, entry := range l.entries {
		if !gone[entry.meaning()] {
			after.entries = append(after.entries, entry)
		}
	}
	has := after.meanings()
	for _, change := range changes {
		if entry := change.Add; !entry.IsZero() && !has[entry.meaning()] {
			has[entry.meaning()] = true
			entry.text = entry.Canonical()
			after.entries = append(after.entries, entry)
		}
	}
	return after
}

// Fingerprint is the same for equal lists.
func (l List) Fingerprint() string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(l.Canonical().Texts(), "\n"))))
}

// String lists the entries for a message, the first of many only.
func (l List) String() string {
	const most = 20
	if len(l.entries) > most {
		return fmt.Sprintf("%s and %d more", join(l.entries[:most], ", "), len(l.entries)-most)
	}
	return join(l.entries, ", ")
}

// Join lists all entries for a message.
func (l List) Join(separator string) string { return join(l.entries, separator) }

func join(entries []Entry, separator string) string {
	texts := make([]string, len(entries))
	for i, entry := range entries {
		texts[i] = entry.String()
	}
	return strings.Join(texts, separator)
}
