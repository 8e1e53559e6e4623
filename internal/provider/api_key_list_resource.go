package provider

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var _ list.ListResourceWithConfigure = (*apiKeyListResource)(nil)

type apiKeyListResource struct{ resourceData }

func newAPIKeyListResource() list.ListResource { return &apiKeyListResource{} }

// Metadata has the name of the resource that the keys are imported to.
func (l *apiKeyListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_key"
}

func (l *apiKeyListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the API keys of the network that match every given filter, for `terraform query` (Terraform 1.14 or newer).",
		Attributes:          keyListFilters(),
	}
}

func keyListFilters() map[string]schema.Attribute {
	attributes := listFilters()
	attributes["status"] = schema.StringAttribute{
		MarkdownDescription: "Only keys of this status: `active` (default) or `revoked`. A revoked key cannot be imported.",
		Optional:            true,
		Validators:          statusFilter.Validators,
	}
	return attributes
}

func (l *apiKeyListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	l.list(ctx, req, stream, func(key everflow.APIKey) any { return importedKey(key) })
}

// list gives each key as the resource that it would be imported to.
func (l *apiKeyListResource) list(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream, imported func(everflow.APIKey) any) {
	keys, diags := l.find(ctx, req)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for _, key := range keys {
			if !push(listResult(ctx, req, key, imported(key))) {
				return
			}
		}
	}
}

func (l *apiKeyListResource) find(ctx context.Context, req list.ListRequest) (keys []everflow.APIKey, diags diag.Diagnostics) {
	const failed = "Cannot list the API keys"
	var config apiKeyFilterModel
	diags.Append(req.Config.Get(ctx, &config)...)
	diags.Append(l.requireClient(failed)...)
	if diags.HasError() {
		return nil, diags
	}
	if !req.Config.Raw.IsFullyKnown() {
		diags.AddError(failed+": a filter is not known yet",
			"A value in the list block depends on something that is known only after an apply. A filter that is left out for it would list other keys than were asked for.")
		return nil, diags
	}
	filter := config.toAPI()
	filter.Status = cmp.Or(filter.Status, everflow.StatusActive)
	// The framework passes the limit on, and does not apply it:
	// https://github.com/hashicorp/terraform-plugin-framework/pull/1182
	filter.AtMost = req.Limit
	keys, err := l.client.Client.APIKeys(ctx, filter)
	if err != nil {
		addAPIError(&diags, failed, err)
	}
	return keys, diags
}

// listResult is a key as an import would have it.
func listResult(ctx context.Context, req list.ListRequest, key everflow.APIKey, imported any) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = displayName(key)
	result.Diagnostics.Append(setIdentity(ctx, result.Identity, importedKey(key).ID)...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, imported)...)
	}
	return result
}

// displayName is the key's name. Terraform shows the ID beside it, which tells keys
// of one name apart, and shows the name as it is given: quoted, one that is blank
// or holds line breaks cannot mislead.
func displayName(key everflow.APIKey) string {
	readable := key.Name == strings.TrimSpace(key.Name) && key.Name != "" && !strings.ContainsFunc(key.Name, isUnprintable)
	if readable {
		return key.Name
	}
	return strconv.Quote(key.Name)
}

func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }
