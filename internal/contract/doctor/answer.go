package doctor

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

// answer is the answer to a call, or the reason why there is none.
type answer struct {
	failure error // nil if an answer arrived
	status  int
	header  http.Header
	form    form
	value   any // the body if form is formJSON, its numbers as json.Number
}

// form is the form of a body, as the report names it.
type form string

const (
	formJSON      form = "JSON"
	formEmpty     form = "empty body"
	formHTML      form = "HTML page"
	formMalformed form = "truncated or malformed JSON"
	formText      form = "text that is not JSON"
)

var htmlPrefix = regexp.MustCompile(`(?is)^\s*<(!doctype|html|head|body|\?xml)`)

func newAnswer(response *http.Response, body []byte) answer {
	a := answer{status: response.StatusCode, header: response.Header}
	text := bytes.TrimSpace(body)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	switch err := decoder.Decode(&a.value); {
	case len(text) == 0:
		a.form = formEmpty
	case err == nil && isAtEnd(decoder):
		a.form = formJSON
	case htmlPrefix.Match(text):
		a.form = formHTML
	case strings.ContainsAny(string(text[:1]), `{["`):
		a.form = formMalformed
	default:
		a.form = formText
	}
	if a.form != formJSON {
		a.value = nil
	}
	return a
}

func isAtEnd(decoder *json.Decoder) bool {
	_, err := decoder.Token()
	return err == io.EOF
}

// isConclusive reports whether the answer shows how the API behaves. No answer, 429
// and a server error do not.
func (a answer) isConclusive() bool {
	return a.failure == nil && a.status != http.StatusTooManyRequests && a.status < http.StatusInternalServerError
}

func (a answer) isSuccess() bool  { return a.failure == nil && a.status >= 200 && a.status <= 299 }
func (a answer) isRedirect() bool { return a.failure == nil && a.status >= 300 && a.status <= 399 }
func (a answer) isRefusal() bool {
	return a.failure == nil && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) && !a.isGatewayUnknownPath()
}

// isGatewayUnknownPath recognizes the answer of Amazon API Gateway to an unknown
// path, which has status 403.
func (a answer) isGatewayUnknownPath() bool {
	return a.status == http.StatusForbidden && strings.Contains(strings.ToLower(a.errorMessage()), "missing authentication token")
}

// isMissing reports whether the answer says that the call does not exist. For a call
// about an object it can also mean that the object does not exist.
func (a answer) isMissing() bool {
	if a.failure != nil {
		return false
	}
	switch a.status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return a.isGatewayUnknownPath()
}

// rejectsBody reports whether the server refused the request's body and did nothing.
func (a answer) rejectsBody() bool {
	switch a.status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// mayHaveTakenEffect reports whether a call without a success may still have
// written.
func (a answer) mayHaveTakenEffect() bool {
	return a.failure != nil || a.isRedirect() || a.status >= http.StatusInternalServerError || a.status == http.StatusRequestTimeout
}

// errorMessage returns the message of an error, which may be in one of several fields.
// It is never shown: it may hold a name or an address.
func (a answer) errorMessage() string {
	found, _ := a.value.(object)
	for _, name := range []string{"error", "Error", "message", "Message", "errors", "detail", "error_description"} {
		switch message := found[name].(type) {
		case string:
			return message
		case nil:
		default:
			inner, _ := json.Marshal(message)
			return string(inner)
		}
	}
	return ""
}

// hasErrorField reports whether the body has Everflow's published form of an error.
func (a answer) hasErrorField() bool {
	found, _ := a.value.(object)
	for _, name := range []string{"error", "Error"} {
		if _, ok := found[name].(string); ok {
			return true
		}
	}
	return false
}

// bodyType describes the body for the report.
func (a answer) bodyType() string {
	if a.form != formJSON {
		return string(a.form)
	}
	return jsonType(a.value)
}

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
