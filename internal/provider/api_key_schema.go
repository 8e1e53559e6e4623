package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *apiKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An API key of the network. Everflow shows a key's secret once, when it is created, and keeps only a hash of it.\n\n" +
			"Destroying the resource revokes the key, for ever: a revoked key cannot be enabled again. " +
			"So does every change that replaces it. A key that was revoked outside Terraform is reported in a warning and planned anew. " +
			"The provider refuses to revoke the key that it authenticates with.",
		Attributes: apiKeyAttributes(),
	}
}

// apiKeyAttributes are those of a key whose life is one resource's.
func apiKeyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Everflow's ID of the key (`network_api_key_id`).",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"network_id": schema.Int64Attribute{
			MarkdownDescription: "The ID of the network that the key belongs to.",
			Computed:            true,
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "The key's name, without blanks around it. Everflow does not ask for it to be unique. Changes in place.",
			Required:            true,
		},
		"network_employee_id": schema.Int64Attribute{
			MarkdownDescription: "The ID of the employee that the key belongs to. A change revokes the key and creates another. " +
				"A value that is known only after an apply replaces nothing: if it turns out to be another one, the apply stops, and the next plan shows the replacement.",
			Required:      true,
			PlanModifiers: []planmodifier.Int64{replacedByAnotherEmployee()},
			CustomType:    idType{},
		},
		"permissions": schema.SetAttribute{
			MarkdownDescription: "What the key may do, as permission identifiers, independent of the employee's role. The data source `everflow_role` lists those of a role. " +
				"Exactly one of `permissions` and `all_permissions = true` is needed; beside that one, an empty list counts as none. Changes in place.",
			Optional:    true,
			Computed:    true, // see GenerateResourceConfig
			Default:     setdefault.StaticValue(types.SetNull(types.StringType)),
			ElementType: types.StringType,
			Validators:  []validator.Set{setvalidator.ValueStringsAre(permissionText{})},
		},
		"all_permissions": schema.BoolAttribute{
			MarkdownDescription: "Whether the key has every permission. Default: `false`. Changes in place.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		"store_key_in_state": schema.BoolAttribute{
			MarkdownDescription: "Whether the secret is kept in the state as `key`. Default: `true`. Turned off later, the secret is removed from the state; " +
				"turned on later, it stays absent, since Everflow shows it once only.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(true),
		},
		"rotate_when_changed": schema.MapAttribute{
			MarkdownDescription: "Any values of yours. Once set, any other map in its place (a value changed, an entry added or taken out, `{}`) revokes the key and creates another; " +
				"with `create_before_destroy` the new one comes first. Setting the argument for the first time, as after an import, or removing it rotates nothing. " +
				"A value that is known only after an apply replaces nothing: if it turns out to be another one, the apply stops, and the next plan shows the replacement.",
			Optional:      true,
			Computed:      true, // see GenerateResourceConfig
			Default:       mapdefault.StaticValue(types.MapNull(types.StringType)),
			ElementType:   types.StringType,
			PlanModifiers: []planmodifier.Map{replacedByAnotherKeeper()},
		},
		"force_revoke": schema.BoolAttribute{
			MarkdownDescription: "Whether the key may be revoked, or lose the permission \"Security\", although it may be the one that Terraform is authenticated with: " +
				"one whose hash is not known (`key_sha256` is null, as after an import) and that was used since the run began. Default: `false`. " +
				"It must be applied before the key is destroyed. A key that is known to be Terraform's own is never revoked.",
			Optional: true,
			Computed: true, // see GenerateResourceConfig
			Default:  nullBool{},
		},
		"key": schema.StringAttribute{
			MarkdownDescription: "The secret. Written once, at creation; never changed by later reads or updates. Null after an import and with `store_key_in_state = false`. " +
				"Sensitive, yet readable by everyone who can read the state.",
			Computed:      true,
			Sensitive:     true,
			PlanModifiers: []planmodifier.String{storedKey{}},
		},
		"key_sha256": schema.StringAttribute{
			MarkdownDescription: "The SHA-256 of the secret in lower-case hexadecimal. Null after an import; empty where the secret was lost when the key was created.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "The key's status: `active`.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"created_at": schema.StringAttribute{
			MarkdownDescription: "When the key was created (RFC 3339, UTC).",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"updated_at": schema.StringAttribute{
			MarkdownDescription: "When the key was last changed (RFC 3339, UTC).",
			Computed:            true,
		},
	}
}

// replacedByAnotherEmployee and replacedByAnotherKeeper: a value that is not known
// yet can be the same as before, and revoking a key cannot be undone.
func replacedByAnotherEmployee() planmodifier.Int64 {
	const description = "Another employee needs another key."
	return int64planmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = isAnother(req.StateValue, req.PlanValue)
		}, description, description)
}

func replacedByAnotherKeeper() planmodifier.Map {
	const description = "A change of a map that was set before replaces the key."
	return mapplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = keeperReplaces(ctx, req.StateValue, req.PlanValue)
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

// apiKeyIDValidator accepts what can be an API key's ID.
type apiKeyIDValidator struct{}

func (apiKeyIDValidator) Description(context.Context) string {
	return "Everflow's ID of an API key, a whole number above 0"
}

func (v apiKeyIDValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v apiKeyIDValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, ok := apiKeyID(req.ConfigValue.ValueString()); !ok {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable API key ID", fmt.Sprintf("%q is not %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
