package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

var _ managedResource = (*apiWhitelistEntryResource)(nil)

type apiWhitelistEntryResource struct{ resourceData }

func newAPIWhitelistEntryResource() resource.Resource { return &apiWhitelistEntryResource{} }

func (r *apiWhitelistEntryResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_whitelist_entry"
	// The identity is the address, and an update exchanges the address in one write.
	resp.ResourceBehavior.MutableIdentity = true
}

// ModifyPlan refuses, while it is only a plan, what must not happen: a second
// manager of an address, an address taken over from others, a lockout.
func (r *apiWhitelistEntryResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	action, diags := planActionOf(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	state, plan := priorAndPlan[apiWhitelistEntryModel](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if action != actionDestroy {
		resp.Diagnostics.Append(planID(ctx, state, plan, resp)...)
	}
	r.whitelist.planEntry(action, &resp.Diagnostics)
	r.whitelist.claimEntry(state.entry(), plan.entry(), action, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.isConfigured() || !plan.differsFrom(state) {
		return
	}
	live, err := r.whitelist.manager.Read(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot check the API whitelist that is in force", err)
		return
	}
	change := plan.changeFrom(state)
	if !change.Add.IsZero() && live.List.Has(change.Add) {
		addEntryExists(&resp.Diagnostics, live, change.Add)
		return
	}
	if action == actionDestroy && resp.Private != nil {
		resp.Diagnostics.Append(setPrivate(ctx, resp.Private, plannedFromKey, live.List.Fingerprint())...)
	}
	r.whitelist.planChange(live, change, &resp.Diagnostics)
}

// plannedFromKey is where a planned removal keeps the fingerprint of the list.
const plannedFromKey = "planned_from"

// planID plans the ID as soon as the address is known.
func planID(ctx context.Context, state, plan apiWhitelistEntryModel, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	id := types.StringUnknown()
	switch {
	case plan.IPAddress.IsUnknown():
	case !state.ID.IsNull() && plan.entry().Equal(state.entry()):
		id = state.ID
	default:
		id = types.StringValue(plan.entry().Canonical())
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
	resp.Diagnostics.Append(r.requireClient("Cannot add to the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	// An error leaves no state on purpose: a tainted entry would be removed and
	// added again by the next apply.
	outcome := r.apply(ctx, plan.changeFrom(apiWhitelistEntryModel{}), &resp.Diagnostics)
	if isAccepted(outcome, plan.AllowLockout.ValueBool()) {
		plan.fromAPI(outcome.Live)
		resp.Diagnostics.Append(saveState(ctx, plan, &resp.State, resp.Identity)...)
	}
}

// apply makes the change, and says how it ended unless it went well.
func (r *apiWhitelistEntryResource) apply(ctx context.Context, change whitelist.Change, diags *diag.Diagnostics) whitelist.Outcome {
	if !change.Add.IsZero() {
		if _, err := whitelist.ParseEntry(change.Add.Text()); err != nil {
			diags.AddAttributeError(path.Root("ip_address"), "Unusable IP address", sentence(err))
			return whitelist.Outcome{Kind: whitelist.NotWritten}
		}
	}
	outcome := r.whitelist.manager.Change(ctx, change)
	addEntryOutcome(diags, outcome, change, r.whitelist.manager.Caller().Egress)
	return outcome
}

func (r *apiWhitelistEntryResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state apiWhitelistEntryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot change an entry of the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID, plan.NetworkID = state.ID, state.NetworkID
	if plan.differsFrom(state) {
		outcome := r.apply(ctx, plan.changeFrom(state), &resp.Diagnostics)
		if !outcome.IsDone() {
			return
		}
		plan.fromAPI(outcome.Live)
	}
	resp.Diagnostics.Append(saveState(ctx, plan, &resp.State, resp.Identity)...)
}

func (r *apiWhitelistEntryResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiWhitelistEntryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot remove from the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	change := apiWhitelistEntryModel{}.changeFrom(state)
	if req.Private != nil {
		getPrivate(ctx, req.Private, plannedFromKey, &change.PlannedFrom, &resp.Diagnostics)
	}
	r.apply(ctx, change, &resp.Diagnostics)
}

func (r *apiWhitelistEntryResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiWhitelistEntryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	live, err := r.whitelist.manager.Read(ctx)
	switch {
	case err != nil:
		addAPIError(&resp.Diagnostics, "Cannot read the API whitelist", err)
		return
	case !state.NetworkID.IsNull() && state.NetworkID.ValueInt64() != live.NetworkID:
		addOtherNetwork(&resp.Diagnostics, state.NetworkID.ValueInt64(), live.NetworkID)
		return
	case !live.List.Has(state.entry()):
		warnOfEntryGone(&resp.Diagnostics, state.IPAddress.ValueString(), live)
		resp.State.RemoveResource(ctx)
		return
	}
	r.whitelist.refreshEntry(state.entry())
	state.fromAPI(live)
	resp.Diagnostics.Append(saveState(ctx, state, &resp.State, resp.Identity)...)
}

func (r *apiWhitelistEntryResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.requireClient("Cannot import an entry of the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	entry, err := whitelist.ParseEntry(text)
	if err != nil {
		resp.Diagnostics.AddError("Unusable import ID", "An entry of the API whitelist is imported by its address. "+sentence(err))
		return
	}
	live, err := r.whitelist.manager.Read(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot import an entry of the API whitelist", err)
		return
	}
	found, ok := live.List.Find(entry)
	if !ok {
		addEntryNotThere(&resp.Diagnostics, entry, live)
		return
	}
	imported := apiWhitelistEntryModel{IPAddress: types.StringValue(found.Text()), AllowLockout: types.BoolValue(false)}
	imported.fromAPI(live)
	resp.Diagnostics.Append(saveState(ctx, imported, &resp.State, resp.Identity)...)
}
