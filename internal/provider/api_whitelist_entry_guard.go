package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// entriesSeen is which entries of the whitelist a run has come across. It is the
// only one who can see two resources for one address, and what all changes of the
// run together make of the list.
type entriesSeen struct {
	mu        sync.Mutex
	sightings map[string]*sighting // by meaning
	changes   []plannedChange
	planned   time.Time // the last one
	judging   bool
	// turningOn: it was said which entries turn the list on. Those that are planned
	// later depend on them, and are added later.
	turningOn bool
}

// sighting is what the run knows of one address.
type sighting struct {
	// inState: a resource has it in the state, whatever is planned for it.
	inState bool
	// held counts the resources that are planned from a state with the address;
	// kept, those of them that are not destroyed; taken, those that are to get it.
	held, kept, taken int
}

type plannedChange struct {
	entryChange
	said bool
}

// sighting is called with the lock held.
func (e *entriesSeen) sighting(entry string) *sighting {
	if e.sightings == nil {
		e.sightings = map[string]*sighting{}
	}
	key := meaning(entry)
	if e.sightings[key] == nil {
		e.sightings[key] = &sighting{}
	}
	return e.sightings[key]
}

// refreshed is told of an entry that is in the state, and in the list.
func (e *entriesSeen) refreshed(entry string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sighting(entry).inState = true
}

// guardTwin refuses two resources for one address. It is told of each one that is
// planned: the address of its state and the one it is to have, empty for none or
// for one that is not known yet.
func (e *entriesSeen) guardTwin(before, after string, destroying bool, diags *diag.Diagnostics) {
	e.mu.Lock()
	defer e.mu.Unlock()
	changes := meaning(before) != meaning(after)
	if before != "" {
		seen := e.sighting(before)
		seen.inState = true
		seen.held++
		if !destroying {
			seen.kept++
		}
		if refuseTwins(before, seen, diags); diags.HasError() {
			return
		}
	}
	if after != "" && changes {
		seen := e.sighting(after)
		seen.taken++
		refuseTwins(after, seen, diags)
	}
}

func refuseTwins(entry string, seen *sighting, diags *diag.Diagnostics) {
	switch {
	case seen.taken > 0 && seen.inState:
		diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("%s would be removed from the API whitelist meanwhile", entry),
			"This state has a resource for this address already, and another one is planned to get it. One would remove the address while the other adds it, so that it might be refused in between, or for good.\n\n"+
				"  - To change an entry, no replacement is needed: run without -replace, and if the resource is tainted, run terraform untaint on it first.\n"+
				"  - If the resource was renamed or moved, say so in a moved block.\n"+
				"  - If addresses have changed places, as they do in a list with count, use for_each with the address as the key.\n"+
				"  - If the configuration has two resources for the address, keep one.")
	case seen.taken > 1:
		diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("Two resources for %s", entry),
			"The configuration has two everflow_api_whitelist_entry resources for this address, in this or another spelling. The list has it once, so that destroying one of them would take it from the other. Keep one.")
	case seen.held > 1 && seen.kept > 0:
		diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("Two resources of this state for %s", entry),
			"The list has the address once, so that destroying or changing one of the two would take it from the other. Keep one of them, "+
				"and take the other out of the state and the configuration without touching the list: terraform state rm, or a removed block with destroy = false.")
	}
}

const (
	// plansApart is how long a change that may lock Terraform out waits for others
	// that are planned beside it, since the last of them; and in all.
	plansApart, plansWithin = 500 * time.Millisecond, 3 * time.Second
	// atOnce is how many changes Terraform makes at a time, unless told otherwise.
	atOnce = 10
)

// guardPlannedEntry says what the change means together with all that the run has
// planned so far. Terraform plans one resource at a time, in no order, and never
// says which is the last: one of those that may do harm waits for the others.
func (s *session) guardPlannedEntry(ctx context.Context, live []string, change entryChange, diags *diag.Diagnostics) {
	e := &s.entries
	e.mu.Lock()
	e.changes, e.planned = append(e.changes, plannedChange{entryChange: change}), time.Now()
	index := len(e.changes) - 1
	if addition := len(live) > 0 && change.remove == ""; addition || e.judging || !slices.Contains(s.concern(live).by, index) {
		e.mu.Unlock()
		return
	}
	e.judging = true
	e.mu.Unlock()
	e.waitForOthers(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.judging = false
	concern := s.concern(live)
	if len(concern.by) == 0 {
		return
	}
	for _, i := range concern.by {
		e.changes[i].said = true
	}
	e.turningOn = e.turningOn || len(live) == 0
	s.sayFate(concern, live, diags)
}

func (e *entriesSeen) waitForOthers(ctx context.Context) {
	for started := time.Now(); ; {
		e.mu.Lock()
		quiet := time.Since(e.planned)
		e.mu.Unlock()
		if quiet >= plansApart || time.Since(started) >= plansWithin || !pause(ctx, lookEvery) {
			return
		}
	}
}

// concern is a fate to tell of.
type concern struct {
	fate
	// by are the changes that have a part in it and of which nothing was said yet.
	by []int
}

// concern judges the changes planned so far. It is called with the lock held.
func (s *session) concern(live []string) (found concern) {
	changes := make([]entryChange, 0, len(s.entries.changes))
	unknown := false
	for _, change := range s.entries.changes {
		changes = append(changes, change.entryChange)
		unknown = unknown || change.adds && change.add == ""
	}
	outlook := s.outlook(live, changed(live, changes))
	found.fate = outlook.fate
	if unknown && len(live) == 0 && len(s.egress) == 0 {
		found.fate = nobodyKnows
	}
	switch {
	case found.fate == staysIn, len(live) == 0 && found.fate == nobodyKnows && s.entries.turningOn:
		return found
	case unknown && found.fate != nobodyKnows:
		return found // what is unknown may yet make it good; the apply checks
	}
	for i, change := range s.entries.changes {
		excused := change.allowLockout && found.fate != opens
		if !change.said && !excused && outlook.isBy(change.entryChange) {
			found.by = append(found.by, i)
		}
	}
	return found
}

// sayFate says it once for all the changes that are concerned.
func (s *session) sayFate(concern concern, live []string, diags *diag.Diagnostics) {
	fate, concerned := concern.fate, concern.by
	var added, removed []string
	for _, i := range concerned {
		if change := s.entries.changes[i]; change.adds {
			added = append(added, cmp.Or(change.add, "an address that is not known yet"))
		}
		if change := s.entries.changes[i]; change.remove != "" {
			removed = append(removed, change.remove)
		}
	}
	slices.Sort(added)
	slices.Sort(removed)
	attribute := path.Root("ip_address")
	several := len(concerned) > atOnce && len(s.egress) == 0
	switch {
	case fate == opens && several:
		diags.AddAttributeError(attribute, "Emptying the API whitelist might lock Terraform out halfway", fmt.Sprintf(
			"These %d entries are removed, and none is left: %s. That takes several writes, and between them the list holds only some of the entries: "+
				"once the one is gone that admits this machine, the others could no longer be removed.\n\n"+
				"%s: its entry is then removed last. To take the risk, set allow_lockout = true on the entries and apply that first.", len(removed), named(removed), setEgress))
	case fate == opens:
		diags.AddAttributeWarning(attribute, "Removing the last entries of the API whitelist opens the network to every address", fmt.Sprintf(
			"Once these are removed, the list is empty, and Everflow accepts API calls from every address: %s.%s", named(removed), s.inOneWrite(removed)))
	case fate == lockedOut:
		s.addLockout(attribute, live, added, removed, diags)
	case len(live) == 0 && several:
		diags.AddAttributeError(attribute, "Turning the whitelist on might lock Terraform out halfway", fmt.Sprintf(
			"The list is empty now, and these %d entries are added: %s. That takes several writes, and the first one turns the list on: "+
				"unless it admits this machine, the others could no longer be added.\n\n"+
				"%s, and let the other entries depend on the one that holds it. To take the risk, set allow_lockout = true.", len(added), named(added), setEgress))
	case len(live) == 0:
		warnOfTurningOn(attribute, added, diags)
	default:
		warnOfRemoval(attribute, removed, diags)
	}
}

// inOneWrite: of several entries, whose removal is one write only if they come
// together.
func (s *session) inOneWrite(removed []string) string {
	if len(removed) < 2 || len(s.egress) > 0 {
		return ""
	}
	return "\n\nThey are removed in one write, so that Terraform is not locked out between them, unless -parallelism or the resources' dependencies keep them apart. " +
		"With egress_ip_addresses set, the one that admits this machine is removed last in any case."
}

// addExisting refuses an address that someone else has put into the list.
func addExisting(entry string, networkID int64, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("%s is in the API whitelist already", entry), fmt.Sprintf(
		"The list of network %[2]d has this address, and it may be somebody else's: to manage it here would mean to remove it for them, too, one day. "+
			"If it is this resource's, import it (replace \"this\" by your resource's name):\n\n"+
			"  terraform import everflow_api_whitelist_entry.this %[1]s\n\nor, in the configuration:\n\n"+
			"  import {\n    to = everflow_api_whitelist_entry.this\n    id = \"%[1]s\"\n  }\n\n"+
			"If a resource of this state holds it and is tainted, run terraform untaint on it.", canonical(entry), networkID))
}
