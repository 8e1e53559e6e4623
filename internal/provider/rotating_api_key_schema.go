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
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *rotatingAPIKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := apiKeyAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Everflow's ID of the current key (`network_api_key_id`): another one after each rotation.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"network_employee_id": schema.Int64Attribute{
			MarkdownDescription: "The ID of the employee that the keys belong to. A change revokes the current and the previous keys and creates another; " +
				"with `create_before_destroy` the new one comes first. " +
				"A value that is known only after an apply replaces nothing: if it turns out to be another one, the apply stops, and the next plan shows the replacement.",
			Required:      true,
			PlanModifiers: []planmodifier.Int64{replacedByAnotherEmployee()},
			CustomType:    idType{},
		},
		"rotate_after": schema.StringAttribute{
			MarkdownDescription: "The age at which the key is due to be renewed, as a duration of at least `1h`, such as `2160h` (90 days). " +
				"The first plan after that renews it. A key that missed several turns is renewed once, and its successor's age counts from its own creation. Changes in place.",
			Required:   true,
			Validators: []validator.String{rotateAfterDuration},
		},
		"overlap": schema.StringAttribute{
			MarkdownDescription: "How long a key keeps working once it was replaced, as a duration shorter than `rotate_after`. Default: `24h`. The first apply after that revokes it. " +
				"With `0s` it is revoked by the apply that replaces it, once the new key is there. A change counts for the keys in `previous_keys` too.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(defaultOverlap),
			Validators: []validator.String{anyDuration},
		},
		"rotate_when_changed": schema.MapAttribute{
			MarkdownDescription: "Any values of yours. Once set, any other map in its place (a value changed, an entry added or taken out, `{}`) renews the key at once, whatever its age, in the same way as when it is due. " +
				"Setting the argument for the first time, as after an import, or removing it rotates nothing.",
			Optional:    true,
			Computed:    true,
			Default:     mapdefault.StaticValue(types.MapNull(types.StringType)),
			ElementType: types.StringType,
		},
		"key": schema.StringAttribute{
			MarkdownDescription: "The current key's secret. Changed by a rotation and by nothing else. Null after an import and with `store_key_in_state = false`. " +
				"Sensitive, yet readable by everyone who can read the state.",
			Computed:      true,
			Sensitive:     true,
			PlanModifiers: []planmodifier.String{storedKey{}},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "The current key's status: `active`. If it was revoked outside Terraform: `revoked`, or null if Everflow does not know it any more, until the next apply replaces it.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"rotate_at": schema.StringAttribute{
			MarkdownDescription: "When the key is due to be renewed: `created_at` and `rotate_after` together (RFC 3339, UTC), by the server's clock.",
			Computed:            true,
		},
		"previous_keys": schema.ListNestedAttribute{
			MarkdownDescription: "The keys that were replaced and still work, the oldest first.",
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
					MarkdownDescription: "When another key took its place (RFC 3339, UTC). Null for a key that a rotation lost the secret of, and that is of no use to anyone.",
					Computed:            true,
				},
				"revoke_at": schema.StringAttribute{
					MarkdownDescription: "When its overlap is over (RFC 3339, UTC): the first apply after that revokes it.",
					Computed:            true,
				},
			}},
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "An API key that is renewed on a schedule, for whatever takes its key from Terraform and is to have a fresh one every so often.\n\n" +
			"When the key's age passes `rotate_after`, the next plan says so and its apply renews the key in place: a new key with a new secret is created first; " +
			"the old one works on for the time of `overlap`, is listed in `previous_keys`, and is revoked by the first apply after that. There is no moment without a valid key. " +
			"Nothing happens between two runs: rotation is as punctual as Terraform is run, so run it on a schedule that is closer than `overlap`. " +
			"All times are the server's. Where its clock and that of the machine that runs Terraform are more than five minutes apart, nothing is rotated or revoked for its age, and a warning says so.\n\n" +
			"What is due is decided when a plan refreshes. A saved plan does what it says however late it is applied, and `-refresh=false` decides nothing anew. " +
			"One case asks the clock when the plan is made and again when it is applied: a change of `rotate_after` or `overlap` itself. " +
			"Should the new time have come in between, Terraform reports an inconsistent plan and nothing is done: plan again.\n\n" +
			"A current key that was revoked outside Terraform is reported in a warning and replaced by the next apply. " +
			"Destroying the resource revokes the current and the previous keys, for ever. The provider refuses to revoke the key that it authenticates with. " +
			"It may renew that key: give the provider the new one before the overlap is over.",
		Attributes: attributes,
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
	return fmt.Sprintf("The overlap is %s (default: %s) and must be shorter than rotate_after, which is %s: otherwise more and more keys would work at a time.", overlap, defaultOverlap, rotateAfter)
}
