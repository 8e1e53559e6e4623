package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// This file is what the resources and actions that deal with API keys have in
// common: Everflow's calls, and what is said when one of them goes wrong.

// createKey creates a key as planned. After an error it returns what is to be kept
// of it all the same: no ID if there is nothing, no secret if it was lost on the
// way. The message then says of the key what becomes of it.
func (s *session) createKey(ctx context.Context, plan apiKeyModel, becomes string, diags *diag.Diagnostics) everflow.CreatedAPIKey {
	asked := plan.toAPI()
	created, err := s.client.CreateAPIKey(ctx, plan.NetworkEmployeeID.ValueInt64(), asked)
	if err != nil {
		doubt, ok := errors.AsType[*everflow.CreateInDoubtError](err)
		if !ok {
			addAPIError(diags, fmt.Sprintf("The API key %q was not created", asked.Name), err)
			return everflow.CreatedAPIKey{}
		}
		addCreateInDoubt(diags, asked.Name, doubt, becomes)
		if doubt.Key == nil {
			return everflow.CreatedAPIKey{}
		}
		return everflow.CreatedAPIKey{APIKey: *doubt.Key}
	}
	s.handOvers.keep(strconv.FormatInt(created.ID, 10), created.Secret)
	addDifference(diags, created.APIKey, asked)
	return created
}

// addCreateInDoubt says what is known of a create that went wrong on its way.
func addCreateInDoubt(diags *diag.Diagnostics, name string, doubt *everflow.CreateInDoubtError, becomes string) {
	const list = "in Everflow under Control Center, Security, API Keys"
	var next string
	switch {
	case doubt.Key != nil:
		next = fmt.Sprintf("API key %d %s", doubt.Key.ID, becomes)
	case doubt.LookUp != nil || len(doubt.Candidates) > 0:
		next = fmt.Sprintf("No new key is in the state. Before the next apply, look %s for a new key named %q that nothing uses, and revoke it.", list, name)
	default:
		next = fmt.Sprintf("Most likely none was made: apply again. Should Everflow have been very slow, the next plan names the key; or look %s for a new one named %q that nothing uses.", list, name)
	}
	for _, key := range doubt.Candidates {
		created, _ := key.CreatedAt.Time()
		next += fmt.Sprintf("\n  - %s, created %s", identify(key), created.Format(time.RFC3339))
	}
	if mismatch := everflow.Mismatch(doubt); mismatch != "" {
		next += "\n\n" + mismatch
	}
	diags.AddError(fmt.Sprintf("Creating the API key %q ended in doubt", name), sentence(doubt)+"\n\n"+next)
}

// addDifference reports an Everflow that stored something else than it was asked to.
func addDifference(diags *diag.Diagnostics, stored everflow.APIKey, asked everflow.APIKeySettings) {
	got := stored.Settings()
	if got.Equal(asked) {
		return
	}
	detail := fmt.Sprintf("API key %d is saved in the state as Everflow has it.", stored.ID)
	if got.Name != asked.Name {
		detail += fmt.Sprintf("\n  - its name is %q, not %q", got.Name, asked.Name)
	}
	if got.AllPermissions != asked.AllPermissions {
		detail += fmt.Sprintf("\n  - all_permissions is %t, not %t", got.AllPermissions, asked.AllPermissions)
	}
	for _, permission := range asked.Permissions {
		if !slices.Contains(got.Permissions, permission) {
			detail += fmt.Sprintf("\n  - it lacks the permission %q", permission)
		}
	}
	for _, permission := range got.Permissions {
		if !slices.Contains(asked.Permissions, permission) {
			detail += fmt.Sprintf("\n  - it has the permission %q, which was not asked for", permission)
		}
	}
	diags.AddError("Everflow stored the API key otherwise than asked",
		detail+"\n\nWrite the values in the configuration as Everflow stores them.")
}

// readKey returns no key for one that provably does not exist; ok is false when
// nothing is proved, and an error says why.
func (s *session) readKey(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) (found *everflow.APIKey, ok bool) {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return nil, false
	}
	proof, err := s.client.ProveAPIKey(ctx, identity)
	switch {
	case err != nil:
		addKeyError(diags, "Cannot read "+describeKey(state), describeKey(state), err)
		return nil, false
	case proof.State == everflow.APIKeyGone:
		return nil, true
	}
	s.warnOfUnansweredRead(proof, diags)
	return &proof.Key, true
}

// warnOfUnansweredRead says once per run that keys are read from the table, because
// the call that gives one key is not where it is assumed to be.
func (s *session) warnOfUnansweredRead(proof everflow.APIKeyProof, diags *diag.Diagnostics) {
	if proof.Unanswered == nil {
		return
	}
	s.unansweredRead.Do(func() {
		diags.AddWarning("Everflow does not answer the call for a single API key as assumed",
			sentence(proof.Unanswered)+" But the list of API keys has the key. The provider reads the list instead.")
	})
}

// addKeyError is addAPIError for a call about one key. It says of a key of another
// network that nothing was done with it.
func addKeyError(diags *diag.Diagnostics, summary, key string, err error) {
	other, ok := errors.AsType[*everflow.OtherNetworkError](err)
	if !ok {
		addAPIError(diags, summary, err)
		return
	}
	diags.AddError(key+" belongs to another network",
		fmt.Sprintf("It is a key of network %d, but the provider's own API key belongs to network %d. Nothing was concluded or changed. "+
			"Check api_key or EVERFLOW_API_KEY, and that this is the right state.", other.Expected, other.Found))
}

// updateKey changes a key in place; ok is false when an error says why not.
func (s *session) updateKey(ctx context.Context, state apiKeyModel, asked everflow.APIKeySettings, diags *diag.Diagnostics) (key everflow.APIKey, ok bool) {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return key, false
	}
	key, err := s.client.UpdateAPIKey(ctx, identity, asked)
	if err != nil {
		addKeyError(diags, describeKey(state)+" was not updated", describeKey(state), err)
		if everflow.StatusOf(err) == http.StatusBadRequest || everflow.IsAbsent(err) {
			diags.AddWarning("The key may have been revoked meanwhile",
				"Everflow refuses to change a revoked key. terraform plan shows whether it was revoked since the last plan.")
		}
		return key, false
	}
	return key, true
}

// endKey revokes a key for ever, and reports whether it is proved to have ended; if
// not, an error says so.
func (s *session) endKey(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) bool {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return false
	}
	if _, err := s.client.EndAPIKey(ctx, identity); err != nil {
		addKeyError(diags, describeKey(state)+" was not revoked, as far as can be told", describeKey(state), err)
		return false
	}
	return true
}

// importKey is the state of a live key that is imported by its ID.
func (s *session) importKey(ctx context.Context, text string, diags *diag.Diagnostics) (imported apiKeyModel, ok bool) {
	id, ok := apiKeyID(text)
	if !ok {
		diags.AddError("Unusable import ID",
			fmt.Sprintf("%q is not the ID of an API key. Give Everflow's ID of the key, a whole number above 0, such as 1234; the data source everflow_api_keys lists them.", text))
	}
	if diags.HasError() || !s.needClient(diags, "Cannot import an API key") {
		return imported, false
	}
	proof, err := s.client.ProveAPIKey(ctx, everflow.APIKeyIdentity{ID: id})
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
	s.warnOfUnansweredRead(proof, diags)
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
