package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *apiWhitelistResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The API whitelist of the network: the one list of addresses that API calls are accepted from. While it is empty, calls from every address are accepted; with one entry or more, only those.\n\n" +
			"The resource owns the whole list: entries that others add or remove show as a change in the next plan. " +
			"It never overwrites a list that it did not make (import that first), never writes over a change made since the plan, " +
			"and refuses a list that provably leaves out the machine that Terraform runs on. " +
			"**Destroying it empties the list, which opens the network's API to every address.**",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The ID of the network.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"ip_addresses": schema.ListAttribute{
				MarkdownDescription: "The addresses that API calls are accepted from: IPv4 or IPv6 addresses and CIDR ranges, at least one. " +
					"Order, spelling and repeats make no difference: `203.0.113.7` and `203.0.113.7/32` are one address.",
				Required:      true,
				ElementType:   types.StringType,
				CustomType:    theIPAddressesType,
				PlanModifiers: []planmodifier.List{keepArrangement{}},
			},
			"allow_lockout": schema.BoolAttribute{
				MarkdownDescription: "Whether a list may be set that locks out the machine that Terraform runs on. Default: `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether the resource refuses to be destroyed. Default: `false`. To destroy it, set this to `false` and apply first.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
		},
	}
}

func (r *apiWhitelistResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema("The ID of the network.")
}

// ValidateConfig refuses an empty list, which would mean everyone, and warns of
// entries that cannot do what they seem to.
func (r *apiWhitelistResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config apiWhitelistModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.IPAddresses.IsNull() || config.IPAddresses.IsUnknown() {
		return
	}
	if !config.isUsable(&resp.Diagnostics) || !config.IPAddresses.areKnown() {
		return
	}
	addEntryWarnings(&resp.Diagnostics, path.Root("ip_addresses"), config.IPAddresses.list())
}

// keepArrangement plans no change where only order, spelling or repeats differ.
type keepArrangement struct{}

func (keepArrangement) Description(context.Context) string {
	return "Another order or spelling of the same addresses is no change."
}

func (m keepArrangement) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (keepArrangement) PlanModifyList(ctx context.Context, req planmodifier.ListRequest, resp *planmodifier.ListResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var planned, prior ipAddresses
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, req.Path, &planned)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, req.Path, &prior)...)
	if same, _ := planned.ListSemanticEquals(ctx, prior); same && !resp.Diagnostics.HasError() {
		resp.PlanValue = prior.ListValue
	}
}
