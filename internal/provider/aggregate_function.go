package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

type aggregateFunction struct{}

func newAggregateFunction() function.Function { return aggregateFunction{} }

func (aggregateFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "aggregate"
}

func (aggregateFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "The fewest CIDR ranges that hold exactly the given addresses",
		MarkdownDescription: "Returns the fewest CIDR ranges that hold exactly the given addresses, sorted, IPv4 first. The empty list gives the empty list.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name:                "ip_addresses",
				MarkdownDescription: "IPv4 and IPv6 addresses and CIDR ranges, in any order and spelling.",
				ElementType:         types.StringType,
			},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (aggregateFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var elements []types.String
	resp.Error = req.Arguments.Get(ctx, &elements)
	if resp.Error != nil {
		return
	}
	texts, err := listArgument(elements)
	if err != nil {
		resp.Error = err
		return
	}
	list, failed := whitelist.ParseList(texts)
	if len(failed) > 0 {
		resp.Error = function.NewArgumentFuncError(0, capitalised(failed[0].Error()))
		return
	}
	resp.Error = resp.Result.Set(ctx, list.Aggregate().Texts())
}

// listArgument returns the texts of a function's first argument. The framework calls a
// null in it an error of the provider. Terraform adds the period to a function's error.
func listArgument(elements []types.String) ([]string, *function.FuncError) {
	texts := make([]string, len(elements))
	for i, element := range elements {
		if element.IsNull() {
			return nil, function.NewArgumentFuncError(0, fmt.Sprintf("Element %d of the list is null: remove it, or write an address", i))
		}
		texts[i] = element.ValueString()
	}
	return texts, nil
}
