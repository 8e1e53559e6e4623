package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// Texts about rotations and previous keys. Those about all keys are in
// api_key_messages.go.

// newKeyPlanned is what a plan does about a current key that ended outside Terraform.
const newKeyPlanned = "Terraform replaces it by a new key with a new secret, whatever the schedule."

func warnOfCurrentGone(diags *diag.Diagnostics, current apiKeyModel) {
	diags.AddWarning(keyLabel(current)+" does not exist", "Everflow has no such key in this network. "+newKeyPlanned)
}

func warnOfCurrentRevoked(diags *diag.Diagnostics, current everflow.APIKey) {
	diags.AddWarning(keyLabelOf(current)+" was revoked outside Terraform", fmt.Sprintf(
		"It was revoked%s, which cannot be undone: whatever still uses it is refused. %s", atMoment(current.RevokedAt), newKeyPlanned))
}

func warnOfPreviousGone(diags *diag.Diagnostics, m rotatingAPIKeyModel, previous previousKey) {
	diags.AddWarning(keyLabel(m.asAPIKey(previous))+" does not exist", fmt.Sprintf(
		"Everflow has no such key in this network. It was replaced by %s and was to work until %s. It is removed from previous_keys.",
		keyLabel(m.apiKeyModel), previous.revokeAt.ValueString()))
}

func warnOfPreviousRevoked(diags *diag.Diagnostics, m rotatingAPIKeyModel, previous previousKey, found everflow.APIKey) {
	diags.AddWarning(keyLabel(m.asAPIKey(previous))+" was revoked outside Terraform", fmt.Sprintf(
		"It was revoked%s. It was replaced by %s and was to work until %s; whatever still uses it is refused. It is removed from previous_keys.",
		atMoment(found.RevokedAt), keyLabel(m.apiKeyModel), previous.revokeAt.ValueString()))
}

func warnOfNotRevokedYet(diags *diag.Diagnostics, current apiKeyModel) {
	diags.AddWarning(keyLabel(current)+" is not revoked yet",
		"Its overlap is 0, but the key that replaces it is not as asked. It is kept in previous_keys, and the next apply revokes it.")
}

func warnOfUndecidedRotation(diags *diag.Diagnostics, current apiKeyModel) {
	diags.AddWarning("Whether "+keyLabel(current)+" is rotated is known only when the plan is applied",
		"It depends on a setting of the resource or of the provider that is not known yet.")
}

func warnOfStillUsed(diags *diag.Diagnostics, m rotatingAPIKeyModel, previous previousKey, lastUsed string) {
	diags.AddWarning(keyLabel(m.asAPIKey(previous))+" is still in use, and its overlap ends soon", fmt.Sprintf(
		"It was last used at %s. It was replaced at %s, and the first apply after %s revokes it: whatever uses it is refused from then on.\n\n"+
			"Where it is used, use the current key instead, %s, or set a longer overlap.",
		lastUsed, previous.replacedAt.ValueString(), previous.revokeAt.ValueString(), keyLabel(m.apiKeyModel)))
}

func warnOfUsedAndRevoked(diags *diag.Diagnostics, m rotatingAPIKeyModel, previous previousKey, lastUsed string) {
	diags.AddWarning(keyLabel(m.asAPIKey(previous))+" will be revoked, and something still uses it", fmt.Sprintf(
		"It was last used at %s, after it was replaced at %s. Its overlap ended at %s. Whatever uses it is refused once it is revoked.\n\n"+
			"Before you apply, use the current key instead, %s, where it is used, or set a longer overlap, which puts the revocation off.",
		lastUsed, previous.replacedAt.ValueString(), previous.revokeAt.ValueString(), keyLabel(m.apiKeyModel)))
}

func warnOfLostRevoked(diags *diag.Diagnostics, m rotatingAPIKeyModel, previous previousKey) {
	diags.AddWarning(keyLabel(m.asAPIKey(previous))+" will be revoked: a rotation lost its secret",
		"An earlier rotation of "+keyLabel(m.apiKeyModel)+" created it, and its secret was lost. Nobody can use it.")
}

func addPreviousKeysCannotMove(diags *diag.Diagnostics, source rotatingAPIKeyModel) {
	var previous []string
	for _, key := range source.previous() {
		previous = append(previous, fmt.Sprintf("API key %s until %s", key.id.ValueString(), key.revokeAt.ValueString()))
	}
	diags.AddError(keyLabel(source.apiKeyModel)+" cannot be moved to everflow_api_key yet", fmt.Sprintf(
		"Keys that it replaced still work: %s. An everflow_api_key has no place for them, so that they would be live and managed by nothing. Nothing was moved or changed.\n\n"+
			"  - Undo the move, and apply everflow_rotating_api_key once that time is over.\n"+
			"  - Or set overlap = \"0s\" there and apply, which revokes them at once.\n\nThen move the key.", strings.Join(previous, ", ")))
}

func addUnusableImportSchedule(diags *diag.Diagnostics, problem string) {
	diags.AddError("Unusable import ID", problem+" Write the ID of the current key, such as 1234, or the ID with rotate_after and overlap, such as 1234,2160h,24h.")
}

func addUnreadableDue(diags *diag.Diagnostics, err error) {
	diags.AddError("Unreadable private state", "What the last refresh found to be due cannot be read: "+sentence(err)+" terraform apply -refresh-only writes it anew.")
}
