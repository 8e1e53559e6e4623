package doctor

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract"
)

// operation is a call of the contract.
type operation struct {
	id, method, path string
	source           string // published or assumed
	reads            bool   // a search by POST reads, too
	// permission is the name in the web interface; empty if it is not published.
	permission string
	// alternativePaths are other spellings in Everflow's documentation.
	alternativePaths []string
	// answer is the schema of the answer with status 200, request that of the body.
	answer, request *openapi3.Schema
}

func (o operation) call() string { return o.method + " " + o.path }

// loadOperations reads the contract once. The map's keys are operationIds. Nothing
// changes it afterwards.
var loadOperations = sync.OnceValues(func() (map[string]operation, error) {
	document, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("the contract cannot be read: %w", err)
	}
	found := map[string]operation{}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			op, err := readOperation(method, path, described)
			if err != nil {
				return nil, fmt.Errorf("the contract of %s: %w", described.OperationID, err)
			}
			found[op.id] = op
		}
	}
	return found, nil
})

func readOperation(method, path string, described *openapi3.Operation) (operation, error) {
	op := operation{id: described.OperationID, method: method, path: path}
	op.source, _ = described.Extensions["x-everflow-source"].(string)
	op.permission, _ = described.Extensions["x-everflow-permission"].(string)
	effect, _ := described.Extensions["x-everflow-effect"].(string)
	op.reads = effect == "reads"
	if op.source == "" || effect == "" {
		return operation{}, errors.New("no x-everflow-source or x-everflow-effect")
	}
	alternatives, _ := described.Extensions["x-everflow-alternative-paths"].([]any)
	for _, alternative := range alternatives {
		op.alternativePaths = append(op.alternativePaths, fmt.Sprint(alternative))
	}
	ok := described.Responses.Status(http.StatusOK)
	if ok == nil {
		return operation{}, errors.New("no answer with status 200")
	}
	op.answer = mergeAllOf(ok.Value.Content.Get("application/json").Schema.Value)
	if described.RequestBody != nil {
		op.request = mergeAllOf(described.RequestBody.Value.Content.Get("application/json").Schema.Value)
	}
	return op, nil
}

// mergeAllOf returns one object schema for a schema that consists of several.
func mergeAllOf(schema *openapi3.Schema) *openapi3.Schema {
	if len(schema.AllOf) == 0 {
		return schema
	}
	whole := openapi3.NewObjectSchema()
	for _, part := range schema.AllOf {
		merged := mergeAllOf(part.Value)
		maps.Copy(whole.Properties, merged.Properties)
		whole.Required = append(whole.Required, merged.Required...)
	}
	return whole
}

// fieldNames returns the names of all fields of requests and answers.
func fieldNames(operations map[string]operation) map[string]bool {
	names := map[string]bool{}
	for _, op := range operations {
		addFieldNames(names, op.answer)
		if op.request != nil {
			addFieldNames(names, op.request)
		}
	}
	return names
}

func addFieldNames(names map[string]bool, schema *openapi3.Schema) {
	schema = mergeAllOf(schema)
	for name, property := range schema.Properties {
		names[name] = true
		addFieldNames(names, property.Value)
	}
	if schema.Items != nil {
		addFieldNames(names, schema.Items.Value)
	}
}
