package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// apiKeyRun is what a run does to API keys, and what it has to remember of them.
type apiKeyRun struct {
	// client is nil while the provider's configuration is unknown.
	client *everflow.Run
	clocks clocks
	// began is when the provider was configured, by the machine's clock.
	began           time.Time
	managed         managedKeys
	handOvers       secretHandOvers
	shortLived      *shortLivedKeys
	rolePermissions rolePermissions
	employees       employeesByID
	said            apiKeyWarnings
}

// apiKeyWarnings are the warnings that concern many keys and are given once per run.
type apiKeyWarnings struct {
	unknownOwner, readFromTable, unknownAges sync.Once
	// unknownStatuses and inactiveEmployees hold what a warning has named.
	unknownStatuses, inactiveEmployees sync.Map
}

func (k *apiKeyRun) isConfigured() bool { return k.client != nil }

// readKey returns no key for one that provably does not exist; ok is false when
// nothing is proved, and an error says why.
func (k *apiKeyRun) read(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) (found *everflow.APIKey, ok bool) {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return nil, false
	}
	proof, err := k.client.ProveAPIKey(ctx, identity)
	switch {
	case err != nil:
		addKeyError(diags, "Cannot read "+describeKey(state), describeKey(state), err)
		return nil, false
	case proof.State == everflow.APIKeyGone:
		return nil, true
	}
	k.warnOfUnansweredRead(proof, diags)
	k.warnOfUnknownStatus(proof.Key, diags)
	return &proof.Key, true
}

// warnOfUnansweredRead says once per run that keys are read from the table, because
// the call that gives one key is not where it is assumed to be.
func (k *apiKeyRun) warnOfUnansweredRead(proof everflow.APIKeyProof, diags *diag.Diagnostics) {
	if proof.Unanswered == nil {
		return
	}
	k.said.readFromTable.Do(func() {
		diags.AddWarning("Everflow does not answer the call for a single API key as assumed",
			sentence(proof.Unanswered)+" But the list of API keys has the key. The provider reads the list instead.")
	})
}

// warnOfUnknownStatus says once per run and status that a status is not known.
func (k *apiKeyRun) warnOfUnknownStatus(key everflow.APIKey, diags *diag.Diagnostics) {
	if key.HasKnownStatus() {
		return
	}
	if _, said := k.said.unknownStatuses.LoadOrStore(key.Status, true); said {
		return
	}
	diags.AddWarning(fmt.Sprintf("%s has a status that is not known: %q", identify(key), key.Status),
		fmt.Sprintf("The statuses of an API key are assumed, since Everflow does not publish its calls for API keys. Expected: %q or %q. Got: %q. "+
			"The key is treated as live, and so is every other key with this status. Look in Everflow under Control Center, Security, API Keys whether it still works. %s",
			everflow.StatusActive, everflow.StatusRevoked, key.Status, everflow.HowToReport))
}

// addKeyError is addAPIError for a call about one key. It says of a key of another
// network that nothing was done with it.
func addKeyError(diags *diag.Diagnostics, summary, key string, err error) {
	other, ok := errors.AsType[*everflow.OtherNetworkError](err)
	if !ok {
		addAPIError(diags, summary, err)
		return
	}
	if other.IsAboutKey() {
		diags.AddError(key+" belongs to another network", sentence(err)+" Nothing was concluded from the answer. Check that this is the right state, and api_key or EVERFLOW_API_KEY. "+
			"If they are right: this call is assumed, Everflow does not publish it. "+everflow.HowToReport)
		return
	}
	diags.AddError(key+" belongs to another network",
		fmt.Sprintf("It is a key of network %d, but the provider's own API key belongs to network %d. Nothing was concluded or changed. "+
			"Check api_key or EVERFLOW_API_KEY, and that this is the right state.", other.Expected, other.Found))
}

// updateKey changes a key in place; ok is false when an error says why not.
func (k *apiKeyRun) update(ctx context.Context, state apiKeyModel, asked everflow.APIKeySettings, diags *diag.Diagnostics) (key everflow.APIKey, ok bool) {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return key, false
	}
	key, err := k.client.UpdateAPIKey(ctx, identity, asked)
	if err == nil {
		return key, true
	}
	if everflow.StatusOf(err) == http.StatusBadRequest || everflow.IsAbsent(err) {
		// Everflow refuses to change a revoked key, in words that are not known.
		proof, _ := k.client.ProveAPIKey(ctx, identity)
		switch proof.State {
		case everflow.APIKeyRevoked:
			diags.AddError(describeKey(state)+" was not updated: it is revoked",
				fmt.Sprintf("It was revoked outside Terraform%s. Run terraform plan again, which plans a new key in its place.\n\n%s", at(proof.Key.RevokedAt), sentence(err)))
			return key, false
		case everflow.APIKeyGone:
			diags.AddError(describeKey(state)+" was not updated: it does not exist",
				"Everflow knows no such key in this network any more. Run terraform plan again, which plans a new key in its place.\n\n"+sentence(err))
			return key, false
		}
	}
	addKeyError(diags, describeKey(state)+" was not updated", describeKey(state), err)
	return key, false
}

// endKey revokes a key for ever, and reports whether it is proved to have ended; if
// not, an error says so.
func (k *apiKeyRun) revoke(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) bool {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return false
	}
	if _, err := k.client.RevokeAPIKey(ctx, identity); err != nil {
		addKeyError(diags, describeKey(state)+" was not revoked, as far as can be told", describeKey(state), err)
		return false
	}
	return true
}

// importKey is the state of a live key that is imported by its ID.
func (k *apiKeyRun) importLive(ctx context.Context, text string, diags *diag.Diagnostics) (imported apiKeyModel, ok bool) {
	id, ok := apiKeyID(text)
	if !ok {
		diags.AddError("Unusable import ID",
			fmt.Sprintf("%q is not the ID of an API key. Give Everflow's ID of the key, a whole number above 0, such as 1234; the data source everflow_api_keys lists them.", text))
	}
	if diags.HasError() {
		return imported, false
	}
	proof, err := k.client.ProveAPIKey(ctx, everflow.APIKeyIdentity{ID: id})
	key := proof.Key
	switch {
	case err != nil:
		addKeyError(diags, fmt.Sprintf("Cannot import API key %d", id), fmt.Sprintf("API key %d", id), err)
		return imported, false
	case proof.State == everflow.APIKeyGone:
		diags.AddError(fmt.Sprintf("API key %d does not exist", id),
			"The network of the provider's own API key has no key with this ID. The data source everflow_api_keys lists those it has.")
		return imported, false
	case proof.State == everflow.APIKeyRevoked:
		diags.AddError(fmt.Sprintf("API key %d (%q) is revoked", id, key.Name),
			"A revoked key can never be used again, so there is nothing to manage. To have a new key, apply the resource without importing.")
		return imported, false
	}
	k.warnOfUnansweredRead(proof, diags)
	k.warnOfUnknownStatus(key, diags)
	return importedKey(key), true
}

// describeKey names a key in a message.
func describeKey(m apiKeyModel) string {
	if m.Name.IsNull() {
		return "API key " + m.ID.ValueString()
	}
	return fmt.Sprintf("API key %s (%q)", m.ID.ValueString(), m.Name.ValueString())
}

// storedID reads the ID that the state holds, or adds an error.
func storedID(state apiKeyModel, diags *diag.Diagnostics) (int64, bool) {
	id, ok := apiKeyID(state.ID.ValueString())
	if !ok {
		diags.AddError("Unreadable API key ID in the state", fmt.Sprintf("%q is not an Everflow ID, a whole number above 0.", state.ID.ValueString()))
	}
	return id, ok
}

// storedIdentity reads the ID and the network that the state holds, or adds an error.
func storedIdentity(state apiKeyModel, diags *diag.Diagnostics) (everflow.APIKeyIdentity, bool) {
	id, ok := storedID(state, diags)
	return everflow.APIKeyIdentity{NetworkID: state.NetworkID.ValueInt64(), ID: id}, ok
}

// identify names a key in a message.
func identify(key everflow.APIKey) string { return fmt.Sprintf("API key %d (%q)", key.ID, key.Name) }

// at is " at" a moment, or nothing when Everflow does not say it.
func at(moment everflow.Time) string {
	if when, ok := moment.Time(); ok {
		return " at " + when.Format(time.RFC3339)
	}
	return ""
}

func lastUse(key everflow.APIKey) string {
	if key.LastUsedAt == 0 {
		return "never used"
	}
	return "last used" + at(key.LastUsedAt)
}

// warnOfUnknownAges says once per run that nothing is done for its age, and why.
func (k *apiKeyRun) warnOfUnknownAges(why error, diags *diag.Diagnostics) {
	k.said.unknownAges.Do(func() {
		diags.AddWarning("It cannot be told which API keys are due",
			sentence(why)+" No key is rotated or revoked for its age until that is mended. Check the clock of this machine, and any proxy between it and Everflow.")
	})
}
