package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *rotatingAPIKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := apiKeyAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"id": stableString("Everflow's ID of the current key (`network_api_key_id`). Each rotation changes it."),
		"network_employee_id": schema.Int64Attribute{
			MarkdownDescription: "The ID of the employee that the keys belong to. " +
				"A change replaces the resource: the current and the previous keys are revoked.",
			Required:      true,
			PlanModifiers: []planmodifier.Int64{replacedByAnotherEmployee()},
			CustomType:    idType{},
		},
		"rotate_after": schema.StringAttribute{
			MarkdownDescription: "The age at which the key is rotated, at least `1h`, such as `2160h` (90 days).",
			Required:            true,
			Validators:          []validator.String{rotateAfterDuration.validator()},
		},
		"overlap": schema.StringAttribute{
			MarkdownDescription: "How long the old key keeps working after a rotation, shorter than `rotate_after`. Default: `24h`. " +
				"With `0s` the rotation itself revokes it.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(defaultOverlap),
			Validators: []validator.String{anyDuration.validator()},
		},
		"rotate_when_changed": schema.MapAttribute{
			MarkdownDescription: "Rotates the key at once when a value of this map changes, such as the number of a ticket, or an entry is added or removed. " +
				"Setting it for the first time, or removing it, rotates nothing.",
			Optional:    true,
			Computed:    true,
			Default:     mapdefault.StaticValue(types.MapNull(types.StringType)),
			ElementType: types.StringType,
		},
		"key": schema.StringAttribute{
			MarkdownDescription: "The current key's secret, in clear text in the state. Null after an import and with `store_key_in_state = false`.",
			Computed:            true,
			Sensitive:           true,
			PlanModifiers:       []planmodifier.String{storedKey{}},
		},
		"status": stableString("The current key's status: `active`. If it was revoked outside Terraform, `revoked` or null until the next apply."),
		"rotate_at": schema.StringAttribute{
			MarkdownDescription: "When the key is due to be rotated (RFC 3339, UTC): `created_at` plus `rotate_after`.",
			Computed:            true,
		},
		"previous_keys": schema.ListNestedAttribute{
			MarkdownDescription: "The replaced keys that still work, the oldest first.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id": schema.StringAttribute{
					MarkdownDescription: "Everflow's ID of the key.",
					Computed:            true,
				},
				"key_sha256": schema.StringAttribute{
					MarkdownDescription: "The SHA-256 of its secret in lower-case hexadecimal. Null if it was imported.",
					Computed:            true,
				},
				"replaced_at": schema.StringAttribute{
					MarkdownDescription: "When another key replaced it (RFC 3339, UTC). Null for a key whose secret was lost in a rotation.",
					Computed:            true,
				},
				"revoke_at": schema.StringAttribute{
					MarkdownDescription: "When its overlap ends (RFC 3339, UTC). The first apply after that revokes it.",
					Computed:            true,
				},
			}},
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages an API key that is rotated on a schedule: a new key is created first, and the old one keeps working for an overlap.",
		Attributes:          attributes,
	}
}

func (r *rotatingAPIKeyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema("Everflow's ID of the current key (network_api_key_id). It changes with each rotation.")
}

// ValidateConfig holds the arguments against each other.
func (r *rotatingAPIKeyResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config rotatingAPIKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validatePermissions(config.Permissions, config.AllPermissions, &resp.Diagnostics)
	if config.RotateAfter.IsUnknown() || config.Overlap.IsUnknown() {
		return
	}
	if config.Overlap.IsNull() {
		config.Overlap = types.StringValue(defaultOverlap)
	}
	if problem := overlapProblem(config.RotateAfter.ValueString(), config.Overlap.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(path.Root("overlap"), "The overlap is too long", problem)
	}
}

// overlapProblem says what is wrong with two usable durations, if anything.
func overlapProblem(rotateAfter, overlap string) string {
	if !rotateAfterDuration.takes(rotateAfter) || !anyDuration.takes(overlap) ||
		durationOf(types.StringValue(overlap)) < durationOf(types.StringValue(rotateAfter)) {
		return ""
	}
	return fmt.Sprintf("overlap is %s (default: %s), and rotate_after is %s. Set overlap to less than rotate_after: otherwise more and more keys would work at the same time.", overlap, defaultOverlap, rotateAfter)
}
