package provider

import (
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateTexts is a private state in memory.
type privateTexts map[string]string

func (p privateTexts) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return []byte(p[key]), nil
}

func (p privateTexts) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = string(value)
	return nil
}

// What a refresh leaves in a state may be read by a later version of the provider:
// the names in it stay as they are.
func TestRotation_readsWhatAnOlderVersionLeftInTheState(t *testing.T) {
	t.Parallel()
	const stored = `{"rotation":true,"over":["7","9"],"still_used":["11"],"last_uses":{"9":"2026-01-01T00:00:00Z"}}`
	want := dueKeys{Rotation: true, Over: []string{"7", "9"}, StillUsed: []string{"11"}, LastUses: map[string]string{"9": "2026-01-01T00:00:00Z"}}
	var diags diag.Diagnostics
	if got := loadDue(t.Context(), privateTexts{"due": stored}, &diags); !reflect.DeepEqual(got, want) || diags.HasError() {
		t.Errorf("got %+v, %v", got, diags)
	}
	kept := privateTexts{}
	if diags := want.save(t.Context(), kept); diags.HasError() || kept["due"] != stored {
		t.Errorf("keeps %v, %v", kept, diags)
	}
}
