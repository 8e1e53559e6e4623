package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type networkDataSource struct{ dataSourceData }

func newNetworkDataSource() datasource.DataSource { return &networkDataSource{} }

func (d *networkDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_network"
}

func (d *networkDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the network that the provider's API key belongs to.",
		Attributes: map[string]schema.Attribute{
			"network_id":            computedInt64("The ID of the network."),
			"name":                  computedString("The network's name."),
			"status":                computedString("The network's status, such as `active`."),
			"default_currency_id":   computedString("The ID of the default currency, such as `USD`."),
			"reporting_timezone_id": computedInt64("The ID of the time zone that reports are in."),
			"created_at":            computedString("When the network was created (RFC 3339, UTC)."),
			"updated_at":            computedString("When the network was last changed (RFC 3339, UTC)."),
		},
	}
}

type networkModel struct {
	NetworkID           types.Int64  `tfsdk:"network_id"`
	Name                types.String `tfsdk:"name"`
	Status              types.String `tfsdk:"status"`
	DefaultCurrencyID   types.String `tfsdk:"default_currency_id"`
	ReportingTimezoneID types.Int64  `tfsdk:"reporting_timezone_id"`
	CreatedAt           types.String `tfsdk:"created_at"`
	UpdatedAt           types.String `tfsdk:"updated_at"`
}

func (d *networkDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(d.requireClient("Cannot read the network")...)
	if resp.Diagnostics.HasError() {
		return
	}
	network, err := d.client.Network(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot read the network", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, networkModel{
		NetworkID:           types.Int64Value(network.ID),
		Name:                types.StringValue(network.Name),
		Status:              types.StringValue(network.Status),
		DefaultCurrencyID:   types.StringValue(network.DefaultCurrencyID),
		ReportingTimezoneID: idValue(network.ReportingTimezone),
		CreatedAt:           timeValue(network.CreatedAt),
		UpdatedAt:           timeValue(network.SavedAt),
	})...)
}
