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
		if change.PlannedFrom != h.first.Fingerprint() {
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
