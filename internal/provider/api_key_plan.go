package provider

import (
	"context"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// This file has what everflow_api_key and everflow_rotating_api_key check in a plan.

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
	if k.isConfigured() && !state.isSecretLost() { // nobody can have a secret that was lost
		k.checkOwnKeyInPlan(state, riskDestroy, diags)
	}
}

// planReplaced refuses a replacement that destroys the provider's own key, in the second
// plan of it. Of that one Terraform shows the errors and drops the warnings.
func (k *apiKeyRun) planReplaced(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	key, isReplaced := markedInState(ctx, private, diags)
	if isReplaced && k.isConfigured() && k.ownershipOf(key.KeySHA256) == ownKey {
		addOwnKey(diags, key, riskDestroy)
	}
}

// markedKey is what the private state of a plan has of a key that is in the state.
type markedKey struct {
	ID        string `json:"id"`
	KeySHA256 string `json:"key_sha256"`
}

// markInState notes the key of the state in the private state. Terraform plans a
// replacement twice, the second time without the prior state, but with this.
func markInState(ctx context.Context, private privateState, key apiKeyModel) diag.Diagnostics {
	return setPrivate(ctx, private, inStateKey, markedKey{ID: key.ID.ValueString(), KeySHA256: key.KeySHA256.ValueString()})
}

func markedInState(ctx context.Context, private privateState, diags *diag.Diagnostics) (key apiKeyModel, isMarked bool) {
	var marked markedKey
	ok := getPrivate(ctx, private, inStateKey, &marked, diags)
	if !ok {
		return key, false
	}
	key.ID, key.KeySHA256 = types.StringValue(marked.ID), types.StringValue(marked.KeySHA256)
	return key, true
}

// planReplace refuses a replacement in a run that has not refreshed the key. Such a run
// applies a plan, and a value that was unknown in the plan differs from the state.
// Terraform would report the replacement as a bug of the provider.
func (k *apiKeyRun) planReplace(state, plan apiKeyModel, diags *diag.Diagnostics) {
	if !k.managed.isRead(state.ID.ValueString()) {
		addPlanAgain(diags, state, plan)
		return
	}
	k.planDestroy(state, diags)
}

// planUpdate checks a change of a key that stays, or of one that a rotation replaces
// (isReplaced).
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
		k.checkOwnKeyInPlan(withForceOf(state, plan), riskLosesSecurity, diags)
	}
}

// withForceOf is the key of the state with the force_revoke of the plan.
func withForceOf(state, plan apiKeyModel) apiKeyModel {
	state.ForceRevoke = plan.ForceRevoke
	return state
}

// needsNoUpdate reports whether the apply sends nothing to Everflow, so that updated_at stays.
func needsNoUpdate(ctx context.Context, state, plan apiKeyModel) bool {
	return plan.toAPI().Equal(state.toAPI()) && isWhollyKnown(ctx, plan.Name) && isWhollyKnown(ctx, plan.Permissions)
}

// requiresReplace repeats what the schema's plan modifiers decide: the framework does
// not give their result to ModifyPlan.
// https://github.com/hashicorp/terraform-plugin-framework/blob/v1.19.0/internal/fwserver/server_planresourcechange.go
func requiresReplace(ctx context.Context, state, plan apiKeyModel) bool {
	return employeeChanges(state.NetworkEmployeeID, plan.NetworkEmployeeID) || rotateWhenChangedReplaces(ctx, state.RotateWhenChanged, plan.RotateWhenChanged)
}

// employeeChanges is false for an employee that is not known yet, who may be the same.
func employeeChanges(before, after types.Int64) bool {
	return !after.IsUnknown() && !after.Equal(before)
}

// rotateWhenChangedReplaces reports whether rotate_when_changed replaces the key. It is false for
// values that are not known yet, which may be the same.
func rotateWhenChangedReplaces(ctx context.Context, before, after types.Map) bool {
	return rotateWhenChangedDiffers(before, after) && isWhollyKnown(ctx, after)
}

// rotateWhenChangedDiffers reports whether rotate_when_changed changed. To add or remove the
// argument is no change, so that an imported key is not replaced for it.
func rotateWhenChangedDiffers(before, after types.Map) bool {
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

// checkEmployee refuses a new key for an employee that does not exist. If the list of
// employees cannot be read, as with a key that lacks the permission, the check is left
// to the create.
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
	if _, isWarned := k.warned.inactiveEmployees.LoadOrStore(employee.ID, true); !isWarned {
		warnOfInactiveEmployee(diags, employee)
	}
}
