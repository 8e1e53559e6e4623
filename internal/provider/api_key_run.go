package provider

import (
	"context"
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
	warned          apiKeyWarnings
}

// apiKeyWarnings remembers which warnings a run has given, so that it gives them once.
type apiKeyWarnings struct {
	unknownOwner, readFromTable, unknownAges sync.Once
	// unknownStatuses holds statuses, inactiveEmployees the IDs of employees.
	unknownStatuses, inactiveEmployees sync.Map
}

func (k *apiKeyRun) isConfigured() bool { return k.client != nil }

// read finds out whether a key is live, revoked or gone; ok is false when nothing is
// proved, and an error says why.
func (k *apiKeyRun) read(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) (proof everflow.APIKeyProof, ok bool) {
	return k.prove(ctx, state, k.client.ProveAPIKey, diags)
}

// readNow is read by what Everflow answers now.
func (k *apiKeyRun) readNow(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) (proof everflow.APIKeyProof, ok bool) {
	return k.prove(ctx, state, k.client.ProveAPIKeyNow, diags)
}

func (k *apiKeyRun) prove(
	ctx context.Context, state apiKeyModel, ask func(context.Context, everflow.APIKeyIdentity) (everflow.APIKeyProof, error), diags *diag.Diagnostics,
) (proof everflow.APIKeyProof, ok bool) {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return proof, false
	}
	proof, err := ask(ctx, identity)
	if err != nil {
		addKeyError(diags, keyLabel(state), "Cannot read "+keyLabel(state), err)
		return proof, false
	}
	if proof.State != everflow.APIKeyGone {
		k.warnOfRead(proof, diags)
	}
	return proof, true
}

// warnOfRead warns, once per run, of a call that is not as assumed and of a status that
// is not known.
func (k *apiKeyRun) warnOfRead(proof everflow.APIKeyProof, diags *diag.Diagnostics) {
	if proof.Unanswered != nil {
		k.warned.readFromTable.Do(func() { warnOfReadFromTable(diags, proof.Unanswered) })
	}
	if proof.Key.HasKnownStatus() {
		return
	}
	if _, isWarned := k.warned.unknownStatuses.LoadOrStore(proof.Key.Status, true); !isWarned {
		warnOfUnknownStatus(diags, proof.Key)
	}
}

// update changes a key in place; ok is false when an error says why not.
func (k *apiKeyRun) update(ctx context.Context, state apiKeyModel, asked everflow.APIKeySettings, diags *diag.Diagnostics) (key everflow.APIKey, ok bool) {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return key, false
	}
	key, err := k.client.UpdateAPIKey(ctx, identity, asked)
	if err == nil {
		return key, true
	}
	var proof everflow.APIKeyProof
	if everflow.StatusOf(err) == http.StatusBadRequest || everflow.IsAbsent(err) {
		// Everflow's answer to a change of a revoked key is not documented.
		proof, _ = k.client.ProveAPIKey(ctx, identity)
	}
	switch proof.State {
	case everflow.APIKeyRevoked:
		addNotUpdatedRevoked(diags, keyLabel(state), proof.Key, err)
	case everflow.APIKeyGone:
		addNotUpdatedGone(diags, keyLabel(state), err)
	default:
		addKeyError(diags, keyLabel(state), keyLabel(state)+" was not updated", err)
	}
	return key, false
}

// revoke revokes a key for ever, and reports whether it is proved to be revoked or
// gone; if not, an error says so.
func (k *apiKeyRun) revoke(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) bool {
	identity, ok := storedIdentity(state, diags)
	if !ok {
		return false
	}
	if _, err := k.client.RevokeAPIKey(ctx, identity); err != nil {
		addNotRevoked(diags, keyLabel(state), err)
		return false
	}
	return true
}

// importLive returns the state of a live key that is imported by its ID.
func (k *apiKeyRun) importLive(ctx context.Context, text string, diags *diag.Diagnostics) (imported apiKeyModel, ok bool) {
	id, ok := apiKeyID(text)
	if !ok {
		addUnusableImportID(diags, text)
		return imported, false
	}
	proof, err := k.client.ProveAPIKey(ctx, everflow.APIKeyIdentity{ID: id})
	switch {
	case err != nil:
		addKeyError(diags, fmt.Sprintf("API key %d", id), fmt.Sprintf("Cannot import API key %d", id), err)
		return imported, false
	case proof.State == everflow.APIKeyGone:
		addImportGone(diags, id)
		return imported, false
	case proof.State == everflow.APIKeyRevoked:
		addImportRevoked(diags, proof.Key)
		return imported, false
	}
	k.warnOfRead(proof, diags)
	return importedKey(proof.Key), true
}

// createdAt is when a key was created, in Everflow's own words where it says so.
func (k *apiKeyRun) createdAt(ctx context.Context, key everflow.APIKey) time.Time {
	if created, ok := key.CreatedAt.Time(); ok {
		return created
	}
	return k.clocks.likely(ctx)
}

// warnOfUnknownAges warns, once per run, that no key is rotated or revoked for its age.
func (k *apiKeyRun) warnOfUnknownAges(why error, diags *diag.Diagnostics) {
	k.warned.unknownAges.Do(func() { warnOfUnknownAges(diags, why) })
}

// storedIdentity reads the ID and the network that the state holds, or adds an error.
func storedIdentity(state apiKeyModel, diags *diag.Diagnostics) (everflow.APIKeyIdentity, bool) {
	id, ok := apiKeyID(state.ID.ValueString())
	if !ok {
		addUnreadableID(diags, state.ID.ValueString())
	}
	return everflow.APIKeyIdentity{NetworkID: state.NetworkID.ValueInt64(), ID: id}, ok
}
