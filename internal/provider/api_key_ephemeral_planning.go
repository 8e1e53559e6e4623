package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// plannedKey stands for the secret of a short-lived key while Terraform only plans. An
// unknown value would say it better, but OpenTofu takes none from an ephemeral
// resource; null would be a provider without a key. It is never sent to Everflow.
const plannedKey = "no-everflow-api-key-while-planning"

// isPlannedOnly reports whether the run needs no key yet, because it only plans: the
// argument applying is false, or the provider's configuration is not known yet.
func (e *apiKeyEphemeralResource) isPlannedOnly(m apiKeyEphemeralModel) bool {
	return !m.Applying.IsNull() && !m.Applying.ValueBool() || !e.isConfigured()
}

// noKeyKey marks, for Close, an opening that created nothing.
const noKeyKey = "no_key"

func openWithoutKey(ctx context.Context, m apiKeyEphemeralModel, resp *ephemeral.OpenResponse) {
	m.ID, m.Key = types.StringNull(), types.StringValue(plannedKey)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, noKeyKey, []byte("true"))...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
}

func hasNoKey(ctx context.Context, private privateState) bool {
	marked, _ := private.GetKey(ctx, noKeyKey)
	return len(marked) > 0
}

func (m providerModel) isPlannedWithoutKey() bool { return m.APIKey.ValueString() == plannedKey }
