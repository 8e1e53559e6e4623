package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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
// is authenticated with, and points out what a person should know first.
func (r *apiKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state apiKeyModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		r.managedKeys.Store(state.ID.ValueString(), true)
	}
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	switch {
	case req.State.Raw.IsNull():
		r.warnOfNamesakes(ctx, plan, &resp.Diagnostics)
		return
	case req.Plan.Raw.IsNull() || replaces(state, plan):
		r.guardOwnKey(state, destroysKey, &resp.Diagnostics)
		return
	}
	warnOfAbsentSecret(state, plan, &resp.Diagnostics)
	if staysAsItIs(ctx, state, plan) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("updated_at"), state.UpdatedAt)...)
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("last_used_at"), state.LastUsedAt)...)
	}
}

// staysAsItIs: nothing is sent to Everflow then, so that what it answered last stays.
func staysAsItIs(ctx context.Context, state, plan apiKeyModel) bool {
	return plan.toAPI().Equal(state.toAPI()) && isWhollyKnown(ctx, plan.Name) && isWhollyKnown(ctx, plan.Permissions)
}

func warnOfAbsentSecret(state, plan apiKeyModel, diags *diag.Diagnostics) {
	if plan.StoreKeyInState.ValueBool() && !state.StoreKeyInState.ValueBool() {
		diags.AddAttributeWarning(path.Root("store_key_in_state"), "The key's secret stays absent",
			"Everflow shows a secret once only, and this one was not stored. To have it in the state, replace the key (terraform apply -replace=…), which revokes this one.")
	}
}

// replaces repeats what the schema's plan modifiers decide, which is not told to
// ModifyPlan.
func replaces(state, plan apiKeyModel) bool {
	return keeperChanged(state.RotateWhenChanged, plan.RotateWhenChanged) || !plan.NetworkEmployeeID.Equal(state.NetworkEmployeeID)
}

// keeperChanged: setting the argument for the first time, or removing it, is no
// change of it, so that adopting a key never revokes it.
func keeperChanged(before, after types.Map) bool {
	return !before.IsNull() && !after.IsNull() && !after.Equal(before)
}

// warnOfNamesakes names live keys that look like the one to be created, were never
// used and are not known to be another resource's: what a run leaves behind that
// was killed while it created one, since nobody knows that key's secret.
func (s *session) warnOfNamesakes(ctx context.Context, plan apiKeyModel, diags *diag.Diagnostics) {
	if plan.Name.IsUnknown() || plan.NetworkEmployeeID.IsUnknown() {
		return
	}
	live, err := s.client.LiveBefore(ctx)
	if err != nil {
		addAPIError(diags, "Cannot list the API keys that are live", err)
		return
	}
	var namesakes []string
	for id, key := range live {
		if _, managed := s.managedKeys.Load(strconv.FormatInt(id, 10)); managed || key.LastUsedAt != 0 ||
			strings.TrimSpace(key.Name) != strings.TrimSpace(plan.Name.ValueString()) || key.EmployeeID != plan.NetworkEmployeeID.ValueInt64() {
			continue
		}
		created, _ := key.CreatedAt.Time()
		namesakes = append(namesakes, fmt.Sprintf("\n  - API key %d, created %s", key.ID, created.Format(time.RFC3339)))
	}
	if len(namesakes) == 0 {
		return
	}
	slices.Sort(namesakes)
	diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("The employee has a live API key named %q that was never used", plan.Name.ValueString()),
		"Another one is planned beside it. If an earlier run was killed while it created the key, this is what it left behind; nobody knows its secret, so revoke it "+
			"in Everflow under Control Center, Security, API Keys. If one of them is meant to be this resource, import it instead. "+
			"If it belongs to another resource or configuration, all is well."+strings.Join(namesakes, ""))
}

// revocation is a way in which a key would end, in the words of the messages.
type revocation struct{ doing, instead string }

var destroysKey = revocation{
	doing:   "To destroy or replace",
	instead: "To stop managing the key without revoking it: terraform state rm, or a removed block with destroy = false.",
}

// guardOwnKey refuses to end the provider's own key, and says so where it cannot tell.
func (s *session) guardOwnKey(state apiKeyModel, how revocation, diags *diag.Diagnostics) {
	if state.KeySHA256.IsNull() {
		diags.AddWarning(describeKey(state)+" is revoked without a check whether it is Terraform's own",
			"It was imported, so its hash is not known. If the provider is authenticated with this very key, revoking it ends this and every later run that uses it.")
		return
	}
	s.refuseOwnKey(state, how, diags)
}

// refuseOwnKey adds an error if the key in the state is the provider's own.
func (s *session) refuseOwnKey(state apiKeyModel, how revocation, diags *diag.Diagnostics) {
	if state.KeySHA256.ValueString() != s.client.KeySHA256() {
		return
	}
	diags.AddError(fmt.Sprintf("API key %s is the one that Terraform is authenticated with", state.ID.ValueString()),
		fmt.Sprintf("%s %s would revoke the provider's own key, for ever, and end this and every later run that uses it. Nothing was done.\n\n"+
			"If it is meant: give the provider another key (api_key or EVERFLOW_API_KEY) that has the permission \"Security\", and run Terraform again. %s",
			how.doing, describeKey(state), how.instead))
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

func (r *apiKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot create an API key") {
		return
	}
	created := r.createKey(ctx, plan, "is in the state, marked as tainted: the next apply revokes it and creates another.", &resp.Diagnostics)
	if created.ID == 0 {
		return
	}
	plan.fromAPI(created.APIKey)
	plan.setSecret(created.Secret)
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
}

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
		next += fmt.Sprintf("\n  - API key %d (%q), created %s", key.ID, key.Name, created.Format(time.RFC3339))
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
	r.managedKeys.Store(m.ID.ValueString(), true)
	diags := state.Set(ctx, m)
	diags.Append(setIdentity(ctx, identity, m.ID)...)
	return diags
}

func (r *apiKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// Published on every path: the framework asks for it of a key that is gone, too.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	r.managedKeys.Store(state.ID.ValueString(), true)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	key, ok := r.readKey(ctx, state, &resp.Diagnostics)
	switch {
	case !ok:
		return
	case key == nil:
		resp.Diagnostics.AddWarning(describeKey(state)+" does not exist",
			"Everflow knows no such key in this network. It is removed from the state; if it is still in the configuration, a new one is planned.")
		resp.State.RemoveResource(ctx)
		return
	case key.IsRevoked():
		resp.Diagnostics.AddWarning(describeKey(state)+" was revoked outside Terraform",
			fmt.Sprintf("It was revoked%s, which cannot be undone: whatever still uses it is refused. "+
				"It is removed from the state; if it is still in the configuration, a new key with a new secret is planned.", revokedAt(*key)))
		resp.State.RemoveResource(ctx)
		return
	}
	state.fromAPI(*key)
	resp.Diagnostics.Append(r.save(ctx, state, &resp.State, resp.Identity)...)
}

// readKey returns no key for one that provably does not exist; ok is false when
// nothing is proved, and an error says why.
func (s *session) readKey(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) (found *everflow.APIKey, ok bool) {
	id, ok := storedID(state, diags)
	if !ok {
		return nil, false
	}
	key, err := s.client.SharedAPIKey(ctx, id)
	switch {
	case everflow.IsNotFound(err):
		return nil, s.inThisNetwork(ctx, state, diags)
	case err != nil:
		addAPIError(diags, "Cannot read "+describeKey(state), err)
		return nil, false
	}
	return &key, true
}

func revokedAt(key everflow.APIKey) string {
	at, ok := key.RevokedAt.Time()
	if !ok {
		return ""
	}
	return " at " + at.Format(time.RFC3339)
}

// inThisNetwork makes "not found" a proof: asked with a key of another network,
// Everflow cannot know this one.
func (s *session) inThisNetwork(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) bool {
	if state.NetworkID.IsNull() {
		return true
	}
	network, err := s.client.NetworkID(ctx)
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
	key, ok := r.updateKey(ctx, state, asked, &resp.Diagnostics)
	if !ok {
		return
	}
	plan.fromAPI(key)
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
	addDifference(&resp.Diagnostics, key, asked)
}

// updateKey changes a key in place; ok is false when an error says why not.
func (s *session) updateKey(ctx context.Context, state apiKeyModel, asked everflow.APIKeySettings, diags *diag.Diagnostics) (key everflow.APIKey, ok bool) {
	id, ok := storedID(state, diags)
	if !ok {
		return key, false
	}
	key, err := s.client.UpdateAPIKey(ctx, id, asked)
	if err != nil {
		addAPIError(diags, describeKey(state)+" was not updated", err)
		if everflow.StatusOf(err) == http.StatusBadRequest || everflow.IsNotFound(err) {
			diags.AddWarning("The key may have been revoked meanwhile",
				"Everflow refuses to change a revoked key. terraform plan shows whether it was revoked since the last plan.")
		}
		return key, false
	}
	return key, true
}

func (r *apiKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot revoke an API key") {
		return
	}
	if r.refuseOwnKey(state, destroysKey, &resp.Diagnostics); !resp.Diagnostics.HasError() {
		r.endKey(ctx, state, &resp.Diagnostics)
	}
}

// endKey revokes a key for ever, and reports whether it is known to have ended; if
// not, an error says so.
func (s *session) endKey(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) bool {
	id, ok := storedID(state, diags)
	if !ok {
		return false
	}
	_, err := s.revokeKey(ctx, id)
	switch {
	case everflow.IsNotFound(err):
		return s.inThisNetwork(ctx, state, diags)
	case err != nil:
		addAPIError(diags, describeKey(state)+" was not revoked, as far as can be told", err)
		return false
	}
	return true
}

func (r *apiKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	imported, ok := r.importKey(ctx, text, &resp.Diagnostics)
	if !ok {
		return
	}
	resp.Diagnostics.Append(r.save(ctx, imported, &resp.State, resp.Identity)...)
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
	key, err := s.client.SharedAPIKey(ctx, id)
	switch {
	case everflow.IsNotFound(err):
		diags.AddError(fmt.Sprintf("API key %d does not exist", id),
			"The network of the provider's own API key has no key with this ID. The data source everflow_api_keys lists those it has.")
		return imported, false
	case err != nil:
		addAPIError(diags, fmt.Sprintf("Cannot import API key %d", id), err)
		return imported, false
	case key.IsRevoked():
		diags.AddError(fmt.Sprintf("API key %d (%q) is revoked", id, key.Name),
			"A revoked key can never be used again, so there is nothing to manage. To have a new key, apply the resource without importing.")
		return imported, false
	}
	return importedKey(key), true
}
