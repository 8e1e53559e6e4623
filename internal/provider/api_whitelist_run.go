package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// apiWhitelistRun is what a run does to the network's list, and which of its
// resources it has come across: a network has one list, so two that manage it, or
// one entry of it, would undo what the other does.
type apiWhitelistRun struct {
	// manager is nil while the provider's configuration is unknown.
	manager *whitelist.Manager

	mu                sync.Mutex
	lists, entries    resourceCount
	isSharingReported bool

	claims  map[string]*claims // by canonical spelling
	planned []whitelist.Change
	// needsEgressOnce: one error is enough for all entries that turn the list on.
	needsEgressOnce sync.Once
}

// newAPIWhitelistRun returns a run without a manager where there is no client.
func newAPIWhitelistRun(client *everflow.Run, egress whitelist.List) *apiWhitelistRun {
	if client == nil {
		return &apiWhitelistRun{}
	}
	return &apiWhitelistRun{manager: whitelist.NewManager(apiWhitelistStore{client}, egress, client.RetryWait)}
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
	isRemoval := !change.Remove.IsZero()
	switch {
	case live.List.IsEmpty() && !isRemoval && !change.AllowLockout && caller.Egress.IsEmpty():
		r.needsEgressOnce.Do(func() { addNeedsEgress(diags) })
		return
	case live.List.IsEmpty() || !isRemoval:
		return
	}
	verdict := whitelist.Judge(caller, live.List, live.List.Apply(planned...))
	switch {
	case verdict.Risk == whitelist.RiskOpens:
		warnOfOpeningByEntries(diags, live)
	case change.AllowLockout || !verdict.IsCausedBy(change):
	case verdict.Risk == whitelist.RiskLocksOut && !verdict.Outside.IsEmpty():
		warnOfRemovalOfEgress(diags, change, caller.Egress)
	case verdict.Risk == whitelist.RiskLocksOut:
		warnOfRemovalOfLastAdmitted(diags, change)
	case verdict.Risk == whitelist.RiskUnknown:
		warnOfRemovalOfUnknown(diags, change)
	}
}
