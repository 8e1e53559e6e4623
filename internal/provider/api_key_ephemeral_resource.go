package provider

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
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
const (
	defaultTTL  = time.Hour
	shortestTTL = time.Minute
	longestTTL  = 24 * time.Hour
)

func (e *apiKeyEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Creates an API key for the length of a run, and revokes it at the end. The key is in no state and no plan file.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The key's name. Everflow shows it with an expiry time and a mark added.",
				Required:            true,
				Validators:          []validator.String{notBlank{}, noOuterBlanks{}},
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
				Validators:          []validator.Set{setvalidator.ValueStringsAre(permissionText{})},
			},
			"all_permissions": schema.BoolAttribute{
				MarkdownDescription: "Whether the key has every permission. Default: `false`.",
				Optional:            true,
			},
			"ttl": schema.StringAttribute{
				MarkdownDescription: "How long other runs leave the key alone if this run is killed, from `1m` to `24h`. Default: `1h`.",
				Optional:            true,
				Validators:          []validator.String{durationValidator{least: shortestTTL, most: longestTTL}},
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

// shortLived is what Renew and Close need to know of a key: no secret is in it.
type shortLived struct {
	ID       int64                   `json:"id"`
	Network  int64                   `json:"network_id"`
	Name     string                  `json:"name"` // without the end that Open adds
	Mark     string                  `json:"mark"`
	Settings everflow.APIKeySettings `json:"settings"`
	TTL      time.Duration           `json:"ttl"`
}

func (k shortLived) identity() everflow.APIKeyIdentity {
	return everflow.APIKeyIdentity{ID: k.ID, NetworkID: k.Network}
}

const shortLivedKey = "key"

// The end of a short-lived key's name: the time until which the key is meant to be
// used, and a mark that no other key has. By that a create in doubt finds its own
// key and no other run's.
var shortLivedEnd = regexp.MustCompile(`^ \(Terraform, short-lived, until ([0-9TZ:-]+), [0-9a-f]{12}\)$`)

const shortLivedEndStart = " (Terraform, short-lived, until "

func newMark() string {
	mark := make([]byte, 6)
	_, _ = rand.Read(mark) // never fails
	return hex.EncodeToString(mark)
}

// nameUntil is the key's name in Everflow.
func (k shortLived) nameUntil(until time.Time) string {
	return fmt.Sprintf("%s%s%s, %s)", k.Name, shortLivedEndStart, until.UTC().Format(time.RFC3339), k.Mark)
}

// shortLivedUntil reads the time in the name of a short-lived key whose name was given as name.
func shortLivedUntil(found, name string) (until time.Time, ok bool) {
	end, isNamesake := strings.CutPrefix(strings.TrimSpace(found), strings.TrimSpace(name))
	parts := shortLivedEnd.FindStringSubmatch(end)
	if !isNamesake || parts == nil {
		return time.Time{}, false
	}
	until, err := time.Parse(time.RFC3339, parts[1])
	return until, err == nil
}

// renewAfter starts a renewal early enough for another try before the time is over.
func (k shortLived) renewAfter() time.Duration { return k.TTL / 3 }

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
		e.addNotOpened(ctx, key, err, &resp.Diagnostics)
		return
	}
	key.ID, key.Network = created.ID, created.NetworkID
	e.keys.shortLived.add(key.ID, e.client)
	if created.Name != key.Settings.Name {
		resp.Diagnostics.AddWarning(fmt.Sprintf("Everflow stored the name of the short-lived API key %d otherwise than asked", key.ID),
			fmt.Sprintf("Its name is %q, not %q. The key works, and is revoked when Terraform closes it. If Terraform is killed before that, no later run finds the key by its name: "+
				"revoke it then in Everflow under Control Center, Security, API Keys.", created.Name, key.Settings.Name))
	}
	m.ID, m.Key = types.StringValue(strconv.FormatInt(created.ID, 10)), types.StringValue(created.Secret.Reveal())
	kept, err := json.Marshal(key)
	if err != nil {
		resp.Diagnostics.AddError("Unexpected private data", sentence(err))
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, shortLivedKey, kept)...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
	resp.RenewAt = time.Now().Add(key.renewAfter()) // Terraform's own clock measures the wait
	if resp.Diagnostics.HasError() {
		e.revoke(ctx, key, &resp.Diagnostics) // Terraform closes nothing that did not open
	}
}

// revokeLeftOver ends what killed runs left behind. A failure to do so is no
// reason not to go on: the next run tries again.
func (e *apiKeyEphemeralResource) revokeLeftOver(ctx context.Context, name string, employee int64, diags *diag.Diagnostics) {
	live, err := e.client.Client.APIKeys(ctx, everflow.APIKeyFilter{Status: everflow.StatusActive, EmployeeID: employee, NameContains: strings.TrimSpace(name) + shortLivedEndStart})
	if err != nil {
		diags.AddWarning("Left-over short-lived API keys were not looked for", sentence(err)+mismatchOf(err))
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
			diags.AddWarning(fmt.Sprintf("The left-over short-lived API key %d is still live", key.ID),
				fmt.Sprintf("%q is past its time, which means that the run that created it was killed. %s The next run tries again.", key.Name, sentence(err)))
		}
	}
}

// addNotOpened says how a create failed. A key that it may have made is revoked,
// if it is known, or is past its time before long.
func (e *apiKeyEphemeralResource) addNotOpened(ctx context.Context, key shortLived, err error, diags *diag.Diagnostics) {
	doubt, ok := errors.AsType[*everflow.CreateInDoubtError](err)
	if !ok {
		addAPIError(diags, fmt.Sprintf("The short-lived API key %q was not created", key.Name), err)
		return
	}
	next := fmt.Sprintf("If one was made, it is named %q: the first run after that time revokes it.", key.Settings.Name)
	if doubt.Key != nil {
		key.ID, key.Network = doubt.Key.ID, doubt.Key.NetworkID
		if e.revoke(ctx, key, diags); !diags.HasError() {
			next = "It was revoked at once. Run Terraform again."
		}
	}
	diags.AddError(fmt.Sprintf("Creating the short-lived API key %q ended in doubt", key.Name), sentence(doubt)+"\n\n"+next+mismatchOf(doubt))
}

func (e *apiKeyEphemeralResource) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	key, ok := keptKey(ctx, req.Private, &resp.Diagnostics)
	if !ok || !e.requireClient(&resp.Diagnostics, "Cannot renew a short-lived API key") {
		return
	}
	resp.RenewAt = time.Now().Add(key.renewAfter())
	key.Settings.Name = key.nameUntil(e.clocks.latest(ctx).Add(key.TTL))
	if _, err := e.client.UpdateAPIKey(ctx, key.identity(), key.Settings); err != nil {
		resp.Diagnostics.AddWarning(fmt.Sprintf("The time of the short-lived API key %d was not renewed", key.ID),
			fmt.Sprintf("%s It works on, but another run that opens a key named %q may revoke it once its time is over.", sentence(err), key.Name))
	}
}

func (e *apiKeyEphemeralResource) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	if hasNoKey(ctx, req.Private) {
		return
	}
	key, ok := keptKey(ctx, req.Private, &resp.Diagnostics)
	if ok && e.requireClient(&resp.Diagnostics, "Cannot revoke a short-lived API key") {
		e.revoke(ctx, key, &resp.Diagnostics)
	}
}

// closeFor bounds the revocation of a key that is no longer needed, which goes on
// when the run is cancelled: this is where a cancelled run ends.
const closeFor = 60 * time.Second

func (e *apiKeyEphemeralResource) revoke(ctx context.Context, key shortLived, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeFor)
	defer cancel()
	_, err := e.client.RevokeAPIKey(ctx, key.identity())
	if err == nil {
		e.keys.shortLived.remove(key.ID)
		return
	}
	addNotRevoked(diags, fmt.Sprintf("the short-lived API key %d (%q)", key.ID, key.Settings.Name),
		fmt.Errorf("%w. The first run after the time in its name revokes it; or revoke it %s", err, whereKeysAre))
}

// keptKey reads what Open kept.
func keptKey(ctx context.Context, private privateState, diags *diag.Diagnostics) (key shortLived, ok bool) {
	kept, more := private.GetKey(ctx, shortLivedKey)
	diags.Append(more...)
	if err := json.Unmarshal(kept, &key); err != nil || key.ID == 0 {
		diags.AddError("Unreadable private data of a short-lived API key", "Terraform did not hand back what was kept of it. This is a bug: please report it.")
		return shortLived{}, false
	}
	return key, !diags.HasError()
}
