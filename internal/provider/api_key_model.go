package provider

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// apiKeyFields are what Everflow keeps of a key; embed it.
type apiKeyFields struct {
	ID                types.String `tfsdk:"id"`
	NetworkID         types.Int64  `tfsdk:"network_id"`
	Name              types.String `tfsdk:"name"`
	NetworkEmployeeID types.Int64  `tfsdk:"network_employee_id"`
	Permissions       types.Set    `tfsdk:"permissions"`
	AllPermissions    types.Bool   `tfsdk:"all_permissions"`
	Status            types.String `tfsdk:"status"`
	CreatedAt         types.String `tfsdk:"created_at"`
	UpdatedAt         types.String `tfsdk:"updated_at"`
}

// apiKeyModel is an API key in the state of its resource.
type apiKeyModel struct {
	apiKeyFields
	StoreKeyInState   types.Bool   `tfsdk:"store_key_in_state"`
	RotateWhenChanged types.Map    `tfsdk:"rotate_when_changed"`
	ForceRevoke       types.Bool   `tfsdk:"force_revoke"`
	Key               types.String `tfsdk:"key"`
	KeySHA256         types.String `tfsdk:"key_sha256"`
}

// foundAPIKeyModel is an API key as a data source returns it.
type foundAPIKeyModel struct {
	apiKeyFields
	LastUsedAt types.String `tfsdk:"last_used_at"`
	RevokedAt  types.String `tfsdk:"revoked_at"`
}

func foundKey(key everflow.APIKey) foundAPIKeyModel {
	found := foundAPIKeyModel{LastUsedAt: timeValue(key.LastUsedAt), RevokedAt: timeValue(key.RevokedAt)}
	found.fromAPI(key)
	return found
}

// toAPI is what Everflow keeps of a key and lets change.
func (m apiKeyFields) toAPI() everflow.APIKeySettings {
	return everflow.APIKeySettings{
		Name:           m.Name.ValueString(),
		Permissions:    stringsOf(m.Permissions),
		AllPermissions: m.AllPermissions.ValueBool(),
	}
}

// fromAPI takes over what Everflow has.
func (m *apiKeyFields) fromAPI(key everflow.APIKey) {
	m.ID = types.StringValue(strconv.FormatInt(key.ID, 10))
	m.NetworkID = idValue(key.NetworkID)
	m.Name = types.StringValue(key.Name)
	m.NetworkEmployeeID = types.Int64Value(key.EmployeeID)
	m.AllPermissions = types.BoolValue(key.AllPermissions)
	m.Permissions = permissionsValue(m.Permissions, key)
	m.Status = types.StringValue(key.Status)
	m.CreatedAt = timeValue(key.CreatedAt)
	m.UpdatedAt = timeValue(key.SavedAt)
}

// refreshed is the state as a refresh finds the key. Everflow's time of the last
// change is taken over with a change only, so that a key in use changes nothing.
func (m apiKeyModel) refreshed(key everflow.APIKey) apiKeyModel {
	before := m
	m.fromAPI(key)
	if !before.UpdatedAt.IsNull() && m.toAPI().Equal(before.toAPI()) {
		m.UpdatedAt = before.UpdatedAt
	}
	if m.CreatedAt.IsNull() { // not every call need tell it
		m.CreatedAt = before.CreatedAt
	}
	return m
}

// asApplied is the state of a key right after it was created or changed: what was
// planned, and for the rest what Everflow has. The next plan shows what
// Everflow stored otherwise: Terraform calls a state that is not as planned an error of
// the provider.
func (m apiKeyModel) asApplied(key everflow.APIKey) apiKeyModel {
	now := m
	now.fromAPI(key)
	now.Name, now.NetworkEmployeeID, now.Permissions, now.AllPermissions = m.Name, m.NetworkEmployeeID, m.Permissions, m.AllPermissions
	if !m.NetworkID.IsUnknown() {
		now.NetworkID = m.NetworkID
	}
	now.ID = foundIfUnknown(m.ID, now.ID)
	now.Status = foundIfUnknown(m.Status, now.Status)
	now.CreatedAt = foundIfUnknown(m.CreatedAt, now.CreatedAt)
	return now
}

// asCreated is asApplied for a new key, with its secret.
func (m apiKeyModel) asCreated(created everflow.CreatedAPIKey) apiKeyModel {
	now := m.asApplied(created.APIKey)
	if created.Secret.IsEmpty() {
		now.setSecretLost()
	} else {
		now.setSecret(created.Secret)
	}
	return now
}

func foundIfUnknown(planned, found types.String) types.String {
	if planned.IsUnknown() {
		return found
	}
	return planned
}

// importedKey is the state of a key that Terraform did not create: its secret is
// known to nobody but its user.
func importedKey(key everflow.APIKey) apiKeyModel {
	imported := apiKeyModel{
		StoreKeyInState:   types.BoolValue(true),
		RotateWhenChanged: types.MapNull(types.StringType),
	}
	imported.fromAPI(key)
	imported.setSecret(everflow.Secret{})
	return imported
}

// permissionsValue is null for a key that has all permissions: whatever list
// Everflow shows for it then is not the configuration's. An empty list that the
// configuration has in place of null stays.
func permissionsValue(before types.Set, key everflow.APIKey) types.Set {
	switch {
	case !key.AllPermissions:
		return stringSet(key.Permissions)
	case !before.IsNull() && !before.IsUnknown() && len(before.Elements()) == 0:
		return before
	}
	return types.SetNull(types.StringType)
}

// setSecret keeps the new key's secret as the configuration asks, its hash always.
func (m *apiKeyModel) setSecret(secret everflow.Secret) {
	m.Key, m.KeySHA256 = types.StringNull(), types.StringNull()
	if secret.IsEmpty() {
		return
	}
	m.KeySHA256 = types.StringValue(secret.SHA256())
	if m.StoreKeyInState.ValueBool() {
		m.Key = types.StringValue(secret.Reveal())
	}
}

// setSecretLost marks a key that was created without its secret getting known. It is
// in the state, since Terraform does not hand the private state to the destruction of
// a tainted resource:
// https://github.com/hashicorp/terraform/blob/v1.14.0/internal/terraform/node_resource_abstract_instance.go
func (m *apiKeyModel) setSecretLost() {
	m.Key, m.KeySHA256 = types.StringNull(), types.StringValue("")
}

func (m apiKeyModel) isSecretLost() bool {
	return !m.KeySHA256.IsNull() && !m.KeySHA256.IsUnknown() && m.KeySHA256.ValueString() == ""
}

// apiKeyID reads a key's ID as the state, an import or a data source gives it.
func apiKeyID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && strconv.FormatInt(id, 10) == text
}
