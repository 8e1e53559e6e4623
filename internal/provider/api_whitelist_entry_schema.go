package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func (r *apiWhitelistEntryResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages one entry of the network's API whitelist, for teams that share the list. Entries of others are never changed.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The address in its shortest spelling. It changes with `ip_address`.",
				Computed:            true,
			},
			"ip_address": schema.StringAttribute{
				MarkdownDescription: "The IPv4 or IPv6 address or CIDR range that API calls are accepted from. " +
					"Spelling makes no difference: `203.0.113.7` and `203.0.113.7/32` are one address.",
				Required:      true,
				Validators:    []validator.String{ipAddressValidator},
				PlanModifiers: []planmodifier.String{keepAddressSpelling{}},
			},
			"allow_lockout": boolWithDefault(false, "Whether a change of the entry may lock out the machine that Terraform runs on. Default: `false`. "+
				"To remove an entry that way, set this to `true` and apply first."),
			"network_id": stableInt64("The ID of the network whose list it is."),
		},
	}
}

func (r *apiWhitelistEntryResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema("The address, in any spelling.")
}

// ValidateConfig warns of an address that cannot do what it seems to.
func (r *apiWhitelistEntryResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config apiWhitelistEntryModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.IPAddress.IsNull() || config.IPAddress.IsUnknown() {
		return
	}
	warnOfOddEntries(&resp.Diagnostics, path.Root("ip_address"), whitelist.NewList(config.entry()))
}

// keepAddressSpelling plans no change where only the spelling differs.
type keepAddressSpelling struct{}

func (keepAddressSpelling) Description(context.Context) string {
	return "Another spelling of the same address is no change."
}

func (m keepAddressSpelling) MarkdownDescription(ctx context.Context) string {
	return m.Description(ctx)
}

func (keepAddressSpelling) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsNull() || req.PlanValue.IsUnknown() {
		return
	}
	if whitelist.ReadEntry(req.StateValue.ValueString()).Equal(whitelist.ReadEntry(req.PlanValue.ValueString())) {
		resp.PlanValue = req.StateValue
	}
}
