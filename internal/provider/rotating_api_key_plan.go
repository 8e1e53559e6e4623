package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	endsOverlap = revocation{
		doing:   "To end the overlap of",
		instead: "To put it off, set a longer overlap.",
	}
	skipsOverlap = revocation{
		doing:   "To rotate, with an overlap of 0,",
		instead: "Or set an overlap, which leaves the time to give the provider the new key.",
	}
)

// ModifyPlan plans what a refresh found to be due, and says so.
func (r *rotatingAPIKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state rotatingAPIKeyModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		r.manage(state)
	}
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	switch {
	case resp.Diagnostics.HasError():
	case req.State.Raw.IsNull():
		if r.isConfigured() {
			r.warnOfNamesakes(ctx, plan.apiKeyModel, &resp.Diagnostics)
		}
	case req.Plan.Raw.IsNull() || !plan.NetworkEmployeeID.Equal(state.NetworkEmployeeID):
		if r.isConfigured() {
			r.guardOwnKey(ctx, state.apiKeyModel, destroysKey, &resp.Diagnostics)
			r.guardPrevious(ctx, state, state.previous(), destroysKey, &resp.Diagnostics)
		}
	default:
		r.planUpdate(ctx, state, plan, resp)
	}
}

// guardPrevious guards previous keys. One that was never replaced is what a
// rotation lost, which nobody can be authenticated with.
func (r *rotatingAPIKeyResource) guardPrevious(ctx context.Context, state rotatingAPIKeyModel, keys []previousKey, how revocation, diags *diag.Diagnostics) {
	for _, key := range keys {
		if !key.replacedAt.IsNull() {
			r.guardOwnKey(ctx, state.asAPIKey(key), how, diags)
		}
	}
}

// planUpdate decides between leaving the key as it is, changing it in place and
// rotating it. A rotation is a plan with an unknown ID: Update goes by that.
func (r *rotatingAPIKeyResource) planUpdate(ctx context.Context, state, plan rotatingAPIKeyModel, resp *resource.ModifyPlanResponse) {
	due := duenessIn(ctx, resp.Private, &resp.Diagnostics)
	next, isDecided := state, !isUndecided(ctx, state, plan)
	if isDecided && (!sameDuration(state.RotateAfter, plan.RotateAfter) || !sameDuration(state.Overlap, plan.Overlap)) {
		next = state.rescheduled(plan)
		if isDecided = r.isConfigured(); isDecided {
			due = next.dueAt(r.serverTime(ctx, &resp.Diagnostics), due.LastUses)
			resp.Diagnostics.Append(due.keep(ctx, resp.Private)...)
		}
	}
	why := whyRotated(next, plan, due)
	switch {
	case resp.Diagnostics.HasError():
		return
	case !isDecided:
		plan.forget()
		resp.Diagnostics.AddWarning("Whether "+describeKey(state.apiKeyModel)+" is rotated is known only when the plan is applied",
			"It depends on a setting of the resource or of the provider that is not known yet.")
	case why != "":
		plan.forget()
		r.announceRotation(ctx, next, plan, why, &resp.Diagnostics)
		r.announceRevocations(ctx, next, due, &resp.Diagnostics)
	default:
		plan.RotateAt = next.RotateAt
		plan.setPrevious(without(next.previous(), due.Over))
		warnOfAbsentSecret(state.apiKeyModel, plan.apiKeyModel, &resp.Diagnostics)
		if staysAsItIs(ctx, state.apiKeyModel, plan.apiKeyModel) {
			plan.UpdatedAt = state.UpdatedAt
		}
		r.announceRevocations(ctx, next, due, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// isUndecided: whether to rotate hangs on values that are known after apply.
func isUndecided(ctx context.Context, state, plan rotatingAPIKeyModel) bool {
	return plan.RotateAfter.IsUnknown() || plan.Overlap.IsUnknown() ||
		keeperChanged(state.RotateWhenChanged, plan.RotateWhenChanged) && !isWhollyKnown(ctx, plan.RotateWhenChanged)
}

// serverTime adds an error if the server's time cannot be known.
func (r *rotatingAPIKeyResource) serverTime(ctx context.Context, diags *diag.Diagnostics) time.Time {
	now, err := r.client.Now(ctx)
	if err != nil {
		addAPIError(diags, "Cannot tell which API keys are due, without the server's time", err)
	}
	return now
}

// whyRotated is empty for a key that stays.
func whyRotated(state, plan rotatingAPIKeyModel, due dueness) string {
	switch {
	case state.isDead():
		return "It was revoked outside Terraform, so that nothing can use it any more."
	case keeperChanged(state.RotateWhenChanged, plan.RotateWhenChanged):
		return "A value of rotate_when_changed was changed."
	case due.Rotation:
		return fmt.Sprintf("Its renewal has been due since %s (rotate_after is %s).", state.RotateAt.ValueString(), state.RotateAfter.ValueString())
	}
	return ""
}

// announceRotation tells a person, while it is only a plan, what a rotation means,
// and refuses one that would revoke the provider's own key.
func (r *rotatingAPIKeyResource) announceRotation(ctx context.Context, state, plan rotatingAPIKeyModel, why string, diags *diag.Diagnostics) {
	overlap := durationOf(plan.Overlap)
	until, next, isOwn := "", "", false
	if r.isConfigured() {
		r.warnOfNamesakes(ctx, plan.apiKeyModel, diags)
		now := r.serverTime(ctx, diags)
		until = " until about " + now.Add(overlap).Format(time.RFC3339)
		next = " The next renewal is due about " + now.Add(durationOf(plan.RotateAfter)).Format(time.RFC3339) + "."
		isOwn = state.KeySHA256.ValueString() == r.client.KeySHA256()
	}
	what := " A new key with a new secret is created"
	switch {
	case state.isDead():
		what += "."
	case overlap == 0:
		what += ", then the old one is revoked at once (overlap is 0): whatever still uses it is refused from then on."
		if r.isConfigured() {
			r.guardOwnKey(ctx, state.apiKeyModel, skipsOverlap, diags)
		}
	default:
		what += fmt.Sprintf(". The old one works on%s (overlap is %s), and the first apply after that revokes it: give the new one to whatever uses it by then.", until, plan.Overlap.ValueString())
		if isOwn {
			what += " Terraform itself is authenticated with it: that is api_key, or EVERFLOW_API_KEY."
		}
	}
	diags.AddWarning(describeKey(state.apiKeyModel)+" will be rotated", why+what+next)
}

// announceRevocations names the previous keys that are revoked, now or soon, while
// something still uses them.
func (r *rotatingAPIKeyResource) announceRevocations(ctx context.Context, state rotatingAPIKeyModel, due dueness, diags *diag.Diagnostics) {
	for _, key := range state.previous() {
		lastUse := due.LastUses[key.id.ValueString()]
		if !slices.Contains(due.Over, key.id.ValueString()) {
			if slices.Contains(due.StillUsed, key.id.ValueString()) {
				diags.AddWarning(describeKey(state.asAPIKey(key))+" is still in use, and its overlap ends soon",
					fmt.Sprintf("It was last used at %s. It was replaced at %s, and the first apply after %s revokes it: whatever uses it is refused from then on. "+
						"Give that the current key, %s, or set a longer overlap.",
						lastUse, key.replacedAt.ValueString(), key.revokeAt.ValueString(), describeKey(state.apiKeyModel)))
			}
			continue
		}
		if key.replacedAt.IsNull() {
			diags.AddWarning(describeKey(state.asAPIKey(key))+" will be revoked: a rotation lost its secret",
				"An earlier rotation of "+describeKey(state.apiKeyModel)+" ended in doubt and left it behind. Nobody can use it.")
			continue
		}
		detail := fmt.Sprintf("It was replaced at %s and its overlap ended at %s. %s is the current key.",
			key.replacedAt.ValueString(), key.revokeAt.ValueString(), describeKey(state.apiKeyModel))
		replaced, _ := momentOf(key.replacedAt)
		if used, ok := momentOf(types.StringValue(lastUse)); ok && used.After(replaced) {
			detail += fmt.Sprintf("\n\nSomething still uses the old key: it was last used at %s, after it was replaced. Whatever that is, it will be refused. "+
				"Give it the current key before you apply, or set a longer overlap, which puts the revocation off.", lastUse)
		}
		diags.AddWarning(describeKey(state.asAPIKey(key))+" will be revoked: its overlap is over", detail)
		if r.isConfigured() {
			r.guardPrevious(ctx, state, []previousKey{key}, endsOverlap, diags)
		}
	}
}
