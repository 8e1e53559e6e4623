package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

type rolesDataSource struct{ dataSourceData }

func newRolesDataSource() datasource.DataSource { return &rolesDataSource{} }

func (d *rolesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_roles"
}

func (d *rolesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists every role of the network, with the identifiers of its permissions.",
		Attributes: map[string]schema.Attribute{
			"roles": schema.ListNestedAttribute{
				MarkdownDescription: "The roles, in Everflow's order.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: foundRoleAttributes()},
			},
		},
	}
}

type rolesModel struct {
	Roles []roleModel `tfsdk:"roles"`
}

func (d *rolesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(d.requireClient("Cannot list the roles")...)
	if resp.Diagnostics.HasError() {
		return
	}
	roles, err := d.client.Roles(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot list the roles", err)
		return
	}
	found := rolesModel{Roles: make([]roleModel, len(roles))}
	for i, role := range roles {
		found.Roles[i].fromAPI(role)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, found)...)
}
