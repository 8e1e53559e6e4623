package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan plans what a refresh found to be due, and stops, while it is only a
// plan, what the apply would refuse.
func (r *rotatingAPIKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan := priorAndPlan[rotatingAPIKeyModel](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case req.State.Raw.IsNull():
		r.keys.planCreate(ctx, plan.apiKeyModel, &resp.Diagnostics)
		r.keys.planReplaced(ctx, req.Private, &resp.Diagnostics)
	case req.Plan.Raw.IsNull():
		r.keys.planDestroy(state.apiKeyModel, &resp.Diagnostics)
		r.planPreviousDestroy(state, &resp.Diagnostics)
	case employeeChanges(state.NetworkEmployeeID, plan.NetworkEmployeeID):
		r.keys.planReplace(state.apiKeyModel, plan.apiKeyModel, &resp.Diagnostics)
		r.planPreviousDestroy(state, &resp.Diagnostics)
	default:
		resp.Diagnostics.Append(markInState(ctx, resp.Private, state.apiKeyModel)...)
		r.planUpdate(ctx, state, plan, resp)
	}
}

func (r *rotatingAPIKeyResource) planPreviousDestroy(state rotatingAPIKeyModel, diags *diag.Diagnostics) {
	for _, key := range state.previous() {
		r.keys.refuseSecondResource(state.asAPIKey(key), diags)
		r.checkPreviousInPlan(state, key, riskDestroy, diags)
	}
}

// checkPreviousInPlan leaves out keys whose secret a rotation lost: no call can be made
// with them.
func (r *rotatingAPIKeyResource) checkPreviousInPlan(m rotatingAPIKeyModel, key previousKey, risk ownKeyRisk, diags *diag.Diagnostics) {
	if r.isConfigured() && !key.isSecretLost() {
		r.keys.checkOwnKeyInPlan(m.asAPIKey(key), risk, diags)
	}
}

// rotationDecision is what a plan decides about the current key.
type rotationDecision int

const (
	// keyStays: it is left as it is, or changed in place.
	keyStays rotationDecision = iota
	keyRotates
	// rotationUndecided: it hangs on values that are known after apply.
	rotationUndecided
)

// planUpdate decides between leaving the key as it is, changing it in place and
// rotating it. A rotation is a plan with an unknown ID: Update goes by that.
func (r *rotatingAPIKeyResource) planUpdate(ctx context.Context, state, plan rotatingAPIKeyModel, resp *resource.ModifyPlanResponse) {
	due := loadDue(ctx, resp.Private, &resp.Diagnostics)
	next, isDecided := state, !isUndecided(ctx, state, plan)
	if isDecided && (!sameDuration(state.RotateAfter, plan.RotateAfter) || !sameDuration(state.Overlap, plan.Overlap)) {
		next, isDecided = state.rescheduled(plan), r.isConfigured()
		if isDecided {
			due = r.keys.dueNow(ctx, &next, due.LastUses, &resp.Diagnostics)
			resp.Diagnostics.Append(due.save(ctx, resp.Private)...)
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	next.ForceRevoke = plan.ForceRevoke
	decision := keyStays
	switch {
	case !isDecided:
		decision = rotationUndecided
	case rotates(next, plan, due):
		decision = keyRotates
	}
	r.keys.planUpdate(ctx, state.apiKeyModel, plan.apiKeyModel, decision == keyRotates, &resp.Diagnostics)
	switch decision {
	case rotationUndecided:
		plan.setUnknown()
		warnOfUndecidedRotation(&resp.Diagnostics, state.apiKeyModel)
	case keyRotates:
		r.planRotation(ctx, next, plan, &resp.Diagnostics)
		r.planRevocations(next, due, &resp.Diagnostics)
		plan.setUnknown()
	case keyStays:
		plan.RotateAt = next.RotateAt
		plan.setPrevious(without(next.previous(), due.Over))
		if needsNoUpdate(ctx, state.apiKeyModel, plan.apiKeyModel) {
			plan.UpdatedAt = state.UpdatedAt
		}
		r.planRevocations(next, due, &resp.Diagnostics)
	}
	for _, key := range state.previous() {
		r.keys.refuseSecondResource(state.asAPIKey(key), &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// isUndecided: whether to rotate hangs on values that are known after apply.
func isUndecided(ctx context.Context, state, plan rotatingAPIKeyModel) bool {
	return plan.RotateAfter.IsUnknown() || plan.Overlap.IsUnknown() ||
		rotateWhenChangedDiffers(state.RotateWhenChanged, plan.RotateWhenChanged) && !isWhollyKnown(ctx, plan.RotateWhenChanged)
}

// rotates: because the key was revoked outside Terraform, because a keeper was
// changed, or because it is due.
func rotates(state, plan rotatingAPIKeyModel, due dueKeys) bool {
	return state.isRevokedOrGone() || rotateWhenChangedDiffers(state.RotateWhenChanged, plan.RotateWhenChanged) || due.Rotation
}

// planRotation refuses a rotation that would revoke the provider's own key. A
// rotation with an overlap is warned of: somebody has to give the provider the new key.
func (r *rotatingAPIKeyResource) planRotation(ctx context.Context, state, plan rotatingAPIKeyModel, diags *diag.Diagnostics) {
	if !r.isConfigured() {
		return
	}
	r.keys.checkEmployee(ctx, plan.NetworkEmployeeID, diags)
	switch {
	case state.isRevokedOrGone():
	case durationOf(plan.Overlap) == 0:
		r.keys.checkOwnKeyInPlan(state.apiKeyModel, riskRotation, diags)
	case r.keys.ownershipOf(state.KeySHA256) == ownKey:
		warnOfOwnKeyRotated(diags, state.apiKeyModel, plan.Overlap.ValueString())
	}
}

// planRevocations names the previous keys that something still uses, and refuses to
// revoke the provider's own. Of any other whose overlap is over, the plan shows that
// it leaves previous_keys.
func (r *rotatingAPIKeyResource) planRevocations(state rotatingAPIKeyModel, due dueKeys, diags *diag.Diagnostics) {
	for _, key := range state.previous() {
		id := key.id.ValueString()
		replaced, _ := momentOf(key.replacedAt)
		used, isUsed := momentOf(types.StringValue(due.LastUses[id]))
		switch {
		case slices.Contains(due.StillUsed, id):
			warnOfStillUsed(diags, state, key, due.LastUses[id])
		case !slices.Contains(due.Over, id):
		case key.isSecretLost():
			warnOfLostRevoked(diags, state, key)
		default:
			isOwn := r.isConfigured() && r.keys.ownershipOf(key.keySHA256) == ownKey
			if isUsed && used.After(replaced) && !isOwn {
				warnOfUsedAndRevoked(diags, state, key, due.LastUses[id])
			}
			r.checkPreviousInPlan(state, key, riskOverlapEnds, diags)
		}
	}
}
