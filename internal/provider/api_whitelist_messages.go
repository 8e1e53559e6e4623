package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// Texts about the whole list. Those about single entries are in
// api_whitelist_entry_messages.go.

// wayBackIn is what to do once the list refuses this machine.
const wayBackIn = "The whitelist does not limit Everflow's web interface. Log in there, and under Control Center, Security, API Whitelist add this machine's address or remove the entries. Then add the address to the configuration, too: otherwise the next apply locks Terraform out again."

// addListOutcome says how a change of the whole list ended, unless it went well.
func addListOutcome(diags *diag.Diagnostics, o whitelist.Outcome, change whitelist.Replacement) {
	switch o.Kind {
	case whitelist.Refused:
		addListRefusal(diags, o.Refusal, change)
	case whitelist.NotRead:
		addAPIError(diags, "The API whitelist was not changed", o.ReadErr)
	case whitelist.NotWritten:
		addAPIError(diags, "The API whitelist was not changed", o.WriteErr)
	case whitelist.Overwritten, whitelist.Undone:
		addOverwritten(diags, o, change)
	case whitelist.Unchecked:
		diags.AddWarning("The API whitelist was written but could not be read back", sentence(o.ReadErr)+" Everflow's answer to the write held the list as planned.")
	case whitelist.ShutOut:
		addShutOut(diags, o, isAccepted(o, change.AllowLockout))
	case whitelist.InDoubt:
		addListInDoubt(diags, o, change)
	}
}

// addListInDoubt names the list that was sent: it may be in force and in no state.
func addListInDoubt(diags *diag.Diagnostics, o whitelist.Outcome, change whitelist.Replacement) {
	sent := "an empty list, which admits every address"
	if !change.To.IsEmpty() {
		sent = change.To.String()
	}
	if o.WriteErr != nil {
		diags.AddError("It is not known whether the API whitelist was written", fmt.Sprintf(
			"%s Then the list could not be read: %s What was sent may be in force: %s.\n\nRun terraform plan to see which list is in force.%s",
			sentence(o.WriteErr), sentence(o.ReadErr), sent, mismatchOf(o.WriteErr)))
		return
	}
	diags.AddError("The API whitelist could not be read after it was written", fmt.Sprintf(
		"%s What was sent may be in force: %s.\n\nRun terraform plan to see which list is in force.", sentence(o.ReadErr), sent))
}

func addListRefusal(diags *diag.Diagnostics, r *whitelist.Refusal, change whitelist.Replacement) {
	switch r.Reason {
	case whitelist.ReasonOtherNetwork:
		addOtherNetwork(diags, change.NetworkID, r.Live.NetworkID)
	case whitelist.ReasonListExists:
		diags.AddError("The network already has an API whitelist", fmt.Sprintf(
			"Network %[1]d has a whitelist, and creating this one would overwrite it. The new list differs from it:%[2]s\n\n"+
				"Import it first, then plan again to see the difference (replace \"this\" by your resource's name):\n\n"+
				"  terraform import everflow_api_whitelist.this %[1]d\n\nor, in the configuration:\n\n"+
				"  import {\n    to = everflow_api_whitelist.this\n    id = \"%[1]d\"\n  }", r.Live.NetworkID, addedAndRemoved(r.Added, r.Removed)))
	case whitelist.ReasonChanged:
		diags.AddError("The API whitelist was changed since this was planned", fmt.Sprintf(
			"Someone changed the list outside this run, so nothing was written:%s\n\nRun terraform plan again to see what would be changed now.", addedAndRemoved(r.Added, r.Removed)))
	default:
		addListLockout(diags, r)
	}
}

// addedAndRemoved lists a difference, a line each.
func addedAndRemoved(added, removed whitelist.List) (lines string) {
	if !added.IsEmpty() {
		lines += "\n  - added: " + added.String()
	}
	if !removed.IsEmpty() {
		lines += "\n  - removed: " + removed.String()
	}
	return lines
}

func addEmptyList(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("ip_addresses"), "The whitelist is empty",
		"With no entry, Everflow accepts API calls from every address. List at least one address. To have no whitelist on purpose, remove the resource.")
}

func warnOfEmptiedList(diags *diag.Diagnostics) {
	diags.AddWarning("The API whitelist is empty, and the state has entries",
		"Somebody else emptied it, or an earlier run did whose answer was lost. Everflow accepts API calls from every address until the next apply writes the entries again.")
}

func addOtherImportID(diags *diag.Diagnostics, text, network string) {
	diags.AddError("Unusable import ID", fmt.Sprintf(
		"The API whitelist is imported by the ID of its network. %q is not the ID of the network that the provider's API key belongs to, which is %s.", text, network))
}

func addNothingToImport(diags *diag.Diagnostics) {
	diags.AddError("There is no API whitelist to import",
		"The network's list is empty: calls from every address are accepted. Apply the resource without importing to turn the whitelist on.")
}

func addOtherNetwork(diags *diag.Diagnostics, inState, live int64) {
	diags.AddError("The API whitelist belongs to another network", fmt.Sprintf(
		"The state is of the whitelist of network %d, but the provider's API key belongs to network %d. Nothing was changed.\n\n"+
			"Check api_key or EVERFLOW_API_KEY, and that this is the right state.", inState, live))
}

func addOverwritten(diags *diag.Diagnostics, o whitelist.Outcome, change whitelist.Replacement) {
	added, removed := change.To.Diff(o.Live.List)
	if o.WriteErr != nil {
		diags.AddError("The API whitelist was changed by someone else while it was written", fmt.Sprintf(
			"The write failed: %s The list that was read afterwards is neither the earlier one nor the planned one, so it was not written again. It differs from the plan:%s\n\n"+
				"Run terraform plan again to see what would be changed now.", sentence(o.WriteErr), addedAndRemoved(added, removed)))
		return
	}
	diags.AddError("The API whitelist is not what was written", fmt.Sprintf(
		"The list that was read after the write differs from the plan. Someone else changed it at the same time, or Everflow stored it otherwise:%s\n\n"+
			"Run terraform plan again to see what would be changed now.", addedAndRemoved(added, removed)))
}

// isAccepted reports whether the change is made, and the resource is to be in the state: a
// lockout is an error unless it is allowed.
func isAccepted(o whitelist.Outcome, allowLockout bool) bool {
	return o.IsDone() && (o.Kind != whitelist.ShutOut || allowLockout)
}

// addShutOut warns of a lockout that is accepted.
func addShutOut(diags *diag.Diagnostics, o whitelist.Outcome, isAccepted bool) {
	const summary = "Terraform is locked out: Everflow refuses this machine after the API whitelist was written"
	detail := sentence(o.ReadErr) + " Most likely the new list is in force, and does not admit this machine's address."
	if isAccepted {
		diags.AddWarning(summary, detail+" allow_lockout is true.\n\n"+wayBackIn)
		return
	}
	diags.AddError(summary, detail+"\n\n"+wayBackIn)
}

// setEgress is how to have changes checked.
const setEgress = "Set egress_ip_addresses in the provider's configuration, or EVERFLOW_EGRESS_IP_ADDRESSES, to the address that this machine calls from"

func addListLockout(diags *diag.Diagnostics, r *whitelist.Refusal) {
	attribute := path.Root("ip_addresses")
	const summary = "This whitelist would lock Terraform out"
	if outside := r.Verdict.Outside; !outside.IsEmpty() {
		diags.AddAttributeError(attribute, summary, fmt.Sprintf(
			"By egress_ip_addresses, Terraform calls Everflow from %s. The new list does not admit that address.\n\n"+
				"  - Add the address to the list.\n  - If egress_ip_addresses is wrong, correct it.\n  - If later runs come from elsewhere, set allow_lockout = true.", outside))
		return
	}
	diags.AddAttributeError(attribute, summary, fmt.Sprintf(
		"Everflow accepts this machine's calls, so its address is admitted by the list in force: %s. The new list admits none of these addresses, so Everflow would refuse every later call of this machine.\n\n"+
			"  - Keep the entry that this machine calls from.\n  - If later runs come from elsewhere, set allow_lockout = true.", r.Live.List))
}

// warnOfListRisk warns of a list of which nobody knows whether it admits this machine.
func warnOfListRisk(diags *diag.Diagnostics, verdict whitelist.Verdict, planned whitelist.List) {
	attribute := path.Root("ip_addresses")
	if verdict.TurnsOn {
		diags.AddAttributeWarning(attribute, "Turning the API whitelist on: is this machine's address in it?", fmt.Sprintf(
			"The list is empty now, so Everflow accepts calls from every address. After this apply Everflow accepts calls only from these addresses: %s. "+
				"If this machine calls from another address, Terraform is locked out.\n\n%s to have this checked.", planned, setEgress))
		return
	}
	diags.AddAttributeWarning(attribute, "Entries are removed: does this machine call from one of them?", fmt.Sprintf(
		"These entries of the API whitelist are removed or narrowed: %s. If only they admit this machine, Terraform is locked out.\n\n%s to have this checked.", verdict.Narrowed, setEgress))
}

func warnOfTakenOver(diags *diag.Diagnostics) {
	diags.AddWarning("The network's API whitelist already holds exactly these entries",
		"It is taken over as it is. If another Terraform configuration manages it, too, remove it from one of them: each would undo the other's changes.")
}

// warnOfMovedEntries is for a plan in which Terraform shows lines that only move.
func warnOfMovedEntries(diags *diag.Diagnostics, added, removed whitelist.List) {
	detail := "The entries of ip_addresses also stand in another order or spelling than before. Terraform shows those that only moved as removed and added. What really changes:"
	if !added.IsEmpty() {
		detail += "\n  + " + added.Join("\n  + ")
	}
	if !removed.IsEmpty() {
		detail += "\n  - " + removed.Join("\n  - ")
	}
	diags.AddAttributeWarning(path.Root("ip_addresses"), "Some lines of this change are entries that only moved", detail)
}

// warnOfListOpening says at plan what destroying the list means.
func warnOfListOpening(diags *diag.Diagnostics, state apiWhitelistModel) {
	if list := state.IPAddresses.list(); !list.IsEmpty() {
		diags.AddWarning("Destroying the API whitelist opens the network to every address", fmt.Sprintf(
			"With the list empty, Everflow accepts API calls from every address. Before it, only from these: %s.\n\n"+
				"To stop managing the list and leave it in force: terraform state rm, a removed block with destroy = false, or lifecycle { destroy = false } in the resource (Terraform 1.16, OpenTofu 1.12).", list))
	}
}

func addProtected(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("deletion_protection"), "The API whitelist is protected from being destroyed",
		"Destroying it would open the network's API to every address. If that is meant, set deletion_protection = false, apply that, and destroy then. "+
			"To stop managing the list and leave it in force: terraform state rm, a removed block with destroy = false, or lifecycle { destroy = false } in the resource (Terraform 1.16, OpenTofu 1.12).")
}

func addTwoListsInState(diags *diag.Diagnostics) {
	diags.AddError("Two resources of this state manage the network's API whitelist",
		"A network has one whitelist, and each of the two would undo what the other does. Keep one of them, "+
			"and take the other out of the state and the configuration without touching the list: terraform state rm, or a removed block with destroy = false.")
}

func addTwoLists(diags *diag.Diagnostics) {
	diags.AddError("Two everflow_api_whitelist resources for one network",
		"A network has one whitelist, and each of the two would undo what the other does. Keep one of them in the configuration.")
}

func addReplacedList(diags *diag.Diagnostics) {
	diags.AddError("Replacing the API whitelist would open the network to every address",
		"A network has one whitelist, and this state has a resource for it already. To destroy the resource and create it again would leave the list empty in between, and Everflow would accept calls from every address.\n\n"+
			"  - To change the list, no replacement is needed. Run without -replace, and if the resource is tainted, run terraform untaint on it first.\n"+
			"  - If the resource was renamed or moved, add a moved block.\n"+
			"  - If the configuration has two everflow_api_whitelist resources, keep one.")
}

// addSharedList shows the way from the kind that the state has to the other.
func addSharedList(diags *diag.Diagnostics, hasListInState bool) {
	way := "To go from single entries to the whole list without any change of the list, take each entry out of the state and import the list by the network's ID " +
		"(replace the names and IDs by yours):\n\n" +
		"  removed {\n    from = everflow_api_whitelist_entry.office\n    lifecycle {\n      destroy = false\n    }\n  }\n\n" +
		"  import {\n    to = everflow_api_whitelist.this\n    id = \"1001\"\n  }"
	if hasListInState {
		way = "To go from the whole list to single entries without any change of the list, take everflow_api_whitelist out of the state and import the entries " +
			"(replace the names and addresses by yours):\n\n" +
			"  removed {\n    from = everflow_api_whitelist.this\n    lifecycle {\n      destroy = false\n    }\n  }\n\n" +
			"  import {\n    to = everflow_api_whitelist_entry.office\n    id = \"203.0.113.10\"\n  }"
	}
	diags.AddError("The API whitelist is managed as a whole and by single entries",
		"This run plans both everflow_api_whitelist, which owns the network's whole list, and everflow_api_whitelist_entry. "+
			"Each would undo what the other does: the former removes the entries that it does not list. Keep one kind.\n\n"+way)
}

// warnOfOddEntries points out entries that can never match, and a list that admits
// everyone.
func warnOfOddEntries(diags *diag.Diagnostics, attribute path.Path, list whitelist.List) {
	var never []whitelist.Entry
	for _, entry := range list.Entries() {
		if entry.IsReserved() {
			never = append(never, entry)
		}
	}
	if len(never) > 0 {
		diags.AddAttributeWarning(attribute, "Addresses that can never match", fmt.Sprintf(
			"Private, loopback, link-local, multicast and other reserved addresses do not reach Everflow over the internet: %s. "+
				"Enter the public address that the calls come from, such as that of a NAT gateway.", whitelist.NewList(never...)))
	}
	ipv4, ipv6 := list.AdmitsEveryone()
	if ipv4 {
		diags.AddAttributeWarning(attribute, "The whitelist admits every IPv4 address", "Together the entries hold all of 0.0.0.0/0, so that calls from every IPv4 address are accepted. Remove an entry if that is not meant.")
	}
	if ipv6 {
		diags.AddAttributeWarning(attribute, "The whitelist admits every IPv6 address", "Together the entries hold all of ::/0, so that calls from every IPv6 address are accepted. Remove an entry if that is not meant.")
	}
}
