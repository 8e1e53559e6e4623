package everflowmock

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DifferenceKindInfo explains a [DifferenceKind].
type DifferenceKindInfo struct {
	Kind        DifferenceKind `json:"kind"`
	Explanation string         `json:"explanation"`
	// Field is set for the kinds that need Difference.Field.
	Field bool `json:"field,omitempty"`
	// Value says what Difference.Value may be; it is empty for kinds that take none.
	Value string `json:"value,omitempty"`

	checkValue func(value string) error
	// change changes the JSON of an answer; nil for the kinds that act elsewhere.
	change func(d Difference, answer any) any
}

var differenceKinds = []DifferenceKindInfo{
	{
		Kind: DifferenceUnknownPath, Explanation: "the API does not have the path of the operation",
		Value: "the answer: json-404, html-404 or 405", checkValue: checkOneOf("json-404", "html-404", "405"),
	},
	{Kind: DifferenceRevokedNotFound, Explanation: "a revoked key is neither found by its ID nor listed"},
	{
		Kind: DifferenceStatusFilter, Explanation: "the search for keys handles the filter by status in another way",
		Value: "ignored (all keys match) or nothing (no key matches)", checkValue: checkOneOf("ignored", "nothing"),
	},
	{
		Kind: DifferencePagingIn, Explanation: "page and page_size are read from one place, or ignored",
		Value: "body, query or nowhere", checkValue: checkOneOf("body", "query", "nowhere"),
	},
	{
		Kind: DifferencePageSizeCapped, Explanation: "a page has at most this many keys, whatever page_size says",
		Value: "a number", checkValue: checkPositive,
	},
	{Kind: DifferenceKeyAddedBetweenPages, Explanation: "another user creates a key before each page but the first is read"},
	{Kind: DifferenceNameTrimmed, Explanation: "a key's name is stored without blanks around it"},
	{
		Kind: DifferenceNameTruncated, Explanation: "only the first characters of a key's name are stored",
		Value: "how many", checkValue: checkPositive,
	},
	{Kind: DifferenceNameEscaped, Explanation: "a key's name is stored with HTML escapes, such as &amp;"},
	{
		Kind: DifferenceHTTPStatus, Explanation: "the HTTP status of a successful answer is another one; with 204 the answer has no body",
		Value: "a number from 200 to 299", checkValue: check2xx,
	},
	{Kind: DifferenceNoBody, Explanation: "a successful answer has no body"},
	{
		Kind: DifferenceInObject, Explanation: "the answer is in a field of an object",
		Value: "the name of that field", checkValue: checkNotEmpty, change: wrapInObject,
	},
	{Kind: DifferenceInList, Explanation: "the answer is the only element of a list", change: wrapInList},
	{Kind: DifferenceIDsAsStrings, Explanation: "IDs are strings", change: idsToStrings},
	{
		Kind: DifferenceTimes, Explanation: "times are not integers that count Unix seconds",
		Value:      "rfc3339 (with null for never), float, milliseconds or missing",
		checkValue: checkOneOf("rfc3339", "float", "milliseconds", "missing"), change: changeTimes,
	},
	{
		Kind: DifferenceKeyStatusValues, Explanation: "the status of a key is not active or revoked, but one of two other words",
		Value: "the two words, as in ACTIVE,REVOKED", checkValue: checkStatusValues, change: changeKeyStatus,
	},
	{
		Kind: DifferenceEntriesAsObjects, Explanation: "each entry of the whitelist is an object",
		Value: "the name of the field with the address", checkValue: checkNotEmpty, change: entriesToObjects,
	},
	{Kind: DifferenceFieldMissing, Explanation: "a field is missing", Field: true, change: removeField},
	{Kind: DifferenceFieldNull, Explanation: "a field is null", Field: true, change: setFieldToNull},
	{
		Kind: DifferenceFieldRenamed, Explanation: "a field has another name", Field: true,
		Value: "that name", checkValue: checkNotEmpty, change: renameField,
	},
	{
		Kind: DifferenceFieldValue, Explanation: "a field always has the same value", Field: true,
		Value: "JSON; anything else is taken as a string", change: setField,
	},
	{
		Kind: DifferenceDateHeader, Explanation: "the header Date is wrong or missing",
		Value: "how far it is ahead, as in 24h or -10m, or none for no header", checkValue: checkDateHeader,
	},
}

// DifferenceKinds explains all kinds.
func DifferenceKinds() []DifferenceKindInfo { return slices.Clone(differenceKinds) }

func (k DifferenceKind) info() (DifferenceKindInfo, bool) {
	i := slices.IndexFunc(differenceKinds, func(info DifferenceKindInfo) bool { return info.Kind == k })
	if i < 0 {
		return DifferenceKindInfo{}, false
	}
	return differenceKinds[i], true
}

func differenceKindNames() string {
	names := make([]string, len(differenceKinds))
	for i, k := range differenceKinds {
		names[i] = string(k.Kind)
	}
	return strings.Join(names, ", ")
}

func checkOneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("value %q: use one of %s", value, strings.Join(values, ", "))
		}
		return nil
	}
}

func checkPositive(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 1 {
		return fmt.Errorf("value %q: want a number of at least 1", value)
	}
	return nil
}

func check2xx(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 200 || n > 299 {
		return fmt.Errorf("value %q: want an HTTP status from 200 to 299", value)
	}
	return nil
}

func checkNotEmpty(value string) error {
	if value == "" {
		return errors.New("value is missing: this kind needs one")
	}
	return nil
}

func checkStatusValues(value string) error {
	active, revoked, ok := strings.Cut(value, ",")
	if !ok || active == "" || revoked == "" {
		return fmt.Errorf("value %q: want the words for active and for revoked, as in ACTIVE,REVOKED", value)
	}
	return nil
}

func checkDateHeader(value string) error {
	if _, err := time.ParseDuration(value); err != nil && value != "none" {
		return fmt.Errorf("value %q: want a duration, as in 24h or -10m, or none", value)
	}
	return nil
}
