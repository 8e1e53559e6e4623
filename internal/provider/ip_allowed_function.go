package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

type ipAllowedFunction struct{}

func newIPAllowedFunction() function.Function { return ipAllowedFunction{} }

func (ipAllowedFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "ip_allowed"
}

func (ipAllowedFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Whether a whitelist admits an address",
		MarkdownDescription: "Returns whether a network with this API whitelist accepts API calls from the address. An empty list accepts every address.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name:                "ip_addresses",
				MarkdownDescription: "The entries of the whitelist: addresses and CIDR ranges.",
				ElementType:         types.StringType,
			},
			function.StringParameter{
				Name:                "ip",
				MarkdownDescription: "The IPv4 or IPv6 address to check, or a CIDR range, all of which must be accepted.",
			},
		},
		Return: function.BoolReturn{},
	}
}

func (ipAllowedFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var elements []types.String
	var ip string
	resp.Error = req.Arguments.Get(ctx, &elements, &ip)
	if resp.Error != nil {
		return
	}
	texts, funcErr := listArgument(elements)
	if funcErr != nil {
		resp.Error = funcErr
		return
	}
	asked, err := whitelist.ParseEntry(ip)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, capitalised(err.Error()))
		return
	}
	// The list may be one that Everflow answered: what cannot be read admits nothing.
	resp.Error = resp.Result.Set(ctx, whitelist.ReadList(texts).Admits(asked))
}
