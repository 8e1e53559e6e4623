package whitelist

import "slices"

// history is what the run has done to the list by single entries.
type history struct {
	// first is the list before the run's first write; nil: it has not been read.
	first          *List
	added, removed map[meaning]bool
}

func (h *history) record(change Change) {
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

// isEmptyingPlanned reports whether the plan knew that these removals leave nothing: the
// list was then as the run found it, and nobody but the run has removed anything since.
func (h *history) isEmptyingPlanned(changes []Change) bool {
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

// refusal says why a change must not be made, by itself or beside those before it; nil
// if it may.
func (h *history) refusal(change Change, live Live, before []Change) *Refusal {
	switch {
	case change.NetworkID != 0 && change.NetworkID != live.NetworkID:
		return &Refusal{Reason: ReasonOtherNetwork, Live: live}
	case change.Add.IsZero():
		return nil
	case h.added[change.Add.meaning()], slices.ContainsFunc(before, func(other Change) bool {
		return !other.Add.IsZero() && other.Add.Equal(change.Add)
	}):
		return &Refusal{Reason: ReasonDuplicate, Live: live}
	case live.List.Has(change.Add):
		return &Refusal{Reason: ReasonEntryExists, Live: live}
	}
	return nil
}

// judgeChanges says what changes mean together, and which of them cannot be made in one
// write with the others, since they would lock Terraform out.
func judgeChanges(caller Caller, live List, changes []Change) (verdict Verdict, isUnsafe []bool) {
	isUnsafe = make([]bool, len(changes))
	verdict = Judge(caller, live, live.Apply(changes...))
	isAllowed := slices.ContainsFunc(changes, func(c Change) bool { return c.AllowLockout && verdict.IsCausedBy(c) })
	turnsOnUnknown := verdict.Risk == RiskUnknown && verdict.TurnsOn && !isAllowed
	if verdict.Risk != RiskLocksOut && !turnsOnUnknown {
		return verdict, isUnsafe
	}
	for i, change := range changes {
		isUnsafe[i] = !change.AllowLockout && verdict.IsCausedBy(change)
	}
	// With the others made, some are safe after all: the last entry, removed after all
	// others, locks nobody out.
	for again := true; again; {
		again = false
		for i := range changes {
			if isUnsafe[i] && isSafe(caller, live, withSafe(changes, isUnsafe, i)) {
				isUnsafe[i], again = false, true
			}
		}
	}
	return verdict, isUnsafe
}

// withSafe returns the change at an index, and all that are safe.
func withSafe(changes []Change, isUnsafe []bool, index int) []Change {
	var some []Change
	for i, change := range changes {
		if !isUnsafe[i] || i == index {
			some = append(some, change)
		}
	}
	return some
}

func isSafe(caller Caller, live List, changes []Change) bool {
	verdict := Judge(caller, live, live.Apply(changes...))
	return verdict.Risk != RiskLocksOut && (verdict.Risk != RiskUnknown || !verdict.TurnsOn)
}
