package provider_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// vault stands in for the providers that take a secret as a write-only argument:
// it has just those of their resources, with those of their arguments, that the
// documentation shows. What is written is kept in memory for the test to see.
type vault struct {
	// typeName is "vault" or "aws".
	typeName string

	mu sync.Mutex
	// written holds the texts that were written to each place, in order.
	written map[string][]string
	// fails, if set, makes the next write an error.
	fails bool
}

func newVault(typeName string) *vault {
	return &vault{typeName: typeName, written: map[string][]string{}}
}

// last returns what a place holds now.
func (v *vault) last(place string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if all := v.written[place]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

func (v *vault) writes(place string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.written[place])
}

func (v *vault) failOnce() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fails = true
}

func (v *vault) factory() (tfprotov6.ProviderServer, error) {
	return providerserver.NewProtocol6WithError(v)()
}

func (v *vault) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = v.typeName
}

func (v *vault) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (v *vault) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (v *vault) DataSources(context.Context) []func() datasource.DataSource { return nil }

// vaultKind is a resource of the real providers, with its own names.
type vaultKind struct {
	suffix string
	// place is the argument that says where a secret is kept; others are further
	// required arguments, of no meaning here.
	place  string
	others []string
	// secret is the write-only argument, version the one that makes it written.
	// A kind without them holds no secret.
	secret, version string
	// stored is the computed attribute that changes with each write, if any;
	// replaces says that a new version is a new resource.
	stored   string
	replaces bool
	// result is where the ephemeral resource of the kind gives the secret; after
	// is an argument of it that only says what must be there first.
	result, after string
}

var kinds = map[string][]vaultKind{
	"vault": {{
		suffix: "_kv_secret_v2", place: "name", others: []string{"mount"},
		secret: "data_json_wo", version: "data_json_wo_version", result: "data_json", after: "mount_id",
	}},
	"aws": {
		{suffix: "_secretsmanager_secret", place: "name"},
		{
			suffix: "_secretsmanager_secret_version", place: "secret_id",
			secret: "secret_string_wo", version: "secret_string_wo_version", stored: "version_id", replaces: true,
			result: "secret_string", after: "version_id",
		},
	},
}

func (v *vault) Resources(context.Context) (all []func() resource.Resource) {
	for _, kind := range kinds[v.typeName] {
		all = append(all, func() resource.Resource { return &vaultResource{vault: v, vaultKind: kind} })
	}
	return all
}

func (v *vault) EphemeralResources(context.Context) (all []func() ephemeral.EphemeralResource) {
	for _, kind := range kinds[v.typeName] {
		if kind.secret != "" {
			all = append(all, func() ephemeral.EphemeralResource { return &vaultEphemeral{vault: v, vaultKind: kind} })
		}
	}
	return all
}

type vaultResource struct {
	*vault
	vaultKind
}

func (r *vaultResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.suffix
}

func (r *vaultResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":    schema.StringAttribute{Computed: true, PlanModifiers: kept},
		r.place: schema.StringAttribute{Required: true},
	}}
	for _, name := range r.others {
		resp.Schema.Attributes[name] = schema.StringAttribute{Required: true}
	}
	if r.secret == "" {
		return
	}
	version := schema.Int64Attribute{Optional: true}
	if r.replaces {
		version.PlanModifiers = []planmodifier.Int64{int64planmodifier.RequiresReplace()}
	}
	resp.Schema.Attributes[r.version] = version
	resp.Schema.Attributes[r.secret] = schema.StringAttribute{Optional: true, WriteOnly: true}
	if r.stored != "" {
		resp.Schema.Attributes[r.stored] = schema.StringAttribute{Computed: true, PlanModifiers: kept}
	}
}

// ConfigValidators: the real providers want the secret wherever its version is.
func (r *vaultResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	if r.secret == "" {
		return nil
	}
	return []resource.ConfigValidator{resourcevalidator.RequiredTogether(path.MatchRoot(r.secret), path.MatchRoot(r.version))}
}

// write keeps the secret, and refuses an empty one, as the real providers do.
func (r *vaultResource) write(ctx context.Context, config tfsdk.Config) error {
	var place, secret types.String
	config.GetAttribute(ctx, path.Root(r.place), &place)
	config.GetAttribute(ctx, path.Root(r.secret), &secret)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.fails:
		r.fails = false
		return errors.New("the vault is sealed")
	case secret.ValueString() == "":
		return errors.New("there is nothing to store")
	}
	r.written[place.ValueString()] = append(r.written[place.ValueString()], secret.ValueString())
	return nil
}

func (r *vaultResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if r.secret != "" {
		if err := r.write(ctx, req.Config); err != nil {
			resp.Diagnostics.AddError("Nothing was written", err.Error())
			return
		}
	}
	var place types.String
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(r.place), &place)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), place)...)
	if r.stored != "" {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(r.stored), strconv.Itoa(r.writes(place.ValueString())))...)
	}
}

func (r *vaultResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var before, after types.Int64
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(r.version), &before)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(r.version), &after)...)
	if !before.Equal(after) {
		if err := r.write(ctx, req.Config); err != nil {
			resp.Diagnostics.AddError("Nothing was written", err.Error())
			return
		}
	}
	resp.State.Raw = req.Plan.Raw
}

func (r *vaultResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (r *vaultResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type vaultEphemeral struct {
	*vault
	vaultKind
}

func (e *vaultEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + e.suffix
}

func (e *vaultEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		e.place:  ephemeralschema.StringAttribute{Required: true},
		e.result: ephemeralschema.StringAttribute{Computed: true, Sensitive: true},
		e.after:  ephemeralschema.StringAttribute{Optional: true},
	}}
	for _, name := range e.others {
		resp.Schema.Attributes[name] = ephemeralschema.StringAttribute{Required: true}
	}
}

func (e *vaultEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var place types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(e.place), &place)...)
	resp.Result.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.Result.SetAttribute(ctx, path.Root(e.result), e.last(place.ValueString()))...)
}

// serve lets a CLI of the workspace use the vault as a second provider.
func (v *vault) serve(w *workspace) {
	w.t.Helper()
	w.beside = fmt.Sprintf("    %[1]s = {\n      source = \"hashicorp/%[1]s\"\n    }\n", v.typeName)
	w.env = append(w.env, reattached(w.t, map[string]func() (tfprotov6.ProviderServer, error){v.typeName: v.factory}))
}

// registry is where the CLI looks for a provider whose source names no host.
func registry() string { return cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io") }

// reattached serves providers until the test ends, and is the setting of the
// environment that lets a CLI find them.
func reattached(t *testing.T, all map[string]func() (tfprotov6.ProviderServer, error)) string {
	t.Helper()
	addresses := map[string]any{}
	for typeName, factory := range all {
		owner := "hashicorp"
		if typeName == "everflow" {
			owner = "everflow-community"
		}
		source := registry() + "/" + owner + "/" + typeName
		config := served(t, source, factory)
		addresses[source] = map[string]any{
			"Protocol": string(config.Protocol), "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
	}
	setting, err := json.Marshal(addresses)
	if err != nil {
		t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(setting)
}

func served(t *testing.T, source string, factory func() (tfprotov6.ProviderServer, error)) *plugin.ReattachConfig {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reattach, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	go func() {
		server, err := factory()
		if err == nil {
			err = tf6server.Serve(source, func() tfprotov6.ProviderServer { return server }, tf6server.WithDebug(ctx, reattach, closed), tf6server.WithLoggingSink(t), tf6server.WithoutLogStderrOverride(), tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
		}
		if err != nil {
			t.Error(err)
		}
	}()
	config := <-reattach
	t.Cleanup(func() { stop(); <-closed })
	return config
}
