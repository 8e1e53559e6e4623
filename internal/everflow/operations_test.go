package everflow_test

import (
	"context"
	"slices"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// operation is one call of the client, with arguments that fit the mock's seed.
type operation struct {
	name string // as the contract has it
	call func(context.Context, *everflow.Run) (any, error)
	// writes tells the calls that a cancelled run lets finish.
	writes bool
	// isSentOnce tells the call that is never repeated by the client.
	isSentOnce bool
}

var ciKey = everflow.APIKeySettings{Name: "ci", Permissions: []string{"Reporting"}}

var everyOperation = []operation{
	{name: "getNetwork", call: func(ctx context.Context, r *everflow.Run) (any, error) { return r.Client.Network(ctx) }},
	{name: "listEmployees", call: func(ctx context.Context, r *everflow.Run) (any, error) { return r.Client.Employees(ctx) }},
	{name: "listRoles", call: func(ctx context.Context, r *everflow.Run) (any, error) { return r.Client.Roles(ctx) }},
	{name: "getApiKey", call: func(ctx context.Context, r *everflow.Run) (any, error) { return r.Client.APIKey(ctx, 2) }},
	{name: "searchApiKeys", call: func(ctx context.Context, r *everflow.Run) (any, error) {
		return r.Client.APIKeys(ctx, everflow.APIKeyFilter{})
	}},
	{name: "getApiWhitelist", call: func(ctx context.Context, r *everflow.Run) (any, error) { return r.Client.Whitelist(ctx) }},
	{name: "updateApiKey", writes: true, call: func(ctx context.Context, r *everflow.Run) (any, error) {
		return r.UpdateAPIKey(ctx, everflow.APIKeyIdentity{ID: 2}, ciKey)
	}},
	{name: "revokeApiKey", writes: true, call: func(ctx context.Context, r *everflow.Run) (any, error) { return r.Client.RevokeAPIKey(ctx, 2) }},
	{name: "replaceApiWhitelist", writes: true, isSentOnce: true, call: func(ctx context.Context, r *everflow.Run) (any, error) {
		return r.Client.ReplaceWhitelist(ctx, []string{"203.0.113.0/24"})
	}},
	createOperation,
}

var createOperation = operation{name: "createApiKey", writes: true, call: func(ctx context.Context, r *everflow.Run) (any, error) {
	return r.CreateAPIKey(ctx, 3, ciKey)
}}

func TestOperations_eachIsTried(t *testing.T) {
	t.Parallel()
	for _, name := range everflowmock.Operations() {
		isTried := slices.ContainsFunc(everyOperation, func(o operation) bool { return o.name == name })
		hasFields := slices.ContainsFunc(needed, func(n answerFields) bool { return n.operation == name }) ||
			name == createOperation.name // in api_key_create_answer_test.go
		if !isTried || !hasFields {
			t.Errorf("%s is missing in everyOperation or in needed (fields_test.go)", name)
		}
	}
}

// operations are those with these names.
func operations(names ...string) (named []operation) {
	for _, name := range names {
		index := slices.IndexFunc(everyOperation, func(o operation) bool { return o.name == name })
		named = append(named, everyOperation[index])
	}
	return named
}
