package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// mayRevoke reports whether a key is provably another one than the provider's own,
// which can only be told by the keys' use (see [everflow.Client.OwnKeyCandidates]).
// If it is not, or if that cannot be told, it adds an error.
func (s *session) mayRevoke(ctx context.Context, key everflow.APIKey, diags *diag.Diagnostics) bool {
	const (
		hash  = "If the SHA-256 of its secret is known, give it as key_sha256: that decides it. "
		force = "If it is certainly not Terraform's own, set force = true."
	)
	candidates, err := s.client.OwnKeyCandidates(ctx)
	switch {
	case err != nil:
		addAPIError(diags, identify(key)+" was not revoked: the keys' last uses cannot be read", err)
	case len(candidates) == 0:
		diags.AddError("It cannot be told whether "+identify(key)+" is the one that Terraform is authenticated with",
			"Everflow does not say which key a call was made with, only when each key was last used, and it did not show the use of any key as Terraform made its calls. "+
				"Nothing was revoked.\n\n"+hash+force)
	case !slices.Contains(candidates, key.ID):
		return true
	case len(candidates) == 1:
		diags.AddError(identify(key)+" is the one that Terraform is authenticated with",
			"Of all live keys of the network, only this one was used each time Terraform made a call. To revoke it would end this and every later run that uses it. "+
				"Nothing was revoked.\n\n"+
				"If it is meant, give the provider another key (api_key or EVERFLOW_API_KEY) that has the permission \"Security\", and run Terraform again; or set force = true.")
	default:
		diags.AddError(identify(key)+" may be the one that Terraform is authenticated with",
			fmt.Sprintf("Everflow does not say which key a call was made with, only when each key was last used. Each time Terraform made a call, these keys were used: %s. "+
				"One of them is Terraform's own; the others are in constant use by something else. Nothing was revoked.\n\n", listIDs(candidates))+hash+force)
	}
	return false
}

// revocation is a way in which a key in the state would end, in the words of the
// messages.
type revocation struct{ doing, instead string }

var destroysKey = revocation{
	doing:   "To destroy or replace",
	instead: "To stop managing the key without revoking it: terraform state rm, or a removed block with destroy = false.",
}

// guardOwnKey refuses to end the provider's own key, and warns where it cannot tell.
func (s *session) guardOwnKey(ctx context.Context, state apiKeyModel, how revocation, diags *diag.Diagnostics) {
	if s.refuseOwnKey(ctx, state, how, diags) {
		diags.AddWarning(describeKey(state)+" is revoked without a check whether it is Terraform's own",
			"Its hash is not known, as that of a key that was imported, and its use does not tell. "+
				"If the provider is authenticated with this very key, revoking it ends this and every later run that uses it.")
	}
}

// refuseOwnKey adds an error if the key in the state is the provider's own, and
// reports whether that cannot be told.
func (s *session) refuseOwnKey(ctx context.Context, state apiKeyModel, how revocation, diags *diag.Diagnostics) (unsure bool) {
	own := state.KeySHA256.ValueString() == s.client.KeySHA256()
	if state.KeySHA256.IsNull() {
		own, unsure = s.isOwnByUse(ctx, state)
	}
	if own {
		diags.AddError(fmt.Sprintf("API key %s is the one that Terraform is authenticated with", state.ID.ValueString()),
			fmt.Sprintf("%s %s would revoke the provider's own key, for ever, and end this and every later run that uses it. Nothing was done.\n\n"+
				"If it is meant: give the provider another key (api_key or EVERFLOW_API_KEY) that has the permission \"Security\", and run Terraform again. %s",
				how.doing, describeKey(state), how.instead))
	}
	return unsure
}

// isOwnByUse tells by the keys' last uses. One that was never used is not looked at
// further: most likely it is one whose secret was lost when it was created.
func (s *session) isOwnByUse(ctx context.Context, state apiKeyModel) (own, unsure bool) {
	id, ok := apiKeyID(state.ID.ValueString())
	if !ok {
		return false, true
	}
	identity := everflow.APIKeyIdentity{NetworkID: state.NetworkID.ValueInt64(), ID: id}
	if proof, err := s.client.ProveAPIKey(ctx, identity); err != nil || proof.Key.LastUsedAt == 0 {
		return false, true
	}
	candidates, err := s.client.OwnKeyCandidates(ctx)
	isOne := slices.Contains(candidates, id)
	own = isOne && len(candidates) == 1
	return own, err != nil || len(candidates) == 0 || isOne && !own
}

func listIDs(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ", ")
}
