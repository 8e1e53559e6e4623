package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// resourceCount counts the resources of a kind that the run has refreshed and planned.
type resourceCount struct{ refreshed, created, kept, destroyed int }

// planAction is what Terraform asks the provider to plan.
type planAction int

const (
	actionCreate planAction = iota
	actionKeep              // with or without an update
	actionDestroy
	// actionReplace is the second plan of a resource that is replaced, after actionKeep.
	actionReplace
)

// inStateKey marks, in the private state, that a resource was planned with a prior state.
// The second plan of a replacement has no prior state, but this:
// https://github.com/hashicorp/terraform/blob/v1.14.0/internal/terraform/node_resource_abstract_instance.go
const inStateKey = "in_state"

func planActionOf(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (planAction, diag.Diagnostics) {
	switch {
	case req.Plan.Raw.IsNull():
		return actionDestroy, nil
	case !req.State.Raw.IsNull():
		return actionKeep, resp.Private.SetKey(ctx, inStateKey, []byte("true"))
	}
	mark, diags := req.Private.GetKey(ctx, inStateKey)
	if mark != nil {
		return actionReplace, diags
	}
	return actionCreate, diags
}

func (c *resourceCount) add(action planAction) {
	switch action {
	case actionCreate:
		c.created++
	case actionKeep:
		c.kept++
	case actionDestroy:
		c.destroyed++
	case actionReplace:
	}
}

func (c *resourceCount) isPlanned() bool { return c.created+c.kept+c.destroyed > 0 }

func (c *resourceCount) isInState() bool { return c.refreshed+c.kept+c.destroyed > 0 }

// isLeft reports whether any of them is to be there after the run.
func (c *resourceCount) isLeft() bool { return c.created+c.kept > 0 }

// claims are the resources of a run for one entry.
type claims struct {
	// isInState: a resource has it in the state.
	isInState bool
	// owners counts the planned resources whose state has the entry; kept, those of them
	// that are not destroyed; takers, the resources that are planned to get it.
	owners, kept, takers int
}

// refreshList is called for each everflow_api_whitelist of the state.
func (r *apiWhitelistRun) refreshList(diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lists.refreshed++
	if r.lists.refreshed > 1 {
		addTwoListsInState(diags)
	}
}

// planList is called for each everflow_api_whitelist that is planned.
func (r *apiWhitelistRun) planList(action planAction, diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lists.add(action)
	isCreated := r.lists.created > 0
	switch {
	case r.lists.refreshed > 1:
		addTwoListsInState(diags)
	case r.lists.created > 1, isCreated && r.lists.kept > 0:
		addTwoLists(diags)
	case action == actionReplace, isCreated && r.lists.refreshed+r.lists.destroyed > 0:
		addReplacedList(diags)
	}
	r.checkSharing(diags)
}

// planEntry is called for each everflow_api_whitelist_entry that is planned.
func (r *apiWhitelistRun) planEntry(action planAction, diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries.add(action)
	r.checkSharing(diags)
}

// checkSharing refuses to plan the whole list and single entries in one run, unless
// all are destroyed. A resource that is only refreshed may be on its way out of the
// state, and does not count.
func (r *apiWhitelistRun) checkSharing(diags *diag.Diagnostics) {
	areBothPlanned := r.lists.isPlanned() && r.entries.isPlanned()
	isAnyLeft := r.lists.isLeft() || r.entries.isLeft()
	if areBothPlanned && isAnyLeft && !r.isSharingReported {
		r.isSharingReported = true
		addSharedList(diags, r.lists.isInState())
	}
}

// refreshEntry is called for each entry that is in the state, and in the list.
func (r *apiWhitelistRun) refreshEntry(entry whitelist.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.claimsOn(entry).isInState = true
}

// claimEntry refuses two resources for one entry. It is called for each that is
// planned, with the entry of its state and the one it is to have; zero for none, or
// one that is not known yet.
func (r *apiWhitelistRun) claimEntry(before, after whitelist.Entry, action planAction, diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !before.IsZero() {
		claims := r.claimsOn(before)
		claims.isInState = true
		claims.owners++
		if action != actionDestroy {
			claims.kept++
		}
		claims.check(before, diags)
		if diags.HasError() {
			return
		}
	}
	if !after.IsZero() && !after.Equal(before) {
		claims := r.claimsOn(after)
		claims.takers++
		claims.check(after, diags)
	}
}

// claimsOn is called with the lock held.
func (r *apiWhitelistRun) claimsOn(entry whitelist.Entry) *claims {
	if r.claims == nil {
		r.claims = map[string]*claims{}
	}
	key := entry.Canonical()
	if r.claims[key] == nil {
		r.claims[key] = &claims{}
	}
	return r.claims[key]
}

func (c *claims) check(entry whitelist.Entry, diags *diag.Diagnostics) {
	switch {
	case c.takers > 0 && c.isInState:
		addEntryTaken(diags, entry)
	case c.takers > 1:
		addTwoEntries(diags, entry)
	case c.owners > 1 && c.kept > 0:
		addTwoEntriesInState(diags, entry)
	}
}
