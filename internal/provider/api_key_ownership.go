package provider

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// ownership says whether a key is the one that the provider authenticates with.
type ownership int

const (
	// ownershipUnknown: the hash of the key's secret is not known, as that of a key
	// that was imported.
	ownershipUnknown ownership = iota
	ownKey
	otherKey
)

var sha256InHex = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

func (k *apiKeyRun) ownershipOf(keySHA256 types.String) ownership {
	hash := keySHA256.ValueString()
	switch {
	case !sha256InHex.MatchString(hash):
		return ownershipUnknown
	case strings.EqualFold(hash, k.client.KeySHA256()):
		return ownKey
	}
	return otherKey
}

// ownKeyRisk is what a change does to a key that must not be done to the provider's own.
type ownKeyRisk int

const (
	// riskDestroy: the key is revoked because its resource is destroyed or replaced.
	riskDestroy ownKeyRisk = iota
	// riskOverlapEnds: a previous key is revoked because its overlap is over.
	riskOverlapEnds
	// riskRotation: the current key is revoked by its rotation, with an overlap of 0.
	riskRotation
	// riskLosesSecurity: an update takes the permission "Security" from the key.
	riskLosesSecurity
)

// checkOwnKeyInPlan refuses in the plan what would revoke or weaken the provider's own key, and
// warns once per run where it is not known whether the key is the provider's own.
func (k *apiKeyRun) checkOwnKeyInPlan(key apiKeyModel, risk ownKeyRisk, diags *diag.Diagnostics) {
	switch k.ownershipOf(key.KeySHA256) {
	case ownKey:
		addOwnKey(diags, key, risk)
	case ownershipUnknown:
		if !key.ForceRevoke.ValueBool() {
			k.warnOfUnknownOwner(keyLabel(key), risk, diags)
		}
	}
}

func (k *apiKeyRun) warnOfUnknownOwner(label string, risk ownKeyRisk, diags *diag.Diagnostics) {
	k.warned.unknownOwner.Do(func() { warnOfUnknownOwner(diags, label, risk) })
}

// checkOwnKeyInApply reports whether the change may be made now; if not, an error says why.
// isSecretLost: the answer to the create was lost, and the secret with it.
func (k *apiKeyRun) checkOwnKeyInApply(ctx context.Context, key apiKeyModel, isSecretLost bool, risk ownKeyRisk, diags *diag.Diagnostics) (ok bool) {
	owner := k.ownershipOf(key.KeySHA256)
	switch {
	case owner == otherKey:
		return true
	case owner == ownKey:
		addOwnKey(diags, key, risk)
		return false
	case key.ForceRevoke.ValueBool() && !isSecretLost:
		return true
	}
	proof, ok := k.readNow(ctx, key, diags)
	switch {
	case !ok:
		return false
	case proof.State != everflow.APIKeyLive:
		return true
	case isSecretLost:
		return checkUnused(proof.Key, diags)
	}
	isInUse := k.isInUse(ctx, proof.Key)
	if isInUse {
		addKeyInUse(diags, proof.Key, risk)
	}
	return !isInUse
}

// checkUnused refuses to revoke a key whose secret was lost, if somebody used it or can
// have used it: then it is not the key that Terraform created.
func checkUnused(key everflow.APIKey, diags *diag.Diagnostics) (isUnused bool) {
	switch {
	case key.WasUsed():
		addUsedByOthers(diags, key)
	case key.LastUseUnknown:
		addUnknownUse(diags, key)
	default:
		return true
	}
	return false
}

// isInUse reports whether the key was used during the run. It reads the key once more
// before it denies that: a server may note a use after it has answered the call.
func (k *apiKeyRun) isInUse(ctx context.Context, found everflow.APIKey) bool {
	if k.usedDuringRun(ctx, found) {
		return true
	}
	again, err := k.client.APIKey(ctx, found.ID)
	return err == nil && k.usedDuringRun(ctx, again)
}

// usedBefore is how long before the run a use counts as one of the run: a server
// may note uses to the minute.
const usedBefore = time.Minute

// usedDuringRun reports whether the key was used since the provider was configured,
// or can have been, where Everflow does not say when it was used. Of the server's
// clock and the machine's, it goes by the one that makes the run longer: an error of
// either must not hide a use.
func (k *apiKeyRun) usedDuringRun(ctx context.Context, key everflow.APIKey) bool {
	began := k.began
	if now, err := k.client.Now(ctx); err == nil {
		if byServer := now.Add(-k.clocks.machine().Sub(k.began)); byServer.Before(began) {
			began = byServer
		}
	}
	used, ok := key.LastUsedAt.Time()
	return key.LastUseUnknown || ok && !used.Before(began.Add(-usedBefore))
}

// takesSecurity reports whether an update takes the permission "Security" from a
// key that has it, as far as the plan is known. Permission identifiers are open
// texts: any that holds the word counts.
func takesSecurity(ctx context.Context, state, plan apiKeyModel) bool {
	return hasSecurity(state) && !hasSecurity(plan) && !plan.AllPermissions.IsUnknown() && isWhollyKnown(ctx, plan.Permissions)
}

func hasSecurity(m apiKeyModel) bool {
	return m.AllPermissions.ValueBool() || slices.ContainsFunc(stringsOf(m.Permissions), func(permission string) bool {
		return strings.Contains(strings.ToLower(permission), "security")
	})
}
