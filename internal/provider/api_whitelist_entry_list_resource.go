package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

var _ list.ListResourceWithConfigure = (*apiWhitelistEntryListResource)(nil)

type apiWhitelistEntryListResource struct{ resourceData }

func newAPIWhitelistEntryListResource() list.ListResource { return &apiWhitelistEntryListResource{} }

func (l *apiWhitelistEntryListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_whitelist_entry"
}

func (l *apiWhitelistEntryListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the entries of the network's API whitelist, to import them one by one, for `terraform query` (Terraform 1.14 or newer).",
	}
}

func (l *apiWhitelistEntryListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	const failed = "Cannot list the entries of the API whitelist"
	var diags diag.Diagnostics
	diags.Append(l.requireClient(failed)...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	live, err := l.whitelist.manager.Read(ctx)
	if err != nil {
		addAPIError(&diags, failed, err)
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		pushed := int64(0)
		for _, entry := range live.List.Canonical().Entries() {
			if !entry.IsReadable() {
				continue // no configuration could have it
			}
			if req.Limit > 0 && pushed >= req.Limit || !push(entryResult(ctx, req, entry, live)) {
				return
			}
			pushed++
		}
	}
}

// entryResult is an entry as an import would have it.
func entryResult(ctx context.Context, req list.ListRequest, entry whitelist.Entry, live whitelist.Live) list.ListResult {
	result := req.NewListResult(ctx)
	imported := apiWhitelistEntryModel{IPAddress: types.StringValue(entry.Text()), AllowLockout: types.BoolValue(false)}
	imported.fromAPI(live)
	result.DisplayName = entry.Text()
	result.Diagnostics.Append(setIdentity(ctx, result.Identity, imported.ID)...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, imported)...)
	}
	return result
}
