package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

type apiKeysDataSource struct{ dataSourceData }

func newAPIKeysDataSource() datasource.DataSource { return &apiKeysDataSource{} }

func (d *apiKeysDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_keys"
}

func (d *apiKeysDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceFilters()
	attributes["api_keys"] = schema.ListNestedAttribute{
		MarkdownDescription: "The keys, in order of their IDs.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: foundKeyAttributes()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the API keys of the network that match every given filter.",
		Attributes:          attributes,
	}
}

type apiKeysModel struct {
	apiKeyFilterModel
	APIKeys []foundAPIKeyModel `tfsdk:"api_keys"`
}

func (d *apiKeysDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config apiKeysModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(d.requireClient("Cannot list the API keys")...)
	if resp.Diagnostics.HasError() {
		return
	}
	keys, err := d.client.APIKeys(ctx, config.toAPI())
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot list the API keys", err)
		return
	}
	config.APIKeys = make([]foundAPIKeyModel, 0, len(keys))
	for _, key := range keys {
		config.APIKeys = append(config.APIKeys, foundKey(key))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
