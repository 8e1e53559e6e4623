package everflowmock

import (
	"encoding/json"
	"strings"
	"time"
)

// everyObject changes each object of an answer, in lists and in other objects too.
func everyObject(v any, change func(map[string]any)) any {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			everyObject(element, change)
		}
	case map[string]any:
		for _, element := range v {
			everyObject(element, change)
		}
		change(v)
	}
	return v
}

// everyField replaces the fields that match; keep false removes one.
func everyField(v any, match func(name string) bool, replace func(any) (value any, keep bool)) any {
	return everyObject(v, func(object map[string]any) {
		for name := range object {
			if !match(name) {
				continue
			}
			if value, keep := replace(object[name]); keep {
				object[name] = value
			} else {
				delete(object, name)
			}
		}
	})
}

func (d Difference) isField(name string) bool { return name == d.Field }

func wrapInObject(d Difference, v any) any { return map[string]any{d.Value: v} }

func wrapInList(_ Difference, v any) any { return []any{v} }

func idsToStrings(_ Difference, v any) any {
	isID := func(name string) bool { return strings.HasSuffix(name, "_id") }
	return everyField(v, isID, func(id any) (any, bool) {
		if n, ok := id.(json.Number); ok {
			return n.String(), true
		}
		return id, true
	})
}

func changeTimes(d Difference, v any) any {
	isTime := func(name string) bool { return strings.HasPrefix(name, "time_") }
	return everyField(v, isTime, func(t any) (any, bool) {
		n, ok := t.(json.Number)
		if !ok {
			return t, d.Value != "missing"
		}
		seconds, _ := n.Int64() // the mock's times are whole seconds
		switch d.Value {
		case "rfc3339":
			if seconds == 0 {
				return nil, true
			}
			return time.Unix(seconds, 0).UTC().Format(time.RFC3339), true
		case "float":
			return json.RawMessage(n.String() + ".0"), true
		case "milliseconds":
			return seconds * 1000, true
		default:
			return nil, false
		}
	})
}

func changeKeyStatus(d Difference, v any) any {
	active, revoked, _ := strings.Cut(d.Value, ",")
	isStatus := func(name string) bool { return name == "status" }
	return everyField(v, isStatus, func(status any) (any, bool) {
		switch status {
		case statusActive:
			return active, true
		case statusRevoked:
			return revoked, true
		default:
			return status, true
		}
	})
}

func entriesToObjects(d Difference, v any) any {
	isList := func(name string) bool { return name == "ip_addresses" }
	return everyField(v, isList, func(list any) (any, bool) {
		entries, _ := list.([]any)
		objects := []any{}
		for _, entry := range entries {
			objects = append(objects, map[string]any{d.Value: entry})
		}
		return objects, true
	})
}

func removeField(d Difference, v any) any {
	return everyField(v, d.isField, func(any) (any, bool) { return nil, false })
}

func setFieldToNull(d Difference, v any) any {
	return everyField(v, d.isField, func(any) (any, bool) { return nil, true })
}

func setField(d Difference, v any) any {
	return everyField(v, d.isField, func(any) (any, bool) { return jsonOrText(d.Value), true })
}

func renameField(d Difference, v any) any {
	return everyObject(v, func(object map[string]any) {
		if value, ok := object[d.Field]; ok {
			delete(object, d.Field)
			object[d.Value] = value
		}
	})
}

func jsonOrText(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return v
}
