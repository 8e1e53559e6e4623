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
		MarkdownDescription: "Lists the API keys of the network that every given filter takes, for `terraform query` (Terraform 1.14 and later), to be imported as keys that are renewed on a schedule. " +
			"The list resource `everflow_api_key` lists the same keys, to be imported as they are: import each key as one of the two.\n\n" +
			"The configuration that `terraform query -generate-config-out=keys.tf` writes proposes a `rotate_after` under which no listed key is due yet: " +
			"`2160h` (90 days), doubled until it is longer than the key's age. Applied as it stands, it imports the keys and changes nothing. " +
			"A shorter `rotate_after` renews a key that is older than that with the next apply; the plan says so.",
		Attributes: keyListFilters(),
	}
}

func (l *rotatingAPIKeyListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	l.list(ctx, req, stream, func(key everflow.APIKey) any {
		return adoptedKey(importedKey(key), l.clocks.latest(ctx))
	})
}
