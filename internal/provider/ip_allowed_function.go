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
		Summary: "Whether a whitelist admits an address",
		MarkdownDescription: "Returns whether Everflow, with this API whitelist, accepts API calls from the address: true if an entry holds it, and true for the empty list, which admits every address. " +
			"Given a CIDR range, all of it must be admitted.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name:                "ip_addresses",
				MarkdownDescription: "The entries of the whitelist: addresses and CIDR ranges.",
				ElementType:         types.StringType,
			},
			function.StringParameter{
				Name:                "ip",
				MarkdownDescription: "The IPv4 or IPv6 address, or CIDR range, to ask for.",
			},
		},
		Return: function.BoolReturn{},
	}
}

func (ipAllowedFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var texts []string
	var ip string
	if resp.Error = req.Arguments.Get(ctx, &texts, &ip); resp.Error != nil {
		return
	}
	asked, err := whitelist.ParseEntry(ip)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, sentence(err))
		return
	}
	// The list may be one that Everflow answered: what cannot be read admits nothing.
	resp.Error = resp.Result.Set(ctx, whitelist.ReadList(texts).Admits(asked))
}
