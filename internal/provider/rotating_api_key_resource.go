package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure      = (*rotatingAPIKeyResource)(nil)
	_ resource.ResourceWithIdentity       = (*rotatingAPIKeyResource)(nil)
	_ resource.ResourceWithImportState    = (*rotatingAPIKeyResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*rotatingAPIKeyResource)(nil)
	_ resource.ResourceWithValidateConfig = (*rotatingAPIKeyResource)(nil)
)

type rotatingAPIKeyResource struct{ resourceSession }

func newRotatingAPIKeyResource() resource.Resource { return &rotatingAPIKeyResource{} }

func (r *rotatingAPIKeyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_rotating_api_key"
	resp.ResourceBehavior.MutableIdentity = true // the current key's
}

// manage tells the run which keys are the resource's.
func (r *rotatingAPIKeyResource) manage(m rotatingAPIKeyModel) {
	for _, key := range m.keys() {
		r.managedKeys.Store(key.ID.ValueString(), true)
	}
}

// save publishes state and identity together.
func (r *rotatingAPIKeyResource) save(ctx context.Context, m rotatingAPIKeyModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	r.manage(m)
	diags := state.Set(ctx, m)
	diags.Append(setIdentity(ctx, identity, m.ID)...)
	return diags
}

func (r *rotatingAPIKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan rotatingAPIKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot create an API key") {
		return
	}
	// Asked for first: once the key is there, nothing may fail for want of the time.
	if r.serverTime(ctx, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	created := r.createKey(ctx, plan.apiKeyModel, "is in the state, marked as tainted: the next apply revokes it and creates another.", &resp.Diagnostics)
	if created.ID == 0 {
		return
	}
	plan.fromAPI(created.APIKey)
	plan.setSecret(created.Secret)
	plan.setPrevious(nil)
	plan.setRotateAt(r.serverTime(ctx, &resp.Diagnostics))
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
}

// Read keeps a current key that was revoked outside in the state, for the sake of
// the previous ones, and leaves what is due to the plans that are made of it.
func (r *rotatingAPIKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state rotatingAPIKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	r.manage(state)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	if r.readCurrent(ctx, &state, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	now := r.serverTime(ctx, &resp.Diagnostics)
	state.setRotateAt(now)
	lastUses := r.readPrevious(ctx, &state, now, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.dueAt(now, lastUses).keep(ctx, resp.Private)...)
	resp.Diagnostics.Append(r.save(ctx, state, &resp.State, resp.Identity)...)
}

func (r *rotatingAPIKeyResource) readCurrent(ctx context.Context, state *rotatingAPIKeyModel, diags *diag.Diagnostics) {
	const planned = "A new key with a new secret is planned in its place, whatever the schedule."
	key, ok := r.readKey(ctx, state.apiKeyModel, diags)
	switch {
	case !ok:
	case key == nil:
		state.Status = types.StringNull()
		diags.AddWarning(describeKey(state.apiKeyModel)+" does not exist", "Everflow knows no such key in this network. "+planned)
	default:
		state.apiKeyModel = state.refreshed(*key)
		if key.IsRevoked() {
			diags.AddWarning(describeKey(state.apiKeyModel)+" was revoked outside Terraform",
				"It was revoked"+at(key.RevokedAt)+", which cannot be undone: whatever still uses it is refused. "+planned)
		}
	}
}

// readPrevious returns when each previous key was last used, by its ID. It says
// nothing of a key that is gone when its time was over.
func (r *rotatingAPIKeyResource) readPrevious(ctx context.Context, state *rotatingAPIKeyModel, now time.Time, diags *diag.Diagnostics) (lastUses map[string]string) {
	over := state.dueAt(now, nil).Over
	lastUses = map[string]string{}
	var live []previousKey
	for _, previous := range state.previous() {
		key, ok := r.readKey(ctx, state.asAPIKey(previous), diags)
		switch {
		case !ok:
			return nil
		case key != nil && !key.IsRevoked():
			if used := timeValue(key.LastUsedAt); !used.IsNull() {
				lastUses[previous.id.ValueString()] = used.ValueString()
			}
			live = append(live, previous)
		case slices.Contains(over, previous.id.ValueString()):
		default:
			happened, when := " does not exist", "Everflow knows no such key in this network."
			if key != nil {
				happened, when = " was revoked outside Terraform", "It was revoked"+at(key.RevokedAt)+"."
			}
			diags.AddWarning(describeKey(state.asAPIKey(previous))+happened,
				fmt.Sprintf("%s It is a predecessor of %s and was to work until %s; whatever still uses it is refused. It is removed from previous_keys.",
					when, describeKey(state.apiKeyModel), previous.revokeAt.ValueString()))
		}
	}
	state.setPrevious(live)
	return lastUses
}

// Update rotates the key if the plan leaves its ID open, else changes it in place.
// Then it revokes the keys that the plan named.
func (r *rotatingAPIKeyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state rotatingAPIKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	due := duenessIn(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot update an API key") {
		return
	}
	rotates := plan.ID.IsUnknown()
	ending := due.Over
	for _, key := range state.previous() {
		if slices.Contains(ending, key.id.ValueString()) {
			r.refuseOwnKey(ctx, state.asAPIKey(key), endsOverlap, &resp.Diagnostics)
		}
	}
	if rotates && durationOf(plan.Overlap) == 0 {
		ending = append(ending, state.ID.ValueString())
		r.refuseOwnKey(ctx, state.apiKeyModel, skipsOverlap, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if rotates {
		r.rotate(ctx, state, &plan, resp)
	} else {
		r.change(ctx, state, &plan, resp)
	}
	if !resp.Diagnostics.HasError() {
		r.endOverlaps(ctx, &plan, ending, resp)
	}
}

// rotate creates the new key and saves it, with the old one among the previous
// keys, before anything else is called.
func (r *rotatingAPIKeyResource) rotate(ctx context.Context, state rotatingAPIKeyModel, plan *rotatingAPIKeyModel, resp *resource.UpdateResponse) {
	if r.serverTime(ctx, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	created := r.createKey(ctx, plan.apiKeyModel,
		fmt.Sprintf("is kept in previous_keys: the next apply revokes it and rotates again. %s stays the current key.", describeKey(state.apiKeyModel)), &resp.Diagnostics)
	now := r.serverTime(ctx, &resp.Diagnostics)
	switch {
	case created.ID == 0:
		return
	case created.Secret.IsEmpty():
		var stray apiKeyModel
		stray.fromAPI(created.APIKey)
		state.setPrevious(append(state.previous(), previousKey{id: stray.ID, keySHA256: types.StringNull(), replacedAt: types.StringNull(), revokeAt: momentValue(now)}))
		resp.Diagnostics.Append(r.save(ctx, state, &resp.State, resp.Identity)...)
		return
	}
	plan.retire(state, now)
	plan.fromAPI(created.APIKey)
	plan.setSecret(created.Secret)
	plan.setRotateAt(now)
	resp.Diagnostics.Append(dueness{}.keep(ctx, resp.Private)...)
	resp.Diagnostics.Append(r.save(ctx, *plan, &resp.State, resp.Identity)...)
}

// change sends what differs, if anything does, and keeps the keys that are to be
// revoked in the state until they are.
func (r *rotatingAPIKeyResource) change(ctx context.Context, state rotatingAPIKeyModel, plan *rotatingAPIKeyModel, resp *resource.UpdateResponse) {
	asked := plan.toAPI()
	plan.UpdatedAt = state.UpdatedAt
	plan.setPrevious(overlapping(state.previous(), durationOf(plan.Overlap)))
	if !asked.Equal(state.toAPI()) {
		key, ok := r.updateKey(ctx, state.apiKeyModel, asked, &resp.Diagnostics)
		if !ok {
			return
		}
		plan.fromAPI(key)
		addDifference(&resp.Diagnostics, key, asked)
	}
	if plan.RotateAt.IsUnknown() {
		plan.setRotateAt(r.serverTime(ctx, &resp.Diagnostics))
	}
	resp.Diagnostics.Append(r.save(ctx, *plan, &resp.State, resp.Identity)...)
}

// endOverlaps revokes these of the previous keys, and takes from the state what is revoked.
func (r *rotatingAPIKeyResource) endOverlaps(ctx context.Context, m *rotatingAPIKeyModel, ids []string, resp *resource.UpdateResponse) {
	var left dueness
	for _, key := range m.previous() {
		if !slices.Contains(ids, key.id.ValueString()) {
			continue
		}
		if !r.endKey(ctx, m.asAPIKey(key), &resp.Diagnostics) {
			left.Over = append(left.Over, key.id.ValueString())
			continue
		}
		m.setPrevious(without(m.previous(), []string{key.id.ValueString()}))
	}
	resp.Diagnostics.Append(left.keep(ctx, resp.Private)...)
	resp.Diagnostics.Append(r.save(ctx, *m, &resp.State, resp.Identity)...)
}

// Delete revokes the current key last: until all is done, the resource stays whole.
func (r *rotatingAPIKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state rotatingAPIKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot revoke an API key") {
		return
	}
	for _, key := range state.keys() {
		r.refuseOwnKey(ctx, key, destroysKey, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var left []previousKey
	for _, key := range state.previous() {
		if !r.endKey(ctx, state.asAPIKey(key), &resp.Diagnostics) {
			left = append(left, key)
		}
	}
	if len(left) == 0 && r.endKey(ctx, state.apiKeyModel, &resp.Diagnostics) {
		return
	}
	state.setPrevious(left)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// ImportState takes the ID of the current key, followed by its schedule if the plan
// after the import is to be empty.
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
	key, ok := r.importKey(ctx, id, &resp.Diagnostics)
	if !ok {
		return
	}
	imported := rotatingAPIKeyModel{apiKeyModel: key}
	imported.setPrevious(nil)
	if isScheduled {
		imported.RotateAfter, imported.Overlap = types.StringValue(rotateAfter), types.StringValue(overlap)
	}
	resp.Diagnostics.Append(r.save(ctx, imported, &resp.State, resp.Identity)...)
}

func checkImportedSchedule(rotateAfter, overlap string, diags *diag.Diagnostics) {
	problem := overlapProblem(rotateAfter, overlap)
	if !(durationValidator{}).takes(rotateAfter) || !(durationValidator{orZero: true}).takes(overlap) {
		problem = fmt.Sprintf("rotate_after is %q and overlap is %q: each must be a duration, a number with a unit (ms, s, m, h), without spaces.", rotateAfter, overlap)
	}
	if problem != "" {
		diags.AddError("Unusable import ID", problem+" Give the ID of the current key, or that, rotate_after and overlap, such as 1234,2160h,24h.")
	}
}
