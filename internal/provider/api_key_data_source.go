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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var _ datasource.DataSourceWithConfigValidators = (*apiKeyDataSource)(nil)

type apiKeyDataSource struct{ dataSourceData }

func newAPIKeyDataSource() datasource.DataSource { return &apiKeyDataSource{} }

func (d *apiKeyDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_key"
}

// foundKeyAttributes are the attributes of a key that a data source returns.
// None of them is the secret: Everflow does not have it.
func foundKeyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                  schema.StringAttribute{MarkdownDescription: "Everflow's ID of the key.", Computed: true},
		"network_id":          schema.Int64Attribute{MarkdownDescription: "The ID of the network that the key belongs to.", Computed: true},
		"name":                schema.StringAttribute{MarkdownDescription: "The key's name.", Computed: true},
		"network_employee_id": schema.Int64Attribute{MarkdownDescription: "The ID of the employee that the key belongs to.", Computed: true},
		"permissions":         schema.SetAttribute{MarkdownDescription: "The identifiers of the key's permissions; null if it has all of them.", Computed: true, ElementType: types.StringType},
		"all_permissions":     schema.BoolAttribute{MarkdownDescription: "Whether the key has every permission.", Computed: true},
		"status":              schema.StringAttribute{MarkdownDescription: "`active` or `revoked`.", Computed: true},
		"created_at":          schema.StringAttribute{MarkdownDescription: "When the key was created (RFC 3339, UTC).", Computed: true},
		"updated_at":          schema.StringAttribute{MarkdownDescription: "When the key was last changed (RFC 3339, UTC).", Computed: true},
		"last_used_at":        schema.StringAttribute{MarkdownDescription: "When the key was last used (RFC 3339, UTC); null if never.", Computed: true},
		"revoked_at":          schema.StringAttribute{MarkdownDescription: "When the key was revoked (RFC 3339, UTC); null if it is not.", Computed: true},
	}
}

// foundKeyModel is a key as a data source returns it.
type foundKeyModel struct {
	ID                types.String `tfsdk:"id"`
	NetworkID         types.Int64  `tfsdk:"network_id"`
	Name              types.String `tfsdk:"name"`
	NetworkEmployeeID types.Int64  `tfsdk:"network_employee_id"`
	Permissions       types.Set    `tfsdk:"permissions"`
	AllPermissions    types.Bool   `tfsdk:"all_permissions"`
	Status            types.String `tfsdk:"status"`
	CreatedAt         types.String `tfsdk:"created_at"`
	UpdatedAt         types.String `tfsdk:"updated_at"`
	LastUsedAt        types.String `tfsdk:"last_used_at"`
	RevokedAt         types.String `tfsdk:"revoked_at"`
}

func foundKey(key everflow.APIKey) foundKeyModel {
	var m apiKeyModel
	m.fromAPI(key)
	return foundKeyModel{
		ID: m.ID, NetworkID: m.NetworkID, Name: m.Name, NetworkEmployeeID: m.NetworkEmployeeID,
		Permissions: m.Permissions, AllPermissions: m.AllPermissions, Status: m.Status,
		CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, LastUsedAt: timeValue(key.LastUsedAt), RevokedAt: timeValue(key.RevokedAt),
	}
}

func (d *apiKeyDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := foundKeyAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "Everflow's ID of the key. Exactly one of this and `name` is given. By ID, revoked keys are found too.",
		Optional:            true,
		Computed:            true,
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "The key's name, exactly. By name, only active keys are found; more than one is an error that lists them.",
		Optional:            true,
		Computed:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An API key of the network, found by ID or by name. The secret is not among what is known of it: Everflow keeps only a hash.",
		Attributes:          attributes,
	}
}

func (d *apiKeyDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
	}
}

func (d *apiKeyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config foundKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !d.requireClient(&resp.Diagnostics, "Cannot read the API key") {
		return
	}
	if !config.ID.IsNull() {
		d.readByID(ctx, config.ID.ValueString(), resp)
		return
	}
	d.readByName(ctx, config.Name.ValueString(), resp)
}

func (d *apiKeyDataSource) readByID(ctx context.Context, text string, resp *datasource.ReadResponse) {
	id, ok := apiKeyID(text)
	if !ok {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "Unusable API key ID",
			fmt.Sprintf("%q is not Everflow's ID of an API key, a whole number above 0.", text))
		return
	}
	proof, err := d.client.ProveAPIKey(ctx, everflow.APIKeyIdentity{ID: id})
	switch {
	case err != nil:
		addKeyError(&resp.Diagnostics, fmt.Sprintf("API key %d", id), fmt.Sprintf("Cannot read API key %d", id), err)
	case proof.State == everflow.APIKeyGone:
		resp.Diagnostics.AddAttributeError(path.Root("id"), "No such API key",
			fmt.Sprintf("The network has no API key with the ID %d. The data source everflow_api_keys lists those it has.", id))
	default:
		d.keys.warnOfRead(proof, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, foundKey(proof.Key))...)
	}
}

func (d *apiKeyDataSource) readByName(ctx context.Context, name string, resp *datasource.ReadResponse) {
	keys, err := d.client.APIKeys(ctx, everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: name})
	if err != nil {
		addAPIError(&resp.Diagnostics, fmt.Sprintf("Cannot look for the API key %q", name), err)
		return
	}
	keys = slices.DeleteFunc(keys, func(key everflow.APIKey) bool { return key.Name != name })
	switch len(keys) {
	case 1:
		resp.Diagnostics.Append(resp.State.Set(ctx, foundKey(keys[0]))...)
	case 0:
		resp.Diagnostics.AddAttributeError(path.Root("name"), "No such API key",
			fmt.Sprintf("The network has no active API key named %q. The data source everflow_api_keys lists those it has.", name))
	default:
		var candidates []string
		for _, key := range keys {
			candidates = append(candidates, fmt.Sprintf("%d (employee %d)", key.ID, key.EmployeeID))
		}
		resp.Diagnostics.AddAttributeError(path.Root("name"), "More than one such API key",
			fmt.Sprintf("These active keys are named %q: %s. Give the id instead.", name, strings.Join(candidates, ", ")))
	}
}
