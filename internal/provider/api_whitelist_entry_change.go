package provider

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// entryChange is what one resource wants of the list: an entry removed, one added,
// or one exchanged for another.
type entryChange struct {
	add, remove string
	// adds is true also while the address to add is unknown.
	adds         bool
	allowLockout bool
	// networkID is that of the state, 0 for a new entry.
	networkID int64
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

// fate is what a change of the list means for the machine that Terraform runs on.
type fate int

const (
	staysIn     fate = iota
	opens            // the list becomes empty, which admits everyone
	nobodyKnows      // whether its address is still in the list
	lockedOut        // by what is known of its address
)

// outlook is what becomes of the list by changes of it.
type outlook struct {
	fate
	turnsOn bool
	// after is what the list then admits.
	after everflow.AddressSet
	// outside is what it then does not admit of the addresses that calls come from;
	// nil: nothing, as far as is known.
	outside []string
}

// outlook judges like guardLockout.
func (s *session) outlook(live, after []string) outlook {
	o := outlook{turnsOn: len(live) == 0, after: everflow.NewAddressSet(after)}
	home := s.home.in(live)
	switch {
	case len(after) == 0 && len(live) == 0:
	case len(after) == 0:
		o.fate = opens
	case len(live) > 0 && !home.Overlaps(o.after):
		o.fate = lockedOut
	case len(live) > 0 && o.after.Covers(home):
	case len(s.egress) == 0:
		o.fate = nobodyKnows
	default:
		if o.outside = entriesOutside(s.egress, o.after); len(o.outside) > 0 {
			o.fate = lockedOut
		}
	}
	return o
}

// isBy reports whether the change has a part in a fate that is not sure to be good:
// it turns the list on, or takes away what nothing else admits.
func (o outlook) isBy(change entryChange) bool {
	if o.turnsOn || change.remove == "" {
		return o.turnsOn && change.adds
	}
	removed := everflow.NewAddressSet([]string{change.remove})
	if o.after.Covers(removed) {
		return false
	}
	return len(o.outside) == 0 || everflow.NewAddressSet(o.outside).Overlaps(removed)
}
