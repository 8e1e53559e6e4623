package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

type employeesDataSource struct{ dataSourceData }

func newEmployeesDataSource() datasource.DataSource { return &employeesDataSource{} }

func (d *employeesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_employees"
}

func (d *employeesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists every employee (user) of the network, inactive ones included.",
		Attributes: map[string]schema.Attribute{
			"employees": schema.ListNestedAttribute{
				MarkdownDescription: "The employees, in Everflow's order.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: foundEmployeeAttributes()},
			},
		},
	}
}

type employeesModel struct {
	Employees []employeeModel `tfsdk:"employees"`
}

func (d *employeesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(d.requireClient("Cannot list the employees")...)
	if resp.Diagnostics.HasError() {
		return
	}
	employees, err := d.client.Employees(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot list the employees", err)
		return
	}
	found := employeesModel{Employees: make([]employeeModel, len(employees))}
	for i, employee := range employees {
		found.Employees[i].fromAPI(employee)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, found)...)
}
