package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// createKind is what came of a create.
type createKind int

const (
	// nothingCreated: there is no key.
	nothingCreated createKind = iota
	// createInDoubt: there may be a key, and it is not known which.
	createInDoubt
	// createdWithoutSecret: the key is known, its secret is lost.
	createdWithoutSecret
	// keyCreated: the key and its secret are known.
	keyCreated
)

// createOutcome is how a create ended.
type createOutcome struct {
	kind createKind
	key  everflow.CreatedAPIKey
	// err is why there is no key.
	err error
	// doubt is what is known after an answer that did not say enough.
	doubt *everflow.CreateInDoubtError
}

// create creates a key as planned. The secret can be handed over from then on.
func (k *apiKeyRun) create(ctx context.Context, plan apiKeyModel) createOutcome {
	created, err := k.client.CreateAPIKey(ctx, plan.NetworkEmployeeID.ValueInt64(), plan.toAPI())
	doubt, isDoubt := errors.AsType[*everflow.CreateInDoubtError](err)
	switch {
	case err == nil:
		k.handOvers.keep(strconv.FormatInt(created.ID, 10), created.Secret)
		return createOutcome{kind: keyCreated, key: created}
	case isDoubt && doubt.Key != nil:
		return createOutcome{kind: createdWithoutSecret, key: everflow.CreatedAPIKey{APIKey: *doubt.Key}, doubt: doubt}
	case isDoubt:
		return createOutcome{kind: createInDoubt, doubt: doubt}
	}
	return createOutcome{kind: nothingCreated, err: err}
}

// readCreated fills in what the answer to a create did not have. The key is in the
// state by then, and stays there if it cannot be read.
func (k *apiKeyRun) readCreated(ctx context.Context, created everflow.CreatedAPIKey, diags *diag.Diagnostics) everflow.APIKey {
	if len(created.Unread) == 0 {
		return created.APIKey
	}
	proof, err := k.client.ProveAPIKey(ctx, created.Identity())
	switch {
	case err != nil:
		warnOfUnreadCreated(diags, created, err)
	case proof.State != everflow.APIKeyLive:
		warnOfCreatedNotLive(diags, created.APIKey)
	default:
		return proof.Key
	}
	return created.APIKey
}

// storedOtherwise lists what Everflow stored otherwise than it was asked to. The next
// plan shows it as a change.
func storedOtherwise(stored everflow.APIKey, plan apiKeyModel) (differences []string) {
	differs := func(format string, values ...any) { differences = append(differences, fmt.Sprintf(format, values...)) }
	got, asked := stored.Settings(), plan.toAPI()
	if got.Name != asked.Name {
		differs("its name is %q, not %q", got.Name, asked.Name)
	}
	if employee := plan.NetworkEmployeeID.ValueInt64(); stored.EmployeeID != employee {
		differs("it belongs to employee %d, not %d", stored.EmployeeID, employee)
	}
	if got.AllPermissions != asked.AllPermissions {
		differs("all_permissions is %t, not %t", got.AllPermissions, asked.AllPermissions)
	}
	for _, permission := range asked.Permissions {
		if !slices.Contains(got.Permissions, permission) {
			differs("it lacks the permission %q", permission)
		}
	}
	for _, permission := range got.Permissions {
		if !slices.Contains(asked.Permissions, permission) {
			differs("it has the permission %q, which was not asked for", permission)
		}
	}
	return differences
}

// checkStored warns of what Everflow stored otherwise than it was asked to.
func checkStored(stored everflow.APIKey, plan apiKeyModel, diags *diag.Diagnostics) (isAsAsked bool) {
	differences := storedOtherwise(stored, plan)
	if len(differences) > 0 {
		warnOfStoredOtherwise(diags, stored, differences)
	}
	return len(differences) == 0
}
