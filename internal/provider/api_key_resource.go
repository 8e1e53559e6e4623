package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var _ managedResource = (*apiKeyResource)(nil)

type apiKeyResource struct{ resourceData }

func newAPIKeyResource() resource.Resource { return &apiKeyResource{} }

func (r *apiKeyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_key"
}

// ModifyPlan stops, while it is only a plan, what the apply would refuse, and
// points out what a person should know first.
func (r *apiKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan := priorAndPlan[apiKeyModel](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case req.State.Raw.IsNull():
		r.keys.planCreate(ctx, plan, &resp.Diagnostics)
		r.keys.planReplaced(ctx, req.Private, &resp.Diagnostics)
		return
	case req.Plan.Raw.IsNull():
		r.keys.planDestroy(state, &resp.Diagnostics)
		return
	case requiresReplace(ctx, state, plan):
		r.keys.planReplace(state, plan, &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(markInState(ctx, resp.Private, state)...)
	r.keys.planUpdate(ctx, state, plan, false, &resp.Diagnostics)
	if needsNoUpdate(ctx, state, plan) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("updated_at"), state.UpdatedAt)...)
	}
}

func (r *apiKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(r.requireClient("Cannot create an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	outcome := r.keys.create(ctx, plan)
	addCreateOutcome(&resp.Diagnostics, plan.Name.ValueString(), outcome)
	if outcome.kind != keyCreated && outcome.kind != createdWithoutSecret {
		return
	}
	// The key is saved before any other call.
	key := plan.asCreated(outcome.key)
	resp.Diagnostics.Append(saveState(ctx, key, &resp.State, resp.Identity)...)
	if outcome.kind != keyCreated {
		return
	}
	outcome.key.APIKey = r.keys.readCreated(ctx, outcome.key, &resp.Diagnostics)
	checkStored(outcome.key.APIKey, plan, &resp.Diagnostics)
	resp.Diagnostics.Append(saveState(ctx, plan.asCreated(outcome.key), &resp.State, resp.Identity)...)
}

func (r *apiKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// Published on every path: the framework asks for it of a key that is gone, too.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	r.keys.managed.countRead(state.ID.ValueString())
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	proof, ok := r.keys.read(ctx, state, &resp.Diagnostics)
	switch {
	case !ok:
	case proof.State == everflow.APIKeyGone:
		warnOfKeyGone(&resp.Diagnostics, state)
		resp.State.RemoveResource(ctx)
	case proof.State == everflow.APIKeyRevoked:
		warnOfRevokedOutside(&resp.Diagnostics, keyLabel(state), proof.Key)
		resp.State.RemoveResource(ctx)
	case state.isSecretLost() && proof.Key.WasUsed():
		warnOfForeignKey(&resp.Diagnostics, proof.Key)
		resp.State.RemoveResource(ctx)
	default:
		resp.Diagnostics.Append(saveState(ctx, state.refreshed(proof.Key), &resp.State, resp.Identity)...)
	}
}

func (r *apiKeyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot update an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	if takesSecurity(ctx, state, plan) {
		ok := r.keys.checkOwnKeyInApply(ctx, withForceOf(state, plan), false, riskLosesSecurity, &resp.Diagnostics)
		if !ok {
			return
		}
	}
	asked := plan.toAPI()
	if asked.Equal(state.toAPI()) {
		plan.UpdatedAt = state.UpdatedAt
		resp.Diagnostics.Append(saveState(ctx, plan, &resp.State, resp.Identity)...)
		return
	}
	key, ok := r.keys.update(ctx, state, asked, &resp.Diagnostics)
	if !ok {
		return
	}
	resp.Diagnostics.Append(saveState(ctx, plan.asApplied(key), &resp.State, resp.Identity)...)
	checkStored(key, plan, &resp.Diagnostics)
}

func (r *apiKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot revoke an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	ok := r.keys.checkOwnKeyInApply(ctx, state, state.isSecretLost(), riskDestroy, &resp.Diagnostics)
	if ok {
		r.keys.revoke(ctx, state, &resp.Diagnostics)
	}
}

func (r *apiKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.requireClient("Cannot import an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	imported, ok := r.keys.importLive(ctx, text, &resp.Diagnostics)
	if !ok {
		return
	}
	resp.Diagnostics.Append(saveState(ctx, imported, &resp.State, resp.Identity)...)
}
