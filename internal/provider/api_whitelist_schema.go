package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *apiWhitelistResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the whole API whitelist of the network, the addresses that API calls are accepted from. " +
			"Destroying it empties the list, which opens the API to every address.",
		Attributes: map[string]schema.Attribute{
			"id": stableString("The ID of the network."),
			"ip_addresses": schema.ListAttribute{
				MarkdownDescription: "The IPv4 or IPv6 addresses and CIDR ranges that API calls are accepted from, at least one. " +
					"Order, spelling and repeats make no difference.",
				Required:      true,
				ElementType:   types.StringType,
				CustomType:    theIPAddressesType,
				PlanModifiers: []planmodifier.List{keepArrangement{}},
			},
			"allow_lockout":       boolWithDefault(false, "Whether to allow a list that locks out the machine that Terraform runs on. Default: `false`."),
			"deletion_protection": boolWithDefault(false, "Whether to refuse to destroy the resource. Default: `false`. To destroy it, set this to `false` and apply first."),
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
	resp.Diagnostics.Append(config.check()...)
	if !resp.Diagnostics.HasError() && config.IPAddresses.areKnown() {
		warnOfOddEntries(&resp.Diagnostics, path.Root("ip_addresses"), config.IPAddresses.list())
	}
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
