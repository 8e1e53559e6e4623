package provider

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// entryChange is what one resource wants of the list: an entry removed, one added,
// or one exchanged for another.
type entryChange struct {
	add, remove string
	// adds is true also while the address to add is unknown.
	adds         bool
	allowLockout bool
	// network is the ID of that in the state, empty for a new entry.
	network string
	// plannedFrom is the fingerprint of the list that a removal was planned from,
	// empty if not known.
	plannedFrom string
}

// fingerprint is the same for lists of the same meaning.
func fingerprint(list []string) string {
	meanings := make([]string, len(list))
	for i, entry := range list {
		meanings[i] = meaning(entry)
	}
	slices.Sort(meanings)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(meanings, " "))))
}

// String says what is wanted, as the start of a sentence that ends in a verb.
func (c entryChange) String() string {
	switch {
	case c.remove == "":
		return "Adding " + c.add + " to the API whitelist"
	case c.add == "":
		return "Removing " + c.remove + " from the API whitelist"
	}
	return "Changing " + c.remove + " to " + c.add + " in the API whitelist"
}

// isDone reports whether the list is as the change wants it.
func (c entryChange) isDone(list []string) bool {
	return (c.add == "" || hasEntry(list, c.add)) && (c.remove == "" || !hasEntry(list, c.remove))
}

// changed is the list after the changes. Entries that stay keep their order and
// their spelling.
func changed(list []string, changes []entryChange) []string {
	removed := make(map[string]bool, len(changes))
	for _, change := range changes {
		if change.remove != "" {
			removed[meaning(change.remove)] = true
		}
	}
	after := make([]string, 0, len(list)+len(changes))
	has := make(map[string]bool, len(list)+len(changes))
	for _, entry := range list {
		if key := meaning(entry); !removed[key] {
			after, has[key] = append(after, entry), true
		}
	}
	for _, change := range changes {
		if key := meaning(change.add); change.add != "" && !has[key] {
			after, has[key] = append(after, canonical(change.add)), true
		}
	}
	return after
}
