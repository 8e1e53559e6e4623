package whitelist

import (
	"context"
	"time"
)

// Replacement is a change of the whole list.
type Replacement struct {
	// NetworkID is that of the state; 0 where there is none yet.
	NetworkID int64
	// From is the list that the change was planned from; empty for a new one.
	From, To List
	// IsNew: the list is not managed yet, so one that others made is not replaced.
	IsNew bool
	// AllowLockout: the change is made even if it locks Terraform out.
	AllowLockout bool
}

// Replace makes the change, unless it must not be made.
func (m *Manager) Replace(ctx context.Context, r Replacement) Outcome {
	maxAge := time.Duration(0)
	if r.IsNew {
		maxAge = maxReadAge // its plan has read the list right before
	}
	return m.commit(ctx, maxAge, func(live Live, isWritten bool) (List, *Refusal) {
		return r.decide(m.Caller(), live, isWritten)
	})
}

// Check says of a list that was read whether the change could be made.
func (r Replacement) Check(caller Caller, live Live) *Refusal {
	_, refusal := r.decide(caller, live, false)
	return refusal
}

func (r Replacement) decide(caller Caller, live Live, isWritten bool) (List, *Refusal) {
	refuse := func(reason Reason, from, to List) (List, *Refusal) {
		added, removed := from.Diff(to)
		return List{}, &Refusal{Reason: reason, Live: live, Added: added, Removed: removed}
	}
	isAsPlannedFrom := live.List.Equal(r.From)
	switch {
	case r.NetworkID != 0 && r.NetworkID != live.NetworkID:
		return List{}, &Refusal{Reason: ReasonOtherNetwork, Live: live}
	case live.List.Equal(r.To):
		return live.List, nil
	case isWritten:
		return refuse(ReasonChanged, r.To, live.List)
	case !isAsPlannedFrom && r.IsNew:
		return refuse(ReasonListExists, live.List, r.To)
	case !isAsPlannedFrom:
		return refuse(ReasonChanged, r.From, live.List)
	}
	verdict := Judge(caller, live.List, r.To)
	if verdict.Risk == RiskLocksOut && !r.AllowLockout {
		return List{}, &Refusal{Reason: ReasonLocksOut, Live: live, Verdict: verdict}
	}
	return r.To.Canonical(), nil
}
