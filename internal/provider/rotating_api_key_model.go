package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// rotatingAPIKeyModel is a key in the state of its resource, with its schedule and
// with those that it replaced.
type rotatingAPIKeyModel struct {
	apiKeyModel
	RotateAfter  types.String `tfsdk:"rotate_after"`
	Overlap      types.String `tfsdk:"overlap"`
	RotateAt     types.String `tfsdk:"rotate_at"`
	PreviousKeys types.List   `tfsdk:"previous_keys"`
}

// previousKey is a key that was replaced, or one whose secret a rotation in doubt lost:
// the latter has no time at which it was replaced.
type previousKey struct {
	id, keySHA256, replacedAt, revokeAt types.String
}

var previousKeyType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id": types.StringType, "key_sha256": types.StringType,
	"replaced_at": types.StringType, "revoke_at": types.StringType,
}}

// isSecretLost: the key was created by a rotation that did not get to know its secret.
func (k previousKey) isSecretLost() bool { return k.replacedAt.IsNull() }

// previous returns the known list, the oldest first.
func (m *rotatingAPIKeyModel) previous() []previousKey {
	var keys []previousKey
	for _, element := range m.PreviousKeys.Elements() {
		object, ok := element.(types.Object)
		if !ok {
			continue
		}
		text := func(name string) types.String {
			value, _ := object.Attributes()[name].(types.String)
			return value
		}
		keys = append(keys, previousKey{
			id: text("id"), keySHA256: text("key_sha256"),
			replacedAt: text("replaced_at"), revokeAt: text("revoke_at"),
		})
	}
	return keys
}

func (m *rotatingAPIKeyModel) setPrevious(keys []previousKey) {
	elements := make([]attr.Value, len(keys))
	for i, key := range keys {
		elements[i] = types.ObjectValueMust(previousKeyType.AttrTypes, map[string]attr.Value{
			"id": key.id, "key_sha256": key.keySHA256,
			"replaced_at": key.replacedAt, "revoke_at": key.revokeAt,
		})
	}
	m.PreviousKeys = types.ListValueMust(previousKeyType, elements)
}

// asAPIKey is what is known of a previous key, for the calls and messages that all keys share.
func (m *rotatingAPIKeyModel) asAPIKey(key previousKey) apiKeyModel {
	return apiKeyModel{apiKeyFields: apiKeyFields{ID: key.id, NetworkID: m.NetworkID}, KeySHA256: key.keySHA256, ForceRevoke: m.ForceRevoke}
}

// isRevokedOrGone: the state keeps a key that nobody can use any more until it is replaced,
// for the sake of the previous ones.
func (m *rotatingAPIKeyModel) isRevokedOrGone() bool {
	return m.Status.IsNull() || m.Status.ValueString() == everflow.StatusRevoked
}

// addCurrentToPrevious makes the current key of the state a previous one, from the time on.
func (m *rotatingAPIKeyModel) addCurrentToPrevious(state rotatingAPIKeyModel, replaced time.Time) {
	keys := state.previous()
	if !state.isRevokedOrGone() {
		keys = append(keys, previousKey{id: state.ID, keySHA256: state.KeySHA256, replacedAt: momentValue(replaced)})
	}
	m.setPrevious(overlapping(keys, durationOf(m.Overlap)))
}

// without is the list of previous keys less those with these IDs.
func without(keys []previousKey, ids []string) []previousKey {
	return slices.DeleteFunc(slices.Clone(keys), func(key previousKey) bool { return slices.Contains(ids, key.id.ValueString()) })
}

func (m *rotatingAPIKeyModel) previousIDs() (ids []string) {
	for _, key := range m.previous() {
		ids = append(ids, key.id.ValueString())
	}
	return ids
}

// keys are the current key and the previous ones, as far as each is known.
func (m *rotatingAPIKeyModel) keys() []apiKeyModel {
	keys := []apiKeyModel{m.apiKeyModel}
	for _, key := range m.previous() {
		keys = append(keys, m.asAPIKey(key))
	}
	return keys
}

// setUnknown leaves open what another key would change.
func (m *rotatingAPIKeyModel) setUnknown() {
	unknown := types.StringUnknown()
	m.ID, m.KeySHA256, m.Status, m.CreatedAt, m.UpdatedAt, m.RotateAt = unknown, unknown, unknown, unknown, unknown, unknown
	m.NetworkID = types.Int64Unknown()
	m.PreviousKeys = types.ListUnknown(previousKeyType)
	m.Key = unknown
	if !m.StoreKeyInState.IsUnknown() && !m.StoreKeyInState.ValueBool() {
		m.Key = types.StringNull()
	}
}

// refreshCurrent takes over the current key as it was read.
func (m *rotatingAPIKeyModel) refreshCurrent(proof everflow.APIKeyProof, diags *diag.Diagnostics) {
	switch proof.State {
	case everflow.APIKeyGone:
		m.Status = types.StringNull()
		warnOfCurrentGone(diags, m.apiKeyModel)
		return
	case everflow.APIKeyRevoked:
		warnOfCurrentRevoked(diags, proof.Key)
	case everflow.APIKeyLive:
	}
	m.apiKeyModel = m.refreshed(proof.Key)
}
