// Command provider-schema prints the provider's schema in the format of
// `terraform providers schema -json`, for tfplugindocs.
//
// Terraform leaves out of that output what it does not know itself: identities
// before 1.12, list resources and actions before 1.14. Asking the provider
// instead makes the documentation the same whichever Terraform is installed,
// and none needs to be.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/everflow-community/terraform-provider-everflow/internal/provider"
)

func main() {
	if err := printSchema(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func printSchema(ctx context.Context) error {
	server, err := provider.NewServer("dev")
	if err != nil {
		return err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	if err := diagnosticsError(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return err
	}

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(object{
		"format_version": "1.0",
		"provider_schemas": object{
			// The short name is one of the keys tfplugindocs looks for; the full
			// address of a provider outside hashicorp/ is not.
			"everflow": object{
				"provider":                   schema(schemas.Provider),
				"resource_schemas":           each(schemas.ResourceSchemas, schema),
				"resource_identity_schemas":  each(identities.IdentitySchemas, identity),
				"data_source_schemas":        each(schemas.DataSourceSchemas, schema),
				"ephemeral_resource_schemas": each(schemas.EphemeralResourceSchemas, schema),
				"list_resource_schemas":      each(schemas.ListResourceSchemas, schema),
				"action_schemas":             each(schemas.ActionSchemas, action),
				"functions":                  each(schemas.Functions, function),
			},
		},
	})
}

func diagnosticsError(diagnostics []*tfprotov6.Diagnostic) error {
	var errs []error
	for _, d := range diagnostics {
		errs = append(errs, fmt.Errorf("%s: %s: %s", d.Severity, d.Summary, d.Detail))
	}
	return errors.Join(errs...)
}

// The functions below follow the "provider schema representation" of
// https://developer.hashicorp.com/terraform/cli/commands/providers/schema.
type object map[string]any

func each[T any](in map[string]T, convert func(T) object) map[string]object {
	out := make(map[string]object, len(in))
	for name, value := range in {
		out[name] = convert(value)
	}
	return out
}

func schema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": block(s.Block)}
}

func action(a *tfprotov6.ActionSchema) object {
	return object{"block": block(a.Schema.Block)}
}

func block(b *tfprotov6.SchemaBlock) object {
	nested := map[string]object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = object{
			"nesting_mode": strings.ToLower(n.Nesting.String()),
			"block":        block(n.Block),
			"min_items":    n.MinItems,
			"max_items":    n.MaxItems,
		}
	}
	return object{
		"attributes":          attributes(b.Attributes),
		"block_types":         nested,
		"description":         b.Description,
		"description_kind":    strings.ToLower(b.DescriptionKind.String()),
		"deprecated":          b.Deprecated,
		"deprecation_message": b.DeprecationMessage,
	}
}

func attributes(in []*tfprotov6.SchemaAttribute) map[string]object {
	out := make(map[string]object, len(in))
	for _, a := range in {
		o := object{
			"description":         a.Description,
			"description_kind":    strings.ToLower(a.DescriptionKind.String()),
			"deprecated":          a.Deprecated,
			"deprecation_message": a.DeprecationMessage,
			"required":            a.Required,
			"optional":            a.Optional,
			"computed":            a.Computed,
			"sensitive":           a.Sensitive,
			"write_only":          a.WriteOnly,
		}
		if a.NestedType != nil {
			o["nested_type"] = object{
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
				"attributes":   attributes(a.NestedType.Attributes),
			}
		} else {
			o["type"] = a.Type
		}
		out[a.Name] = o
	}
	return out
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	attributes := map[string]object{}
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = object{
			"type":                a.Type,
			"description":         a.Description,
			"required_for_import": a.RequiredForImport,
			"optional_for_import": a.OptionalForImport,
		}
	}
	return object{"version": s.Version, "attributes": attributes}
}

func function(f *tfprotov6.Function) object {
	o := object{
		"summary":             f.Summary,
		"description":         f.Description,
		"deprecation_message": f.DeprecationMessage,
		"return_type":         f.Return.Type,
	}
	var parameters []object
	for _, p := range f.Parameters {
		parameters = append(parameters, parameter(p))
	}
	o["parameters"] = parameters
	if f.VariadicParameter != nil {
		o["variadic_parameter"] = parameter(f.VariadicParameter)
	}
	return o
}

func parameter(p *tfprotov6.FunctionParameter) object {
	return object{
		"name":        p.Name,
		"description": p.Description,
		"is_nullable": p.AllowNullValue,
		"type":        p.Type,
	}
}
