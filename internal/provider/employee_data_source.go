package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var _ datasource.DataSourceWithConfigValidators = (*employeeDataSource)(nil)

type employeeDataSource struct{ dataSourceData }

func newEmployeeDataSource() datasource.DataSource { return &employeeDataSource{} }

func (d *employeeDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_employee"
}

// foundEmployeeAttributes are the attributes of an employee that a data source
// returns.
func foundEmployeeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"network_employee_id": computedInt64("The ID of the employee."),
		"email":               computedString("The e-mail address of the employee."),
		"first_name":          computedString("The first name."),
		"last_name":           computedString("The last name."),
		"full_name":           computedString("First and last name."),
		"account_status":      computedString("The status of the account, such as `active`."),
		"is_admin":            computedBool("Whether the employee is an administrator of the network."),
		"network_role_id":     computedInt64("The ID of the employee's role; null if there is none."),
	}
}

func (d *employeeDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := foundEmployeeAttributes()
	attributes["network_employee_id"] = schema.Int64Attribute{
		MarkdownDescription: "The ID of the employee. Exactly one of `network_employee_id` and `email` is required.",
		Optional:            true,
		Computed:            true,
		CustomType:          idType{},
	}
	attributes["email"] = schema.StringAttribute{
		MarkdownDescription: "The e-mail address of the employee. Upper and lower case make no difference.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{notBlank},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds an employee (a user) of the network by ID or by e-mail address.",
		Attributes:          attributes,
	}
}

func (d *employeeDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("network_employee_id"), path.MatchRoot("email")),
	}
}

type employeeModel struct {
	NetworkEmployeeID types.Int64  `tfsdk:"network_employee_id"`
	Email             types.String `tfsdk:"email"`
	FirstName         types.String `tfsdk:"first_name"`
	LastName          types.String `tfsdk:"last_name"`
	FullName          types.String `tfsdk:"full_name"`
	AccountStatus     types.String `tfsdk:"account_status"`
	IsAdmin           types.Bool   `tfsdk:"is_admin"`
	NetworkRoleID     types.Int64  `tfsdk:"network_role_id"`
}

func (m *employeeModel) fromAPI(employee everflow.Employee) {
	m.NetworkEmployeeID = types.Int64Value(employee.ID)
	m.Email = spelledAs(m.Email, employee.Email)
	m.FirstName = types.StringValue(employee.FirstName)
	m.LastName = types.StringValue(employee.LastName)
	m.FullName = types.StringValue(employee.FullName)
	m.AccountStatus = types.StringValue(employee.AccountStatus)
	m.IsAdmin = types.BoolValue(employee.IsAdmin)
	m.NetworkRoleID = idValue(employee.RoleID)
}

// spelledAs keeps the configuration's spelling of a text that was matched
// whatever its case: Terraform lets a data source return nothing else.
func spelledAs(configured types.String, found string) types.String {
	if !configured.IsNull() && strings.EqualFold(configured.ValueString(), found) {
		return configured
	}
	return types.StringValue(found)
}

func (d *employeeDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config employeeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(d.requireClient("Cannot read the employee")...)
	if resp.Diagnostics.HasError() {
		return
	}
	employees, err := d.client.Employees(ctx)
	if err != nil {
		addAPIError(&resp.Diagnostics, "Cannot read the employees", err)
		return
	}
	asked, wanted := path.Root("email"), fmt.Sprintf("e-mail address %q", config.Email.ValueString())
	match := func(e everflow.Employee) bool { return strings.EqualFold(e.Email, config.Email.ValueString()) }
	if config.Email.IsNull() {
		asked, wanted = path.Root("network_employee_id"), fmt.Sprintf("ID %d", config.NetworkEmployeeID.ValueInt64())
		match = func(e everflow.Employee) bool { return e.ID == config.NetworkEmployeeID.ValueInt64() }
	}
	employees = slices.DeleteFunc(employees, func(e everflow.Employee) bool { return !match(e) })
	switch len(employees) {
	case 1:
		config.fromAPI(employees[0])
		resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
	case 0:
		resp.Diagnostics.AddAttributeError(asked, "No such employee",
			fmt.Sprintf("The network has no employee with the %s. Employees are listed in Everflow under Control Center, Users.", wanted))
	default:
		var candidates []string
		for _, employee := range employees {
			candidates = append(candidates, fmt.Sprintf("%d (%q, status %q)", employee.ID, employee.FullName, employee.AccountStatus))
		}
		resp.Diagnostics.AddAttributeError(asked, "More than one such employee",
			fmt.Sprintf("These employees have the %s: %s. Give network_employee_id instead.", wanted, strings.Join(candidates, ", ")))
	}
}
