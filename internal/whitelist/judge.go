package whitelist

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
	if v.Outside = caller.Egress.outside(after); !v.Outside.IsEmpty() {
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
	return v.Outside.IsEmpty() || v.Outside.addresses().overlaps(removed)
}
