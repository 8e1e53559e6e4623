package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identitySchema is the identity of every resource here: its ID, within the
// network that the provider's API key belongs to.
func identitySchema(description string) identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{Description: description, RequiredForImport: true},
	}}
}

// setIdentity does nothing for a CLI without resource identities (Terraform before 1.12).
func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, id types.String) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}

// identified is the model of a resource, whose identity is its ID.
type identified interface{ identityID() types.String }

func (m apiKeyFields) identityID() types.String { return m.ID }

func (m apiWhitelistModel) identityID() types.String { return m.ID }

func (m apiWhitelistEntryModel) identityID() types.String { return m.ID }

// saveState publishes state and identity together.
func saveState(ctx context.Context, m identified, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	diags := state.Set(ctx, m)
	diags.Append(setIdentity(ctx, identity, m.identityID())...)
	return diags
}

// importID is the ID of an import by ID or by identity.
func importID(ctx context.Context, req resource.ImportStateRequest) (string, diag.Diagnostics) {
	if req.ID != "" || req.Identity == nil {
		return req.ID, nil
	}
	var id types.String
	diags := req.Identity.GetAttribute(ctx, path.Root("id"), &id)
	return id.ValueString(), diags
}
