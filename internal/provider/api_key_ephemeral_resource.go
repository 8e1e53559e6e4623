package provider

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var (
	_ ephemeral.EphemeralResourceWithClose          = (*apiKeyEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithRenew          = (*apiKeyEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*apiKeyEphemeralResource)(nil)
)

type apiKeyEphemeralResource struct{ ephemeralData }

func newAPIKeyEphemeralResource() ephemeral.EphemeralResource { return &apiKeyEphemeralResource{} }

func (e *apiKeyEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_key"
}

// defaultTTL outlasts the gap between two renewals of a run that is held up.
const defaultTTL = time.Hour

func (e *apiKeyEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Creates an API key for the length of a run, and revokes it at the end. The key is in no state and no plan file.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The key's name. The provider adds an expiry time and a mark to it in Everflow.",
				Required:            true,
				Validators:          []validator.String{notBlank, noOuterBlanks},
			},
			"network_employee_id": schema.Int64Attribute{
				MarkdownDescription: "The ID of the employee that the key belongs to.",
				Required:            true,
				CustomType:          idType{},
			},
			"permissions": schema.SetAttribute{
				MarkdownDescription: "The identifiers of the key's permissions, such as those of the data source `everflow_role`. Exactly one of `permissions` and `all_permissions = true` is required.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(permissionText{notBlank})},
			},
			"all_permissions": schema.BoolAttribute{
				MarkdownDescription: "Whether the key has every permission. Default: `false`.",
				Optional:            true,
			},
			"ttl": schema.StringAttribute{
				MarkdownDescription: "How long the key stays live if this run is killed before it revokes it, from `1m` to `24h`. A later run revokes it then. Default: `1h`.",
				Optional:            true,
				Validators:          []validator.String{ttlDuration.validator()},
			},
			"applying": schema.BoolAttribute{
				MarkdownDescription: "Set this to `terraform.applying`, with OpenTofu to `tofu.applying`: while it is `false`, no key is created. " +
					"Without it, plans create a key, too.",
				Optional: true,
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "Everflow's ID of the key. Null while `applying` is `false`.",
				Computed:            true,
			},
			"key": schema.StringAttribute{
				MarkdownDescription: "The secret. While `applying` is `false`, a placeholder that this provider accepts as its `api_key`.",
				Computed:            true,
				Sensitive:           true,
			},
		},
	}
}

type apiKeyEphemeralModel struct {
	Name              types.String `tfsdk:"name"`
	NetworkEmployeeID types.Int64  `tfsdk:"network_employee_id"`
	Permissions       types.Set    `tfsdk:"permissions"`
	AllPermissions    types.Bool   `tfsdk:"all_permissions"`
	TTL               types.String `tfsdk:"ttl"`
	Applying          types.Bool   `tfsdk:"applying"`
	ID                types.String `tfsdk:"id"`
	Key               types.String `tfsdk:"key"`
}

func (m apiKeyEphemeralModel) ttl() time.Duration {
	if ttl, err := time.ParseDuration(m.TTL.ValueString()); err == nil {
		return ttl
	}
	return defaultTTL
}

func (e *apiKeyEphemeralResource) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var config apiKeyEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validatePermissions(config.Permissions, config.AllPermissions, &resp.Diagnostics)
	if hasNoPermissions(apiKeyFields{Permissions: config.Permissions, AllPermissions: config.AllPermissions}) && !config.Permissions.IsNull() {
		addNoPermissions(&resp.Diagnostics)
	}
}

func (e *apiKeyEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m apiKeyEphemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if e.isPlannedOnly(m) {
		openWithoutKey(ctx, m, resp)
		return
	}
	e.revokeLeftOver(ctx, m.Name.ValueString(), m.NetworkEmployeeID.ValueInt64(), &resp.Diagnostics)
	key := shortLived{Name: m.Name.ValueString(), Mark: newMark(), TTL: m.ttl()}
	key.Settings = everflow.APIKeySettings{Name: key.nameUntil(e.clocks.latest(ctx).Add(key.TTL)), Permissions: stringsOf(m.Permissions), AllPermissions: m.AllPermissions.ValueBool()}
	created, err := e.client.CreateAPIKey(ctx, m.NetworkEmployeeID.ValueInt64(), key.Settings)
	if err != nil {
		e.createFailed(ctx, key, err, &resp.Diagnostics)
		return
	}
	key.ID, key.Network = created.ID, created.NetworkID
	e.keys.shortLived.add(key.ID, e.client)
	if created.Name != key.Settings.Name {
		warnOfShortLivedNameStoredOtherwise(&resp.Diagnostics, key, created.Name)
	}
	m.ID, m.Key = types.StringValue(strconv.FormatInt(created.ID, 10)), types.StringValue(created.Secret.Reveal())
	resp.Diagnostics.Append(key.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
	resp.RenewAt = time.Now().Add(key.renewAfter()) // Terraform compares it with the machine's clock
	if resp.Diagnostics.HasError() {
		e.revoke(ctx, key, &resp.Diagnostics) // Terraform does not call Close after an Open that failed
	}
}

// revokeLeftOver revokes the keys of this name that killed runs left behind. A failure
// is a warning only: the next run tries again.
func (e *apiKeyEphemeralResource) revokeLeftOver(ctx context.Context, name string, employee int64, diags *diag.Diagnostics) {
	live, err := e.client.Client.APIKeys(ctx, everflow.APIKeyFilter{Status: everflow.StatusActive, EmployeeID: employee, NameContains: strings.TrimSpace(name) + shortLivedEndStart})
	if err != nil {
		warnOfLeftOverNotListed(diags, err)
		return
	}
	now, clockErr := e.clocks.agreed(ctx)
	for _, key := range live {
		until, ok := shortLivedUntil(key.Name, name)
		if !ok || e.keys.shortLived.has(key.ID) {
			continue
		}
		if clockErr != nil {
			e.keys.warnOfUnknownAges(clockErr, diags)
			return
		}
		if !until.Before(now) {
			continue
		}
		if _, err := e.client.RevokeAPIKey(ctx, key.Identity()); err != nil {
			warnOfLeftOverNotRevoked(diags, key, err)
		}
	}
}

// createFailed adds the error of a create. A key that it made without an answer is
// revoked, if its ID is known.
func (e *apiKeyEphemeralResource) createFailed(ctx context.Context, key shortLived, err error, diags *diag.Diagnostics) {
	doubt, isDoubt := errors.AsType[*everflow.CreateInDoubtError](err)
	if !isDoubt {
		addShortLivedNotCreated(diags, key, err)
		return
	}
	isRevoked := false
	if doubt.Key != nil {
		key.ID, key.Network = doubt.Key.ID, doubt.Key.NetworkID
		isRevoked = e.revoke(ctx, key, diags)
	}
	if isRevoked {
		addShortLivedInDoubtRevoked(diags, key, doubt)
	} else {
		addShortLivedInDoubt(diags, key, doubt)
	}
}

func (e *apiKeyEphemeralResource) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	key, ok := shortLivedFrom(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(e.requireClient("Cannot renew a short-lived API key")...)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	resp.RenewAt = time.Now().Add(key.renewAfter())
	key.Settings.Name = key.nameUntil(e.clocks.latest(ctx).Add(key.TTL))
	if _, err := e.client.UpdateAPIKey(ctx, key.identity(), key.Settings); err != nil {
		warnOfShortLivedNotRenewed(&resp.Diagnostics, key, err)
	}
}

func (e *apiKeyEphemeralResource) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	if hasNoKey(ctx, req.Private) {
		return
	}
	key, ok := shortLivedFrom(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(e.requireClient("Cannot revoke a short-lived API key")...)
	if ok && !resp.Diagnostics.HasError() {
		e.revoke(ctx, key, &resp.Diagnostics)
	}
}

// closeFor bounds the revocation of a key, which goes on when the run is cancelled:
// Close is the last call of a cancelled run.
const closeFor = 60 * time.Second

// revoke reports whether the key is proved to be revoked; if not, it adds an error.
func (e *apiKeyEphemeralResource) revoke(ctx context.Context, key shortLived, diags *diag.Diagnostics) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeFor)
	defer cancel()
	if _, err := e.client.RevokeAPIKey(ctx, key.identity()); err != nil {
		addShortLivedNotRevoked(diags, key, err)
		return false
	}
	e.keys.shortLived.remove(key.ID)
	return true
}
