package contracttest

import (
	"fmt"
	"maps"

	"github.com/getkin/kin-openapi/openapi3"
)

// closeSchemas forbids every field that an object schema does not name. The
// document itself leaves them open, as Everflow may add fields at any time.
func closeSchemas(doc *openapi3.T) error {
	return doc.WalkSchemas(func(at string, ref *openapi3.SchemaRef) error {
		schema := ref.Value
		if len(schema.AllOf) > 0 {
			if err := mergeAllOf(schema); err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
		}
		if schema.Type.Is(openapi3.TypeObject) {
			closed := false
			schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &closed}
		}
		return nil
	})
}

// mergeAllOf turns a schema that is made of objects into one object: closed one
// by one, each part would forbid the fields of the others.
func mergeAllOf(schema *openapi3.Schema) error {
	merged := openapi3.NewObjectSchema()
	for _, part := range schema.AllOf {
		if !part.Value.Type.Is(openapi3.TypeObject) || len(part.Value.AllOf) > 0 {
			return fmt.Errorf("allOf can be closed only when it is made of plain objects")
		}
		maps.Copy(merged.Properties, part.Value.Properties)
		merged.Required = append(merged.Required, part.Value.Required...)
	}
	schema.AllOf, schema.Type = nil, merged.Type
	schema.Properties, schema.Required = merged.Properties, merged.Required
	return nil
}
