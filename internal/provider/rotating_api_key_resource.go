package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var _ managedResource = (*rotatingAPIKeyResource)(nil)

type rotatingAPIKeyResource struct{ resourceData }

func newRotatingAPIKeyResource() resource.Resource { return &rotatingAPIKeyResource{} }

func (r *rotatingAPIKeyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_rotating_api_key"
	resp.ResourceBehavior.MutableIdentity = true // the current key's
}

func (r *rotatingAPIKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan rotatingAPIKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(r.requireClient("Cannot create an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	outcome := r.keys.create(ctx, plan.apiKeyModel)
	addCreateOutcome(&resp.Diagnostics, plan.Name.ValueString(), outcome)
	if outcome.kind != keyCreated && outcome.kind != createdWithoutSecret {
		return
	}
	// The key is saved before any other call.
	plan.setPrevious(nil)
	resp.Diagnostics.Append(r.saveCreated(ctx, plan, outcome.key, &resp.State, resp.Identity)...)
	if outcome.kind != keyCreated {
		return
	}
	outcome.key.APIKey = r.keys.readCreated(ctx, outcome.key, &resp.Diagnostics)
	checkStored(outcome.key.APIKey, plan.apiKeyModel, &resp.Diagnostics)
	resp.Diagnostics.Append(r.saveCreated(ctx, plan, outcome.key, &resp.State, resp.Identity)...)
}

// saveCreated saves a new key as the current one.
func (r *rotatingAPIKeyResource) saveCreated(
	ctx context.Context, plan rotatingAPIKeyModel, created everflow.CreatedAPIKey, state *tfsdk.State, identity *tfsdk.ResourceIdentity,
) diag.Diagnostics {
	plan.apiKeyModel = plan.asCreated(created)
	plan.setRotateAt(r.keys.createdAt(ctx, created.APIKey))
	return saveState(ctx, plan, state, identity)
}

// Read keeps a current key that was revoked outside in the state, for the sake of
// the previous ones, and leaves what is due to the plans that are made of it.
func (r *rotatingAPIKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state rotatingAPIKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	for _, key := range state.keys() {
		r.keys.managed.countRead(key.ID.ValueString())
	}
	before := loadDue(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	current, ok := r.keys.read(ctx, state.apiKeyModel, &resp.Diagnostics)
	if !ok {
		return
	}
	if state.isSecretLost() && current.State != everflow.APIKeyGone && current.Key.WasUsed() {
		warnOfForeignKey(&resp.Diagnostics, current.Key)
		resp.State.RemoveResource(ctx)
		return
	}
	state.refreshCurrent(current, &resp.Diagnostics)
	state.setRotateAt(r.clocks.likely(ctx))
	lastUses, ok := r.readPrevious(ctx, &state, before, &resp.Diagnostics)
	if !ok {
		return
	}
	due := r.keys.dueNow(ctx, &state, lastUses, &resp.Diagnostics)
	resp.Diagnostics.Append(due.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(saveState(ctx, state, &resp.State, resp.Identity)...)
}

// readPrevious leaves the previous keys in the state that still live, and returns
// when each was last used, by its ID. It says nothing of a key that is gone when its
// time was over, which an earlier refresh may have found, or the clock says now.
func (r *rotatingAPIKeyResource) readPrevious(ctx context.Context, state *rotatingAPIKeyModel, before dueKeys, diags *diag.Diagnostics) (lastUses map[string]string, ok bool) {
	lastUses = map[string]string{}
	over := append(state.dueAt(r.clocks.likely(ctx), nil).Over, before.Over...)
	var live []previousKey
	for _, previous := range state.previous() {
		proof, ok := r.keys.read(ctx, state.asAPIKey(previous), diags)
		id, isLive := previous.id.ValueString(), proof.State == everflow.APIKeyLive
		switch {
		case !ok:
			return nil, false
		case isLive && previous.isSecretLost() && proof.Key.WasUsed():
			warnOfForeignPreviousKey(diags, proof.Key)
		case isLive:
			if used := timeValue(proof.Key.LastUsedAt); !used.IsNull() {
				lastUses[id] = used.ValueString()
			}
			live = append(live, previous)
		case slices.Contains(over, id):
		case proof.State == everflow.APIKeyGone:
			warnOfPreviousGone(diags, *state, previous)
		default:
			warnOfPreviousRevoked(diags, *state, previous, proof.Key)
		}
	}
	state.setPrevious(live)
	return lastUses, true
}

// updateOutcome is how an update ended.
type updateOutcome int

const (
	updateFailed updateOutcome = iota
	// changedInPlace: the key is the same.
	changedInPlace
	rotatedAsAsked
	// rotatedOtherwise: Everflow stored the new key otherwise than asked.
	rotatedOtherwise
)

// Update rotates the key if the plan leaves its ID open, else changes it in place.
// Then it revokes the keys that the plan named.
func (r *rotatingAPIKeyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state rotatingAPIKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	due := loadDue(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(r.requireClient("Cannot update an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	isRotated := plan.ID.IsUnknown()
	state.ForceRevoke = plan.ForceRevoke
	ending := due.Over
	ok := r.checkPreviousInApply(ctx, state, ending, riskOverlapEnds, &resp.Diagnostics)
	endsCurrent := isRotated && durationOf(plan.Overlap) == 0 && !state.isRevokedOrGone()
	if ok && endsCurrent {
		ok = r.keys.checkOwnKeyInApply(ctx, state.apiKeyModel, state.isSecretLost(), riskRotation, &resp.Diagnostics)
	}
	if !ok {
		return
	}
	var outcome updateOutcome
	if isRotated {
		outcome = r.rotate(ctx, state, &plan, resp)
	} else {
		outcome = r.change(ctx, state, &plan, resp)
	}
	switch {
	case outcome == updateFailed:
		return
	case endsCurrent && outcome == rotatedAsAsked:
		ending = append(ending, state.ID.ValueString())
	case endsCurrent:
		warnOfNotRevokedYet(&resp.Diagnostics, state.apiKeyModel)
	}
	r.endOverlaps(ctx, &plan, ending, resp)
}

// checkPreviousInApply reports whether these of the previous keys may be revoked now; if
// not, errors say why.
func (r *rotatingAPIKeyResource) checkPreviousInApply(ctx context.Context, m rotatingAPIKeyModel, ids []string, risk ownKeyRisk, diags *diag.Diagnostics) bool {
	ok := true
	for _, key := range m.previous() {
		if slices.Contains(ids, key.id.ValueString()) {
			allowed := r.keys.checkOwnKeyInApply(ctx, m.asAPIKey(key), key.isSecretLost(), risk, diags)
			ok = ok && allowed
		}
	}
	return ok
}

// rotate creates the new key and saves it, with the old one among the previous
// keys, before anything else is called.
func (r *rotatingAPIKeyResource) rotate(ctx context.Context, state rotatingAPIKeyModel, plan *rotatingAPIKeyModel, resp *resource.UpdateResponse) updateOutcome {
	outcome := r.keys.create(ctx, plan.apiKeyModel)
	created := outcome.key
	switch outcome.kind {
	case nothingCreated, createInDoubt:
		addCreateOutcome(&resp.Diagnostics, plan.Name.ValueString(), outcome)
		return updateFailed
	case createdWithoutSecret:
		addRotationWithoutSecret(&resp.Diagnostics, outcome, state.apiKeyModel)
		lost := previousKey{
			id: types.StringValue(strconv.FormatInt(created.ID, 10)), keySHA256: types.StringNull(),
			replacedAt: types.StringNull(), revokeAt: momentValue(r.keys.createdAt(ctx, created.APIKey)),
		}
		state.setPrevious(append(state.previous(), lost))
		resp.Diagnostics.Append(saveState(ctx, state, &resp.State, resp.Identity)...)
		return updateFailed
	}
	planned := *plan
	resp.Diagnostics.Append(dueKeys{}.save(ctx, resp.Private)...)
	*plan = r.rotated(ctx, planned, state, created)
	resp.Diagnostics.Append(saveState(ctx, *plan, &resp.State, resp.Identity)...)

	created.APIKey = r.keys.readCreated(ctx, created, &resp.Diagnostics)
	*plan = r.rotated(ctx, planned, state, created)
	resp.Diagnostics.Append(saveState(ctx, *plan, &resp.State, resp.Identity)...)
	isAsAsked := checkStored(created.APIKey, planned.apiKeyModel, &resp.Diagnostics)
	switch {
	case resp.Diagnostics.HasError(): // the state could not be saved
		return updateFailed
	case !isAsAsked:
		return rotatedOtherwise
	}
	return rotatedAsAsked
}

// rotated is the state once a new key is the current one.
func (r *rotatingAPIKeyResource) rotated(ctx context.Context, plan, state rotatingAPIKeyModel, created everflow.CreatedAPIKey) rotatingAPIKeyModel {
	since := r.keys.createdAt(ctx, created.APIKey)
	plan.addCurrentToPrevious(state, since)
	plan.apiKeyModel = plan.asCreated(created)
	plan.setRotateAt(since)
	return plan
}

// change sends what differs, if anything does, and keeps the keys that are to be
// revoked in the state until they are.
func (r *rotatingAPIKeyResource) change(ctx context.Context, state rotatingAPIKeyModel, plan *rotatingAPIKeyModel, resp *resource.UpdateResponse) updateOutcome {
	if takesSecurity(ctx, state.apiKeyModel, plan.apiKeyModel) {
		ok := r.keys.checkOwnKeyInApply(ctx, state.apiKeyModel, false, riskLosesSecurity, &resp.Diagnostics)
		if !ok {
			return updateFailed
		}
	}
	asked := plan.toAPI()
	plan.UpdatedAt = state.UpdatedAt
	plan.setPrevious(overlapping(state.previous(), durationOf(plan.Overlap)))
	if !asked.Equal(state.toAPI()) {
		key, ok := r.keys.update(ctx, state.apiKeyModel, asked, &resp.Diagnostics)
		if !ok {
			return updateFailed
		}
		checkStored(key, plan.apiKeyModel, &resp.Diagnostics)
		plan.apiKeyModel = plan.asApplied(key)
	}
	if plan.RotateAt.IsUnknown() {
		plan.setRotateAt(r.clocks.likely(ctx))
	}
	resp.Diagnostics.Append(saveState(ctx, *plan, &resp.State, resp.Identity)...)
	if resp.Diagnostics.HasError() {
		return updateFailed
	}
	return changedInPlace
}

// endOverlaps revokes these of the previous keys, and takes from the state what is revoked.
func (r *rotatingAPIKeyResource) endOverlaps(ctx context.Context, m *rotatingAPIKeyModel, ids []string, resp *resource.UpdateResponse) {
	var left dueKeys
	for _, key := range m.previous() {
		if !slices.Contains(ids, key.id.ValueString()) {
			continue
		}
		isRevoked := r.keys.revoke(ctx, m.asAPIKey(key), &resp.Diagnostics)
		if isRevoked {
			m.setPrevious(without(m.previous(), []string{key.id.ValueString()}))
		} else {
			left.Over = append(left.Over, key.id.ValueString())
		}
	}
	resp.Diagnostics.Append(left.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(saveState(ctx, *m, &resp.State, resp.Identity)...)
}

// Delete revokes the current key last: until all is done, the resource stays whole.
func (r *rotatingAPIKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state rotatingAPIKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.requireClient("Cannot revoke an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	ok := true
	if !state.isRevokedOrGone() {
		ok = r.keys.checkOwnKeyInApply(ctx, state.apiKeyModel, state.isSecretLost(), riskDestroy, &resp.Diagnostics)
	}
	previousOK := r.checkPreviousInApply(ctx, state, state.previousIDs(), riskDestroy, &resp.Diagnostics)
	if !ok || !previousOK {
		return
	}
	var left []previousKey
	for _, key := range state.previous() {
		isRevoked := r.keys.revoke(ctx, state.asAPIKey(key), &resp.Diagnostics)
		if !isRevoked {
			left = append(left, key)
		}
	}
	if len(left) == 0 {
		r.keys.revoke(ctx, state.apiKeyModel, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		state.setPrevious(left)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// ImportState takes the ID of the current key, which may be followed by its schedule.
func (r *rotatingAPIKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	id, schedule, isScheduled := strings.Cut(text, ",")
	rotateAfter, overlap, hasOverlap := strings.Cut(schedule, ",")
	if !hasOverlap {
		overlap = defaultOverlap
	}
	if isScheduled {
		checkImportedSchedule(rotateAfter, overlap, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(r.requireClient("Cannot import an API key")...)
	if resp.Diagnostics.HasError() {
		return
	}
	key, ok := r.keys.importLive(ctx, id, &resp.Diagnostics)
	if !ok {
		return
	}
	imported := adoptedKey(key, r.clocks.latest(ctx))
	if isScheduled {
		imported.RotateAfter, imported.Overlap = types.StringValue(rotateAfter), types.StringValue(overlap)
	}
	resp.Diagnostics.Append(saveState(ctx, imported, &resp.State, resp.Identity)...)
}

func checkImportedSchedule(rotateAfter, overlap string, diags *diag.Diagnostics) {
	problem := overlapProblem(rotateAfter, overlap)
	if !rotateAfterDuration.takes(rotateAfter) || !anyDuration.takes(overlap) {
		problem = fmt.Sprintf("rotate_after is %q and overlap is %q: each must be a duration, a number with a unit (h, m, s) without spaces, and rotate_after at least 1h.", rotateAfter, overlap)
	}
	if problem != "" {
		addUnusableImportSchedule(diags, problem)
	}
}
