package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// GenerateResourceConfig gives Terraform (1.14 and later) the configuration that it
// writes for an imported resource. What is the default is null in it: Terraform
// leaves an optional attribute out that is null, if the provider can also compute it.
// For that reason alone, every optional attribute here has a default, be it null.
func (s server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	resp, err := s.frameworkServer.GenerateResourceConfig(ctx, req)
	if err != nil || resp.Config == nil {
		return resp, err
	}
	resourceSchema, found := schemaOf(ctx, req.TypeName)
	if !found {
		return resp, nil
	}
	kind := resourceSchema.Type().TerraformType(ctx)
	config, err := resp.Config.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	var fields map[string]tftypes.Value
	if err := config.As(&fields); err != nil || fields == nil {
		return resp, err
	}
	fields = maps.Clone(fields)
	for name, attribute := range resourceSchema.Attributes {
		if isDefault(ctx, attribute, fields[name]) {
			fields[name] = tftypes.NewValue(fields[name].Type(), nil)
		}
	}
	written, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, fields))
	resp.Config = &written
	return resp, err
}

// schemaOf is the schema of the provider's resource of this type.
func schemaOf(ctx context.Context, typeName string) (found schema.Schema, ok bool) {
	provider := &everflowProvider{}
	for _, construct := range provider.Resources(ctx) {
		var metadata resource.MetadataResponse
		construct().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "everflow"}, &metadata)
		if metadata.TypeName == typeName {
			var resp resource.SchemaResponse
			construct().Schema(ctx, resource.SchemaRequest{}, &resp)
			return resp.Schema, true
		}
	}
	return found, false
}

// isDefault: defaults other than null are those of texts and of yes or no.
func isDefault(ctx context.Context, attribute schema.Attribute, value tftypes.Value) bool {
	var planned attr.Value
	switch attribute := attribute.(type) {
	case schema.BoolAttribute:
		if attribute.Default != nil {
			var resp defaults.BoolResponse
			attribute.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			planned = resp.PlanValue
		}
	case schema.StringAttribute:
		if attribute.Default != nil {
			var resp defaults.StringResponse
			attribute.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			planned = resp.PlanValue
		}
	}
	if planned == nil {
		return false
	}
	asTerraform, err := planned.ToTerraformValue(ctx)
	return err == nil && value.Equal(asTerraform)
}

// nullBool is the default of a bool that is null where it is left out.
type nullBool struct{}

func (nullBool) Description(context.Context) string         { return "null" }
func (nullBool) MarkdownDescription(context.Context) string { return "null" }

func (nullBool) DefaultBool(_ context.Context, _ defaults.BoolRequest, resp *defaults.BoolResponse) {
	resp.PlanValue = types.BoolNull()
}
