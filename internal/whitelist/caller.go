package whitelist

// Caller is what is known of the addresses that Terraform's calls come from.
type Caller struct {
	// Egress are the addresses as configured; empty: not known.
	Egress List
	// within is where the caller's address is, by the lists that were read; nil while none of
	// them had entries.
	within *addresses
}

// Learn takes in a list that was read: that Everflow answered proves that it admits
// the caller, unless it is empty.
func (c Caller) Learn(read List) Caller {
	if !read.IsEmpty() {
		within := c.addressesIn(read)
		c.within = &within
	}
	return c
}

// addressesIn is where the caller's address is, given that a list with entries admits it.
// Lists with nothing in common say that calls come from several addresses: then only
// the newest counts.
func (c Caller) addressesIn(list List) addresses {
	admitted := list.addresses()
	if c.within == nil || !c.within.overlaps(admitted) {
		return admitted
	}
	return c.within.intersect(admitted)
}
