package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// This file decides what null, unknown and empty mean between Everflow and
// Terraform:
//   - an ID or a time of 0 is Everflow's "none" or "never", and null in Terraform;
//   - a list that Everflow left out or sent as null is an error of the client,
//     so that an empty set here is always a list known to be empty;
//   - other texts are kept as they are, the empty one included.

func timeValue(moment everflow.Time) types.String {
	at, ok := moment.Time()
	if !ok {
		return types.StringNull()
	}
	return types.StringValue(at.Format(time.RFC3339))
}

func idValue(id int64) types.Int64 {
	if id == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(id)
}

func stringSet(texts []string) types.Set {
	return types.SetValueMust(types.StringType, stringValues(texts))
}

func stringValues(texts []string) []attr.Value {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return values
}

// stringsOf returns the texts of a known set or list; none of a null one.
func stringsOf(collection interface{ Elements() []attr.Value }) []string {
	elements := collection.Elements()
	texts := make([]string, 0, len(elements))
	for _, element := range elements {
		if text, ok := element.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}

// isWhollyKnown reports whether neither the value nor anything in it is unknown.
func isWhollyKnown(ctx context.Context, value attr.Value) bool {
	raw, err := value.ToTerraformValue(ctx)
	return err == nil && raw.IsFullyKnown()
}

// setPrivate stores a value as JSON.
func setPrivate(ctx context.Context, private privateState, key string, value any) diag.Diagnostics {
	stored, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected private data", sentence(err))}
	}
	return private.SetKey(ctx, key, stored)
}

// getPrivate reads what setPrivate stored, and reports whether it is there and readable.
func getPrivate(ctx context.Context, private privateState, key string, value any, diags *diag.Diagnostics) (ok bool) {
	stored, more := private.GetKey(ctx, key)
	diags.Append(more...)
	return len(stored) > 0 && json.Unmarshal(stored, value) == nil
}

// privateState is the framework's, whose type cannot be named: what the
// provider keeps for itself beside a state, a plan or an open ephemeral resource.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}
