package whitelist

import "github.com/everflow-community/terraform-provider-everflow/internal/everflow"

// Live is the list in force.
type Live struct {
	NetworkID int64
	List      List
	SavedAt   everflow.Time
}

// Kind is how a write of the list ended.
type Kind int

// The ways in which a write ends.
const (
	// Unchanged: the list already was as wanted, nothing was sent.
	Unchanged Kind = iota + 1
	// Written: the list was written and read back as wanted.
	Written
	// Unchecked: the answer to the write held the list as wanted; it could not be
	// read back (ReadErr).
	Unchecked
	// ShutOut: since the write, Everflow refuses this machine (ReadErr). WriteErr is
	// set where the write itself ended in doubt.
	ShutOut
	// Refused: the change must not be made (Refusal); nothing was sent.
	Refused
	// Overwritten: the list was sent, and is not what was sent: someone else changed
	// it (Refusal). WriteErr is set where the write itself ended in doubt.
	Overwritten
	// Undone: each write was undone by someone else.
	Undone
	// NotRead: the list could not be read (ReadErr), so nothing was sent.
	NotRead
	// NotWritten: the write failed (WriteErr), and the list is as it was.
	NotWritten
	// InDoubt: nobody knows whether the list was written (WriteErr, ReadErr).
	InDoubt
)

// Outcome is how a write ended.
type Outcome struct {
	Kind
	// Live is the list as it was read or answered last.
	Live              Live
	Refusal           *Refusal
	WriteErr, ReadErr error
}

// IsDone reports whether the list is known to be as wanted, although with ShutOut
// this machine can no longer see it.
func (o Outcome) IsDone() bool {
	switch o.Kind {
	case Unchanged, Written, Unchecked:
		return true
	case ShutOut:
		return o.WriteErr == nil
	}
	return false
}

// mayHaveActed reports whether a write was sent that was accepted, or that nobody knows
// the end of: what a read found then may still change.
func (o Outcome) mayHaveActed() bool { return o.Kind == Undone || everflow.IsInDoubt(o.WriteErr) }

// Reason is why a change must not be made.
type Reason int

// The reasons to refuse a change.
const (
	// ReasonOtherNetwork: the list is that of another network than the state's.
	ReasonOtherNetwork Reason = iota + 1
	// ReasonListExists: the network has a list that a new one would overwrite.
	ReasonListExists
	// ReasonChanged: the list is not what the change was planned from.
	ReasonChanged
	// ReasonLocksOut: the change would lock Terraform out.
	ReasonLocksOut
	// ReasonNeedsEgress: single entries may turn the list on only where it is known which
	// addresses calls come from.
	ReasonNeedsEgress
	// ReasonOpensNetwork: the removal would leave no entry, which its plan did not know.
	ReasonOpensNetwork
	// ReasonEntryExists: the entry to add is in the list, put there by someone else.
	ReasonEntryExists
	// ReasonDuplicate: another resource of this run has added the entry.
	ReasonDuplicate
)

// Refusal is a change that must not be made, and why.
type Refusal struct {
	Reason
	// Live is the list that the change was judged by.
	Live Live
	// Added and Removed are what others changed, or what a new list would change.
	Added, Removed List
	// Verdict is that of ReasonLocksOut.
	Verdict Verdict
}
