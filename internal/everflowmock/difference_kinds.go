package everflowmock

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// KindOfDifference explains a kind. Value says what Difference.Value may be; it
// is empty for a kind that takes none.
type KindOfDifference struct {
	Kind        DifferenceKind `json:"kind"`
	Explanation string         `json:"explanation"`
	Field       bool           `json:"field,omitempty"` // Difference.Field is needed
	Value       string         `json:"value,omitempty"`

	check  func(value string) error
	change func(d Difference, answer any) any // of the answer's JSON; nil for kinds that act elsewhere
}

var kindsOfDifferences = []KindOfDifference{
	{
		Kind: DifferenceUnknownPath, Explanation: "the API has no such path, and does nothing",
		Value: "json-404, html-404 or 405", check: oneOf("json-404", "html-404", "405"),
	},
	{Kind: DifferenceRevokedVanishes, Explanation: "a revoked key is not found"},
	{
		Kind: DifferenceStatusFilter, Explanation: "the filter by status is ignored, or finds nothing",
		Value: "ignored or nothing", check: oneOf("ignored", "nothing"),
	},
	{
		Kind: DifferencePagingIn, Explanation: "page and page_size count only where this says",
		Value: "body, query or nowhere", check: oneOf("body", "query", "nowhere"),
	},
	{
		Kind: DifferencePageCapped, Explanation: "a page has at most this many entries, whatever page_size says",
		Value: "a number", check: positive,
	},
	{Kind: DifferenceTotalGrowing, Explanation: "somebody creates a key before each page but the first is read"},
	{Kind: DifferenceNameTrimmed, Explanation: "blanks around a name are not kept"},
	{
		Kind: DifferenceNameCut, Explanation: "a name keeps only its first characters",
		Value: "their number", check: positive,
	},
	{Kind: DifferenceNameEscaped, Explanation: "a name is kept with HTML escapes"},
	{
		Kind: DifferenceStatus, Explanation: "a good answer has another status; 204 has no body",
		Value: "a number from 200 to 299", check: goodStatus,
	},
	{Kind: DifferenceNoBody, Explanation: "a good answer has no body"},
	{
		Kind: DifferenceInObject, Explanation: "the answer is in a field of an object",
		Value: "the field", check: notEmpty, change: inObject,
	},
	{Kind: DifferenceInList, Explanation: "the answer is the one element of a list", change: inList},
	{Kind: DifferenceIDsAsText, Explanation: "IDs are strings", change: idsAsText},
	{
		Kind: DifferenceTimes, Explanation: "times are something else than Unix seconds",
		Value: "rfc3339 (never is null), float, milliseconds or missing",
		check: oneOf("rfc3339", "float", "milliseconds", "missing"), change: otherTimes,
	},
	{
		Kind: DifferenceStatusWords, Explanation: "the status of a key has other words",
		Value: "two words, as in ACTIVE,REVOKED", check: twoWords, change: otherStatusWords,
	},
	{
		Kind: DifferenceEntriesAsObjects, Explanation: "entries of the whitelist are objects",
		Value: "the field that holds the entry", check: notEmpty, change: entriesAsObjects,
	},
	{Kind: DifferenceFieldMissing, Explanation: "a field is left out", Field: true, change: fieldMissing},
	{Kind: DifferenceFieldNull, Explanation: "a field is null", Field: true, change: fieldNull},
	{
		Kind: DifferenceFieldRenamed, Explanation: "a field has another name", Field: true,
		Value: "the name", check: notEmpty, change: fieldRenamed,
	},
	{
		Kind: DifferenceFieldValue, Explanation: "a field has always the same value", Field: true,
		Value: "JSON, or text that is no JSON", change: fieldValue,
	},
	{
		Kind: DifferenceDate, Explanation: "the header Date is wrong, or left out",
		Value: "a duration by which it is ahead, as in 24h or -10m, or none", check: dateValue,
	},
}

// DifferenceKinds explains all kinds.
func DifferenceKinds() []KindOfDifference { return slices.Clone(kindsOfDifferences) }

func (k DifferenceKind) describe() (KindOfDifference, bool) {
	i := slices.IndexFunc(kindsOfDifferences, func(d KindOfDifference) bool { return d.Kind == k })
	if i < 0 {
		return KindOfDifference{}, false
	}
	return kindsOfDifferences[i], true
}

func differenceKindNames() string {
	names := make([]string, len(kindsOfDifferences))
	for i, k := range kindsOfDifferences {
		names[i] = string(k.Kind)
	}
	return strings.Join(names, ", ")
}

func oneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("value %q: use one of %s", value, strings.Join(values, ", "))
		}
		return nil
	}
}

func positive(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 1 {
		return fmt.Errorf("value %q: want a positive number", value)
	}
	return nil
}

func goodStatus(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 200 || n > 299 {
		return fmt.Errorf("value %q: want a status from 200 to 299", value)
	}
	return nil
}

func notEmpty(value string) error {
	if value == "" {
		return errors.New("the value is missing")
	}
	return nil
}

func twoWords(value string) error {
	active, revoked, ok := strings.Cut(value, ",")
	if !ok || active == "" || revoked == "" {
		return fmt.Errorf("value %q: want the words for active and for revoked, as in ACTIVE,REVOKED", value)
	}
	return nil
}

func dateValue(value string) error {
	if _, err := time.ParseDuration(value); err != nil && value != "none" {
		return fmt.Errorf("value %q: want a duration, as in 24h or -10m, or none", value)
	}
	return nil
}
