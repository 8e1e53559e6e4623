package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

var _ managedResource = (*apiWhitelistResource)(nil)

type apiWhitelistResource struct{ resourceData }

func newAPIWhitelistResource() resource.Resource { return &apiWhitelistResource{} }

func (r *apiWhitelistResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_whitelist"
}

// ModifyPlan refuses, while it is only a plan, what must not happen: an overwrite,
// a lockout, an opened network.
func (r *apiWhitelistResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	action, diags := planActionOf(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	state, plan := priorAndPlan[apiWhitelistModel](ctx, req, &resp.Diagnostics)
	r.whitelist.planList(action, &resp.Diagnostics)
	switch {
	case resp.Diagnostics.HasError():
	case action == actionDestroy && state.DeletionProtection.ValueBool():
		addProtected(&resp.Diagnostics)
	case action == actionDestroy:
		warnOfListOpening(&resp.Diagnostics, state)
	case !r.isConfigured() || !plan.IPAddresses.areKnown():
		// Create and Update check the same again, with everything known.
	case action == actionKeep:
		r.planUpdate(plan.replacement(state), &resp.Diagnostics)
	default:
		r.planCreate(ctx, plan, &resp.Diagnostics)
	}
}

func (r *apiWhitelistResource) planCreate(ctx context.Context, plan apiWhitelistModel, diags *diag.Diagnostics) {
	live, err := r.whitelist.manager.Read(ctx)
	if err != nil {
		addAPIError(diags, "Cannot check the API whitelist that is in force", err)
		return
	}
	change := plan.replacement(apiWhitelistModel{})
	caller := r.whitelist.manager.Caller()
	if refusal := change.Check(caller, live); refusal != nil {
		addListRefusal(diags, refusal, change)
		return
	}
	verdict := whitelist.Judge(caller, live.List, change.To)
	switch {
	case !live.List.IsEmpty():
		warnOfTakenOver(diags)
	case verdict.Risk == whitelist.RiskUnknown && !change.AllowLockout:
		warnOfListRisk(diags, verdict, change.To)
	}
}

// planUpdate: the state is the list in force, or Update refuses to write.
func (r *apiWhitelistResource) planUpdate(change whitelist.Replacement, diags *diag.Diagnostics) {
	if change.From.Equal(change.To) {
		return
	}
	live := whitelist.Live{NetworkID: change.NetworkID, List: change.From}
	caller := r.whitelist.manager.Caller()
	if refusal := change.Check(caller, live); refusal != nil {
		addListRefusal(diags, refusal, change)
		return
	}
	if verdict := whitelist.Judge(caller, live.List, change.To); verdict.Risk == whitelist.RiskUnknown && !change.AllowLockout {
		warnOfListRisk(diags, verdict, change.To)
	}
	if !change.To.IsArrangedLike(change.From) {
		added, removed := change.From.Diff(change.To)
		warnOfMovedEntries(diags, added, removed)
	}
}

func (r *apiWhitelistResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiWhitelistModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(r.requireClient("Cannot create the API whitelist")...)
	resp.Diagnostics.Append(plan.check()...)
	if resp.Diagnostics.HasError() {
		return
	}
	outcome := r.replace(ctx, plan.replacement(apiWhitelistModel{}), &resp.Diagnostics)
	// An error leaves no state on purpose: a tainted whitelist would be destroyed, and
	// the network opened, by the next apply. That apply finds the very list it wants
	// and takes it over.
	if isAccepted(outcome, plan.AllowLockout.ValueBool()) {
		plan.setNetwork(outcome.Live)
		resp.Diagnostics.Append(saveState(ctx, plan, &resp.State, resp.Identity)...)
	}
}

func (r *apiWhitelistResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state apiWhitelistModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot update the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	if change := plan.replacement(state); !change.From.Equal(change.To) {
		resp.Diagnostics.Append(plan.check()...)
		if resp.Diagnostics.HasError() {
			return
		}
		outcome := r.replace(ctx, change, &resp.Diagnostics)
		if !outcome.IsDone() {
			return
		}
	}
	plan.ID = state.ID
	resp.Diagnostics.Append(saveState(ctx, plan, &resp.State, resp.Identity)...)
}

// replace changes the list, and says how it ended unless it went well.
func (r *apiWhitelistResource) replace(ctx context.Context, change whitelist.Replacement, diags *diag.Diagnostics) whitelist.Outcome {
	outcome := r.whitelist.manager.Replace(ctx, change)
	addListOutcome(diags, outcome, change)
	return outcome
}

func (r *apiWhitelistResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiWhitelistModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	r.whitelist.refreshList(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	live, err := r.whitelist.manager.Read(ctx)
	switch {
	case err != nil:
		addAPIError(&resp.Diagnostics, "Cannot read the API whitelist", err)
		return
	case state.networkID() != live.NetworkID:
		addOtherNetwork(&resp.Diagnostics, state.networkID(), live.NetworkID)
		return
	case live.List.IsEmpty() && !state.IPAddresses.list().IsEmpty():
		warnOfEmptiedList(&resp.Diagnostics)
	}
	state.fromAPI(live)
	resp.Diagnostics.Append(saveState(ctx, state, &resp.State, resp.Identity)...)
}

func (r *apiWhitelistResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiWhitelistModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot empty the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.DeletionProtection.ValueBool() {
		addProtected(&resp.Diagnostics)
		return
	}
	r.replace(ctx, apiWhitelistModel{}.replacement(state), &resp.Diagnostics)
}

func (r *apiWhitelistResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.requireClient("Cannot import the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := r.whitelist.manager.Read(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot import the API whitelist", err)
		return
	}
	if id := strconv.FormatInt(live.NetworkID, 10); text != id {
		addOtherImportID(&resp.Diagnostics, text, id)
		return
	}
	if live.List.IsEmpty() {
		addNothingToImport(&resp.Diagnostics)
		return
	}
	imported := apiWhitelistModel{AllowLockout: types.BoolValue(false), DeletionProtection: types.BoolValue(false)}
	imported.fromAPI(live)
	resp.Diagnostics.Append(saveState(ctx, imported, &resp.State, resp.Identity)...)
}
