package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// readOnlySetBy names the setting that makes the provider read-only; it is empty if
// none does. The environment can only add to the configuration here, so that a job
// that must not write does not depend on the configuration it runs.
func readOnlySetBy(config providerModel, diags *diag.Diagnostics) string {
	text := readOnlySetting.environment()
	fromEnvironment, err := strconv.ParseBool(text)
	switch {
	case text != "" && err != nil:
		diags.AddError("Unusable "+readOnlySetting.variable,
			fmt.Sprintf("The environment variable %s is %q. Set it to true or false.", readOnlySetting.variable, text))
	case fromEnvironment:
		return readOnlySetting.origin(types.BoolNull())
	case config.ReadOnly.ValueBool():
		return readOnlySetting.origin(config.ReadOnly)
	}
	return ""
}

// expectedNetworkID is 0 where none is set.
func expectedNetworkID(config providerModel, diags *diag.Diagnostics) int64 {
	if !config.NetworkID.IsNull() {
		return config.NetworkID.ValueInt64()
	}
	text := networkSetting.environment()
	if text == "" {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		diags.AddError("Unusable "+networkSetting.variable,
			fmt.Sprintf("The environment variable %s is %q. Set it to the ID of an Everflow network, a whole number above 0.", networkSetting.variable, text))
	}
	return id
}

// checkNetwork adds an error if the provider's key belongs to another network than
// expected, or if its network cannot be read. It is the provider's first call.
func checkNetwork(ctx context.Context, client *everflow.Run, config providerModel, expected int64, diags *diag.Diagnostics) {
	if expected == 0 {
		return
	}
	network, err := client.Network(ctx)
	switch {
	case err != nil:
		diags.AddError(fmt.Sprintf("Cannot check that the provider's API key belongs to network %d", expected), fmt.Sprintf(
			"%s\n\nNothing else was called, because %s is set.", apiErrorDetail(err), networkSetting.origin(config.NetworkID)))
	case network.ID != expected:
		networkSetting.addError(config.NetworkID, "API key of another network", fmt.Sprintf(
			"The provider's API key belongs to network %d (%q), not to network %d. Nothing else was read, and nothing was changed.\n\n"+
				"Set api_key or EVERFLOW_API_KEY to a key of network %d, or correct the network's ID.",
			network.ID, network.Name, expected, expected), diags)
	}
}
