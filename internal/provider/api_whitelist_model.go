package provider

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// apiWhitelistModel is the network's whitelist in the state of its resource.
type apiWhitelistModel struct {
	ID                 types.String `tfsdk:"id"`
	IPAddresses        ipAddresses  `tfsdk:"ip_addresses"`
	AllowLockout       types.Bool   `tfsdk:"allow_lockout"`
	DeletionProtection types.Bool   `tfsdk:"deletion_protection"`
}

// toAPI returns the entries as they are sent to Everflow.
func (m apiWhitelistModel) toAPI() ([]string, error) {
	return canonicalEntries(m.IPAddresses.entries())
}

// fromAPI takes over the live list. Entries that the model has already keep
// their spelling.
func (m *apiWhitelistModel) fromAPI(live everflow.Whitelist) {
	m.ID = types.StringValue(strconv.FormatInt(live.NetworkID, 10))
	m.IPAddresses = newIPAddresses(spelledLike(m.IPAddresses.entries(), live.IPAddresses))
}
