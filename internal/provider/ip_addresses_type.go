package provider

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// ipAddressesType is a set of whitelist entries in which two spellings of one
// address are one address. Terraform is told that it is a set (see asSets). To the
// framework it is a list whose order means nothing: the framework compares whole
// sets again and again, at a cost that grows with the square of their size, 13 s for
// one plan of 5,000 entries. On the wire a list and a set of strings are the same.
type ipAddressesType struct{ basetypes.ListType }

// ipAddressSet is the one value of the type.
var ipAddressSet = ipAddressesType{ListType: basetypes.ListType{ElemType: types.StringType}}

var (
	_ basetypes.ListTypable                    = ipAddressSet
	_ basetypes.ListValuableWithSemanticEquals = ipAddresses{}
	_ xattr.ValidateableAttribute              = ipAddresses{}
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

func newIPAddresses(entries []string) ipAddresses {
	return ipAddresses{ListValue: types.ListValueMust(types.StringType, stringValues(entries))}
}

// Type implements attr.Value.
func (ipAddresses) Type(context.Context) attr.Type { return ipAddressSet }

// Equal compares the entries as they are written, in any order.
func (v ipAddresses) Equal(o attr.Value) bool {
	other, ok := o.(ipAddresses)
	if !ok || v.IsNull() != other.IsNull() || v.IsUnknown() != other.IsUnknown() || len(v.Elements()) != len(other.Elements()) {
		return false
	}
	written := make(map[string]bool, len(v.Elements()))
	for _, element := range v.Elements() {
		written[element.String()] = true
	}
	for _, element := range other.Elements() {
		if !written[element.String()] {
			return false
		}
	}
	return true
}

// ListSemanticEquals reports whether both admit the same entries, however spelled.
func (v ipAddresses) ListSemanticEquals(_ context.Context, prior basetypes.ListValuable) (bool, diag.Diagnostics) {
	other, ok := prior.(ipAddresses)
	return ok && v.areKnown() && other.areKnown() && sameEntries(v.entries(), other.entries()), nil
}

// areKnown reports whether the list and each of its entries is known.
func (v ipAddresses) areKnown() bool {
	return !v.IsUnknown() && !slices.ContainsFunc(v.Elements(), attr.Value.IsUnknown)
}

// entries returns the texts of a known list, sorted.
func (v ipAddresses) entries() []string {
	entries := stringsOf(v)
	slices.Sort(entries)
	return entries
}

// ValidateAttribute names each entry that Everflow could not take, and how to
// write it.
func (v ipAddresses) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	first := map[netip.Prefix]string{}
	for _, element := range v.Elements() {
		text, _ := element.(types.String) // as it is of ipAddressSet
		if text.IsUnknown() {
			continue
		}
		if text.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path, "Unusable IP address", "An entry is null: remove it, or give it a value.")
			continue
		}
		entry := text.ValueString()
		prefix, err := everflow.ParseAddress(entry)
		if err != nil {
			resp.Diagnostics.AddAttributeError(req.Path, "Unusable IP address", fmt.Sprintf("%q %s.", entry, err))
			continue
		}
		if twin, ok := first[prefix]; ok {
			pair := []string{twin, entry}
			slices.Sort(pair)
			resp.Diagnostics.AddAttributeError(req.Path, "Duplicate IP address",
				fmt.Sprintf("%q and %q are the same address, %s: keep one of them.", pair[0], pair[1], everflow.CanonicalAddress(prefix)))
			continue
		}
		first[prefix] = entry
	}
}

// meaning is a key under which all spellings of an entry fall together. An entry
// of an unknown form means itself only.
func meaning(entry string) string {
	prefix, err := everflow.ParseAddress(entry)
	if err != nil {
		return entry
	}
	return prefix.String()
}

func sameEntries(a, b []string) bool {
	added, removed := compareEntries(a, b)
	return len(added)+len(removed) == 0
}

// compareEntries returns what is in after but not in before, and the reverse, by
// meaning, in order.
func compareEntries(before, after []string) (added, removed []string) {
	return entriesMissing(before, after), entriesMissing(after, before)
}

// entriesMissing returns the entries of list whose meaning is not in from.
func entriesMissing(from, list []string) []string {
	has := make(map[string]bool, len(from))
	for _, entry := range from {
		has[meaning(entry)] = true
	}
	var missing []string
	for _, entry := range list {
		if !has[meaning(entry)] {
			missing = append(missing, entry)
		}
	}
	slices.Sort(missing)
	return missing
}

// spelledLike returns the entries of live in the spelling that prior uses for
// them, so that a change elsewhere shows as a diff of exactly what changed.
func spelledLike(prior, live []string) []string {
	spelling := make(map[string]string, len(prior))
	for _, entry := range prior {
		spelling[meaning(entry)] = entry
	}
	spelled := make([]string, 0, len(live))
	seen := make(map[string]bool, len(live))
	for _, entry := range live {
		key := meaning(entry)
		if seen[key] {
			continue
		}
		seen[key] = true
		if known, ok := spelling[key]; ok {
			entry = known
		}
		spelled = append(spelled, entry)
	}
	return spelled
}

// canonicalEntries returns what is sent to Everflow: one spelling, one order.
func canonicalEntries(entries []string) ([]string, error) {
	canonical := make([]string, 0, len(entries))
	for _, entry := range entries {
		prefix, err := everflow.ParseAddress(entry)
		if err != nil {
			return nil, fmt.Errorf("%q %w", entry, err)
		}
		canonical = append(canonical, everflow.CanonicalAddress(prefix))
	}
	slices.Sort(canonical)
	return slices.Compact(canonical), nil
}

// named lists entries for a message, the first of many only.
func named(entries []string) string {
	const most = 20
	if len(entries) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(entries[:most], ", "), len(entries)-most)
	}
	return strings.Join(entries, ", ")
}
