package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// plannedKey is the secret of a short-lived key while Terraform only plans. OpenTofu
// accepts no unknown value from an ephemeral resource, and with null the provider
// would have no key. It is never sent to Everflow.
const plannedKey = "no-everflow-api-key-while-planning"

// isPlannedOnly reports whether the run needs no key yet: applying is false, or the
// provider's configuration is not known yet.
func (e *apiKeyEphemeralResource) isPlannedOnly(m apiKeyEphemeralModel) bool {
	return !m.Applying.IsNull() && !m.Applying.ValueBool() || !e.isConfigured()
}

// noKeyPrivateKey is set in the private data of an Open that created no key.
const noKeyPrivateKey = "no_key"

func openWithoutKey(ctx context.Context, m apiKeyEphemeralModel, resp *ephemeral.OpenResponse) {
	m.ID, m.Key = types.StringNull(), types.StringValue(plannedKey)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, noKeyPrivateKey, []byte("true"))...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
}

func hasNoKey(ctx context.Context, private privateState) bool {
	marked, _ := private.GetKey(ctx, noKeyPrivateKey)
	return len(marked) > 0
}

func (m providerModel) isPlannedWithoutKey() bool { return m.APIKey.ValueString() == plannedKey }
