package provider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// fate is what a change of the list means for the machine that Terraform runs on.
type fate int

const (
	staysIn     fate = iota
	opens            // the list becomes empty, which admits everyone
	nobodyKnows      // whether its address is still in the list
	lockedOut        // by what is known of its address
)

// outlook is what becomes of the list by changes of it.
type outlook struct {
	fate
	turnsOn bool
	// after is what the list then admits.
	after everflow.AddressSet
	// outside is what it then does not admit of the addresses that calls come from;
	// nil: nothing, as far as is known.
	outside []string
}

// outlook judges a change of the list by what is known of the address that calls
// come from. While the live list is not empty, this machine's calls are accepted, so
// that its address is inside it.
func (s *session) outlook(live, after []string) outlook {
	o := outlook{turnsOn: len(live) == 0, after: everflow.NewAddressSet(after)}
	home := s.home.in(live)
	switch {
	case len(after) == 0 && len(live) == 0:
	case len(after) == 0:
		o.fate = opens
	case len(live) > 0 && !home.Overlaps(o.after):
		o.fate = lockedOut
	case len(live) > 0 && o.after.Covers(home):
	case len(s.egress) == 0:
		o.fate = nobodyKnows
	default:
		if o.outside = entriesOutside(s.egress, o.after); len(o.outside) > 0 {
			o.fate = lockedOut
		}
	}
	return o
}

// isBy reports whether the change has a part in a fate that is not sure to be good:
// it turns the list on, or takes away what nothing else admits.
func (o outlook) isBy(change entryChange) bool {
	if o.turnsOn || change.remove == "" {
		return o.turnsOn && change.adds
	}
	removed := everflow.NewAddressSet([]string{change.remove})
	if o.after.Covers(removed) {
		return false
	}
	return len(o.outside) == 0 || everflow.NewAddressSet(o.outside).Overlaps(removed)
}

// entriesOutside returns the entries that the set does not hold whole.
func entriesOutside(entries []string, set everflow.AddressSet) []string {
	var outside []string
	for _, entry := range entries {
		prefix, err := everflow.ParseAddress(entry)
		if (err != nil && !slices.Contains(set.Unreadable, entry)) || (err == nil && !set.Contains(prefix)) {
			outside = append(outside, entry)
		}
	}
	slices.Sort(outside)
	return outside
}

const (
	setEgress = "Set egress_ip_addresses in the provider's configuration, or EVERFLOW_EGRESS_IP_ADDRESSES, to the address that this machine calls from"
	onPurpose = "If that is meant, because later runs come from elsewhere, set allow_lockout = true"
)

// wayBackIn is what to do once the list refuses this machine.
const wayBackIn = "The whitelist does not limit Everflow's web interface: log in there, and under Control Center, Security, API Whitelist add this machine's address or remove the entries."

// guardLockout refuses a whole list that locks this machine out, and warns where it
// is not known whether it does.
func (s *session) guardLockout(live, planned []string, allowed bool, diags *diag.Diagnostics) {
	if allowed {
		return
	}
	attribute := path.Root("ip_addresses")
	outlook := s.outlook(live, planned)
	switch {
	case outlook.fate == lockedOut && len(outlook.outside) > 0:
		diags.AddAttributeError(attribute, "This whitelist would lock Terraform out", fmt.Sprintf(
			"egress_ip_addresses says that this Terraform's calls come from %s, and the new list does not hold %s.\n\n"+
				"Add the missing addresses to the list, or correct egress_ip_addresses. %s.", named(s.egress), named(outlook.outside), onPurpose))
	case outlook.fate == lockedOut:
		diags.AddAttributeError(attribute, "This whitelist would lock Terraform out", fmt.Sprintf(
			"The list in force has %s, and since this machine's calls are accepted, its address is among them. The new list has none of these addresses, so every later call from here would be refused.\n\n"+
				"Keep the entry that this machine calls from. %s.", named(live), onPurpose))
	case outlook.fate == nobodyKnows && outlook.turnsOn:
		warnOfTurningOn(attribute, planned, diags)
	case outlook.fate == nobodyKnows:
		warnOfRemoval(attribute, entriesOutside(live, outlook.after), diags)
	}
}

func warnOfTurningOn(attribute path.Path, added []string, diags *diag.Diagnostics) {
	diags.AddAttributeWarning(attribute, "Turning the whitelist on: is this machine's address in it?", fmt.Sprintf(
		"The list is empty now, so that calls from every address are accepted. From this apply on, they are accepted from here only: %s. "+
			"If the address that this machine calls from is not among them, Terraform locks itself out.\n\n%s, to have this checked.", named(added), setEgress))
}

func warnOfRemoval(attribute path.Path, removed []string, diags *diag.Diagnostics) {
	diags.AddAttributeWarning(attribute, "Entries are removed: does this machine call from one of them?", fmt.Sprintf(
		"These entries of the API whitelist are removed or narrowed: %s. If the address that this machine calls from is admitted by them only, Terraform locks itself out.\n\n%s, to have this checked.",
		named(removed), setEgress))
}

// addLockout is the error for a change of entries that leaves this machine out.
func (s *session) addLockout(attribute path.Path, live, added, removed []string, diags *diag.Diagnostics) {
	const order = "If another entry of the configuration admits it, let the others depend on that one, or apply that one first. " +
		onPurpose + "; to remove an entry that way, apply that first."
	switch {
	case len(live) == 0:
		diags.AddAttributeError(attribute, "This whitelist would lock Terraform out", fmt.Sprintf(
			"The list is empty now, and %s would turn it on. egress_ip_addresses says that this Terraform's calls come from %s, which these entries do not admit, so that every later call from here would be refused.\n\n"+
				"Add an entry for it, or correct egress_ip_addresses. %s", named(added), named(s.egress), order))
	case len(s.egress) > 0:
		diags.AddAttributeError(attribute, "This change of the whitelist would lock Terraform out", fmt.Sprintf(
			"Without %s, the list no longer admits this machine: egress_ip_addresses says that its calls come from %s.\n\n"+
				"Keep the entry, or correct egress_ip_addresses. %s", named(removed), named(s.egress), order))
	default:
		diags.AddAttributeError(attribute, "This change of the whitelist would lock Terraform out", fmt.Sprintf(
			"The list in force has %s, and since this machine's calls are accepted, its address is among them. Without %s, the list has none of these addresses, so every later call from here would be refused.\n\n"+
				"Keep the entry that this machine calls from. %s", named(live), named(removed), order))
	}
}
