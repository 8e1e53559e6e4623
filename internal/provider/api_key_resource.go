package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var (
	_ resource.ResourceWithConfigure      = (*apiKeyResource)(nil)
	_ resource.ResourceWithIdentity       = (*apiKeyResource)(nil)
	_ resource.ResourceWithImportState    = (*apiKeyResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*apiKeyResource)(nil)
	_ resource.ResourceWithValidateConfig = (*apiKeyResource)(nil)
)

type apiKeyResource struct{ resourceSession }

func newAPIKeyResource() resource.Resource { return &apiKeyResource{} }

func (r *apiKeyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_key"
}

// ModifyPlan stops, while it is only a plan, a run that would revoke the key it
// is authenticated with.
func (r *apiKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !r.isConfigured() || req.State.Raw.IsNull() {
		return
	}
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if req.Plan.Raw.IsNull() {
		r.refuseOwnKey(state, &resp.Diagnostics)
		return
	}
	var plan apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	rotated := !state.RotateWhenChanged.IsNull() && !plan.RotateWhenChanged.IsNull() && !plan.RotateWhenChanged.Equal(state.RotateWhenChanged)
	if rotated || !plan.NetworkEmployeeID.Equal(state.NetworkEmployeeID) {
		r.refuseOwnKey(state, &resp.Diagnostics)
		return
	}
	if plan.StoreKeyInState.ValueBool() && !state.StoreKeyInState.ValueBool() {
		resp.Diagnostics.AddAttributeWarning(path.Root("store_key_in_state"), "The key's secret stays absent",
			"Everflow shows a secret once only, and this one was not stored. To have it in the state, replace the key (terraform apply -replace=…), which revokes this one.")
	}
	if plan.toAPI().Equal(state.toAPI()) && isWhollyKnown(ctx, plan.Name) && isWhollyKnown(ctx, plan.Permissions) {
		// Nothing is sent to Everflow, so what it answered last stays.
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("updated_at"), state.UpdatedAt)...)
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("last_used_at"), state.LastUsedAt)...)
	}
}

// refuseOwnKey adds an error if the key in the state is the provider's own.
func (r *apiKeyResource) refuseOwnKey(state apiKeyModel, diags *diag.Diagnostics) {
	if state.KeySHA256.ValueString() != r.client.KeySHA256() {
		return
	}
	diags.AddError(fmt.Sprintf("API key %s is the one that Terraform is authenticated with", state.ID.ValueString()),
		fmt.Sprintf("To destroy or replace %s would revoke the provider's own key, for ever, and end this and every later run that uses it. Nothing was done.\n\n"+
			"If it is meant: give the provider another key (api_key or EVERFLOW_API_KEY) that has the permission \"Security\", and run Terraform again. "+
			"To stop managing the key without revoking it: terraform state rm, or a removed block with destroy = false.",
			describeKey(state)))
}

// describeKey names a key in a message.
func describeKey(m apiKeyModel) string {
	return fmt.Sprintf("API key %s (%q)", m.ID.ValueString(), m.Name.ValueString())
}

func (r *apiKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot create an API key") {
		return
	}
	asked := plan.toAPI()
	created, err := r.client.CreateAPIKey(ctx, plan.NetworkEmployeeID.ValueInt64(), asked)
	if err != nil {
		doubt, ok := errors.AsType[*everflow.CreateInDoubtError](err)
		if !ok {
			addAPIError(&resp.Diagnostics, fmt.Sprintf("The API key %q was not created", asked.Name), err)
			return
		}
		addCreateInDoubt(&resp.Diagnostics, asked.Name, doubt)
		if doubt.Key == nil {
			return
		}
		created.APIKey = *doubt.Key // saved with the error, it is tainted
	}
	plan.fromAPI(created.APIKey)
	plan.setSecret(created.Secret)
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
	if err == nil {
		addDifference(&resp.Diagnostics, created.APIKey, asked)
	}
}

// addCreateInDoubt says what is known of a create that went wrong on its way.
func addCreateInDoubt(diags *diag.Diagnostics, name string, doubt *everflow.CreateInDoubtError) {
	next := "Run terraform plan to see where things stand, then apply again."
	switch {
	case doubt.LookUp != nil:
		next = fmt.Sprintf("Before the next apply, look in Everflow under Control Center, Security, API Keys for a new key named %q that nothing uses, and revoke it.", name)
	case doubt.Key != nil:
		next = fmt.Sprintf("API key %d is in the state, marked as tainted: the next apply revokes it and creates another.", doubt.Key.ID)
	case len(doubt.Candidates) > 0:
		var list strings.Builder
		for _, key := range doubt.Candidates {
			created, _ := key.CreatedAt.Time()
			fmt.Fprintf(&list, "\n  - API key %d (%q), created %s", key.ID, key.Name, created.Format(time.RFC3339))
		}
		next = "None of them is in the state. Look at each in Everflow under Control Center, Security, API Keys, and revoke the one that nothing uses:" + list.String()
	}
	diags.AddError(fmt.Sprintf("Creating the API key %q ended in doubt", name), sentence(doubt)+"\n\n"+next)
}

// addDifference reports an Everflow that stored something else than it was asked to.
func addDifference(diags *diag.Diagnostics, stored everflow.APIKey, asked everflow.APIKeySettings) {
	got := everflow.APIKeySettings{Name: stored.Name, Permissions: stored.Permissions, AllPermissions: stored.AllPermissions}
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

// save publishes state and identity together.
func (r *apiKeyResource) save(ctx context.Context, m apiKeyModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	diags := state.Set(ctx, m)
	diags.Append(setIdentity(ctx, identity, m.ID)...)
	return diags
}

func (r *apiKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// Published on every path: the framework asks for it of a key that is gone, too.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	id, ok := apiKeyID(state.ID.ValueString())
	if !ok {
		resp.Diagnostics.AddError("Unreadable API key ID in the state", fmt.Sprintf("%q is not an Everflow ID, a whole number above 0.", state.ID.ValueString()))
		return
	}
	key, err := r.client.APIKey(ctx, id)
	switch {
	case everflow.IsNotFound(err):
		if r.inThisNetwork(ctx, state, &resp.Diagnostics) {
			resp.Diagnostics.AddWarning(describeKey(state)+" does not exist",
				"Everflow knows no such key in this network. It is removed from the state; if it is still in the configuration, a new one is planned.")
			resp.State.RemoveResource(ctx)
		}
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, "Cannot read "+describeKey(state), err)
		return
	case key.IsRevoked():
		when := ""
		if at, ok := key.RevokedAt.Time(); ok {
			when = " at " + at.Format(time.RFC3339)
		}
		resp.Diagnostics.AddWarning(describeKey(state)+" was revoked outside Terraform",
			fmt.Sprintf("It was revoked%s, which cannot be undone: whatever still uses it is refused. "+
				"It is removed from the state; if it is still in the configuration, a new key with a new secret is planned.", when))
		resp.State.RemoveResource(ctx)
		return
	}
	state.fromAPI(key)
	resp.Diagnostics.Append(r.save(ctx, state, &resp.State, resp.Identity)...)
}

// inThisNetwork makes "not found" a proof: asked with a key of another network,
// Everflow cannot know this one.
func (r *apiKeyResource) inThisNetwork(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) bool {
	if state.NetworkID.IsNull() {
		return true
	}
	network, err := r.client.NetworkID(ctx)
	if err != nil {
		addAPIError(diags, "Cannot tell which network "+describeKey(state)+" was looked for in", err)
		return false
	}
	if network != state.NetworkID.ValueInt64() {
		diags.AddError(describeKey(state)+" belongs to another network",
			fmt.Sprintf("It is a key of network %d, but the provider's own API key belongs to network %d. Nothing was concluded or changed. "+
				"Check api_key or EVERFLOW_API_KEY, and that this is the right state.", state.NetworkID.ValueInt64(), network))
		return false
	}
	return true
}

func (r *apiKeyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot update an API key") {
		return
	}
	asked := plan.toAPI()
	if asked.Equal(state.toAPI()) {
		plan.UpdatedAt, plan.LastUsedAt = state.UpdatedAt, state.LastUsedAt
		resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
		return
	}
	id, _ := apiKeyID(state.ID.ValueString())
	key, err := r.client.UpdateAPIKey(ctx, id, asked)
	if err != nil {
		addAPIError(&resp.Diagnostics, describeKey(state)+" was not updated", err)
		if everflow.StatusOf(err) == http.StatusBadRequest || everflow.IsNotFound(err) {
			resp.Diagnostics.AddWarning("The key may have been revoked meanwhile",
				"Everflow refuses to change a revoked key. terraform plan shows whether it was revoked since the last plan.")
		}
		return
	}
	plan.fromAPI(key)
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
	addDifference(&resp.Diagnostics, key, asked)
}

// revokedCheckFor bounds the look at a key whose revocation ended in an error.
const revokedCheckFor = 30 * time.Second

func (r *apiKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot revoke an API key") {
		return
	}
	if r.refuseOwnKey(state, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	id, ok := apiKeyID(state.ID.ValueString())
	if !ok {
		resp.Diagnostics.AddError("Unreadable API key ID in the state", fmt.Sprintf("%q is not an Everflow ID, a whole number above 0.", state.ID.ValueString()))
		return
	}
	_, err := r.client.RevokeAPIKey(ctx, id)
	switch {
	case err == nil:
	case everflow.IsNotFound(err):
		r.inThisNetwork(ctx, state, &resp.Diagnostics)
	default:
		// The call may have done its work all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokedCheckFor)
		defer cancel()
		if key, readErr := r.client.APIKey(ctx, id); readErr == nil && key.IsRevoked() {
			return
		}
		addAPIError(&resp.Diagnostics, describeKey(state)+" was not revoked, as far as can be told", err)
	}
}

func (r *apiKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	id, ok := apiKeyID(text)
	if !ok {
		resp.Diagnostics.AddError("Unusable import ID",
			fmt.Sprintf("%q is not the ID of an API key. Give Everflow's ID of the key, a whole number above 0, such as 1234; the data source everflow_api_keys lists them.", text))
	}
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot import an API key") {
		return
	}
	key, err := r.client.APIKey(ctx, id)
	switch {
	case everflow.IsNotFound(err):
		resp.Diagnostics.AddError(fmt.Sprintf("API key %d does not exist", id),
			"The network of the provider's own API key has no key with this ID. The data source everflow_api_keys lists those it has.")
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, fmt.Sprintf("Cannot import API key %d", id), err)
		return
	case key.IsRevoked():
		resp.Diagnostics.AddError(fmt.Sprintf("API key %d (%q) is revoked", id, key.Name),
			"A revoked key can never be used again, so there is nothing to manage. To have a new key, apply the resource without importing.")
		return
	}
	imported := apiKeyModel{
		StoreKeyInState:   types.BoolValue(true),
		RotateWhenChanged: types.MapNull(types.StringType),
	}
	imported.fromAPI(key)
	imported.setSecret(everflow.Secret{})
	resp.Diagnostics.Append(r.save(ctx, imported, &resp.State, resp.Identity)...)
}
