package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// ownership tells whether a key is the one that the provider authenticates with.
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

// keyLoss is what a change does to a key that must not be done to the provider's own.
type keyLoss int

const (
	// lossByDestroy: the key is revoked because its resource is destroyed or replaced.
	lossByDestroy keyLoss = iota
	// lossByOverlap: a previous key is revoked because its overlap is over.
	lossByOverlap
	// lossByRotation: the current key is revoked by its rotation, with an overlap of 0.
	lossByRotation
	// lossOfSecurity: an update takes the permission "Security" from the key.
	lossOfSecurity
)

// planLoss refuses, while it is only a plan, what would cost the provider its own
// key, and warns once per run that it cannot tell.
func (k *apiKeyRun) planLoss(key apiKeyModel, loss keyLoss, diags *diag.Diagnostics) {
	switch k.ownershipOf(key.KeySHA256) {
	case ownKey:
		addOwnKey(diags, key, loss)
	case ownershipUnknown:
		if !key.ForceRevoke.ValueBool() {
			k.warnOfUnknownOwner(describeKey(key), diags)
		}
	}
}

func (k *apiKeyRun) warnOfUnknownOwner(key string, diags *diag.Diagnostics) {
	k.said.unknownOwner.Do(func() {
		diags.AddWarning("Terraform cannot tell whether it is about to revoke its own API key",
			fmt.Sprintf("%s is to be revoked or to lose the permission \"Security\". Everflow does not say which key a call was made with, and the hash of this key's secret is not known, as that of a key that was imported. "+
				"If it is the provider's own key (api_key or EVERFLOW_API_KEY), this and every later run that uses it would fail. Make sure that it is another one.\n\n"+
				"The apply leaves such a key as it is if it was used since the apply began: it is Terraform's own then, or something else uses it. "+
				"This warning is given once, whatever the number of such keys.", key))
	})
}

// mayLose reports whether the change may be made now; if not, an error says why.
// isLost: nobody knows the key's secret.
func (k *apiKeyRun) mayLose(ctx context.Context, key apiKeyModel, isLost bool, loss keyLoss, diags *diag.Diagnostics) bool {
	switch owner := k.ownershipOf(key.KeySHA256); {
	case owner == otherKey:
		return true
	case owner == ownKey:
		addOwnKey(diags, key, loss)
		return false
	case key.ForceRevoke.ValueBool() && !isLost:
		return true
	}
	found, ok := k.readNow(ctx, key, diags)
	switch {
	case !ok:
		return false
	case found == nil || found.IsRevoked():
		return true
	case isLost && found.WasUsed():
		addSomebodyElsesKey(diags, *found)
		return false
	case isLost && found.LastUseUnknown:
		addUnknownUse(diags, *found)
		return false
	case !isLost && k.usedDuringRun(ctx, *found):
		addKeyInUse(diags, *found, "force_revoke = true (and apply that before the key is destroyed)", loss)
		return false
	}
	return true
}

// usedBefore is how long before the run a use counts as one of the run: a server
// may note uses to the minute.
const usedBefore = time.Minute

// usedSinceBeginning reports whether the key was used since the provider was
// configured, or can have been, where Everflow does not say when it was used. Of the server's clock and the machine's, it goes by the one that
// makes the run longer: an error of either must not hide a use.
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

// readKeyNow reads the key anew, whatever the run has read before. The key is nil
// if there is provably no such key; ok is false when an error says why it cannot
// be read.
func (k *apiKeyRun) readNow(ctx context.Context, state apiKeyModel, diags *diag.Diagnostics) (found *everflow.APIKey, ok bool) {
	id, ok := storedID(state, diags)
	if !ok {
		return nil, false
	}
	if key, err := k.client.APIKey(ctx, id); err == nil && (key.NetworkID == state.NetworkID.ValueInt64()) {
		return &key, true
	}
	return k.read(ctx, state, diags)
}

func addOwnKey(diags *diag.Diagnostics, key apiKeyModel, loss keyLoss) {
	summary := fmt.Sprintf("API key %s is the one that Terraform is authenticated with", key.ID.ValueString())
	const another = "If it is meant, give the provider another key (api_key or EVERFLOW_API_KEY) that has the permission \"Security\", and run Terraform again. "
	switch name := describeKey(key); loss {
	case lossByDestroy:
		diags.AddError(summary, fmt.Sprintf("To destroy or replace %s would revoke the provider's own key, for ever: this and every later run that uses it would fail. The key was not revoked.\n\n", name)+
			another+"To stop managing the key without revoking it, use terraform state rm, a removed block with destroy = false, or lifecycle { destroy = false } in the resource (Terraform 1.16, OpenTofu 1.12).")
	case lossByOverlap:
		diags.AddError(summary, fmt.Sprintf("The overlap of %s is over. To revoke it would revoke the provider's own key, for ever: this and every later run that uses it would fail. The key was not revoked.\n\n", name)+
			another+"To put it off, set a longer overlap.")
	case lossByRotation:
		diags.AddError(summary, fmt.Sprintf("To rotate %s with an overlap of 0 would revoke the provider's own key, for ever: this and every later run that uses it would fail. The key was not revoked.\n\n", name)+
			another+"Or set an overlap, which leaves the time to give the provider the new key.")
	case lossOfSecurity:
		diags.AddAttributeError(path.Root("permissions"), summary, fmt.Sprintf("The change takes the permission \"Security\" from %s, without which Terraform can neither read nor manage anything, this key included. The key was not changed.\n\n", name)+
			another+"Or leave \"Security\" among its permissions.")
	}
}

// addKeyInUse names the argument that says to go on.
func addKeyInUse(diags *diag.Diagnostics, key everflow.APIKey, argument string, loss keyLoss) {
	left := "was not revoked"
	if loss == lossOfSecurity {
		left = "was not changed"
	}
	summary := fmt.Sprintf("%s %s: it is in use", identify(key), left)
	why := fmt.Sprintf("It was last used%s, which is in this run or right before it, and the hash of its secret is not known. "+
		"So it is the key that Terraform is authenticated with, or something else uses it.", at(key.LastUsedAt))
	if key.LastUseUnknown {
		summary = fmt.Sprintf("%s %s: it may be the one that Terraform is authenticated with", identify(key), left)
		why = "Everflow does not say when it was last used, and the hash of its secret is not known. So it cannot be told from the provider's own key."
	}
	diags.AddError(summary, why+"\n\n"+
		fmt.Sprintf("If it is Terraform's own, give the provider another key first (api_key or EVERFLOW_API_KEY). If it certainly is not, set %s, and apply again; "+
			"or revoke the key in Everflow under Control Center, Security, API Keys.", argument))
}

func addSomebodyElsesKey(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddError(identify(key)+" was not revoked: somebody uses it",
		fmt.Sprintf("It was taken for the key that an earlier run created without getting to know its secret. But it was last used%s, and nobody can have used that one: this is somebody else's key. "+
			"Take it out of the state (terraform state rm), and look in Everflow under Control Center, Security, API Keys for a key of the same name that was never used: that one can be revoked.", at(key.LastUsedAt)))
}

func addUnknownUse(diags *diag.Diagnostics, key everflow.APIKey) {
	diags.AddError(identify(key)+" was not revoked: it is not known whether somebody uses it",
		"An earlier run created it, as far as can be told, without getting to know its secret. Everflow does not say when it was last used, so that it cannot be told from a key of the same name that somebody else made. "+
			"If nothing uses it, revoke it in Everflow under Control Center, Security, API Keys, and apply again. If something does, take it out of the state (terraform state rm).")
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

// warnOfSomebodyElsesKey: what becomes of it in the state is the caller's sentence.
func warnOfSomebodyElsesKey(diags *diag.Diagnostics, key everflow.APIKey, kept string) {
	diags.AddWarning(identify(key)+" is not the key that Terraform created",
		fmt.Sprintf("It was taken for the key that an earlier run created without getting to know its secret. But it was last used%s, and nobody can have used that one: this is somebody else's key, and it is left alone. %s "+
			"If there is another key of the same name that was never used, it can be revoked in Everflow under Control Center, Security, API Keys.", at(key.LastUsedAt), kept))
}
