package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// ipAddressesType is a list of whitelist entries whose order, spelling and repeats
// mean nothing. It is a list and not a set because the cost of a set grows with the
// square of its size, in the framework and in Terraform:
// https://github.com/hashicorp/terraform-plugin-framework/issues/1322
type ipAddressesType struct{ basetypes.ListType }

// theIPAddressesType is the one value of the type.
var theIPAddressesType = ipAddressesType{ListType: basetypes.ListType{ElemType: types.StringType}}

var (
	_ basetypes.ListTypable                    = theIPAddressesType
	_ basetypes.ListValuableWithSemanticEquals = ipAddresses{}
)

func (ipAddressesType) String() string { return "ipAddressesType" }

func (ipAddressesType) Equal(other attr.Type) bool {
	_, ok := other.(ipAddressesType)
	return ok
}

func (ipAddressesType) ValueType(context.Context) attr.Value { return ipAddresses{} }

func (ipAddressesType) ValueFromList(_ context.Context, list basetypes.ListValue) (basetypes.ListValuable, diag.Diagnostics) {
	return ipAddresses{ListValue: list}, nil
}

func (t ipAddressesType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.ListType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	list, ok := value.(basetypes.ListValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", value)
	}
	return ipAddresses{ListValue: list}, nil
}

// ipAddresses is a value of ipAddressesType.
type ipAddresses struct{ basetypes.ListValue }

func newIPAddresses(list whitelist.List) ipAddresses {
	return ipAddresses{ListValue: types.ListValueMust(types.StringType, stringValues(list.Texts()))}
}

// Type implements attr.Value.
func (ipAddresses) Type(context.Context) attr.Type { return theIPAddressesType }

// Equal compares the texts in their order.
func (v ipAddresses) Equal(o attr.Value) bool {
	other, ok := o.(ipAddresses)
	return ok && v.ListValue.Equal(other.ListValue)
}

// ListSemanticEquals reports whether both have the same entries.
func (v ipAddresses) ListSemanticEquals(_ context.Context, prior basetypes.ListValuable) (bool, diag.Diagnostics) {
	other, ok := prior.(ipAddresses)
	return ok && v.areKnown() && other.areKnown() && v.IsNull() == other.IsNull() && v.list().Equal(other.list()), nil
}

// areKnown reports whether the list and each of its entries is known.
func (v ipAddresses) areKnown() bool {
	return !v.IsUnknown() && !slices.ContainsFunc(v.Elements(), attr.Value.IsUnknown)
}

// list returns the entries of a known list, as those of a state are read: nothing is
// refused.
func (v ipAddresses) list() whitelist.List { return whitelist.ReadList(stringsOf(v)) }

// check names each known entry of a configuration that Everflow could not take, and
// how to write it.
func (v ipAddresses) check(attribute path.Path, diags *diag.Diagnostics) {
	for _, element := range v.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok, text.IsUnknown():
		case text.IsNull():
			diags.AddAttributeError(attribute, "Unusable IP address", "An entry is null. Remove it, or give it a value.")
		default:
			if _, err := whitelist.ParseEntry(text.ValueString()); err != nil {
				diags.AddAttributeError(attribute, "Unusable IP address", sentence(err))
			}
		}
	}
}
