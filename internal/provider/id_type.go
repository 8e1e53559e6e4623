package provider

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// idType is the type of an argument that is a number and an ID. The framework's own
// type calls a number that is no 64-bit integer, such as 1.5, an error of the
// provider, in the formatting of Go.
// https://github.com/hashicorp/terraform-plugin-framework/blob/v1.19.0/types/basetypes/int64_type.go
type idType struct{ basetypes.Int64Type }

// Equal: the values are the framework's own.
func (t idType) Equal(other attr.Type) bool {
	_, ok := other.(idType)
	return ok || t.Int64Type.Equal(other)
}

// Validate refuses what is no ID.
func (t idType) Validate(_ context.Context, in tftypes.Value, at path.Path) (diags diag.Diagnostics) {
	if number, ok := knownNumber(in); ok && !isID(number) {
		diags.AddAttributeError(at, "Unusable ID", fmt.Sprintf("%s is not a whole number above 0.", number.Text('g', -1)))
	}
	return diags
}

// ValueFromTerraform takes what Validate refuses for 0.
func (t idType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	if number, ok := knownNumber(in); ok && !isID(number) {
		return basetypes.NewInt64Value(0), nil
	}
	return t.Int64Type.ValueFromTerraform(ctx, in)
}

func knownNumber(in tftypes.Value) (*big.Float, bool) {
	number := &big.Float{}
	if !in.IsKnown() || in.IsNull() || in.As(number) != nil {
		return nil, false
	}
	return number, true
}

func isID(number *big.Float) bool {
	id, accuracy := number.Int64()
	return accuracy == big.Exact && id > 0
}
