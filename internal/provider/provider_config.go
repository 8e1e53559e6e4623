package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

var (
	regions  = []string{"us", "eu"}
	baseURLs = map[string]string{"us": everflow.BaseURLUS, "eu": everflow.BaseURLEU}
)

type providerModel struct {
	APIKey               types.String  `tfsdk:"api_key"`
	Region               types.String  `tfsdk:"region"`
	BaseURL              types.String  `tfsdk:"base_url"`
	EgressIPAddresses    ipAddresses   `tfsdk:"egress_ip_addresses"`
	NetworkID            types.Int64   `tfsdk:"network_id"`
	ReadOnly             types.Bool    `tfsdk:"read_only"`
	MaxRequestsPerSecond types.Float64 `tfsdk:"max_requests_per_second"`
	MaxRetries           types.Int64   `tfsdk:"max_retries"`
	RequestTimeout       types.String  `tfsdk:"request_timeout"`
}

// isKnown: a value that another resource makes is unknown while planning, and a
// short-lived key is not there yet.
func (m providerModel) isKnown() bool {
	for _, value := range []attr.Value{m.APIKey, m.Region, m.BaseURL, m.EgressIPAddresses, m.NetworkID, m.ReadOnly, m.MaxRequestsPerSecond, m.MaxRetries, m.RequestTimeout} {
		if value.IsUnknown() {
			return false
		}
	}
	return m.EgressIPAddresses.areKnown() && !m.isPlannedWithoutKey()
}

func (p *everflowProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var client *everflow.Run
	var egress whitelist.List
	if config.isKnown() {
		client, egress = p.newClient(ctx, config, req.TerraformVersion, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
	} else if req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	data := newProviderData(client, egress, p.now, p.shortLived)
	data.awaitsShortLivedKey = config.isPlannedWithoutKey()
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData = data, data, data
	resp.ListResourceData, resp.ActionData = data, data
}

// newClient resolves the settings: configuration over environment over default. The
// list holds the addresses that the client's calls come from, as far as configured.
func (p *everflowProvider) newClient(ctx context.Context, config providerModel, terraformVersion string, diags *diag.Diagnostics) (*everflow.Run, whitelist.List) {
	settings := everflow.Config{
		APIKey:               apiKeyOf(config, diags),
		UserAgent:            fmt.Sprintf("terraform-provider-everflow/%s terraform/%s", p.version, terraformVersion),
		MaxRequestsPerSecond: config.MaxRequestsPerSecond.ValueFloat64(),
		BaseURL:              baseURLOf(config, diags),
		HTTPClient:           p.httpClient,
		ReadOnly:             readOnlySetBy(config, diags),
		Observe:              logAttempt,
		Waiting:              logWait,
	}
	if !config.MaxRetries.IsNull() {
		retries := int(config.MaxRetries.ValueInt64())
		settings.MaxRetries = &retries
	}
	if !config.RequestTimeout.IsNull() {
		settings.RequestTimeout, _ = time.ParseDuration(config.RequestTimeout.ValueString()) // validated
	}
	egress := egressIPAddresses(config, diags)
	network := expectedNetworkID(config, diags)
	if diags.HasError() {
		return nil, egress
	}
	client, err := everflow.New(settings)
	if err != nil {
		diags.AddError("Unusable Everflow configuration", sentence(err))
		return nil, egress
	}
	run := everflow.NewRun(client)
	checkNetwork(ctx, run, config, network, diags)
	return run, egress
}

func apiKeyOf(config providerModel, diags *diag.Diagnostics) everflow.Secret {
	key := apiKeySetting.text(config.APIKey)
	if key == "" && config.APIKey.IsNull() {
		diags.AddError("Missing Everflow API key",
			"The provider needs a network API key. Set the environment variable EVERFLOW_API_KEY, or api_key in the provider's configuration "+
				"(from a variable with ephemeral = true, never in clear text). Create a key in Everflow under Control Center, Security, API Keys.")
		return everflow.Secret{}
	}
	if err := everflow.CheckAPIKey(key); err != nil {
		apiKeySetting.addError(config.APIKey, "Unusable Everflow API key", sentence(err), diags)
	}
	return everflow.NewSecret(key)
}

// baseURLOf refuses two settings that name different hosts, wherever they come
// from: a wrong guess would send the key to a host that was not meant.
func baseURLOf(config providerModel, diags *diag.Diagnostics) string {
	region, address := regionSetting.text(config.Region), baseURLSetting.text(config.BaseURL)
	if region != "" && address != "" {
		diags.AddError("Both a region and a base URL are set", fmt.Sprintf(
			"The region %q comes from %s, and the base URL from %s. Each is an address to call. Remove one of them.",
			region, regionSetting.origin(config.Region), baseURLSetting.origin(config.BaseURL)))
		return ""
	}
	if address != "" || !config.BaseURL.IsNull() {
		if _, err := everflow.ParseBaseURL(address); err != nil {
			baseURLSetting.addError(config.BaseURL, "Unusable Everflow base URL", sentence(err), diags)
		}
		return address
	}
	if region == "" && config.Region.IsNull() {
		region = "us"
	}
	if !slices.Contains(regions, region) {
		regionSetting.addError(config.Region, "Unknown Everflow region",
			fmt.Sprintf("The region is %q. Write \"us\" or \"eu\", or set base_url to another address.", region), diags)
	}
	return baseURLs[region]
}

// egressIPAddresses refuses addresses that no call over the internet comes from: a
// check by them would prove nothing.
func egressIPAddresses(config providerModel, diags *diag.Diagnostics) whitelist.List {
	texts := stringsOf(config.EgressIPAddresses)
	if config.EgressIPAddresses.IsNull() {
		for text := range strings.SplitSeq(egressSetting.environment(), ",") {
			if text = strings.TrimSpace(text); text != "" {
				texts = append(texts, text)
			}
		}
	}
	const unusable = "Unusable egress address"
	egress, failed := whitelist.ParseList(texts)
	for _, err := range failed {
		egressSetting.addError(config.EgressIPAddresses, unusable, sentence(err), diags)
	}
	for _, entry := range egress.Entries() {
		if entry.IsReserved() {
			egressSetting.addError(config.EgressIPAddresses, unusable, fmt.Sprintf(
				"%s is a private, loopback, link-local, multicast or otherwise reserved address. Everflow never sees a call from it. "+
					"Write the public address that the calls come from, such as that of a NAT gateway.", entry), diags)
		}
	}
	return egress
}

// logAttempt is all that the provider logs of a call: no header, no body.
func logAttempt(ctx context.Context, attempt everflow.Attempt) {
	fields := map[string]any{
		"method": attempt.Method, "path": attempt.Path, "attempt": attempt.Number,
		"waited_ms": attempt.Waited.Milliseconds(), "took_ms": attempt.Took.Milliseconds(),
	}
	if attempt.Err != nil {
		fields["error"] = attempt.Err.Error()
	} else {
		fields["status"] = attempt.Status
	}
	if attempt.Status == http.StatusTooManyRequests {
		tflog.Info(ctx, "Everflow's rate limit, which all systems of the network share, is used up: waiting to try again", fields)
		return
	}
	tflog.Debug(ctx, "Everflow API call", fields)
}

// logWait explains what would look like a hang.
func logWait(ctx context.Context, waited time.Duration) {
	tflog.Info(ctx, "Waiting for a turn to call Everflow: other calls of this run come first, at most max_requests_per_second, and fewer while Everflow's rate limit is nearly used up",
		map[string]any{"waited_s": int(waited.Seconds())})
}
