package doctor

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

var digits = regexp.MustCompile(`^-?[0-9]+$`)

// jsonType returns the type of a JSON value. For a string it adds whether it holds
// digits or a date.
func jsonType(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		if digits.MatchString(string(v)) {
			return "integer"
		}
		return "number"
	case []any:
		if len(v) == 0 {
			return "empty array"
		}
		return "array of " + plural(jsonType(v[0]))
	case object:
		return "object"
	case string:
		return stringType(v)
	}
	return "unknown"
}

func stringType(text string) string {
	switch {
	case text == "":
		return "empty string"
	case digits.MatchString(text):
		return "string of digits"
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if _, err := time.Parse(layout, text); err == nil {
			return "string with a date"
		}
	}
	return "string"
}

// plural returns the type of several values, such as "strings of digits".
func plural(kind string) string {
	switch {
	case strings.HasPrefix(kind, "array"), strings.HasPrefix(kind, "empty"):
		return "arrays"
	case kind == "null":
		return "nulls"
	}
	first, rest, more := strings.Cut(kind, " ")
	if more {
		return first + "s " + rest
	}
	return kind + "s"
}

// integerOf returns an integer that is written as a number or as a string.
func integerOf(value any) (int64, bool) {
	switch v := value.(type) {
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// findInteger returns an integer field with this name, at any depth.
func findInteger(value any, name string) (int64, bool) {
	switch v := value.(type) {
	case object:
		if n, ok := integerOf(v[name]); ok {
			return n, true
		}
		for _, inner := range v {
			if n, ok := findInteger(inner, name); ok {
				return n, true
			}
		}
	case []any:
		for _, inner := range v {
			if n, ok := findInteger(inner, name); ok {
				return n, true
			}
		}
	}
	return 0, false
}

// listIn returns the longest array of objects in a value, at any depth.
func listIn(value any) []object {
	switch v := value.(type) {
	case []any:
		var found []object
		for _, entry := range v {
			if o, ok := entry.(object); ok {
				found = append(found, o)
			}
		}
		return found
	case object:
		var longest []object
		for _, inner := range v {
			if found := listIn(inner); len(found) > len(longest) {
				longest = found
			}
		}
		return longest
	}
	return nil
}

// hasFieldContaining reports whether a field of the object is a string that contains text.
func hasFieldContaining(found object, text string) bool {
	for _, value := range found {
		if s, ok := value.(string); ok && strings.Contains(s, text) {
			return true
		}
	}
	return false
}

// allObjects returns all objects in a value, outer ones before inner ones.
func allObjects(value any) (all []object) {
	switch v := value.(type) {
	case object:
		all = append(all, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, allObjects(v[name])...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, allObjects(inner)...)
		}
	}
	return all
}
