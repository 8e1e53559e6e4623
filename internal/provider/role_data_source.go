package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

type roleDataSource struct{ dataSourceData }

func newRoleDataSource() datasource.DataSource { return &roleDataSource{} }

func (d *roleDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_role"
}

// foundRoleAttributes are the attributes of a role that a data source returns.
func foundRoleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":            computedString("The role's name."),
		"network_role_id": computedInt64("The ID of the role."),
		"description":     computedString("The role's description."),
		"permissions":     computedStringSet("The identifiers of the permissions that the role gives."),
		"created_at":      computedString("When the role was created (RFC 3339, UTC)."),
		"updated_at":      computedString("When the role was last changed (RFC 3339, UTC)."),
	}
}

func (d *roleDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := foundRoleAttributes()
	attributes["name"] = schema.StringAttribute{MarkdownDescription: "The role's name, exactly as Everflow shows it.", Required: true}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds a role of the network by name, with the identifiers of its permissions.",
		Attributes:          attributes,
	}
}

type roleModel struct {
	Name          types.String `tfsdk:"name"`
	NetworkRoleID types.Int64  `tfsdk:"network_role_id"`
	Description   types.String `tfsdk:"description"`
	Permissions   types.Set    `tfsdk:"permissions"`
	CreatedAt     types.String `tfsdk:"created_at"`
	UpdatedAt     types.String `tfsdk:"updated_at"`
}

func (m *roleModel) fromAPI(role everflow.Role) {
	m.Name = types.StringValue(role.Name)
	m.NetworkRoleID = types.Int64Value(role.ID)
	m.Description = types.StringValue(role.Description)
	m.Permissions = stringSet(role.Permissions)
	m.CreatedAt = timeValue(role.CreatedAt)
	m.UpdatedAt = timeValue(role.SavedAt)
}

func (d *roleDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config roleModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(d.requireClient("Cannot read the role")...)
	if resp.Diagnostics.HasError() {
		return
	}
	roles, err := d.client.Roles(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot read the roles", err)
		return
	}
	var names, ids []string
	var found everflow.Role
	for _, role := range roles {
		names = append(names, fmt.Sprintf("%q", role.Name))
		if role.Name == config.Name.ValueString() {
			found = role
			ids = append(ids, fmt.Sprint(role.ID))
		}
	}
	slices.Sort(names)
	switch len(ids) {
	case 1:
		config.fromAPI(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
	case 0:
		resp.Diagnostics.AddAttributeError(path.Root("name"), "No such role",
			fmt.Sprintf("The network has no role named %q. It has: %s.", config.Name.ValueString(), strings.Join(names, ", ")))
	default:
		resp.Diagnostics.AddAttributeError(path.Root("name"), "More than one such role",
			fmt.Sprintf("The roles %s are all named %q. Give each a name of its own in Everflow.", strings.Join(ids, ", "), config.Name.ValueString()))
	}
}
