package provider

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const (
	envReadOnly  = "EVERFLOW_READ_ONLY"
	envNetworkID = "EVERFLOW_NETWORK_ID"
)

// readOnlySetBy names the setting that makes the provider read-only; none does if
// it is empty. The environment can only add to the configuration here, so that a
// job that must not write does not depend on the configuration it runs.
func readOnlySetBy(config providerModel, diags *diag.Diagnostics) string {
	text := os.Getenv(envReadOnly)
	fromEnvironment, err := strconv.ParseBool(text)
	switch {
	case text != "" && err != nil:
		diags.AddError("Unusable "+envReadOnly,
			fmt.Sprintf("The environment variable %s is %q, and must be true or false. Nothing was read or changed.", envReadOnly, text))
	case fromEnvironment:
		return "the environment variable " + envReadOnly
	case config.ReadOnly.ValueBool():
		return "read_only in the provider's configuration"
	}
	return ""
}

// expectedNetworkID is 0 where none is set.
func expectedNetworkID(config providerModel, diags *diag.Diagnostics) int64 {
	if !config.NetworkID.IsNull() {
		return config.NetworkID.ValueInt64()
	}
	text := os.Getenv(envNetworkID)
	if text == "" {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		diags.AddError("Unusable "+envNetworkID, fmt.Sprintf("The environment variable %s is %q, and must be the ID of an Everflow network, a whole number above 0.", envNetworkID, text))
	}
	return id
}

// checkNetwork adds an error if the provider's key belongs to another network than
// expected, or if that cannot be told. It is the provider's first call.
func checkNetwork(ctx context.Context, client *everflow.Run, config providerModel, expected int64, diags *diag.Diagnostics) {
	if expected == 0 {
		return
	}
	source := origin(config.NetworkID, "network_id", envNetworkID)
	network, err := client.Network(ctx)
	if err != nil {
		addAPIError(diags, fmt.Sprintf("Cannot tell whether the provider's API key belongs to network %d", expected),
			fmt.Errorf("%w. The network's ID comes from %s; with it, nothing else is called until the network is known", err, source))
		return
	}
	if network.ID == expected {
		return
	}
	detail := fmt.Sprintf("The provider's API key belongs to network %d (%q), but %s names network %d. Nothing else was read, and nothing was changed.\n\n"+
		"Check which key is in api_key or EVERFLOW_API_KEY, or correct the network's ID.", network.ID, network.Name, source, expected)
	if config.NetworkID.IsNull() {
		diags.AddError("API key of another network", detail)
		return
	}
	diags.AddAttributeError(path.Root("network_id"), "API key of another network", detail)
}
