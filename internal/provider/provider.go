// Package provider is the Terraform provider "everflow". Each construct has a
// file of its own, named after its noun.
package provider

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ provider.ProviderWithActions            = (*everflowProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*everflowProvider)(nil)
	_ provider.ProviderWithFunctions          = (*everflowProvider)(nil)
	_ provider.ProviderWithListResources      = (*everflowProvider)(nil)
)

type everflowProvider struct {
	// version is what the user agent names.
	version string
	// shortLived are the short-lived keys that are in use.
	shortLived *shortLivedKeys
	// httpClient carries the calls; nil means the API client's own.
	httpClient *http.Client
	// now is the machine's clock; nil means machineTime.
	now func() time.Time
}

func (p *everflowProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "everflow"
	resp.Version = p.version
}

func (p *everflowProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the Security section of an [Everflow](https://www.everflow.io) network: its API keys and its API whitelist.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "The network API key to authenticate with. Also: environment variable `EVERFLOW_API_KEY`.",
				Optional:            true,
				Sensitive:           true,
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "Where the Everflow account is hosted: `us` (default) or `eu`. Excludes `base_url`. " +
					"Also: environment variable `EVERFLOW_REGION`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(regions...)},
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "The address of the API, if it is in neither region: `https`, or `http` to this machine only. Excludes `region`. " +
					"Also: environment variable `EVERFLOW_BASE_URL`.",
				Optional: true,
			},
			"egress_ip_addresses": schema.ListAttribute{
				MarkdownDescription: "The public addresses or CIDR ranges that Terraform calls Everflow from. A change of the whitelist that locks one of them out is refused. " +
					"Also: environment variable `EVERFLOW_EGRESS_IP_ADDRESSES`, separated by commas.",
				Optional:    true,
				ElementType: types.StringType,
				CustomType:  theIPAddressesType,
			},
			"network_id": schema.Int64Attribute{
				MarkdownDescription: "The ID of the network to manage. A key of another network is refused before anything else is called. " +
					"Also: environment variable `EVERFLOW_NETWORK_ID`.",
				Optional:   true,
				CustomType: idType{},
			},
			"read_only": schema.BoolAttribute{
				MarkdownDescription: "Whether to refuse every call that would change something. Default: `false`. " +
					"Also: environment variable `EVERFLOW_READ_ONLY`; `true` there cannot be undone by this argument.",
				Optional: true,
			},
			"max_requests_per_second": schema.Float64Attribute{
				MarkdownDescription: "The most calls a second, retries included. " +
					"Default: `15`, which leaves a part of the network's shared rate limit to other systems.",
				Optional:   true,
				Validators: []validator.Float64{float64validator.Between(0.1, 1000)},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a failed call is sent again, if that is safe. Default: `6`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 50)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "The time limit for one attempt of a call, such as `30s` (default) or `2m`.",
				Optional:            true,
				Validators:          []validator.String{positiveDuration.validator()},
			},
		},
	}
}

func (p *everflowProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newAPIKeyResource,
		newAPIWhitelistResource,
		newAPIWhitelistEntryResource,
		newRotatingAPIKeyResource,
	}
}

func (p *everflowProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newAPIKeyDataSource,
		newAPIKeysDataSource,
		newAPIWhitelistDataSource,
		newEmployeeDataSource,
		newEmployeesDataSource,
		newNetworkDataSource,
		newRoleDataSource,
		newRolesDataSource,
	}
}

func (p *everflowProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		newAPIKeyEphemeralResource,
		newAPIKeySecretEphemeralResource,
	}
}

func (p *everflowProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		newAPIKeyListResource,
		newAPIWhitelistEntryListResource,
		newRotatingAPIKeyListResource,
	}
}

func (p *everflowProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newAPIKeyRevokeAction}
}

func (p *everflowProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newAggregateFunction, newIPAllowedFunction}
}
