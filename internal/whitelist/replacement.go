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
	age := time.Duration(0)
	if r.IsNew {
		age = judgedFor // its plan has read the list right before
	}
	return m.commit(ctx, age, func(live Live, written bool) (List, *Refusal) {
		return r.decide(m.Caller(), live, written)
	})
}

// Check says of a list that was read whether the change could be made.
func (r Replacement) Check(caller Caller, live Live) *Refusal {
	_, refusal := r.decide(caller, live, false)
	return refusal
}

func (r Replacement) decide(caller Caller, live Live, written bool) (List, *Refusal) {
	if r.NetworkID != 0 && r.NetworkID != live.NetworkID {
		return List{}, &Refusal{Reason: OtherNetwork, Live: live}
	}
	if live.List.Equal(r.To) {
		return live.List, nil
	}
	refusal := &Refusal{Reason: Changed, Live: live}
	switch {
	case written:
		refusal.Added, refusal.Removed = r.To.Diff(live.List)
		return List{}, refusal
	case !live.List.Equal(r.From) && r.IsNew:
		refusal.Reason = ListExists
		refusal.Added, refusal.Removed = live.List.Diff(r.To)
		return List{}, refusal
	case !live.List.Equal(r.From):
		refusal.Added, refusal.Removed = r.From.Diff(live.List)
		return List{}, refusal
	}
	verdict := Judge(caller, live.List, r.To)
	if verdict.Risk == RiskLocksOut && !r.AllowLockout {
		return List{}, &Refusal{Reason: LocksOut, Live: live, Verdict: verdict}
	}
	return r.To.Canonical(), nil
}
