package provider

import (
	"os"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setting is an argument of the provider that an environment variable can give, too.
type setting struct{ attribute, variable string }

var (
	apiKeySetting   = setting{"api_key", "EVERFLOW_API_KEY"}
	regionSetting   = setting{"region", "EVERFLOW_REGION"}
	baseURLSetting  = setting{"base_url", "EVERFLOW_BASE_URL"}
	egressSetting   = setting{"egress_ip_addresses", "EVERFLOW_EGRESS_IP_ADDRESSES"}
	networkSetting  = setting{"network_id", "EVERFLOW_NETWORK_ID"}
	readOnlySetting = setting{"read_only", "EVERFLOW_READ_ONLY"}
)

// environment is the value of the variable; empty where it is not set.
func (s setting) environment() string { return os.Getenv(s.variable) }

// text is the configured value, or the environment's if none is configured.
func (s setting) text(configured types.String) string {
	if configured.IsNull() {
		return s.environment()
	}
	return configured.ValueString()
}

// origin says where the value comes from, for messages.
func (s setting) origin(configured attr.Value) string {
	if configured.IsNull() {
		return "the environment variable " + s.variable
	}
	return s.attribute + " in the provider's configuration"
}

// addError adds an error with the value's origin, at the attribute if it is configured.
func (s setting) addError(configured attr.Value, summary, detail string, diags *diag.Diagnostics) {
	detail += "\n\nThe value comes from " + s.origin(configured) + "."
	if configured.IsNull() {
		diags.AddError(summary, detail)
		return
	}
	diags.AddAttributeError(path.Root(s.attribute), summary, detail)
}
