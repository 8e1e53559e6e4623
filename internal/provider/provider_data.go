package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// providerData is what one configured provider gives to all its constructs.
type providerData struct {
	// client is nil while the configuration holds unknown values, which can be so while
	// planning only.
	client    *everflow.Run
	clocks    clocks
	keys      *apiKeyRun
	whitelist *apiWhitelistRun
	// awaitsShortLivedKey: there is no client because the apply creates the short-lived
	// key that the provider authenticates with.
	awaitsShortLivedKey bool
}

// newProviderData returns the data of a provider whose client is nil while its
// configuration is unknown.
func newProviderData(client *everflow.Run, egress whitelist.List, machineClock func() time.Time, shortLived *shortLivedKeys) *providerData {
	clocks := clocks{client: client, machine: machineClock}
	return &providerData{
		client: client, clocks: clocks,
		keys:      &apiKeyRun{client: client, clocks: clocks, began: machineClock(), shortLived: shortLived},
		whitelist: newAPIWhitelistRun(client, egress),
	}
}

func (p *providerData) isConfigured() bool { return p.client != nil }

// requireClient returns an error when the provider's configuration is not known yet.
func (p *providerData) requireClient(failed string) (diags diag.Diagnostics) {
	switch {
	case p.isConfigured():
	case p.awaitsShortLivedKey:
		diags.AddError(failed+": the provider's API key is not created yet",
			"The provider is configured with an ephemeral everflow_api_key whose argument applying is false, so no key was created. "+
				"While Terraform plans, resources wait for the key. Data sources and ephemeral resources cannot wait: give them a provider with another key.\n\n"+
				"In an apply that destroys, terraform.applying is false as well: set applying = true for that run.")
	default:
		diags.AddError(failed+": the provider's configuration is not known yet",
			"A setting of the provider depends on something that is known only after an apply. "+
				"Apply that first (terraform apply -target=…), then run Terraform again.")
	}
	return diags
}

// managedResource is what every resource here implements.
type managedResource interface {
	resource.ResourceWithConfigure
	resource.ResourceWithIdentity
	resource.ResourceWithImportState
	resource.ResourceWithModifyPlan
	resource.ResourceWithValidateConfig
}

// priorAndPlan reads what ModifyPlan is given; either is zero where there is none.
func priorAndPlan[M any](ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) (prior, plan M) {
	if !req.State.Raw.IsNull() {
		diags.Append(req.State.Get(ctx, &prior)...)
	}
	if !req.Plan.Raw.IsNull() {
		diags.Append(req.Plan.Get(ctx, &plan)...)
	}
	return prior, plan
}

// resourceData gives a resource the provider's data; embed it.
type resourceData struct{ *providerData }

func (r *resourceData) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.providerData = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// dataSourceData gives a data source the provider's data; embed it.
type dataSourceData struct{ *providerData }

func (d *dataSourceData) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// ephemeralData gives an ephemeral resource the provider's data; embed it.
type ephemeralData struct{ *providerData }

func (e *ephemeralData) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.providerData = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// actionData gives an action the provider's data; embed it.
type actionData struct{ *providerData }

func (a *actionData) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.providerData = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// providerDataFrom accepts nil: Terraform validates before it configures.
func providerDataFrom(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return newProviderData(nil, whitelist.List{}, machineTime, &shortLivedKeys{})
	}
	p, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T. This is a bug in the provider: please report it.", data))
	}
	return p
}
