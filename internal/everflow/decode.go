package everflow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// checked is what an answer, or an entry of a list in it, is decoded into.
type checked interface {
	// missingField names the first field that is required and not there.
	missingField() string
}

// checkedAnswer is what a whole answer is decoded into.
type checkedAnswer interface {
	checked
	// keyField names the field by which the object is recognised; empty for a list.
	keyField() string
}

// decode reads an answer in which nothing may be missing. Its errors name the
// field, never a value.
func decode[T checkedAnswer](a answer) (T, error) {
	var none T
	body, err := a.json()
	if err != nil {
		return none, err
	}
	into, problem := decodeJSON[T](body)
	if problem != "" {
		into, problem = decodeJSON[T](unwrapped(body, layers(body), none.keyField()))
	}
	if problem != "" {
		return none, a.malformedError(problem)
	}
	return into, nil
}

// json is the body of an answer that must have one.
func (a answer) json() ([]byte, error) {
	body := bytes.TrimSpace(a.body)
	switch {
	case len(body) == 0:
		return nil, a.malformedError("the answer was empty")
	case a.isWebPage():
		return nil, a.malformedError("the answer was a web page")
	case !json.Valid(body):
		return nil, a.malformedError("the answer was not JSON, or broke off")
	}
	return body, nil
}

func decodeJSON[T checkedAnswer](body []byte) (into T, problem string) {
	if err := json.Unmarshal(body, &into); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return into, fmt.Sprintf("the answer's field %q is of the wrong type", wrong.Field)
		}
		return into, "the answer was JSON of another shape than expected"
	}
	if field := into.missingField(); field != "" {
		return into, fmt.Sprintf("the answer had no usable %q", field)
	}
	return into, ""
}

// unwrapped returns the layer of the body that has the key field, or the body where none
// has it.
func unwrapped(body []byte, layers []layer, keyField string) []byte {
	for _, object := range layers {
		if _, ok := object.fields[keyField]; ok {
			return object.body
		}
	}
	return body
}

// layer is an object and its fields.
type layer struct {
	body   []byte
	fields map[string]json.RawMessage
}

// layers are an object and the objects in it, from the outside to the inside, for as
// long as each holds only one.
func layers(body []byte) (found []layer) {
	for range 4 { // an object in a list in an object, and that in a list
		var list []json.RawMessage
		var fields map[string]json.RawMessage
		switch {
		case json.Unmarshal(body, &list) == nil:
		case json.Unmarshal(body, &fields) == nil:
			found = append(found, layer{body: body, fields: fields})
			list = slices.Collect(maps.Values(fields))
		}
		list = slices.DeleteFunc(list, func(value json.RawMessage) bool { return !isContainer(value) })
		if len(list) != 1 {
			break
		}
		body = list[0]
	}
	return found
}

func isContainer(value json.RawMessage) bool {
	return bytes.HasPrefix(value, []byte("{")) || bytes.HasPrefix(value, []byte("["))
}

// entityID is an ID as an answer has it: a number, or a text that holds one.
type entityID int64

// UnmarshalJSON implements [json.Unmarshaler]; null is no ID.
func (id *entityID) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if text == "null" {
		return nil
	}
	if text[0] == '"' {
		if json.Unmarshal(raw, &text) != nil {
			return wrongType(raw, id)
		}
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		*id = entityID(whole)
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || raw[0] == '"' || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return wrongType(raw, id)
	}
	*id = entityID(number)
	return nil
}

// wrongType is the error that encoding/json completes with the name of the field.
func wrongType(raw []byte, into any) error {
	return &json.UnmarshalTypeError{Value: kindOf(raw), Type: reflect.TypeOf(into).Elem()}
}
