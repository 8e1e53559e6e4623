package whitelist

// Aggregate returns the fewest entries that admit exactly the same addresses, in
// order, IPv4 first. Entries that cannot be read stay as they are, at the end.
func (l List) Aggregate() List {
	set := l.addresses()
	var aggregated List
	for _, prefix := range set.ips.Prefixes() {
		entry := Entry{prefix: prefix}
		entry.text = entry.Canonical()
		aggregated.entries = append(aggregated.entries, entry)
	}
	for _, entry := range l.entries {
		if !entry.IsReadable() {
			aggregated.entries = append(aggregated.entries, entry)
		}
	}
	return aggregated
}
