package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// Texts about short-lived keys. Those about all keys are in api_key_messages.go.

func addShortLivedNotCreated(diags *diag.Diagnostics, key shortLived, err error) {
	addAPIError(diags, fmt.Sprintf("The short-lived API key %q was not created", key.Name), err)
}

// addShortLivedInDoubt is for a key that may be live.
func addShortLivedInDoubt(diags *diag.Diagnostics, key shortLived, doubt error) {
	diags.AddError(fmt.Sprintf("It is not known whether the short-lived API key %q was created", key.Name), fmt.Sprintf(
		"%s\n\nIf a key was created, it is named %q. The first run after the time in its name revokes it. To revoke it before, look for it %s.%s",
		sentence(doubt), key.Settings.Name, whereKeysAre, mismatchOf(doubt)))
}

// addShortLivedInDoubtRevoked is for a key whose secret was lost.
func addShortLivedInDoubtRevoked(diags *diag.Diagnostics, key shortLived, doubt error) {
	diags.AddError(fmt.Sprintf("The short-lived API key %q was created, but its secret was lost", key.Name), fmt.Sprintf(
		"%s\n\nAPI key %d was revoked at once. Run Terraform again.%s", sentence(doubt), key.ID, mismatchOf(doubt)))
}

func addShortLivedNotRevoked(diags *diag.Diagnostics, key shortLived, err error) {
	summary, detail := notRevoked(fmt.Sprintf("the short-lived API key %d (%q)", key.ID, key.Settings.Name), err)
	diags.AddError(summary, detail+fmt.Sprintf("\n\nThe first run after the time in its name revokes it. To revoke it before, look for it %s.", whereKeysAre))
}

func addUnreadableShortLived(diags *diag.Diagnostics) {
	diags.AddError("Unreadable private data of a short-lived API key",
		"Terraform did not return what the provider stored when it created the key. This is a bug: please report it.")
}

func warnOfShortLivedNameStoredOtherwise(diags *diag.Diagnostics, key shortLived, stored string) {
	diags.AddWarning(fmt.Sprintf("Everflow stored the name of the short-lived API key %d otherwise than asked", key.ID), fmt.Sprintf(
		"Its name is %q, not %q. The key works, and is revoked at the end of the run. If Terraform is killed before that, later runs cannot find the key by its name: revoke it then %s.",
		stored, key.Settings.Name, whereKeysAre))
}

func warnOfShortLivedNotRenewed(diags *diag.Diagnostics, key shortLived, err error) {
	diags.AddWarning(fmt.Sprintf("The time in the name of the short-lived API key %d was not renewed", key.ID), fmt.Sprintf(
		"%s\n\nThe key still works. But once the time in its name is over, another run that opens a short-lived API key named %q may revoke it.", sentence(err), key.Name))
}

func warnOfLeftOverNotListed(diags *diag.Diagnostics, err error) {
	diags.AddWarning("Short-lived API keys that earlier runs left behind were not looked for",
		sentence(err)+" The next run looks for them again."+mismatchOf(err))
}

func warnOfLeftOverNotRevoked(diags *diag.Diagnostics, key everflow.APIKey, err error) {
	summary, detail := notRevoked(fmt.Sprintf("the left-over short-lived API key %d", key.ID), err)
	diags.AddWarning(summary, fmt.Sprintf(
		"The time in its name, %q, is over: the run that created it was killed. The next run tries again to revoke it.\n\n%s", key.Name, detail))
}
