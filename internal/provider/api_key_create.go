package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// creation is what came of a create.
type creation int

const (
	// nothingCreated: there is no key, or none that is known. An error says so.
	nothingCreated creation = iota
	// keyCreated: the key and its secret are known.
	keyCreated
	// createdWithoutSecret: the key is known, its secret is lost. The caller says
	// what becomes of the key.
	createdWithoutSecret
)

// createKey creates a key as planned.
func (k *apiKeyRun) create(ctx context.Context, plan apiKeyModel, diags *diag.Diagnostics) (creation, everflow.CreatedAPIKey, error) {
	asked := plan.toAPI()
	created, err := k.client.CreateAPIKey(ctx, plan.NetworkEmployeeID.ValueInt64(), asked)
	doubt, isDoubt := errors.AsType[*everflow.CreateInDoubtError](err)
	switch {
	case err == nil:
		k.handOvers.keep(strconv.FormatInt(created.ID, 10), created.Secret)
		return keyCreated, created, nil
	case isDoubt && doubt.Key != nil:
		return createdWithoutSecret, everflow.CreatedAPIKey{APIKey: *doubt.Key}, doubt
	case isDoubt:
		addCreateInDoubt(diags, asked.Name, doubt)
	default:
		addAPIError(diags, fmt.Sprintf("The API key %q was not created", asked.Name), err)
	}
	return nothingCreated, everflow.CreatedAPIKey{}, err
}

// addSecretLost reports a key whose secret is lost; what becomes of the key is the
// caller's sentence.
func addSecretLost(diags *diag.Diagnostics, name string, doubt error, next string) {
	diags.AddError(fmt.Sprintf("Creating the API key %q ended in doubt", name), sentence(doubt)+"\n\n"+next+mismatchOf(doubt))
}

// mismatchOf says how the answer differs from the assumed contract, if it does.
func mismatchOf(err error) string {
	if mismatch := everflow.Mismatch(err); mismatch != "" {
		return "\n\n" + mismatch
	}
	return ""
}

// addCreateInDoubt says what is known of a create of which no key is known for sure.
func addCreateInDoubt(diags *diag.Diagnostics, name string, doubt *everflow.CreateInDoubtError) {
	const list = "in Everflow under Control Center, Security, API Keys"
	next := fmt.Sprintf("Most likely no key was created: apply again. To be sure, look %s for a new key named %q that nothing uses, and revoke it.", list, name)
	if doubt.LookUp != nil || len(doubt.Candidates) > 0 {
		next = fmt.Sprintf("No new key is in the state. Before the next apply, look %s for a new key named %q that nothing uses, and revoke it.", list, name)
	}
	for _, key := range doubt.Candidates {
		created, _ := key.CreatedAt.Time()
		next += fmt.Sprintf("\n  - %s, created %s", identify(key), created.Format(time.RFC3339))
	}
	diags.AddError(fmt.Sprintf("Creating the API key %q ended in doubt", name), sentence(doubt)+"\n\n"+next+mismatchOf(doubt))
}

// settled is the state of a key right after it was created or changed: what was
// planned, and for the rest what Everflow has. What Everflow stored otherwise is the
// next plan's to show, since Terraform takes a state for an error of the provider
// that is not as planned.
func (m apiKeyModel) settled(key everflow.APIKey) apiKeyModel {
	now := m
	now.fromAPI(key)
	now.Name, now.NetworkEmployeeID, now.Permissions, now.AllPermissions = m.Name, m.NetworkEmployeeID, m.Permissions, m.AllPermissions
	if !m.NetworkID.IsUnknown() {
		now.NetworkID = m.NetworkID
	}
	now.ID = plannedOr(m.ID, now.ID)
	now.Status = plannedOr(m.Status, now.Status)
	now.CreatedAt = plannedOr(m.CreatedAt, now.CreatedAt)
	return now
}

func plannedOr(planned, found types.String) types.String {
	if planned.IsUnknown() {
		return found
	}
	return planned
}

// readCreated fills in what the answer to a create did not tell. The key is in the
// state by then, and stays there if it cannot be read.
func (k *apiKeyRun) readCreated(ctx context.Context, created everflow.CreatedAPIKey, diags *diag.Diagnostics) everflow.APIKey {
	if len(created.Unread) == 0 {
		return created.APIKey
	}
	proof, err := k.client.ProveAPIKey(ctx, created.Identity())
	switch {
	case err != nil:
		diags.AddWarning(identify(created.APIKey)+" was created, but could not be read afterwards",
			fmt.Sprintf("The answer to its creation did not tell %s, so that it was to be read: %s The key and its secret are in the state. The next plan reads it.", strings.Join(created.Unread, ", "), sentence(err)))
	case proof.State != everflow.APIKeyLive:
		diags.AddWarning(identify(created.APIKey)+" was created, but is not live",
			"Everflow answered that it created the key, and a read right afterwards says that it is revoked or does not exist. The key is in the state. The next plan reads it.")
	default:
		return proof.Key
	}
	return created.APIKey
}

// isAsAsked reports whether Everflow stored what it was asked to; if not, a warning
// says what differs. The next plan shows it as a change.
func isAsAsked(stored everflow.APIKey, plan apiKeyModel, diags *diag.Diagnostics) bool {
	got, asked := stored.Settings(), plan.toAPI()
	employee := plan.NetworkEmployeeID
	if got.Equal(asked) && types.Int64Value(stored.EmployeeID).Equal(employee) {
		return true
	}
	var detail string
	if got.Name != asked.Name {
		detail += fmt.Sprintf("\n  - its name is %q, not %q", got.Name, asked.Name)
	}
	if stored.EmployeeID != employee.ValueInt64() {
		detail += fmt.Sprintf("\n  - it belongs to employee %d, not %d", stored.EmployeeID, employee.ValueInt64())
	}
	if got.AllPermissions != asked.AllPermissions {
		detail += fmt.Sprintf("\n  - all_permissions is %t, not %t", got.AllPermissions, asked.AllPermissions)
	}
	for _, permission := range asked.Permissions {
		if !slices.Contains(got.Permissions, permission) {
			detail += fmt.Sprintf("\n  - it lacks the permission %q", permission)
		}
	}
	for _, permission := range got.Permissions {
		if !slices.Contains(asked.Permissions, permission) {
			detail += fmt.Sprintf("\n  - it has the permission %q, which was not asked for", permission)
		}
	}
	diags.AddWarning(fmt.Sprintf("Everflow stored API key %d otherwise than asked", stored.ID),
		"The next plan shows the difference as a change, and an apply asks for it again. If Everflow stores it otherwise again, write the values in the configuration as Everflow has them."+detail)
	return false
}
