package provider

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// Texts about API keys. Those about the provider's own key and keys in use are in
// api_key_ownership_messages.go, about short-lived keys in api_key_ephemeral_messages.go,
// about rotations in rotating_api_key_messages.go.

// whereKeysAre is where a person finds the keys.
const whereKeysAre = "in Everflow under Control Center, Security, API Keys"

// keyLabel names a key of the state in a message.
func keyLabel(m apiKeyModel) string {
	if m.Name.IsNull() {
		return "API key " + m.ID.ValueString()
	}
	return fmt.Sprintf("API key %s (%q)", m.ID.ValueString(), m.Name.ValueString())
}

// keyLabelOf names a key of Everflow in a message.
func keyLabelOf(key everflow.APIKey) string { return fmt.Sprintf("API key %d (%q)", key.ID, key.Name) }

// atMoment is " at" a moment, or empty where Everflow does not say it.
func atMoment(moment everflow.Time) string {
	if when, ok := moment.Time(); ok {
		return " at " + when.Format(time.RFC3339)
	}
	return ""
}

// addKeyError is addAPIError for a call about one key, which label names.
func addKeyError(diags *diag.Diagnostics, label, summary string, err error) {
	diags.AddError(keyError(label, summary, err))
}

// keyError says of a key of another network that nothing was done with it.
func keyError(label, failed string, err error) (summary, detail string) {
	other, isOther := errors.AsType[*everflow.OtherNetworkError](err)
	switch {
	case !isOther:
		return failed, apiErrorDetail(err)
	case other.IsAboutKey():
		return capitalised(label) + " belongs to another network", sentence(err) + " Nothing was changed.\n\n" +
			"Check that this is the right state, and check api_key or EVERFLOW_API_KEY. If they are right: this call is assumed, Everflow does not publish it. " + everflow.HowToReport
	}
	return capitalised(label) + " belongs to another network", fmt.Sprintf(
		"It is a key of network %d, but the provider's own API key belongs to network %d. Nothing was changed.\n\n"+
			"Check that this is the right state, and check api_key or EVERFLOW_API_KEY.", other.Expected, other.Found)
}

func addNotRevoked(diags *diag.Diagnostics, label string, err error) {
	diags.AddError(notRevoked(label, err))
}

// notRevoked claims no more than what a read after the call has found.
func notRevoked(label string, err error) (summary, detail string) {
	revocation, isSent := errors.AsType[*everflow.RevocationError](err)
	if isSent && revocation.Read != nil {
		return keyError(label, "It is not known whether "+label+" was revoked", err)
	}
	return keyError(label, capitalised(label)+" was not revoked", err)
}

func addNotUpdatedRevoked(diags *diag.Diagnostics, label string, key everflow.APIKey, err error) {
	diags.AddError(label+" was not updated: it is revoked", fmt.Sprintf(
		"It was revoked outside Terraform%s. Run terraform plan again, which plans a new key in its place.\n\n%s", atMoment(key.RevokedAt), sentence(err)))
}

func addNotUpdatedGone(diags *diag.Diagnostics, label string, err error) {
	diags.AddError(label+" was not updated: it does not exist",
		"Everflow has no such key in this network any more. Run terraform plan again, which plans a new key in its place.\n\n"+sentence(err))
}

// addCreateOutcome says how a create ended, unless the key and its secret are known.
func addCreateOutcome(diags *diag.Diagnostics, name string, o createOutcome) {
	switch o.kind {
	case nothingCreated:
		addAPIError(diags, fmt.Sprintf("The API key %q was not created", name), o.err)
	case createInDoubt:
		addCreateInDoubt(diags, name, o.doubt)
	case createdWithoutSecret:
		addSecretLost(diags, o,
			fmt.Sprintf("API key %d is in the state, marked as tainted: the next apply revokes it and creates another.", o.key.ID))
	}
}

// addRotationWithoutSecret is addCreateOutcome for a key that was to replace current.
func addRotationWithoutSecret(diags *diag.Diagnostics, o createOutcome, current apiKeyModel) {
	addSecretLost(diags, o,
		fmt.Sprintf("API key %d is kept in previous_keys: the next apply revokes it and rotates again. %s stays the current key.", o.key.ID, keyLabel(current)))
}

func addCreateInDoubt(diags *diag.Diagnostics, name string, doubt *everflow.CreateInDoubtError) {
	next := fmt.Sprintf("Most likely no key was created: apply again. To be sure, look %s for a new key named %q that nothing uses, and revoke it.", whereKeysAre, name)
	if doubt.LookUp != nil || len(doubt.Candidates) > 0 {
		next = fmt.Sprintf("No new key is in the state. Before the next apply, look %s for a new key named %q that nothing uses, and revoke it.", whereKeysAre, name)
	}
	for _, key := range doubt.Candidates {
		next += fmt.Sprintf("\n  - %s, created%s", keyLabelOf(key), atMoment(key.CreatedAt))
	}
	diags.AddError(fmt.Sprintf("It is not known whether the API key %q was created", name), sentence(doubt)+"\n\n"+next+mismatchOf(doubt))
}

// addSecretLost is for a key that was created and whose secret did not arrive.
func addSecretLost(diags *diag.Diagnostics, o createOutcome, next string) {
	diags.AddError(keyLabelOf(o.key.APIKey)+" was created, but its secret was lost", sentence(o.doubt)+"\n\n"+next+mismatchOf(o.doubt))
}

func warnOfUnreadCreated(diags *diag.Diagnostics, created everflow.CreatedAPIKey, err error) {
	diags.AddWarning(keyLabelOf(created.APIKey)+" was created, but could not be read afterwards", fmt.Sprintf(
		"The answer to its creation did not have these fields, so the key had to be read: %s. %s\n\nThe key and its secret are in the state. The next plan reads the key.",
		strings.Join(created.Unread, ", "), sentence(err)))
}

func warnOfCreatedNotLive(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddWarning(keyLabelOf(key)+" was created, but is not live",
		"Everflow answered that it created the key, and a read right afterwards says that the key is revoked or does not exist. The key is in the state. The next plan reads it.")
}

// warnOfStoredOtherwise lists what Everflow stored otherwise than it was asked to.
func warnOfStoredOtherwise(diags *diag.Diagnostics, key everflow.APIKey, differences []string) {
	diags.AddWarning(fmt.Sprintf("Everflow stored API key %d otherwise than asked", key.ID),
		"The next plan shows the difference as a change, and an apply asks for it again. If Everflow stores it otherwise again, write the values in the configuration as Everflow has them.\n  - "+
			strings.Join(differences, "\n  - "))
}

func warnOfKeyGone(diags *diag.Diagnostics, key apiKeyModel) {
	diags.AddWarning(keyLabel(key)+" does not exist",
		"Everflow has no such key in this network. It is removed from the state. If the configuration still has it, Terraform creates a new one.")
}

func warnOfRevokedOutside(diags *diag.Diagnostics, label string, key everflow.APIKey) {
	diags.AddWarning(label+" was revoked outside Terraform", fmt.Sprintf(
		"It was revoked%s, which cannot be undone: whatever still uses it is refused. "+
			"It is removed from the state. If the configuration still has it, Terraform creates a new key with a new secret.", atMoment(key.RevokedAt)))
}

func warnOfReadFromTable(diags *diag.Diagnostics, unanswered error) {
	diags.AddWarning("Everflow does not answer the call for a single API key as assumed",
		sentence(unanswered)+" But the list of API keys has the key, and the provider reads the list instead: there is nothing to do in this run."+mismatchOf(unanswered))
}

func warnOfUnknownStatus(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddWarning(fmt.Sprintf("%s has a status that is not known: %q", keyLabelOf(key), key.Status), fmt.Sprintf(
		"The statuses of an API key are assumed, since Everflow does not publish its calls for API keys. Expected: %q or %q. Got: %q. "+
			"The key is treated as live, and so is every other key with this status. Look %s whether it still works. %s",
		everflow.StatusActive, everflow.StatusRevoked, key.Status, whereKeysAre, everflow.HowToReport))
}

func warnOfUnknownAges(diags *diag.Diagnostics, why error) {
	diags.AddWarning("It is not known which API keys are due",
		sentence(why)+" No key is rotated or revoked for its age until the clocks agree. Check the clock of this machine, and any proxy between it and Everflow.")
}

// shownID quotes a text that is no ID. A long one may be a secret in the wrong place, and
// is not repeated.
func shownID(text string) string {
	const longestID = 19
	if len(text) > longestID {
		return "The given text"
	}
	return strconv.Quote(text)
}

func addUnusableImportID(diags *diag.Diagnostics, text string) {
	diags.AddError("Unusable import ID", fmt.Sprintf(
		"%s is not the ID of an API key. Give Everflow's ID of the key, a whole number above 0, such as 1234; the data source everflow_api_keys lists them.", shownID(text)))
}

func addImportGone(diags *diag.Diagnostics, id int64) {
	diags.AddError(fmt.Sprintf("API key %d does not exist", id),
		"The network of the provider's own API key has no key with this ID. The data source everflow_api_keys lists the keys of the network.")
}

func addImportRevoked(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddError(keyLabelOf(key)+" is revoked",
		"A revoked key can never be used again, so there is nothing to manage. To have a new key, apply the resource without importing.")
}

func addUnusableKeyID(diags *diag.Diagnostics, text string) {
	diags.AddAttributeError(path.Root("id"), "Unusable API key ID", fmt.Sprintf("%s is not Everflow's ID of an API key, a whole number above 0.", shownID(text)))
}

func addUnusableHash(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("key_sha256"), "Unusable SHA-256", "It must be 64 hexadecimal digits. Nothing was revoked.")
}

func addUnusableKeyToRevoke(diags *diag.Diagnostics, text string) {
	diags.AddAttributeError(path.Root("api_key_id"), "Unusable API key ID",
		fmt.Sprintf("%s is not Everflow's ID of an API key, a whole number above 0. Nothing was revoked.", shownID(text)))
}

func addNoKeyWithID(diags *diag.Diagnostics, id int64) {
	diags.AddAttributeError(path.Root("id"), "No such API key", fmt.Sprintf(
		"The network has no API key with the ID %d. The data source everflow_api_keys lists those it has.", id))
}

func addNoKeyNamed(diags *diag.Diagnostics, name string) {
	diags.AddAttributeError(path.Root("name"), "No such API key", fmt.Sprintf(
		"The network has no active API key named %q. The data source everflow_api_keys lists those it has.", name))
}

func addSeveralKeysNamed(diags *diag.Diagnostics, name string, keys []everflow.APIKey) {
	var candidates []string
	for _, key := range keys {
		candidates = append(candidates, fmt.Sprintf("%d (employee %d)", key.ID, key.EmployeeID))
	}
	diags.AddAttributeError(path.Root("name"), "More than one such API key", fmt.Sprintf(
		"These active keys are named %q: %s. Give the id instead.", name, strings.Join(candidates, ", ")))
}

// addNoKeyToRevoke names the network: the provider may be authenticated for another one
// than is meant.
func addNoKeyToRevoke(diags *diag.Diagnostics, id, network int64) {
	diags.AddAttributeError(path.Root("api_key_id"), fmt.Sprintf("API key %d does not exist in network %d", id, network),
		"The network of the provider's own API key has no such key, neither active nor revoked. Nothing was revoked. "+
			"Check api_key_id, and whether the provider's api_key or EVERFLOW_API_KEY is one of the network that is meant.")
}

func addSecretHandedOver(diags *diag.Diagnostics, id string) {
	diags.AddAttributeError(path.Root("api_key_id"), fmt.Sprintf("The secret of API key %s was handed over already", id),
		"This run created the key and handed its secret to another ephemeral resource. It is not kept after that.\n\n"+
			"  - Let one block ephemeral \"everflow_api_key_secret\" serve everything that takes the secret.\n"+
			"  - To have a secret again, replace the key: terraform apply -replace=… with the address of the key.")
}

func addUnreadableID(diags *diag.Diagnostics, text string) {
	diags.AddError("Unreadable API key ID in the state", fmt.Sprintf(
		"%s is not an Everflow ID, a whole number above 0. Remove the resource from the state (terraform state rm), and import the key.", shownID(text)))
}

func addSecondResource(diags *diag.Diagnostics, key apiKeyModel) {
	diags.AddError("Two resources manage "+keyLabel(key),
		"To destroy or replace one of them would revoke the key of the other. Keep one of them.\n\n"+
			"  - If the other is to be imported, remove its import block.\n"+
			"  - If it is in the state, take it out: terraform state rm, or a removed block with destroy = false.")
}

func addPlanAgain(diags *diag.Diagnostics, state, plan apiKeyModel) {
	const again = "The key was not changed. Run terraform plan again, with a refresh: it shows the replacement."
	if employee := plan.NetworkEmployeeID; !employee.Equal(state.NetworkEmployeeID) {
		diags.AddAttributeError(path.Root("network_employee_id"), keyLabel(state)+" belongs to another employee than planned", fmt.Sprintf(
			"The key belongs to employee %d, and network_employee_id is %d. Another employee needs another key, and the plan did not show that: the value was not known, or the plan did not refresh the key. ",
			state.NetworkEmployeeID.ValueInt64(), employee.ValueInt64())+again)
		return
	}
	diags.AddAttributeError(path.Root("rotate_when_changed"), "A value of rotate_when_changed of "+keyLabel(state)+" is another one than planned",
		"A change of it replaces the key, and the plan did not show that: the value was not known, or the plan did not refresh the key. "+again)
}

func warnOfAbsentSecret(diags *diag.Diagnostics) {
	diags.AddAttributeWarning(path.Root("store_key_in_state"), "The key's secret stays absent",
		"Everflow shows a secret once only, and this one was not stored. To have it in the state, replace the key (terraform apply -replace=…), which revokes this one.")
}

func addBlankName(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("name"), "The key has no name",
		"The name is empty or blank. Write a name. Only a key that has a blank name already can keep it.")
}

func addNameWithOuterBlanks(diags *diag.Diagnostics, name string) {
	diags.AddAttributeError(path.Root("name"), "White space around the name", fmt.Sprintf(
		"%q begins or ends with white space, which Everflow may drop: write %q. Only a key that has such a name already can keep it.", name, strings.TrimSpace(name)))
}

func addNoPermissions(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("permissions"), "No permissions are set",
		"The key could do nothing: list permission identifiers in permissions, or set all_permissions = true. Only a key that has no permissions already can stay like that.")
}

func addNoEmployee(diags *diag.Diagnostics, id int64) {
	diags.AddAttributeError(path.Root("network_employee_id"), "There is no employee "+strconv.FormatInt(id, 10),
		"The network has no employee with this ID, so that no key can be created for it. Employees are listed in Everflow under Control Center, Users, and by the data source everflow_employees.")
}

func warnOfInactiveEmployee(diags *diag.Diagnostics, employee everflow.Employee) {
	diags.AddAttributeWarning(path.Root("network_employee_id"), fmt.Sprintf("Employee %d (%q) is not active", employee.ID, employee.FullName),
		fmt.Sprintf("The account's status is %q. Everflow may refuse to create an API key for it, or may not accept the key.", employee.AccountStatus))
}

// warnOfUnknownPermission proposes a similar permission, if there is one.
func warnOfUnknownPermission(diags *diag.Diagnostics, permission, similar string) {
	detail := "It may be mistyped."
	if similar != "" {
		detail = fmt.Sprintf("Did you mean %q?", similar)
	}
	detail += fmt.Sprintf(" Everflow may refuse %q, or store a key that lacks it. The data source everflow_roles shows the permissions of each role.", permission)
	diags.AddAttributeWarning(path.Root("permissions"), fmt.Sprintf("No role of the network has the permission %q", permission), detail)
}
