package contracttest

import (
	"fmt"
	"maps"

	"github.com/getkin/kin-openapi/openapi3"
)

// closeSchemas sets additionalProperties to false in every object schema. The
// document itself allows unknown fields, because Everflow may add some at any time.
func closeSchemas(doc *openapi3.T) error {
	return doc.WalkSchemas(func(location string, ref *openapi3.SchemaRef) error {
		schema := ref.Value
		if len(schema.AllOf) > 0 {
			if err := mergeAllOf(schema); err != nil {
				return fmt.Errorf("%s: %w", location, err)
			}
		}
		if schema.Type.Is(openapi3.TypeObject) {
			closed := false
			schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &closed}
		}
		return nil
	})
}

// mergeAllOf replaces the parts of allOf by one object schema: if each part were
// closed by itself, it would forbid the fields of the others.
func mergeAllOf(schema *openapi3.Schema) error {
	merged := openapi3.NewObjectSchema()
	for _, part := range schema.AllOf {
		if !part.Value.Type.Is(openapi3.TypeObject) || len(part.Value.AllOf) > 0 {
			return fmt.Errorf("allOf can be closed only if its parts are objects without allOf")
		}
		maps.Copy(merged.Properties, part.Value.Properties)
		merged.Required = append(merged.Required, part.Value.Required...)
	}
	schema.AllOf, schema.Type = nil, merged.Type
	schema.Properties, schema.Required = merged.Properties, merged.Required
	return nil
}
