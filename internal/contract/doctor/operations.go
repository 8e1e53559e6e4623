package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract"
)

// operation is a call of the contract.
type operation struct {
	id, method, path string
	// source is published or assumed.
	source string
	// reads is true for a call that changes nothing, whatever its method.
	reads bool
	// permission is what the call needs, by its name in the web interface; empty
	// where Everflow does not say.
	permission string
	// alternatives are other spellings of the path in Everflow's own pages.
	alternatives []string
	// answer is the schema of the answer with status 200, request of the body.
	answer, request *openapi3.Schema
}

func (o operation) call() string { return o.method + " " + o.path }

// loadOperations reads the contract, by operationId. Nobody changes the result.
var loadOperations = sync.OnceValues(func() (map[string]operation, error) {
	document, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("the contract cannot be read: %w", err)
	}
	found := map[string]operation{}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			one, err := readOperation(method, path, described)
			if err != nil {
				return nil, fmt.Errorf("the contract of %s: %w", described.OperationID, err)
			}
			found[one.id] = one
		}
	}
	return found, nil
})

func readOperation(method, path string, described *openapi3.Operation) (operation, error) {
	one := operation{id: described.OperationID, method: method, path: path}
	one.source, _ = described.Extensions["x-everflow-source"].(string)
	one.permission, _ = described.Extensions["x-everflow-permission"].(string)
	effect, _ := described.Extensions["x-everflow-effect"].(string)
	one.reads = effect == "reads"
	if one.source == "" || effect == "" {
		return operation{}, errors.New("no x-everflow-source or x-everflow-effect")
	}
	alternatives, _ := described.Extensions["x-everflow-alternative-paths"].([]any)
	for _, alternative := range alternatives {
		one.alternatives = append(one.alternatives, fmt.Sprint(alternative))
	}
	ok := described.Responses.Status(http.StatusOK)
	if ok == nil {
		return operation{}, errors.New("no answer with status 200")
	}
	one.answer = merged(ok.Value.Content.Get("application/json").Schema.Value)
	if described.RequestBody != nil {
		one.request = merged(described.RequestBody.Value.Content.Get("application/json").Schema.Value)
	}
	return one, nil
}

// merged is the one object that a schema made of objects describes.
func merged(schema *openapi3.Schema) *openapi3.Schema {
	if len(schema.AllOf) == 0 {
		return schema
	}
	whole := openapi3.NewObjectSchema()
	for _, part := range schema.AllOf {
		for name, property := range merged(part.Value).Properties {
			whole.Properties[name] = property
		}
		whole.Required = append(whole.Required, merged(part.Value).Required...)
	}
	return whole
}

// fieldsOf are the names of all fields of requests and answers.
func fieldsOf(operations map[string]operation) map[string]bool {
	names := map[string]bool{}
	for _, one := range operations {
		addFields(names, one.answer)
		if one.request != nil {
			addFields(names, one.request)
		}
	}
	return names
}

func addFields(names map[string]bool, schema *openapi3.Schema) {
	schema = merged(schema)
	for name, property := range schema.Properties {
		names[name] = true
		addFields(names, property.Value)
	}
	if schema.Items != nil {
		addFields(names, schema.Items.Value)
	}
}
