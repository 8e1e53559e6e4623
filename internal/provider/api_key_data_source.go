package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

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
		"id":                  computedString("Everflow's ID of the key."),
		"network_id":          computedInt64("The ID of the network that the key belongs to."),
		"name":                computedString("The key's name."),
		"network_employee_id": computedInt64("The ID of the employee that the key belongs to."),
		"permissions":         computedStringSet("The identifiers of the key's permissions; null if it has all of them."),
		"all_permissions":     computedBool("Whether the key has every permission."),
		"status":              computedString("`active` or `revoked`."),
		"created_at":          computedString("When the key was created (RFC 3339, UTC)."),
		"updated_at":          computedString("When the key was last changed (RFC 3339, UTC)."),
		"last_used_at":        computedString("When the key was last used (RFC 3339, UTC); null if never."),
		"revoked_at":          computedString("When the key was revoked (RFC 3339, UTC); null if it is not."),
	}
}

func (d *apiKeyDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := foundKeyAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "Everflow's ID of the key. Exactly one of `id` and `name` is required; a revoked key is found by its ID only.",
		Optional:            true,
		Computed:            true,
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "The exact name of an active key. It is an error if several keys have it.",
		Optional:            true,
		Computed:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds an API key of the network by ID or by name. Everflow does not give its secret.",
		Attributes:          attributes,
	}
}

func (d *apiKeyDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
	}
}

func (d *apiKeyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config foundAPIKeyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(d.requireClient("Cannot read the API key")...)
	if resp.Diagnostics.HasError() {
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
		addUnusableKeyID(&resp.Diagnostics, text)
		return
	}
	proof, err := d.client.ProveAPIKey(ctx, everflow.APIKeyIdentity{ID: id})
	switch {
	case err != nil:
		addKeyError(&resp.Diagnostics, fmt.Sprintf("API key %d", id), fmt.Sprintf("Cannot read API key %d", id), err)
	case proof.State == everflow.APIKeyGone:
		addNoKeyWithID(&resp.Diagnostics, id)
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
		addNoKeyNamed(&resp.Diagnostics, name)
	default:
		addSeveralKeysNamed(&resp.Diagnostics, name, keys)
	}
}
