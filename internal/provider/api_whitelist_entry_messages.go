package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// notMade is the title of a change of an entry that was not made.
func notMade(c whitelist.Change) string {
	switch {
	case c.Remove.IsZero():
		return fmt.Sprintf("%s was not added to the API whitelist", c.Add)
	case c.Add.IsZero():
		return fmt.Sprintf("%s was not removed from the API whitelist", c.Remove)
	}
	return fmt.Sprintf("%s was not changed to %s in the API whitelist", c.Remove, c.Add)
}

// addEntryOutcome says how a change of an entry ended, unless it went well.
func addEntryOutcome(diags *diag.Diagnostics, o whitelist.Outcome, change whitelist.Change, egress whitelist.List) {
	switch o.Kind {
	case whitelist.Refused:
		addEntryRefusal(diags, o.Refusal, change, egress)
	case whitelist.NotRead:
		addAPIError(diags, notMade(change), o.ReadErr)
	case whitelist.NotWritten:
		addAPIError(diags, notMade(change), o.WriteErr)
	case whitelist.Overwritten, whitelist.Undone:
		diags.AddError(notMade(change), fmt.Sprintf(
			"It was written several times, and each time the list that was read back did not have the change: someone else wrote the list at the same time, or Everflow stores the entry otherwise. The list now holds: %s.\n\n"+
				"Everflow replaces the list only as a whole. Run Terraform again when the others are done.", o.Live.List))
	case whitelist.Unchecked:
		diags.AddWarning("The API whitelist was written but could not be read back", sentence(o.ReadErr)+" Everflow's answer to the write held the list as wanted.")
	case whitelist.ShutOut:
		addShutOut(diags, o, isAccepted(o, change.AllowLockout))
		// An update saves what is done. A create saves nothing beside an error.
		isSaved := isAccepted(o, change.AllowLockout) || o.IsDone() && !change.Remove.IsZero()
		if !isSaved {
			addEntryInDoubt(diags, change)
		}
	case whitelist.InDoubt:
		if o.WriteErr != nil {
			diags.AddError("It is not known whether the API whitelist was written", fmt.Sprintf("%s Then the list could not be read: %s\n\nRun terraform plan to see which list is in force.%s",
				sentence(o.WriteErr), sentence(o.ReadErr), mismatchOf(o.WriteErr)))
		} else {
			addAPIError(diags, "The API whitelist could not be read after it was written", o.ReadErr)
		}
		addEntryInDoubt(diags, change)
	}
}

// addEntryInDoubt says what a change that may have been made leaves behind: a create
// that failed leaves no state.
func addEntryInDoubt(diags *diag.Diagnostics, change whitelist.Change) {
	if change.Add.IsZero() {
		return
	}
	diags.AddError(fmt.Sprintf("%s may be in the API whitelist without being in the state", change.Add), fmt.Sprintf(
		"If it is, the next plan says so. Import it then (replace \"this\" by your resource's name):\n\n  terraform import everflow_api_whitelist_entry.this %s", change.Add.Canonical()))
}

func addEntryRefusal(diags *diag.Diagnostics, r *whitelist.Refusal, change whitelist.Change, egress whitelist.List) {
	attribute := path.Root("ip_address")
	switch r.Reason {
	case whitelist.ReasonOtherNetwork:
		addOtherNetwork(diags, change.NetworkID, r.Live.NetworkID)
	case whitelist.ReasonEntryExists:
		addEntryExists(diags, r.Live, change.Add)
	case whitelist.ReasonDuplicate:
		addTwoEntries(diags, change.Add)
	case whitelist.ReasonNeedsEgress:
		addNeedsEgress(diags)
	case whitelist.ReasonOpensNetwork:
		diags.AddError(fmt.Sprintf("Removing %s from the API whitelist would now open the network to every address", change.Remove),
			"No other entry would be left, and the plan did not say so: someone else has changed the list since, or the plan could not read it. Nothing was written. Run terraform plan again to see what would happen now.")
	default:
		addEntryLockout(diags, attribute, r, change, egress)
	}
}

// addEntryLockout is for a change that would lock Terraform out, also with the others of
// the run.
func addEntryLockout(diags *diag.Diagnostics, attribute path.Path, r *whitelist.Refusal, change whitelist.Change, egress whitelist.List) {
	summary := fmt.Sprintf("%s: it would lock Terraform out", notMade(change))
	switch {
	case r.Live.List.IsEmpty():
		diags.AddAttributeError(attribute, summary, fmt.Sprintf(
			"The list is empty, and this entry would turn it on. By egress_ip_addresses, Terraform calls Everflow from %s, which the entry does not admit. "+
				"The provider waited for an entry of this run that admits it, and none came. This change was not sent.\n\n"+
				"  - Let this resource depend on the entry that admits Terraform (depends_on), or apply again once that one is in the list.\n"+
				"  - If there is none, add one.\n  - If egress_ip_addresses is wrong, correct it.\n  - If later runs come from elsewhere, set allow_lockout = true.", egress))
	case change.Add.IsZero():
		diags.AddAttributeError(attribute, summary, fmt.Sprintf(
			"%s The provider waited for other changes of this run that make this one safe, and none came. This change was not sent. The list still has other entries: %s.\n\n"+
				"  - If these are of this configuration and go too, destroy again, or let them depend on this one (depends_on): it is then removed last.\n"+
				"  - If they are others' and stay, take this one out of the state (terraform state rm), which leaves it in the list.\n"+
				"  - If another entry of the configuration admits Terraform, apply again once that one is in the list.\n"+
				"  - If egress_ip_addresses is wrong, correct it.\n"+
				"  - If later runs come from elsewhere, set allow_lockout = true and apply that first.", whyLockout(r, egress), r.Live.List.Apply(change)))
	default:
		diags.AddAttributeError(attribute, summary, fmt.Sprintf(
			"%s The provider waited for other changes of this run that make this one safe, and none came. This change was not sent.\n\n"+
				"  - If another entry of the configuration admits Terraform, let this resource depend on it (depends_on).\n"+
				"  - If later runs come from elsewhere, set allow_lockout = true.", whyLockout(r, egress)))
	}
}

// whyLockout says how it is known, in a sentence.
func whyLockout(r *whitelist.Refusal, egress whitelist.List) string {
	if !r.Verdict.Outside.IsEmpty() {
		return fmt.Sprintf("By egress_ip_addresses, Terraform calls Everflow from %s, which no other entry of the list admits.", egress)
	}
	return fmt.Sprintf("Everflow accepts this machine's calls, so its address is admitted by the list in force: %s. After the change no entry admits any of these addresses.", r.Live.List)
}

// addNeedsEgress refuses to turn the list on blindly.
func addNeedsEgress(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("ip_address"), "Turning the API whitelist on by single entries needs egress_ip_addresses",
		"The list is empty now, so Everflow accepts calls from every address. Single entries may need several writes, and the first one turns the list on. If that one does not admit this machine, Terraform is locked out.\n\n"+
			"  - "+setEgress+".\n  - To take the risk, set allow_lockout = true on the entries.")
}

// warnOfRemovalOfEgress warns of a removal that the apply makes only with others.
func warnOfRemovalOfEgress(diags *diag.Diagnostics, change whitelist.Change, egress whitelist.List) {
	diags.AddAttributeWarning(path.Root("ip_address"), fmt.Sprintf("Removing %s alone would lock Terraform out", change.Remove), fmt.Sprintf(
		"By egress_ip_addresses, Terraform calls Everflow from %s, which no other entry of the list admits. %s", egress, removedWithOthers))
}

// warnOfRemovalOfLastAdmitted is the same where egress_ip_addresses does not tell.
func warnOfRemovalOfLastAdmitted(diags *diag.Diagnostics, change whitelist.Change) {
	diags.AddAttributeWarning(path.Root("ip_address"), fmt.Sprintf("Removing %s alone would lock Terraform out", change.Remove), fmt.Sprintf(
		"Everflow accepts this machine's calls now. With what is planned so far, no entry is left that can admit them. %s", removedWithOthers))
}

const removedWithOthers = "The apply removes it only together with changes that make this safe: another entry that admits Terraform, or the removal of all entries. Otherwise the apply refuses."

// warnOfRemovalOfUnknown warns of a removal of which nobody knows what it means.
func warnOfRemovalOfUnknown(diags *diag.Diagnostics, change whitelist.Change) {
	diags.AddAttributeWarning(path.Root("ip_address"), "An entry is removed: does this machine call from it?", fmt.Sprintf(
		"%s is removed from the API whitelist. If only this entry admits this machine, Terraform is locked out.\n\n%s to have this checked.", change.Remove, setEgress))
}

// warnOfOpeningByEntries warns of the removal of all entries of the list.
func warnOfOpeningByEntries(diags *diag.Diagnostics, live whitelist.Live) {
	diags.AddAttributeWarning(path.Root("ip_address"), "Removing the last entries of the API whitelist opens the network to every address", fmt.Sprintf(
		"This run removes all entries of the list: %s. With the list empty, Everflow accepts API calls from every address.", live.List))
}

// addEntryExists refuses an address that someone else has put into the list.
func addEntryExists(diags *diag.Diagnostics, live whitelist.Live, entry whitelist.Entry) {
	diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("%s is in the API whitelist already", entry), fmt.Sprintf(
		"The list of network %[2]d has this address, and it may be somebody else's: destroying this resource would remove it for them, too. "+
			"If it is this resource's, import it (replace \"this\" by your resource's name):\n\n"+
			"  terraform import everflow_api_whitelist_entry.this %[1]s\n\nor, in the configuration:\n\n"+
			"  import {\n    to = everflow_api_whitelist_entry.this\n    id = \"%[1]s\"\n  }\n\n"+
			"If a resource of this state holds it and is tainted, run terraform untaint on it.", entry.Canonical(), live.NetworkID))
}

func addTwoEntries(diags *diag.Diagnostics, entry whitelist.Entry) {
	diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("Two resources for %s", entry),
		"The configuration has two everflow_api_whitelist_entry resources for this address, in this or another spelling. The list has it once, so destroying one of them would take it from the other. Keep one.")
}

// addEntryTaken refuses a resource for an entry that another resource of the state has, or
// the same one before its replacement.
func addEntryTaken(diags *diag.Diagnostics, entry whitelist.Entry) {
	diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("%s would be removed from the API whitelist and added again", entry),
		"This state has a resource for the address already, and this plan gives the address to another resource, or replaces that one. Everflow may refuse calls from the address in between, or from then on.\n\n"+
			"  - To change an entry, no replacement is needed. Run without -replace, and if the resource is tainted, run terraform untaint on it first.\n"+
			"  - If the resource was renamed or moved, add a moved block.\n"+
			"  - If addresses have changed places, as they do in a list with count, use for_each with the address as the key.\n"+
			"  - If the configuration has two resources for the address, keep one.")
}

func addTwoEntriesInState(diags *diag.Diagnostics, entry whitelist.Entry) {
	diags.AddAttributeError(path.Root("ip_address"), fmt.Sprintf("Two resources of this state for %s", entry),
		"The list has the address once, so destroying or changing one of the two would take it from the other. Keep one of them, "+
			"and take the other out of the state and the configuration without touching the list: terraform state rm, or a removed block with destroy = false.")
}

// warnOfEntryGone warns of an entry that was removed outside Terraform.
func warnOfEntryGone(diags *diag.Diagnostics, address string, live whitelist.Live) {
	detail := "It is removed from the state. If the configuration still has it, Terraform adds it again."
	if live.List.IsEmpty() {
		detail += " The list is empty now: Everflow accepts API calls from every address until it has entries again."
	}
	diags.AddWarning(fmt.Sprintf("%s was removed from the API whitelist outside Terraform", address), detail)
}

// addEntryNotThere refuses the import of an address that the list does not have.
func addEntryNotThere(diags *diag.Diagnostics, entry whitelist.Entry, live whitelist.Live) {
	summary := fmt.Sprintf("%s is not in the API whitelist", entry)
	if live.List.IsEmpty() {
		diags.AddError(summary, fmt.Sprintf("The list of network %d is empty: Everflow accepts calls from every address. Apply the resource without importing to add the address, which turns the whitelist on.", live.NetworkID))
		return
	}
	diags.AddError(summary, fmt.Sprintf("The list of network %d has these entries: %s. Import one of them as it stands there, or apply the resource without importing to add the address.", live.NetworkID, live.List))
}
