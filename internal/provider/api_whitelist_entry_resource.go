package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var (
	_ resource.ResourceWithConfigure      = (*apiWhitelistEntryResource)(nil)
	_ resource.ResourceWithIdentity       = (*apiWhitelistEntryResource)(nil)
	_ resource.ResourceWithImportState    = (*apiWhitelistEntryResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*apiWhitelistEntryResource)(nil)
	_ resource.ResourceWithValidateConfig = (*apiWhitelistEntryResource)(nil)
)

type apiWhitelistEntryResource struct{ resourceSession }

func newAPIWhitelistEntryResource() resource.Resource { return &apiWhitelistEntryResource{} }

func (r *apiWhitelistEntryResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_whitelist_entry"
	// The identity is the address, which changes in place: no moment without either.
	resp.ResourceBehavior.MutableIdentity = true
}

// ModifyPlan refuses, while it is only a plan, what must not happen: a second
// manager of an address, an address taken over from others, a lockout.
func (r *apiWhitelistEntryResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state apiWhitelistEntryModel
	destroying := req.Plan.Raw.IsNull()
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if !destroying {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	change := changeOf(state, plan)
	if !destroying {
		resp.Diagnostics.Append(planID(ctx, state, plan, resp)...)
	}
	r.whitelists.guardSharing(false, destroying, &resp.Diagnostics)
	r.entries.guardTwin(state.IPAddress.ValueString(), plan.IPAddress.ValueString(), destroying, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.isConfigured() || (!change.adds && change.remove == "") {
		return
	}
	live, err := r.sharedWhitelist(ctx, 0)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot check the API whitelist that is in force", err)
		return
	}
	if change.add != "" && hasEntry(live.IPAddresses, change.add) {
		addExisting(change.add, live.NetworkID, &resp.Diagnostics)
		return
	}
	if destroying && resp.Private != nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedFromKey, []byte(strconv.Quote(fingerprint(live.IPAddresses))))...)
	}
	r.guardPlannedEntry(ctx, live.IPAddresses, change, &resp.Diagnostics)
}

// plannedFromKey is where a planned removal keeps the fingerprint of the list.
const plannedFromKey = "planned_from"

// changeOf is what leads from the state to the plan; of either, the zero model
// stands for none.
func changeOf(state, plan apiWhitelistEntryModel) entryChange {
	before, after := state.IPAddress.ValueString(), plan.IPAddress.ValueString()
	change := entryChange{network: state.network(), allowLockout: plan.AllowLockout.ValueBool()}
	if plan.IPAddress.IsNull() {
		change.allowLockout = state.AllowLockout.ValueBool()
	}
	if before != "" && after != "" && meaning(before) == meaning(after) {
		return change
	}
	change.remove, change.add, change.adds = before, after, !plan.IPAddress.IsNull()
	return change
}

// planID plans the ID as soon as the address is known.
func planID(ctx context.Context, state, plan apiWhitelistEntryModel, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	id := types.StringUnknown()
	switch {
	case plan.IPAddress.IsUnknown():
	case !state.ID.IsNull() && meaning(state.ID.ValueString()) == meaning(plan.IPAddress.ValueString()):
		id = state.ID
	default:
		id = types.StringValue(canonical(plan.IPAddress.ValueString()))
	}
	diags := resp.Plan.SetAttribute(ctx, path.Root("id"), id)
	if !id.IsUnknown() {
		diags.Append(setIdentity(ctx, resp.Identity, id)...)
	}
	return diags
}

func (r *apiWhitelistEntryResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiWhitelistEntryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot add to the API whitelist") {
		return
	}
	// An error leaves no state on purpose: a tainted entry would be removed and
	// added again by the next apply.
	ended := r.writer.change(ctx, r.session, changeOf(apiWhitelistEntryModel{}, plan))
	resp.Diagnostics.Append(ended.diags...)
	if !resp.Diagnostics.HasError() {
		plan.fromAPI(ended.live)
		resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
	}
}

func (r *apiWhitelistEntryResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state apiWhitelistEntryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot change an entry of the API whitelist") {
		return
	}
	plan.ID, plan.NetworkID = state.ID, state.NetworkID
	if change := changeOf(state, plan); change.adds {
		ended := r.writer.change(ctx, r.session, change)
		resp.Diagnostics.Append(ended.diags...)
		if !ended.done {
			return
		}
		plan.fromAPI(ended.live)
	}
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
}

func (r *apiWhitelistEntryResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiWhitelistEntryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot remove from the API whitelist") {
		return
	}
	change := changeOf(state, apiWhitelistEntryModel{})
	if req.Private != nil {
		kept, diags := req.Private.GetKey(ctx, plannedFromKey)
		resp.Diagnostics.Append(diags...)
		change.plannedFrom = strings.Trim(string(kept), `"`)
	}
	ended := r.writer.change(ctx, r.session, change)
	resp.Diagnostics.Append(ended.diags...)
}

func (r *apiWhitelistEntryResource) save(ctx context.Context, m apiWhitelistEntryModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	diags := state.Set(ctx, m)
	diags.Append(setIdentity(ctx, identity, m.ID)...)
	return diags
}

func (r *apiWhitelistEntryResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiWhitelistEntryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	live, err := r.sharedWhitelist(ctx, 0)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot read the API whitelist", err)
		return
	}
	address := state.IPAddress.ValueString()
	if !guardNetwork(live, state.network(), &resp.Diagnostics) {
		return
	}
	if !hasEntry(live.IPAddresses, address) {
		detail := "It is taken out of the state, and planned anew if the configuration still has it."
		if len(live.IPAddresses) == 0 {
			detail += " The list is empty now: Everflow accepts API calls from every address until it has entries again."
		}
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s was removed from the API whitelist outside Terraform", address), detail)
		resp.State.RemoveResource(ctx)
		return
	}
	r.entries.refreshed(address)
	state.fromAPI(live)
	resp.Diagnostics.Append(r.save(ctx, state, &resp.State, resp.Identity)...)
}

func (r *apiWhitelistEntryResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot import an entry of the API whitelist") {
		return
	}
	if _, err := everflow.ParseAddress(text); err != nil {
		resp.Diagnostics.AddError("Unusable import ID", fmt.Sprintf("An entry of the API whitelist is imported by its address. %q %s.", text, err))
		return
	}
	live, err := r.sharedWhitelist(ctx, 0)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot import an entry of the API whitelist", err)
		return
	}
	index := indexEntry(live.IPAddresses, text)
	if index < 0 {
		resp.Diagnostics.AddError(fmt.Sprintf("%s is not in the API whitelist", text), notThere(live))
		return
	}
	imported := apiWhitelistEntryModel{IPAddress: types.StringValue(live.IPAddresses[index]), AllowLockout: types.BoolValue(false)}
	imported.fromAPI(live)
	resp.Diagnostics.Append(r.save(ctx, imported, &resp.State, resp.Identity)...)
}

func notThere(live everflow.Whitelist) string {
	if len(live.IPAddresses) == 0 {
		return fmt.Sprintf("The list of network %d is empty: calls from every address are accepted. Apply the resource without importing to add the address, which turns the whitelist on.", live.NetworkID)
	}
	return fmt.Sprintf("The list of network %d has these entries: %s. Import one of them as it stands there, or apply the resource without importing to add the address.", live.NetworkID, named(live.IPAddresses))
}
