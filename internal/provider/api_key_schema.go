package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *apiKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages an API key of the network. Destroying it revokes the key, which cannot be undone.",
		Attributes:          apiKeyAttributes(),
	}
}

// apiKeyAttributes are those of a key whose life is one resource's.
func apiKeyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":         stableString("Everflow's ID of the key (`network_api_key_id`)."),
		"network_id": stableInt64("The ID of the network that the key belongs to."),
		"name": schema.StringAttribute{
			MarkdownDescription: "The key's name, without white space at its start or end. Names need not be unique.",
			Required:            true,
		},
		"network_employee_id": schema.Int64Attribute{
			MarkdownDescription: "The ID of the employee that the key belongs to. A change replaces the key.",
			Required:            true,
			PlanModifiers:       []planmodifier.Int64{replacedByAnotherEmployee()},
			CustomType:          idType{},
		},
		"permissions": schema.SetAttribute{
			MarkdownDescription: "The identifiers of the key's permissions, such as those of the data source `everflow_role`. Exactly one of `permissions` and `all_permissions = true` is required.",
			Optional:            true,
			Computed:            true, // see GenerateResourceConfig
			Default:             setdefault.StaticValue(types.SetNull(types.StringType)),
			ElementType:         types.StringType,
			Validators:          []validator.Set{setvalidator.ValueStringsAre(permissionText{notBlank})},
		},
		"all_permissions":    boolWithDefault(false, "Whether the key has every permission. Default: `false`."),
		"store_key_in_state": boolWithDefault(true, "Whether the state keeps the secret as `key`. Default: `true`."),
		"rotate_when_changed": schema.MapAttribute{
			MarkdownDescription: "Replaces the key when a value of this map changes, such as a date, or an entry is added or removed. " +
				"Setting it for the first time, or removing it, replaces nothing.",
			Optional:      true,
			Computed:      true, // see GenerateResourceConfig
			Default:       mapdefault.StaticValue(types.MapNull(types.StringType)),
			ElementType:   types.StringType,
			PlanModifiers: []planmodifier.Map{replacedByRotateWhenChanged()},
		},
		"force_revoke": schema.BoolAttribute{
			MarkdownDescription: "Whether to revoke a key that may be the provider's own: its `key_sha256` is null, and it was used during the run. " +
				"Default: `false`. Apply it before the key is destroyed.",
			Optional: true,
			Computed: true, // see GenerateResourceConfig
			Default:  nullBool{},
		},
		"key": schema.StringAttribute{
			MarkdownDescription: "The secret, in clear text in the state. Null after an import and with `store_key_in_state = false`.",
			Computed:            true,
			Sensitive:           true,
			PlanModifiers:       []planmodifier.String{storedKey{}},
		},
		"key_sha256": stableString("The SHA-256 of the secret in lower-case hexadecimal. " +
			"Null after an import, and empty if the secret was lost when the key was created."),
		"status":     stableString("The key's status: `active`."),
		"created_at": stableString("When the key was created (RFC 3339, UTC)."),
		"updated_at": schema.StringAttribute{
			MarkdownDescription: "When the key was last changed (RFC 3339, UTC).",
			Computed:            true,
		},
	}
}

// replacedByAnotherEmployee and replacedByRotateWhenChanged: a value that is not known
// yet can be the same as before, and revoking a key cannot be undone.
func replacedByAnotherEmployee() planmodifier.Int64 {
	const description = "Another employee needs another key."
	return int64planmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = employeeChanges(req.StateValue, req.PlanValue)
		}, description, description)
}

func replacedByRotateWhenChanged() planmodifier.Map {
	const description = "A change of a map that was set before replaces the key."
	return mapplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = rotateWhenChangedReplaces(ctx, req.StateValue, req.PlanValue)
		}, description, description)
}

func (r *apiKeyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema("Everflow's ID of the key (network_api_key_id).")
}

func (r *apiKeyResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config apiKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		validatePermissions(config.Permissions, config.AllPermissions, &resp.Diagnostics)
	}
}

// validatePermissions asks for exactly one of the two arguments. An empty list is
// left to the plan: only a key that is like that already can have it.
func validatePermissions(permissions types.Set, allPermissions types.Bool, diags *diag.Diagnostics) {
	if permissions.IsUnknown() || allPermissions.IsUnknown() {
		return
	}
	switch all := allPermissions.ValueBool(); {
	case all && len(permissions.Elements()) > 0:
		diags.AddAttributeError(path.Root("permissions"), "Both permissions and all_permissions are set",
			"A key has either a list of permissions or all of them. Remove permissions, or set all_permissions to false.")
	case !all && permissions.IsNull():
		diags.AddAttributeError(path.Root("permissions"), "No permissions are set",
			"Say what the key may do: list permission identifiers in permissions, or set all_permissions = true.")
	}
}

// storedKey plans the secret: known only to the create that makes it, and never
// changed after that, save for its removal from the state.
type storedKey struct{}

func (storedKey) Description(context.Context) string {
	return "The secret is written once, at creation, and is null with store_key_in_state = false."
}

func (m storedKey) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (storedKey) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	var store types.Bool
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("store_key_in_state"), &store)...)
	switch {
	case store.IsUnknown():
	case !store.ValueBool():
		resp.PlanValue = types.StringNull()
	case !req.State.Raw.IsNull():
		resp.PlanValue = req.StateValue
	}
}
