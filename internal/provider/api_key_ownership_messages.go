package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// Texts about keys that may be the provider's own, or somebody else's.

// otherKeyFirst is how to do to the provider's own key what is refused.
const otherKeyFirst = "  - If you want this, give the provider another key with the permission \"Security\" (api_key or EVERFLOW_API_KEY), and run Terraform again.\n"

func addOwnKey(diags *diag.Diagnostics, key apiKeyModel, risk ownKeyRisk) {
	summary := fmt.Sprintf("API key %s is the one that Terraform is authenticated with", key.ID.ValueString())
	switch label := keyLabel(key); risk {
	case riskDestroy:
		diags.AddError(summary, fmt.Sprintf("To destroy or replace %s would revoke the provider's own key, for ever: this and every later run that uses it would fail. The key was not revoked.\n\n", label)+
			otherKeyFirst+"  - If a new key is in its place already (create_before_destroy), give the provider that one, and apply again, which revokes this one. Do not use terraform state rm then: it takes both out of the state.\n"+
			"  - To stop managing the key without revoking it, use terraform state rm, a removed block with destroy = false, or lifecycle { destroy = false } in the resource (Terraform 1.16, OpenTofu 1.12).")
	case riskOverlapEnds:
		diags.AddError(summary, fmt.Sprintf("The overlap of %s is over. To revoke it would revoke the provider's own key, for ever: this and every later run that uses it would fail. The key was not revoked.\n\n", label)+
			otherKeyFirst+"  - To revoke it later, set a longer overlap.")
	case riskRotation:
		diags.AddError(summary, fmt.Sprintf("To rotate %s with an overlap of 0 would revoke the provider's own key, for ever: this and every later run that uses it would fail. The key was not revoked.\n\n", label)+
			otherKeyFirst+"  - To have time to give the provider the new key, set an overlap.")
	case riskLosesSecurity:
		diags.AddAttributeError(path.Root("permissions"), summary, fmt.Sprintf("The change takes the permission \"Security\" from %s, without which Terraform can neither read nor manage anything, this key included. The key was not changed.\n\n", label)+
			otherKeyFirst+"  - Or leave \"Security\" among its permissions.")
	}
}

func warnOfUnknownOwner(diags *diag.Diagnostics, label string, risk ownKeyRisk) {
	change := label + " is to be revoked."
	if risk == riskLosesSecurity {
		change = label + " is to lose the permission \"Security\"."
	}
	diags.AddWarning("Terraform cannot tell whether it is about to revoke its own API key", capitalised(change)+
		" The hash of its secret is not known, as that of every imported key, so it may be the provider's own key (api_key or EVERFLOW_API_KEY). If it is, this and every later run that uses it would fail. Make sure that it is another one.\n\n"+
		"The apply leaves the key as it is if it was used in that run or in the minute before it. There may be more such keys in this plan: this warning is given once.")
}

func warnOfOwnKeyRotated(diags *diag.Diagnostics, key apiKeyModel, overlap string) {
	diags.AddWarning(keyLabel(key)+" will be rotated, and Terraform is authenticated with it", fmt.Sprintf(
		"The key works on for its overlap of %s. Give the provider the new key (api_key or EVERFLOW_API_KEY) before the overlap ends: "+
			"the provider does not revoke its own key, so the old key would stay live.", overlap))
}

// addKeyInUse is for a key that is left as it is because the hash of its secret is not
// known, and it was used in this run, or can have been.
func addKeyInUse(diags *diag.Diagnostics, key everflow.APIKey, risk ownKeyRisk) {
	reason, detail := reasonToLeave(key)
	summary, byHand := fmt.Sprintf("%s was not revoked: %s", keyLabelOf(key), reason), "Or revoke it "+whereKeysAre+"."
	if risk == riskLosesSecurity {
		summary, byHand = fmt.Sprintf("%s was not changed: %s", keyLabelOf(key), reason), "Or change it "+whereKeysAre+"."
	}
	diags.AddError(summary, detail+"\n\n"+
		"  - If it is Terraform's own, give the provider another key first (api_key or EVERFLOW_API_KEY).\n"+
		"  - If it certainly is not, set force_revoke = true in its resource (put the resource back if it was removed), apply that, and then make this change.\n"+
		"  - "+byHand)
}

// addActionOnKeyInUse is addKeyInUse for the action, which has other arguments.
func addActionOnKeyInUse(diags *diag.Diagnostics, key everflow.APIKey) {
	reason, detail := reasonToLeave(key)
	diags.AddError(fmt.Sprintf("%s was not revoked: %s", keyLabelOf(key), reason), detail+"\n\n"+
		"  - If it is Terraform's own, give the provider another key first (api_key or EVERFLOW_API_KEY).\n"+
		"  - If it certainly is not, set key_sha256, which decides it, or force = true.\n"+
		"  - Or revoke it "+whereKeysAre+".")
}

func reasonToLeave(key everflow.APIKey) (reason, detail string) {
	if key.LastUseUnknown {
		return "it may be the one that Terraform is authenticated with",
			"Everflow does not say when it was last used, and the hash of its secret is not known. So it may be the provider's own key."
	}
	return "it is in use", fmt.Sprintf("It was last used%s, which is in this run or in the minute before it, and the hash of its secret is not known. "+
		"So it is the key that Terraform is authenticated with, or something else uses it.", atMoment(key.LastUsedAt))
}

func addUsedByOthers(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddError(keyLabelOf(key)+" was not revoked: somebody uses it", fmt.Sprintf(
		"The state has it as a key that an earlier run created and whose secret was lost. But it was last used%s, and nobody can have used that one: this is somebody else's key.\n\n"+
			"Take it out of the state (terraform state rm). Then look %s for a key of the same name that was never used: that one can be revoked.", atMoment(key.LastUsedAt), whereKeysAre))
}

func addUnknownUse(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddError(keyLabelOf(key)+" was not revoked: it is not known whether somebody uses it", fmt.Sprintf(
		"The state has it as a key that an earlier run created and whose secret was lost. Everflow does not say when it was last used, so it may be a key of the same name that somebody else made.\n\n"+
			"  - If nothing uses it, revoke it %s, and apply again.\n"+
			"  - If something uses it, take it out of the state (terraform state rm).", whereKeysAre))
}

func warnOfForeignKey(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddWarning(keyLabelOf(key)+" is not the key that Terraform created", foreignKey(key)+
		" It is removed from the state, and a new key is planned."+unusedNamesake())
}

func warnOfForeignPreviousKey(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddWarning(keyLabelOf(key)+" is not the key that Terraform created", foreignKey(key)+
		" It is removed from previous_keys."+unusedNamesake())
}

func foreignKey(key everflow.APIKey) string {
	return fmt.Sprintf("The state has it as a key that an earlier run created and whose secret was lost. But it was last used%s, and nobody can have used that one: this is somebody else's key, and it is left alone.", atMoment(key.LastUsedAt))
}

func unusedNamesake() string {
	return fmt.Sprintf("\n\nIf there is another key of the same name that was never used, it can be revoked %s.", whereKeysAre)
}

func addOwnHash(diags *diag.Diagnostics, id string) {
	diags.AddAttributeError(path.Root("key_sha256"), fmt.Sprintf("API key %s is the one that Terraform is authenticated with", id),
		"This is the SHA-256 of the provider's own key. To revoke it would end this and every later run that uses it. The key was not revoked.\n\n"+
			"If you want this, give the provider another key with the permission \"Security\" (api_key or EVERFLOW_API_KEY), and run Terraform again.")
}
