package provider

import (
	"context"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// This file is what the plans of both kinds of keys have in common.

func (k *apiKeyRun) planCreate(ctx context.Context, plan apiKeyModel, diags *diag.Diagnostics) {
	checkPlannedName(types.StringNull(), plan.Name, diags)
	if hasNoPermissions(plan.apiKeyFields) {
		addNoPermissions(diags)
	}
	if k.isConfigured() {
		k.checkEmployee(ctx, plan.NetworkEmployeeID, diags)
	}
	k.warnOfUnknownPermissions(ctx, apiKeyModel{}, plan, diags)
}

func (k *apiKeyRun) planDestroy(state apiKeyModel, diags *diag.Diagnostics) {
	k.refuseSecondResource(state, diags)
	if k.isConfigured() {
		k.planLoss(state, lossByDestroy, diags)
	}
}

// planKeyReplace refuses a replacement that no refresh of this run has led to: a plan
// is applied, and a value that was not known when it was made turned out to be
// another one. Terraform would call that a bug of the provider.
func (k *apiKeyRun) planReplace(state, plan apiKeyModel, diags *diag.Diagnostics) {
	if !k.managed.isRead(state.ID.ValueString()) {
		addPlanAgain(diags, state, plan)
		return
	}
	k.planDestroy(state, diags)
}

// planKeyUpdate checks a change of a key that stays, or of one that a rotation
// replaces by another.
func (k *apiKeyRun) planUpdate(ctx context.Context, state, plan apiKeyModel, isReplaced bool, diags *diag.Diagnostics) {
	k.refuseSecondResource(state, diags)
	checkPlannedName(state.Name, plan.Name, diags)
	if hasNoPermissions(plan.apiKeyFields) && !hasNoPermissions(state.apiKeyFields) {
		addNoPermissions(diags)
	}
	k.warnOfUnknownPermissions(ctx, state, plan, diags)
	if isReplaced {
		return
	}
	if plan.StoreKeyInState.ValueBool() && !state.StoreKeyInState.ValueBool() {
		warnOfAbsentSecret(diags)
	}
	if k.isConfigured() && takesSecurity(ctx, state, plan) {
		k.planLoss(withForceOf(state, plan), lossOfSecurity, diags)
	}
}

// withForceOf is the key as it is, to be changed as the plan allows.
func withForceOf(state, plan apiKeyModel) apiKeyModel {
	state.ForceRevoke = plan.ForceRevoke
	return state
}

// staysAsItIs: nothing is sent to Everflow then, so that what it answered last stays.
func staysAsItIs(ctx context.Context, state, plan apiKeyModel) bool {
	return plan.toAPI().Equal(state.toAPI()) && isWhollyKnown(ctx, plan.Name) && isWhollyKnown(ctx, plan.Permissions)
}

// replaces repeats what the schema's plan modifiers decide, which ModifyPlan cannot see.
func replaces(ctx context.Context, state, plan apiKeyModel) bool {
	return isAnother(state.NetworkEmployeeID, plan.NetworkEmployeeID) || keeperReplaces(ctx, state.RotateWhenChanged, plan.RotateWhenChanged)
}

// isAnother: an employee that is not known yet can be the same one.
func isAnother(before, after types.Int64) bool { return !after.IsUnknown() && !after.Equal(before) }

// keeperReplaces: values that are not known yet can be the same ones.
func keeperReplaces(ctx context.Context, before, after types.Map) bool {
	return keeperChanged(before, after) && isWhollyKnown(ctx, after)
}

// keeperChanged: setting the argument for the first time, or removing it, is no
// change of it, so that adopting a key never revokes it.
func keeperChanged(before, after types.Map) bool {
	return !before.IsNull() && !after.IsNull() && !after.Equal(before)
}

// checkPlannedName refuses a name that Everflow may store otherwise. A key from
// before Terraform can have such a name, and keep it.
func checkPlannedName(before, planned types.String, diags *diag.Diagnostics) {
	name := planned.ValueString()
	trimmed := strings.TrimSpace(name)
	switch {
	case planned.IsUnknown() || planned.Equal(before):
	case trimmed == "":
		addBlankName(diags)
	case trimmed != name:
		addNameWithOuterBlanks(diags, name)
	}
}

// hasNoPermissions: a list that is written down and empty. A key from before
// Terraform can be like that, but a new one would be of no use.
func hasNoPermissions(m apiKeyFields) bool {
	return !m.AllPermissions.IsUnknown() && !m.AllPermissions.ValueBool() &&
		!m.Permissions.IsUnknown() && len(m.Permissions.Elements()) == 0
}

// employeesByID is the list of employees that plans of new keys are checked with.
type employeesByID struct {
	read sync.Once
	byID map[int64]everflow.Employee
}

// checkEmployee refuses a new key for an employee that does not exist. Where the
// list cannot be read, as by a key that lacks the permission, nothing is said: the
// create itself will tell.
func (k *apiKeyRun) checkEmployee(ctx context.Context, id types.Int64, diags *diag.Diagnostics) {
	if id.IsUnknown() {
		return
	}
	k.employees.read.Do(func() {
		employees, _ := k.client.Employees(ctx)
		k.employees.byID = make(map[int64]everflow.Employee, len(employees))
		for _, employee := range employees {
			k.employees.byID[employee.ID] = employee
		}
	})
	if len(k.employees.byID) == 0 {
		return
	}
	employee, found := k.employees.byID[id.ValueInt64()]
	if !found {
		addNoEmployee(diags, id.ValueInt64())
		return
	}
	if employee.AccountStatus == "" || strings.EqualFold(employee.AccountStatus, "active") {
		return
	}
	if _, said := k.said.inactiveEmployees.LoadOrStore(employee.ID, true); !said {
		warnOfInactiveEmployee(diags, employee)
	}
}
