package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

type apiKeysDataSource struct{ dataSourceSession }

func newAPIKeysDataSource() datasource.DataSource { return &apiKeysDataSource{} }

func (d *apiKeysDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_keys"
}

func (d *apiKeysDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The API keys of the network, all of them or those that every given filter takes.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Only keys of this status: `active` or `revoked`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(everflow.StatusActive, everflow.StatusRevoked)},
			},
			"network_employee_id": schema.Int64Attribute{
				MarkdownDescription: "Only keys of this employee.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"name_contains": schema.StringAttribute{
				MarkdownDescription: "Only keys whose name holds this text, upper and lower case alike.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"not_used_since": schema.StringAttribute{
				MarkdownDescription: "Only keys that were not used at or after this time (RFC 3339), keys never used included.",
				Optional:            true,
				Validators:          []validator.String{timeValidator{}},
			},
			"api_keys": schema.ListNestedAttribute{
				MarkdownDescription: "The keys, in order of their IDs.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: foundKeyAttributes()},
			},
		},
	}
}

type apiKeysModel struct {
	Status            types.String    `tfsdk:"status"`
	NetworkEmployeeID types.Int64     `tfsdk:"network_employee_id"`
	NameContains      types.String    `tfsdk:"name_contains"`
	NotUsedSince      types.String    `tfsdk:"not_used_since"`
	APIKeys           []foundKeyModel `tfsdk:"api_keys"`
}

func (d *apiKeysDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config apiKeysModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !d.needClient(&resp.Diagnostics, "Cannot list the API keys") {
		return
	}
	keys, err := d.client.APIKeys(ctx, everflow.APIKeyFilter{
		Status:       config.Status.ValueString(),
		EmployeeID:   config.NetworkEmployeeID.ValueInt64(),
		NameContains: config.NameContains.ValueString(),
	})
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot list the API keys", err)
		return
	}
	if !config.NotUsedSince.IsNull() {
		since, _ := time.Parse(time.RFC3339, config.NotUsedSince.ValueString()) // validated
		keys = slices.DeleteFunc(keys, func(key everflow.APIKey) bool { return int64(key.LastUsedAt) >= since.Unix() })
	}
	config.APIKeys = make([]foundKeyModel, 0, len(keys))
	for _, key := range keys {
		config.APIKeys = append(config.APIKeys, foundKey(key))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

type timeValidator struct{}

func (timeValidator) Description(context.Context) string {
	return "a time in RFC 3339, such as 2026-01-31T00:00:00Z"
}

func (v timeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable time", fmt.Sprintf("%q is not %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
