package provider

import (
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// apiWhitelistEntryModel is one entry of the network's whitelist in the state of
// its resource.
type apiWhitelistEntryModel struct {
	ID           types.String `tfsdk:"id"`
	IPAddress    types.String `tfsdk:"ip_address"`
	NetworkID    types.Int64  `tfsdk:"network_id"`
	AllowLockout types.Bool   `tfsdk:"allow_lockout"`
}

// fromAPI takes over the list that holds the entry. The entry keeps its spelling.
func (m *apiWhitelistEntryModel) fromAPI(live everflow.Whitelist) {
	m.ID = types.StringValue(canonical(m.IPAddress.ValueString()))
	m.NetworkID = idValue(live.NetworkID)
}

// network is the ID of the entry's network, empty if not known.
func (m apiWhitelistEntryModel) network() string {
	if m.NetworkID.ValueInt64() == 0 {
		return ""
	}
	return strconv.FormatInt(m.NetworkID.ValueInt64(), 10)
}

// canonical is the one spelling of an entry that is sent to Everflow; an entry of
// an unknown form stays as it is.
func canonical(entry string) string {
	prefix, err := everflow.ParseAddress(entry)
	if err != nil {
		return entry
	}
	return everflow.CanonicalAddress(prefix)
}

// indexEntry finds the entry in the list, in any spelling; -1: it is not there.
func indexEntry(list []string, entry string) int {
	key := meaning(entry)
	return slices.IndexFunc(list, func(other string) bool { return meaning(other) == key })
}

func hasEntry(list []string, entry string) bool { return indexEntry(list, entry) >= 0 }
