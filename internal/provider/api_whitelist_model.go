package provider

import (
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// apiWhitelistModel is the network's whitelist in the state of its resource.
type apiWhitelistModel struct {
	ID                 types.String `tfsdk:"id"`
	IPAddresses        ipAddresses  `tfsdk:"ip_addresses"`
	AllowLockout       types.Bool   `tfsdk:"allow_lockout"`
	DeletionProtection types.Bool   `tfsdk:"deletion_protection"`
}

// fromAPI takes over the live list. Entries that the model has already keep their
// order and spelling.
func (m *apiWhitelistModel) fromAPI(live whitelist.Live) {
	m.setNetwork(live)
	m.IPAddresses = newIPAddresses(live.List.ArrangedLike(m.IPAddresses.list()))
}

func (m *apiWhitelistModel) setNetwork(live whitelist.Live) {
	m.ID = types.StringValue(strconv.FormatInt(live.NetworkID, 10))
}

// check returns an error for each known entry that Everflow could not take, and for a
// list without entries.
func (m apiWhitelistModel) check() (diags diag.Diagnostics) {
	m.IPAddresses.check(path.Root("ip_addresses"), &diags)
	if len(m.IPAddresses.Elements()) == 0 {
		addEmptyList(&diags)
	}
	return diags
}

// networkID is 0 where there is no state.
func (m apiWhitelistModel) networkID() int64 {
	id, err := strconv.ParseInt(m.ID.ValueString(), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// replacement is what leads from the state to the plan; the zero model stands for
// none.
func (m apiWhitelistModel) replacement(state apiWhitelistModel) whitelist.Replacement {
	return whitelist.Replacement{
		NetworkID:    state.networkID(),
		From:         state.IPAddresses.list(),
		To:           m.IPAddresses.list(),
		IsNew:        state.ID.IsNull(),
		AllowLockout: m.AllowLockout.ValueBool(),
	}
}
