package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

var _ list.ListResourceWithConfigure = (*rotatingAPIKeyListResource)(nil)

// rotatingAPIKeyListResource lists the same keys, as the resource that renews them.
type rotatingAPIKeyListResource struct{ apiKeyListResource }

func newRotatingAPIKeyListResource() list.ListResource { return &rotatingAPIKeyListResource{} }

func (l *rotatingAPIKeyListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_rotating_api_key"
}

func (l *rotatingAPIKeyListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the API keys of the network that match every given filter, to import them as `everflow_rotating_api_key`, for `terraform query` (Terraform 1.14 or newer).",
		Attributes:          keyListFilters(),
	}
}

func (l *rotatingAPIKeyListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	l.list(ctx, req, stream, func(key everflow.APIKey) any {
		return adoptedKey(importedKey(key), l.clocks.latest(ctx))
	})
}
