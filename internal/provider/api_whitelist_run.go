package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// apiWhitelistRun is what a run does to the network's list, and which of its
// resources it has come across: a network has one list, so two that manage it, or
// one entry of it, would undo what the other does.
type apiWhitelistRun struct {
	// manager is nil while the provider's configuration is unknown.
	manager *whitelist.Manager

	mu sync.Mutex
	// refreshed counts the everflow_api_whitelist resources of the state; stays and
	// asNew say whether one is planned to stay, and one to be created.
	refreshed             int
	inState, stays, asNew bool
	// plansList and plansEntry: the run plans the whole list, and entries of it; keeps:
	// any of them is to be there after it.
	plansList, plansEntry, keeps, saidSharing bool

	claims  map[string]*claims // by canonical spelling
	planned []whitelist.Change
	// saidEgress: one error is enough for all entries that turn the list on.
	saidEgress sync.Once
}

// claims are the resources of a run for one entry.
type claims struct {
	// inState: a resource has it in the state.
	inState bool
	// before counts the resources that are planned from a state with the entry; staying,
	// those of them that are not destroyed; after, those that are to get it.
	before, staying, after int
}

// refreshList is called for each everflow_api_whitelist of the state.
func (r *apiWhitelistRun) refreshList(diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inState = true
	if r.refreshed++; r.refreshed > 1 {
		addTwoListsInState(diags)
	}
}

// planList is called for each everflow_api_whitelist that is planned.
func (r *apiWhitelistRun) planList(isCreated, isDestroyed bool, diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asNew = r.asNew || isCreated
	r.inState = r.inState || !isCreated
	r.stays = r.stays || !isCreated && !isDestroyed
	switch {
	case r.refreshed > 1:
		addTwoListsInState(diags)
	case r.asNew && r.stays:
		addTwoLists(diags)
	case r.asNew && r.inState:
		addReplacedList(diags)
	}
	r.plansList = true
	r.checkSharing(isDestroyed, diags)
}

// planEntry is called for each everflow_api_whitelist_entry that is planned.
func (r *apiWhitelistRun) planEntry(isDestroyed bool, diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plansEntry = true
	r.checkSharing(isDestroyed, diags)
}

// checkSharing refuses to plan the whole list and single entries in one run, unless
// all are destroyed. A resource that is only refreshed may be on its way out of the
// state, and does not count.
func (r *apiWhitelistRun) checkSharing(isDestroyed bool, diags *diag.Diagnostics) {
	r.keeps = r.keeps || !isDestroyed
	if r.plansList && r.plansEntry && r.keeps && !r.saidSharing {
		r.saidSharing = true
		addSharedList(diags)
	}
}

// claim is called with the lock held.
func (r *apiWhitelistRun) claim(entry whitelist.Entry) *claims {
	if r.claims == nil {
		r.claims = map[string]*claims{}
	}
	key := entry.Canonical()
	if r.claims[key] == nil {
		r.claims[key] = &claims{}
	}
	return r.claims[key]
}

// refreshEntry is called for each entry that is in the state, and in the list.
func (r *apiWhitelistRun) refreshEntry(entry whitelist.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.claim(entry).inState = true
}

// claimEntry refuses two resources for one entry. It is called for each that is
// planned, with the entry of its state and the one it is to have; zero for none, or
// one that is not known yet.
func (r *apiWhitelistRun) claimEntry(before, after whitelist.Entry, isDestroyed bool, diags *diag.Diagnostics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !before.IsZero() {
		claims := r.claim(before)
		claims.inState = true
		claims.before++
		if !isDestroyed {
			claims.staying++
		}
		addClaims(before, claims, diags)
		if diags.HasError() {
			return
		}
	}
	if !after.IsZero() && !after.Equal(before) {
		claims := r.claim(after)
		claims.after++
		addClaims(after, claims, diags)
	}
}

// planChange says what a planned change means by itself. What the run plans besides
// may make it safe, so it is the apply that refuses; but what is known by now to be
// safe is silent.
func (r *apiWhitelistRun) planChange(live whitelist.Live, change whitelist.Change, diags *diag.Diagnostics) {
	r.mu.Lock()
	r.planned = append(r.planned, change)
	planned := r.planned
	r.mu.Unlock()
	caller := r.manager.Caller()
	switch {
	case live.List.IsEmpty():
		if !change.Remove.IsZero() || change.AllowLockout || !caller.Egress.IsEmpty() {
			return
		}
		r.saidEgress.Do(func() { addNeedsEgress(diags) })
		return
	case change.Remove.IsZero():
		return
	}
	verdict := whitelist.Judge(caller, live.List, live.List.Apply(planned...))
	switch {
	case verdict.Risk == whitelist.RiskOpens:
		addOpeningByEntries(live, diags)
	case change.AllowLockout || !verdict.IsCausedBy(change):
	case verdict.Risk == whitelist.RiskLocksOut:
		addRemovalLocksOut(change, verdict, caller, diags)
	case verdict.Risk == whitelist.RiskUnknown:
		addRemovalOfUnknown(change, diags)
	}
}
