package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var (
	_ action.ActionWithConfigure  = (*apiKeyRevokeAction)(nil)
	_ action.ActionWithModifyPlan = (*apiKeyRevokeAction)(nil)
)

type apiKeyRevokeAction struct{ actionData }

func newAPIKeyRevokeAction() action.Action { return &apiKeyRevokeAction{} }

func (a *apiKeyRevokeAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_revoke_api_key"
}

func (a *apiKeyRevokeAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Revokes an API key of the network, which cannot be undone. Requires Terraform 1.14 or newer.",
		Attributes: map[string]schema.Attribute{
			"api_key_id": schema.StringAttribute{
				MarkdownDescription: "Everflow's ID of the key to revoke.",
				Required:            true,
				Validators:          []validator.String{apiKeyIDValidator},
			},
			"key_sha256": schema.StringAttribute{
				MarkdownDescription: "The SHA-256 of the key's secret in hexadecimal, as in `key_sha256` of an `everflow_api_key`. " +
					"With it the provider knows whether the key is its own, which it never revokes.",
				Optional:   true,
				Validators: []validator.String{sha256Validator},
			},
			"force": schema.BoolAttribute{
				MarkdownDescription: "Whether to revoke a key without `key_sha256` that was used during the run and may be the provider's own. " +
					"Default: `false`.",
				Optional: true,
			},
		},
	}
}

type apiKeyRevokeModel struct {
	APIKeyID  types.String `tfsdk:"api_key_id"`
	KeySHA256 types.String `tfsdk:"key_sha256"`
	Force     types.Bool   `tfsdk:"force"`
}

// checkedID reads the key's ID. A value that was not known before the apply has
// passed no validator, and a hash that is none would pass for that of another key.
func (m apiKeyRevokeModel) checkedID(diags *diag.Diagnostics) int64 {
	id, ok := apiKeyID(m.APIKeyID.ValueString())
	if !ok {
		addUnusableKeyToRevoke(diags, m.APIKeyID.ValueString())
	}
	if hash := m.KeySHA256; !hash.IsNull() && !sha256InHex.MatchString(hash.ValueString()) {
		addUnusableHash(diags)
	}
	return id
}

// ModifyPlan stops, while it is only a plan, what would be refused in any case.
func (a *apiKeyRevokeAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config apiKeyRevokeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !a.isConfigured() {
		return
	}
	switch a.keys.ownershipOf(config.KeySHA256) {
	case ownKey:
		addOwnHash(&resp.Diagnostics, config.APIKeyID.ValueString())
	case ownershipUnknown:
		if !config.Force.ValueBool() && !config.Force.IsUnknown() && !config.KeySHA256.IsUnknown() {
			a.keys.warnOfUnknownOwner("API key "+config.APIKeyID.ValueString(), riskDestroy, &resp.Diagnostics)
		}
	}
}

func (a *apiKeyRevokeAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config apiKeyRevokeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(a.requireClient("Cannot revoke an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := config.checkedID(&resp.Diagnostics)
	owner := a.keys.ownershipOf(config.KeySHA256)
	if owner == ownKey {
		addOwnHash(&resp.Diagnostics, config.APIKeyID.ValueString())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	tell := func(format string, values ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, values...)})
	}
	proof, err := a.client.ProveAPIKey(ctx, everflow.APIKeyIdentity{ID: id})
	key := proof.Key
	switch {
	case err != nil:
		addKeyError(&resp.Diagnostics, fmt.Sprintf("API key %d", id), fmt.Sprintf("API key %d was not revoked: it cannot be read", id), err)
		return
	case proof.State == everflow.APIKeyGone:
		addNoKeyToRevoke(&resp.Diagnostics, id, key.NetworkID)
		return
	case proof.State == everflow.APIKeyRevoked:
		tell("%s was revoked already%s: nothing to do.", keyLabelOf(key), atMoment(key.RevokedAt))
		return
	}
	a.keys.warnOfRead(proof, &resp.Diagnostics)
	tell("Found %s of employee %d, %s.", keyLabelOf(key), key.EmployeeID, lastUseOf(key))
	if owner == ownershipUnknown && !config.Force.ValueBool() && a.keys.isInUse(ctx, key) {
		addActionOnKeyInUse(&resp.Diagnostics, key)
		return
	}
	ended, err := a.client.RevokeAPIKey(ctx, key.Identity())
	if err != nil {
		addNotRevoked(&resp.Diagnostics, keyLabelOf(key), err)
		return
	}
	tell("Revoked %s%s. Whatever still uses it is refused from now on.", keyLabelOf(key), atMoment(ended.Key.RevokedAt))
}

func lastUseOf(key everflow.APIKey) string {
	switch {
	case key.LastUseUnknown:
		return "of which Everflow does not say when it was last used"
	case key.LastUsedAt == 0:
		return "never used"
	}
	return "last used" + atMoment(key.LastUsedAt)
}
