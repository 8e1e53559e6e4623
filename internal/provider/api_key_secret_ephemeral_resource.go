package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ ephemeral.EphemeralResourceWithClose = (*apiKeySecretEphemeralResource)(nil)

type apiKeySecretEphemeralResource struct{ ephemeralData }

func newAPIKeySecretEphemeralResource() ephemeral.EphemeralResource {
	return &apiKeySecretEphemeralResource{}
}

func (e *apiKeySecretEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_key_secret"
}

func (e *apiKeySecretEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Gives the secret of an API key in the run that creates the key, for a write-only argument of another provider.",
		Attributes: map[string]schema.Attribute{
			"api_key_id": schema.StringAttribute{
				MarkdownDescription: "The ID of the key, such as `everflow_api_key.example.id`.",
				Required:            true,
				Validators:          []validator.String{apiKeyIDValidator},
			},
			"key": schema.StringAttribute{
				MarkdownDescription: "The secret. Null in a run that did not create the key.",
				Computed:            true,
				Sensitive:           true,
			},
		},
	}
}

type apiKeySecretModel struct {
	APIKeyID types.String `tfsdk:"api_key_id"`
	Key      types.String `tfsdk:"key"`
}

// takenPrivateKey is where the private data has the ID of the key whose secret Open took.
const takenPrivateKey = "taken"

func (e *apiKeySecretEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m apiKeySecretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.Key = types.StringNull()
	secret, state := e.keys.handOvers.take(m.APIKeyID.ValueString())
	switch state {
	case secretDropped:
		addSecretHandedOver(&resp.Diagnostics, m.APIKeyID.ValueString())
		return
	case secretAvailable:
		m.Key = types.StringValue(secret.Reveal())
		resp.Diagnostics.Append(setPrivate(ctx, resp.Private, takenPrivateKey, m.APIKeyID.ValueString())...)
	case notCreatedHere:
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
}

func (e *apiKeySecretEphemeralResource) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	var id string
	isTaken := getPrivate(ctx, req.Private, takenPrivateKey, &id, &resp.Diagnostics)
	if isTaken {
		e.keys.handOvers.release(id)
	}
}
