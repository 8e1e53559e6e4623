package provider

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// whitelistsSeen is which everflow_api_whitelist resources a run has come across.
// A network has one list, so two resources, or one that is destroyed and created
// again, would empty or undo each other's.
type whitelistsSeen struct {
	sync.Mutex
	read           int
	inState, asNew bool
	// list and entry: whether the list, and entries of it, are planned by this run;
	// kept: whether any of them is to be there after it.
	list, entry, kept, sharingSaid bool
}

// guardSecond refuses a second resource for the network's list. It is told of each
// one that is refreshed, and of each that is planned, with a state or as new.
func (w *whitelistsSeen) guardSecond(refreshing, asNew bool, diags *diag.Diagnostics) {
	w.Lock()
	defer w.Unlock()
	w.inState, w.asNew = w.inState || !asNew, w.asNew || asNew
	if refreshing {
		w.read++
	}
	switch {
	case w.read > 1:
		diags.AddError("Two resources of this state manage the network's API whitelist",
			"A network has one whitelist, and each of the two would undo what the other does. Keep one of them, "+
				"and take the other out of the state and the configuration without touching the list: terraform state rm, or a removed block with destroy = false.")
	case w.inState && w.asNew:
		diags.AddError("Creating the API whitelist anew would open the network meanwhile",
			"This state manages the network's whitelist already, and a network has one only. To destroy and create it again would leave it empty in between, when calls from every address are accepted.\n\n"+
				"  - To change the list, no replacement is needed: run without -replace, and if the resource is tainted, run terraform untaint on it first.\n"+
				"  - If the resource was renamed or moved, say so in a moved block.\n"+
				"  - If the configuration has two of them, keep one.")
	}
}

// guardSharing refuses to plan the whole list and single entries of it in one run,
// unless all are destroyed. It is told of what is planned, not of what is only
// refreshed: a resource that is being forgotten is no longer in charge.
func (w *whitelistsSeen) guardSharing(list, destroying bool, diags *diag.Diagnostics) {
	w.Lock()
	defer w.Unlock()
	w.list, w.entry, w.kept = w.list || list, w.entry || !list, w.kept || !destroying
	if !w.list || !w.entry || !w.kept || w.sharingSaid {
		return
	}
	w.sharingSaid = true
	diags.AddError("The API whitelist is managed as a whole and by single entries",
		"This run plans both everflow_api_whitelist, which owns the network's whole list, and everflow_api_whitelist_entry. "+
			"Each would undo what the other does: the former removes the entries that it does not list. Keep one kind.\n\n"+
			"To go from the whole list to single entries without any change of the list, take everflow_api_whitelist out of the state and import the entries "+
			"(replace \"this\" and the addresses by yours):\n\n"+
			"  removed {\n    from = everflow_api_whitelist.this\n    lifecycle {\n      destroy = false\n    }\n  }\n\n"+
			"  import {\n    to = everflow_api_whitelist_entry.office\n    id = \"203.0.113.10\"\n  }\n\n"+
			"For the other direction, do the same with the kinds exchanged; the list is imported by the network's ID.")
}

// guardNetwork reports whether the list is that of the network in the state; "":
// the state has none.
func guardNetwork(live everflow.Whitelist, inState string, diags *diag.Diagnostics) bool {
	if inState == "" || inState == strconv.FormatInt(live.NetworkID, 10) {
		return true
	}
	diags.AddError("The API whitelist belongs to another network", fmt.Sprintf(
		"The state is of the whitelist of network %s, but the provider's API key belongs to network %d. Nothing was changed. "+
			"Check api_key or EVERFLOW_API_KEY, and that this is the right state.", inState, live.NetworkID))
	return false
}

// guardExisting refuses to create over a list that someone else made. The very
// same list is no loss, and what a create whose answer was lost leaves behind.
func guardExisting(live everflow.Whitelist, planned []string, diags *diag.Diagnostics) {
	switch {
	case len(live.IPAddresses) == 0:
	case sameEntries(live.IPAddresses, planned):
		diags.AddWarning("The network's API whitelist already holds exactly these entries",
			"It is taken over as it is. If another Terraform configuration manages it too, remove it from one of them: each would undo the other's changes.")
	default:
		added, removed := compareEntries(live.IPAddresses, planned)
		detail := fmt.Sprintf("Network %d has a whitelist already, and creating this one would overwrite it%s\n\n", live.NetworkID, changes("would be added", added, "would be removed", removed))
		detail += fmt.Sprintf("Import it first, then plan again to see the difference (replace \"this\" by your resource's name):\n\n"+
			"  terraform import everflow_api_whitelist.this %[1]d\n\nor, in the configuration:\n\n"+
			"  import {\n    to = everflow_api_whitelist.this\n    id = \"%[1]d\"\n  }", live.NetworkID)
		diags.AddError("The network already has an API whitelist", detail)
	}
}

// guardUnchanged refuses to write over a list that changed since it was planned
// from, and reports whether it is unchanged.
func guardUnchanged(planned, live []string, diags *diag.Diagnostics) bool {
	added, removed := compareEntries(planned, live)
	if len(added)+len(removed) == 0 {
		return true
	}
	diags.AddError("The API whitelist was changed since this was planned",
		"Someone changed the list outside this run, so nothing was written"+changes("added", added, "removed", removed)+
			"\n\nRun terraform plan again to see what would be changed now.")
	return false
}

// changes lists what was or would be added and removed, as the end of a sentence.
func changes(adding string, added []string, removing string, removed []string) string {
	text := ":"
	if len(added) > 0 {
		text += "\n  - " + adding + ": " + named(added)
	}
	if len(removed) > 0 {
		text += "\n  - " + removing + ": " + named(removed)
	}
	return text
}

// unreachable are addresses that no call over the internet can come from.
var unreachable = func() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
		"::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
	} {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}()

// warnOfEntries points out entries that can never match, and a list that admits
// everyone, in one warning each.
func warnOfEntries(attribute path.Path, entries []string, diags *diag.Diagnostics) {
	var never []string
	for _, entry := range entries {
		prefix, err := everflow.ParseAddress(entry)
		if err == nil && slices.ContainsFunc(unreachable, func(u netip.Prefix) bool {
			return u.Bits() <= prefix.Bits() && u.Contains(prefix.Addr())
		}) {
			never = append(never, entry)
		}
	}
	if len(never) > 0 {
		diags.AddAttributeWarning(attribute, "Addresses that can never match", fmt.Sprintf(
			"Private, loopback, link-local, multicast and other reserved addresses do not reach Everflow over the internet: %s. "+
				"Enter the public address that the calls come from, such as that of a NAT gateway.", named(never)))
	}
	set := everflow.NewAddressSet(entries)
	for _, all := range []struct{ everyone, family string }{{"0.0.0.0/0", "IPv4"}, {"::/0", "IPv6"}} {
		if set.Contains(netip.MustParsePrefix(all.everyone)) {
			diags.AddAttributeWarning(attribute, "The whitelist admits every "+all.family+" address", fmt.Sprintf(
				"Together the entries hold all of %s, so the whitelist protects nothing there.", all.everyone))
		}
	}
}
