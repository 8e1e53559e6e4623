package whitelist

import "slices"

// Risk is what a change of the list means for the machine that Terraform runs on.
type Risk int

// The risks of a change.
const (
	// RiskNone: the machine certainly stays admitted.
	RiskNone Risk = iota
	// RiskOpens: the list becomes empty, which admits every address.
	RiskOpens
	// RiskUnknown: nobody knows whether the machine stays admitted.
	RiskUnknown
	// RiskLocksOut: by all that is known, the machine is no longer admitted.
	RiskLocksOut
)

// Verdict is the risk of a change and why.
type Verdict struct {
	Risk
	// TurnsOn: the list was empty and gets entries.
	TurnsOn bool
	// Outside are the configured egress addresses that the new list does not admit.
	Outside List
	// IsEgressWrong: the list in force does not admit some of these either, although
	// Everflow accepts the caller.
	IsEgressWrong bool
	// Narrowed are the entries of the list that the new one does not admit whole.
	Narrowed List
	after    addresses
}

// Judge decides what a change from the list in force to the next one means for the
// caller. While the list in force has entries, the caller is admitted by them.
func Judge(caller Caller, live, next List) Verdict {
	after := next.addresses()
	v := Verdict{TurnsOn: live.IsEmpty() && !next.IsEmpty(), Narrowed: live.outside(after), after: after}
	switch {
	case next.IsEmpty():
		if !live.IsEmpty() {
			v.Risk = RiskOpens
		}
		return v
	case v.TurnsOn:
	default:
		inside := caller.addressesIn(live)
		if !inside.overlaps(after) {
			v.Risk = RiskLocksOut
			return v
		}
		if after.covers(inside) {
			return v
		}
	}
	if caller.Egress.IsEmpty() {
		v.Risk = RiskUnknown
		return v
	}
	v.Outside = caller.Egress.outside(after)
	v.IsEgressWrong = !live.IsEmpty() && !v.Outside.outside(live.addresses()).IsEmpty()
	if !v.Outside.IsEmpty() {
		v.Risk = RiskLocksOut
	}
	return v
}

// IsCausedBy reports whether the change has a part in the verdict's risk: it adds to
// an empty list, or removes addresses that nothing else admits.
func (v Verdict) IsCausedBy(change Change) bool {
	if v.TurnsOn || change.Remove.IsZero() {
		return v.TurnsOn && !change.Add.IsZero()
	}
	removed := NewList(change.Remove).addresses()
	if v.after.covers(removed) {
		return false
	}
	return v.Outside.IsEmpty() || v.IsEgressWrong || v.Outside.addresses().overlaps(removed)
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
