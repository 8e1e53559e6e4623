package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
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
func (m *apiWhitelistEntryModel) fromAPI(live whitelist.Live) {
	m.ID = types.StringValue(m.entry().Canonical())
	m.NetworkID = idValue(live.NetworkID)
}

// entry is zero while the address is unknown, and where there is none.
func (m apiWhitelistEntryModel) entry() whitelist.Entry {
	if m.IPAddress.IsNull() || m.IPAddress.IsUnknown() {
		return whitelist.Entry{}
	}
	return whitelist.ReadEntry(m.IPAddress.ValueString())
}

// changeFrom is what leads from the state to the plan; of either, the zero model stands
// for none. It is empty where the entry stays.
func (m apiWhitelistEntryModel) changeFrom(state apiWhitelistEntryModel) whitelist.Change {
	change := whitelist.Change{NetworkID: state.NetworkID.ValueInt64(), AllowLockout: m.AllowLockout.ValueBool()}
	if m.IPAddress.IsNull() {
		change.AllowLockout = state.AllowLockout.ValueBool()
	}
	if before, after := state.entry(), m.entry(); !before.Equal(after) {
		change.Remove, change.Add = before, after
	}
	return change
}

// differsFrom reports whether the entry changes, if only to one that is not known yet.
func (m apiWhitelistEntryModel) differsFrom(state apiWhitelistEntryModel) bool {
	return m.IPAddress.IsUnknown() || !m.entry().Equal(state.entry())
}
