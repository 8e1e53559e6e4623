package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

type ipAllowedFunction struct{}

func newIPAllowedFunction() function.Function { return ipAllowedFunction{} }

func (ipAllowedFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "ip_allowed"
}

func (ipAllowedFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Whether a whitelist lets an address in",
		MarkdownDescription: "Returns whether Everflow, with this API whitelist, accepts API calls from the address: true if an entry holds it, and true for the empty list, which lets every address in. " +
			"Given a CIDR range, all of it must be let in.",
		Parameters: []function.Parameter{
			function.SetParameter{
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
	var entries []string
	var ip string
	if resp.Error = req.Arguments.Get(ctx, &entries, &ip); resp.Error != nil {
		return
	}
	asked, err := everflow.ParseAddress(ip)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("%q %s.", ip, err))
		return
	}
	set := everflow.NewAddressSet(entries)
	if len(set.Unreadable) > 0 {
		_, err = everflow.ParseAddress(set.Unreadable[0])
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%q %s.", set.Unreadable[0], err))
		return
	}
	resp.Error = resp.Result.Set(ctx, len(entries) == 0 || set.Contains(asked))
}
