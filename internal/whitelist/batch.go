package whitelist

import "slices"

// history is what the run has done to the list by single entries.
type history struct {
	// first is the list before the run's first write; nil: it has not been read.
	first          *List
	added, removed map[meaning]bool
}

func (h *history) note(change Change) {
	if h.added == nil {
		h.added, h.removed = map[meaning]bool{}, map[meaning]bool{}
	}
	if !change.Remove.IsZero() {
		delete(h.added, change.Remove.meaning())
		h.removed[change.Remove.meaning()] = true
	}
	if !change.Add.IsZero() {
		h.added[change.Add.meaning()] = true
	}
}

// foresaw reports whether the plan knew that these removals leave nothing: the list
// was then as the run found it, and nobody but the run has removed anything since.
func (h *history) foresaw(changes []Change) bool {
	gone := map[meaning]bool{}
	for _, change := range changes {
		gone[change.Remove.meaning()] = true
		if change.PlannedFrom != "" && change.PlannedFrom != h.first.Fingerprint() {
			return false
		}
	}
	return !slices.ContainsFunc(h.first.entries, func(e Entry) bool {
		return !gone[e.meaning()] && !h.removed[e.meaning()]
	})
}

// refuse checks a change by itself, and beside those that come before it.
func (h *history) refuse(change Change, live Live, before []Change) *Refusal {
	switch {
	case change.NetworkID != 0 && change.NetworkID != live.NetworkID:
		return &Refusal{Reason: OtherNetwork, Live: live}
	case change.Add.IsZero():
		return nil
	case h.added[change.Add.meaning()], slices.ContainsFunc(before, func(other Change) bool {
		return !other.Add.IsZero() && other.Add.Equal(change.Add)
	}):
		return &Refusal{Reason: Duplicate, Live: live}
	case live.List.Has(change.Add):
		return &Refusal{Reason: EntryExists, Live: live}
	}
	return nil
}

// partition parts changes into those that can be made in one write, and those that
// would lock Terraform out. It returns the verdict on all of them, and true for each
// change that is unsafe.
func partition(caller Caller, live List, changes []Change) (Verdict, []bool) {
	unsafe := make([]bool, len(changes))
	verdict := Judge(caller, live, live.Apply(changes...))
	isAllowed := slices.ContainsFunc(changes, func(c Change) bool { return c.AllowLockout && verdict.IsCausedBy(c) })
	switch {
	case verdict.Risk == RiskLocksOut:
	case verdict.Risk == RiskUnknown && verdict.TurnsOn && !isAllowed:
	default:
		return verdict, unsafe
	}
	for i, change := range changes {
		unsafe[i] = !change.AllowLockout && verdict.IsCausedBy(change)
	}
	// With the others made, some are safe after all: the last entry, removed after all
	// others, locks nobody out.
	for again := true; again; {
		again = false
		for i := range changes {
			if unsafe[i] {
				unsafe[i] = !isSafe(caller, live, without(changes, unsafe, i))
				again = again || !unsafe[i]
			}
		}
	}
	return verdict, unsafe
}

// without returns the changes that are not unsafe, and the one at index i.
func without(changes []Change, unsafe []bool, i int) []Change {
	var rest []Change
	for j, change := range changes {
		if !unsafe[j] || i == j {
			rest = append(rest, change)
		}
	}
	return rest
}

func isSafe(caller Caller, live List, changes []Change) bool {
	verdict := Judge(caller, live, live.Apply(changes...))
	return verdict.Risk != RiskLocksOut && (verdict.Risk != RiskUnknown || !verdict.TurnsOn)
}
