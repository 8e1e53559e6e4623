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
	Unchanged Kind = iota
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

// Reason is why a change must not be made.
type Reason int

// The reasons to refuse a change.
const (
	// OtherNetwork: the list is that of another network than the state's.
	OtherNetwork Reason = iota
	// ListExists: the network has a list that a new one would overwrite.
	ListExists
	// Changed: the list is not what the change was planned from.
	Changed
	// LocksOut: the change would lock Terraform out.
	LocksOut
	// NeedsEgress: single entries may turn the list on only where it is known which
	// addresses calls come from.
	NeedsEgress
	// Opens: the removal would leave no entry, which its plan did not know.
	Opens
	// EntryExists: the entry to add is in the list, put there by someone else.
	EntryExists
	// Duplicate: another resource of this run has added the entry.
	Duplicate
)

// Refusal is a change that must not be made, and why.
type Refusal struct {
	Reason
	// Live is the list that the change was judged by.
	Live Live
	// Added and Removed are what others changed, or what a new list would change.
	Added, Removed List
	// Verdict is that of LocksOut.
	Verdict Verdict
}

func (r *Refusal) Error() string {
	return [...]string{
		OtherNetwork: "the list belongs to another network",
		ListExists:   "the network has a list already",
		Changed:      "the list was changed since the plan",
		LocksOut:     "the change would lock Terraform out",
		NeedsEgress:  "the list may not be turned on without egress addresses",
		Opens:        "the change would open the network",
		EntryExists:  "the entry is in the list already",
		Duplicate:    "two resources have the entry",
	}[r.Reason]
}
