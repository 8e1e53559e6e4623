package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type apiWhitelistDataSource struct{ dataSourceData }

func newAPIWhitelistDataSource() datasource.DataSource { return &apiWhitelistDataSource{} }

func (d *apiWhitelistDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_whitelist"
}

func (d *apiWhitelistDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the API whitelist of the network. While it is empty, API calls are accepted from every address.",
		Attributes: map[string]schema.Attribute{
			"id": computedString("The ID of the network."),
			"ip_addresses": schema.ListAttribute{
				MarkdownDescription: "The addresses and CIDR ranges that API calls are accepted from, sorted, in Everflow's spelling. " +
					"If the list is empty, they are accepted from every address.",
				Computed:    true,
				ElementType: types.StringType,
				CustomType:  theIPAddressesType,
			},
			"updated_at": computedString("When the list was last saved (RFC 3339, UTC); null if never."),
		},
	}
}

type apiWhitelistDataModel struct {
	ID          types.String `tfsdk:"id"`
	IPAddresses ipAddresses  `tfsdk:"ip_addresses"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
}

func (d *apiWhitelistDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(d.requireClient("Cannot read the API whitelist")...)
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := d.whitelist.manager.Read(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot read the API whitelist", err)
		return
	}
	var list apiWhitelistModel
	list.fromAPI(live)
	resp.Diagnostics.Append(resp.State.Set(ctx, apiWhitelistDataModel{
		ID: list.ID, IPAddresses: list.IPAddresses, UpdatedAt: timeValue(live.SavedAt),
	})...)
}
