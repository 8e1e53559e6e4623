package provider

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var (
	_ resource.ResourceWithConfigure      = (*apiWhitelistResource)(nil)
	_ resource.ResourceWithIdentity       = (*apiWhitelistResource)(nil)
	_ resource.ResourceWithImportState    = (*apiWhitelistResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*apiWhitelistResource)(nil)
	_ resource.ResourceWithValidateConfig = (*apiWhitelistResource)(nil)
)

type apiWhitelistResource struct{ resourceSession }

func newAPIWhitelistResource() resource.Resource { return &apiWhitelistResource{} }

func (r *apiWhitelistResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_whitelist"
}

// ModifyPlan refuses, while it is only a plan, what must not happen: an overwrite,
// a lockout, an opened network.
func (r *apiWhitelistResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state apiWhitelistModel
	creating, destroying := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	r.whitelists.guardSecond(false, creating, &resp.Diagnostics)
	r.whitelists.guardSharing(true, destroying, &resp.Diagnostics)
	if !creating {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if !destroying {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case destroying:
		warnOfOpening(state, &resp.Diagnostics)
	case !r.isConfigured() || !plan.IPAddresses.areKnown():
		// Create and Update check the same again, with everything known.
	case creating:
		live, err := r.sharedWhitelist(ctx, 0)
		if err != nil {
			addAPIError(&resp.Diagnostics, "Cannot check the API whitelist that is in force", err)
			return
		}
		if guardExisting(live, plan.IPAddresses.entries(), &resp.Diagnostics); !resp.Diagnostics.HasError() {
			r.guardLockout(live.IPAddresses, plan.IPAddresses.entries(), plan.AllowLockout.ValueBool(), &resp.Diagnostics)
		}
	case !sameEntries(state.IPAddresses.entries(), plan.IPAddresses.entries()):
		// The state is the list in force, or Update refuses to write.
		r.guardLockout(state.IPAddresses.entries(), plan.IPAddresses.entries(), plan.AllowLockout.ValueBool(), &resp.Diagnostics)
	}
}

// warnOfOpening says at plan what destroying the list means, or refuses it.
func warnOfOpening(state apiWhitelistModel, diags *diag.Diagnostics) {
	if state.DeletionProtection.ValueBool() {
		diags.AddAttributeError(path.Root("deletion_protection"), "The API whitelist is protected from being destroyed",
			"Destroying it would open the network's API to every address. If that is meant, set deletion_protection = false, apply that, and destroy then. "+
				"To stop managing the list and leave it in force: terraform state rm, or a removed block with destroy = false.")
		return
	}
	if len(state.IPAddresses.entries()) > 0 {
		diags.AddWarning("Destroying the API whitelist opens the network to every address",
			fmt.Sprintf("With the list empty, Everflow accepts API calls from every address. Now only these are accepted: %s.\n\n"+
				"To stop managing the list and leave it in force: terraform state rm, or a removed block with destroy = false.", named(state.IPAddresses.entries())))
	}
}

func (r *apiWhitelistResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiWhitelistModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot create the API whitelist") {
		return
	}
	live, err := r.sharedWhitelist(ctx, justNow)
	if err != nil {
		addAPIError(&resp.Diagnostics, "The API whitelist was not created", err)
		return
	}
	if guardExisting(live, plan.IPAddresses.entries(), &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	// An error after this leaves no state on purpose: a tainted whitelist would
	// be destroyed, and the network opened, by the next apply. That apply finds
	// the very list it wants and takes it over.
	if written := r.write(ctx, &plan, live, &resp.Diagnostics); written && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
	}
}

func (r *apiWhitelistResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state apiWhitelistModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot update the API whitelist") {
		return
	}
	if before, after := state.IPAddresses.entries(), plan.IPAddresses.entries(); !sameEntries(before, after) {
		live, err := r.sharedWhitelist(ctx, justNow)
		if err != nil {
			addAPIError(&resp.Diagnostics, "The API whitelist was not updated", err)
			return
		}
		// The list already being what is wanted is no conflict.
		if !guardNetwork(live, state.ID.ValueString(), &resp.Diagnostics) || !sameEntries(live.IPAddresses, after) && !guardUnchanged(before, live.IPAddresses, &resp.Diagnostics) {
			return
		}
		if !r.write(ctx, &plan, live, &resp.Diagnostics) {
			return
		}
	}
	resp.Diagnostics.Append(r.save(ctx, plan, &resp.State, resp.Identity)...)
}

// justNow is how old a list may be that a write is judged by: that of the plan of
// this very change, which Terraform asks for right before.
const justNow = time.Second

// settle is how long a written list is left alone before it is read back. Of two
// runs that write at once, the one whose list was overwritten sees it then:
// Everflow has no way to write only if nothing changed.
const settle = time.Second

// settleFor bounds the calls that find out how a write ended, which go on when
// the run is cancelled.
const settleFor = 60 * time.Second

// write replaces the live list with the planned one and reads it back. It returns
// false, with an error, if the list in force is not known to be what plan then
// holds; an error beside true speaks of a list that was written all the same.
func (r *apiWhitelistResource) write(ctx context.Context, plan *apiWhitelistModel, live everflow.Whitelist, diags *diag.Diagnostics) bool {
	entries := plan.IPAddresses.entries()
	if sameEntries(live.IPAddresses, entries) {
		plan.fromAPI(live)
		return true
	}
	allowed := plan.AllowLockout.ValueBool()
	var guarded diag.Diagnostics
	if r.guardLockout(live.IPAddresses, entries, allowed, &guarded); guarded.HasError() {
		diags.Append(guarded...)
		return false // what it warns of was said by the plan
	}
	canonical, err := plan.toAPI()
	if err != nil {
		diags.AddAttributeError(path.Root("ip_addresses"), "Unusable IP address", sentence(err))
		return false
	}
	written, writeErr := r.client.ReplaceWhitelist(ctx, canonical)
	if writeErr != nil && !everflow.IsInDoubt(writeErr) {
		addAPIError(diags, "The API whitelist was not written", writeErr)
		return false
	}
	pause(ctx, settle)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	now, readErr := r.whitelist(ctx)
	switch {
	case readErr == nil && sameEntries(now.IPAddresses, entries):
		plan.fromAPI(now)
		return true
	case readErr == nil && writeErr != nil && sameEntries(now.IPAddresses, live.IPAddresses):
		addAPIError(diags, "The API whitelist was not written", writeErr)
		return false
	case readErr == nil:
		added, removed := compareEntries(entries, now.IPAddresses)
		diags.AddError("The API whitelist is not what was written",
			"Read back after the write, the list differs from the plan: someone else changed it at the same time, or Everflow stored it otherwise"+
				changes("added", added, "removed", removed)+"\n\nRun terraform plan to see where things stand.")
		return false
	case everflow.StatusOf(readErr) == http.StatusForbidden:
		summary, detail := "Everflow refuses this machine since the API whitelist was written",
			sentence(readErr)+" The new list is in force, and this machine's address is most likely not in it.\n\n"+wayBackIn
		if allowed {
			diags.AddWarning(summary, detail)
		} else {
			diags.AddError(summary, detail)
		}
		if writeErr == nil {
			plan.fromAPI(written)
		}
		return writeErr == nil
	case writeErr != nil:
		addAPIError(diags, "Whether the API whitelist was written is not known", writeErr)
		return false
	case !sameEntries(written.IPAddresses, entries):
		addAPIError(diags, "The API whitelist could not be read back, and the answer to the write was another list", readErr)
		return false
	}
	diags.AddWarning("The API whitelist was written but could not be read back", sentence(readErr)+" Everflow's answer to the write held the list as planned.")
	plan.fromAPI(written)
	return true
}

func (r *apiWhitelistResource) save(ctx context.Context, m apiWhitelistModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	diags := state.Set(ctx, m)
	diags.Append(setIdentity(ctx, identity, m.ID)...)
	return diags
}

func (r *apiWhitelistResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiWhitelistModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.ID)...)
	r.whitelists.guardSecond(true, false, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.isConfigured() {
		return
	}
	live, err := r.sharedWhitelist(ctx, 0)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot read the API whitelist", err)
		return
	}
	if !guardNetwork(live, state.ID.ValueString(), &resp.Diagnostics) {
		return
	}
	if len(live.IPAddresses) == 0 && len(state.IPAddresses.entries()) > 0 {
		resp.Diagnostics.AddWarning("The API whitelist was emptied outside Terraform",
			"Everflow accepts API calls from every address until the list has entries again.")
	}
	state.fromAPI(live)
	resp.Diagnostics.Append(r.save(ctx, state, &resp.State, resp.Identity)...)
}

func (r *apiWhitelistResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiWhitelistModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot empty the API whitelist") {
		return
	}
	if state.DeletionProtection.ValueBool() {
		warnOfOpening(state, &resp.Diagnostics)
		return
	}
	live, err := r.whitelist(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "The API whitelist was not emptied", err)
		return
	}
	if !guardNetwork(live, state.ID.ValueString(), &resp.Diagnostics) || len(live.IPAddresses) == 0 {
		return
	}
	if !guardUnchanged(state.IPAddresses.entries(), live.IPAddresses, &resp.Diagnostics) {
		return
	}
	if _, err = r.client.ReplaceWhitelist(ctx, nil); err != nil && !everflow.IsInDoubt(err) {
		addAPIError(&resp.Diagnostics, "The API whitelist was not emptied", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	now, readErr := r.whitelist(ctx)
	switch {
	case readErr == nil && len(now.IPAddresses) == 0:
	case readErr == nil && err == nil:
		resp.Diagnostics.AddError("The API whitelist has entries again", fmt.Sprintf(
			"It was emptied, but someone else wrote it at the same time: it now holds %s. Run terraform plan to see where things stand.", named(now.IPAddresses)))
	case err != nil:
		addAPIError(&resp.Diagnostics, "The API whitelist was not emptied, as far as can be told", err)
	}
}

func (r *apiWhitelistResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text, diags := importID(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.needClient(&resp.Diagnostics, "Cannot import the API whitelist") {
		return
	}
	live, err := r.sharedWhitelist(ctx, 0)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot import the API whitelist", err)
		return
	}
	if id := strconv.FormatInt(live.NetworkID, 10); text != id {
		resp.Diagnostics.AddError("Unusable import ID", fmt.Sprintf(
			"The API whitelist is imported by the ID of its network. %q is not that of the network which the provider's API key belongs to: that is %s.", text, id))
		return
	}
	if len(live.IPAddresses) == 0 {
		resp.Diagnostics.AddError("There is no API whitelist to import",
			"The network's list is empty: calls from every address are accepted. Apply the resource without importing to turn the whitelist on.")
		return
	}
	imported := apiWhitelistModel{AllowLockout: types.BoolValue(false), DeletionProtection: types.BoolValue(false)}
	imported.fromAPI(live)
	resp.Diagnostics.Append(r.save(ctx, imported, &resp.State, resp.Identity)...)
}
