package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func (r *apiWhitelistEntryResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One entry of the network's API whitelist, for teams that share the list: entries of others are never changed. " +
			"While the list is empty, API calls from every address are accepted; with one entry or more, only those. " +
			"To own the whole list instead, use `everflow_api_whitelist`; the two exclude each other.\n\n" +
			"Everflow replaces the list only as a whole. The provider writes what a run changes together, keeps every entry that is not its own, " +
			"reads the list back a second later, and repeats its change if someone else's write undid it. " +
			"An address that is in the list already is somebody's: the resource does not take it over, import it. " +
			"A changed `ip_address` is exchanged in one write.\n\n" +
			"**Locking Terraform out.** Set the provider's `egress_ip_addresses`. A change that would leave out one of these addresses then waits for others of the run that make it safe, " +
			"and is refused if none comes, unless `allow_lockout` is `true`. Turning the list on by entries needs `egress_ip_addresses`. " +
			"Let the other entries [depend](https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on) on the one that admits Terraform, as in the example: " +
			"it is then the first to be added and the last to be removed.\n\n" +
			"**Destroying the last entry empties the list, which opens the network's API to every address.** The plan says so in a warning; if it is only since the plan that no other entry is left, nothing is removed.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The address in its shortest spelling, as it is sent to Everflow. It changes with `ip_address`.",
				Computed:            true,
			},
			"ip_address": schema.StringAttribute{
				MarkdownDescription: "The address that API calls are accepted from: an IPv4 or IPv6 address or a CIDR range. " +
					"Spelling makes no difference: `203.0.113.7` and `203.0.113.7/32` are one address. It is changed in place.",
				Required:      true,
				Validators:    []validator.String{ipAddressValidator{}},
				PlanModifiers: []planmodifier.String{keepAddressSpelling{}},
			},
			"allow_lockout": schema.BoolAttribute{
				MarkdownDescription: "Whether adding, changing or removing the entry may lock out the machine that Terraform runs on. Default: `false`. " +
					"To remove an entry that way, set this to `true` and apply first.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"network_id": schema.Int64Attribute{
				MarkdownDescription: "The ID of the network whose list it is.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
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
	addEntryWarnings(&resp.Diagnostics, path.Root("ip_address"), whitelist.NewList(config.entry()))
}

// ipAddressValidator takes what a whitelist's entry can be.
type ipAddressValidator struct{}

func (ipAddressValidator) Description(context.Context) string {
	return "an IPv4 or IPv6 address or a CIDR range"
}

func (v ipAddressValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (ipAddressValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := whitelist.ParseEntry(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable IP address", sentence(err))
	}
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
