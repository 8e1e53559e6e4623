package whitelist

// Change is what one resource wants of the list: an entry added, one removed, or one
// exchanged for another in one write.
type Change struct {
	// Remove and Add are zero for none.
	Remove, Add Entry
	// AllowLockout: the change is made even if it locks Terraform out.
	AllowLockout bool
	// NetworkID is that of the state; 0: of a new entry, not known yet.
	NetworkID int64
	// PlannedFrom is the fingerprint of the list that a removal was planned from;
	// empty: its plan did not read the list, and could not say that it opens the network.
	PlannedFrom string
}

// IsMadeIn reports whether the list is as the change wants it.
func (c Change) IsMadeIn(list List) bool {
	return (c.Add.IsZero() || list.Has(c.Add)) && (c.Remove.IsZero() || !list.Has(c.Remove))
}
