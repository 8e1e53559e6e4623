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

// answer is what came back for a call. Numbers are kept as they were written.
type answer struct {
	// failure is why nothing came back.
	failure error
	status  int
	header  http.Header
	// location is the target of a redirect.
	location string
	// value is the body, if form is formJSON.
	value any
	form  form
}

// form is what a body is made of, in words for the report.
type form string

const (
	formJSON    form = "JSON"
	formEmpty   form = "an empty answer"
	formPage    form = "a web page"
	formBroken  form = "JSON that breaks off or is malformed"
	formAnother form = "text that is not JSON"
)

var htmlStart = regexp.MustCompile(`(?is)^\s*<(!doctype|html|head|body|\?xml)`)

func newAnswer(response *http.Response, body []byte) answer {
	a := answer{status: response.StatusCode, header: response.Header, location: response.Header.Get("Location")}
	text := bytes.TrimSpace(body)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	switch err := decoder.Decode(&a.value); {
	case len(text) == 0:
		a.form = formEmpty
	case err == nil && isEnd(decoder):
		a.form = formJSON
	case htmlStart.Match(text):
		a.form = formPage
	case strings.ContainsAny(string(text[:1]), `{["`):
		a.form = formBroken
	default:
		a.form = formAnother
	}
	if a.form != formJSON {
		a.value = nil
	}
	return a
}

func isEnd(decoder *json.Decoder) bool {
	_, err := decoder.Token()
	return err == io.EOF
}

// isTelling reports whether an answer says something about the API: none, one for
// the rate limit and one of a server that failed do not.
func (a answer) isTelling() bool {
	return a.failure == nil && a.status != http.StatusTooManyRequests && a.status < http.StatusInternalServerError
}

func (a answer) isSuccess() bool  { return a.failure == nil && a.status >= 200 && a.status <= 299 }
func (a answer) isRedirect() bool { return a.failure == nil && a.status >= 300 && a.status <= 399 }
func (a answer) isRefusal() bool {
	return a.failure == nil && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) && !a.isGateway()
}

// isGateway recognizes how a common API gateway answers a path that it does not
// know: with 403.
func (a answer) isGateway() bool {
	return a.status == http.StatusForbidden && strings.Contains(strings.ToLower(a.text()), "missing authentication token")
}

// isMissing reports whether the account has no such call, as far as its answer
// says. For a call about an object it may also mean that there is no such object.
func (a answer) isMissing() bool {
	if a.failure != nil {
		return false
	}
	switch a.status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return a.isGateway()
}

// isRejection reports whether the body was not to the server's liking, so that
// nothing was done.
func (a answer) isRejection() bool {
	switch a.status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// isInDoubt reports whether a call that writes may have been acted on, although
// its answer does not say so.
func (a answer) isInDoubt() bool {
	return a.failure != nil || a.isRedirect() || a.status >= http.StatusInternalServerError || a.status == http.StatusRequestTimeout
}

// text is the words of an error, in whatever field they are. They are read, and
// never shown: they may hold a name or an address.
func (a answer) text() string {
	found, _ := a.value.(object)
	for _, name := range []string{"error", "Error", "message", "Message", "errors", "detail", "error_description"} {
		switch words := found[name].(type) {
		case string:
			return words
		case nil:
		default:
			inner, _ := json.Marshal(words)
			return string(inner)
		}
	}
	return ""
}

// hasErrorForm reports whether the body is Everflow's published form of an error.
func (a answer) hasErrorForm() bool {
	found, _ := a.value.(object)
	for _, name := range []string{"error", "Error"} {
		if _, ok := found[name].(string); ok {
			return true
		}
	}
	return false
}

// shape describes a body by its types.
func (a answer) shape() string {
	if a.form != formJSON {
		return string(a.form)
	}
	return kindOf(a.value)
}

var digits = regexp.MustCompile(`^-?[0-9]+$`)

// kindOf is the type of a JSON value. Of a text it also says what it seems to
// stand for, which is often the difference that is looked for.
func kindOf(value any) string {
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
		return "array of " + plural(kindOf(v[0]))
	case object:
		return "object"
	case string:
		return kindOfText(v)
	}
	return "unknown"
}

func kindOfText(text string) string {
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

// integerOf reads an ID, written as a number or as a text.
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

// objectsIn finds the list of objects in an answer: the array itself, or the
// longest one in its fields, however deep.
func objectsIn(value any) []object {
	switch v := value.(type) {
	case []any:
		var found []object
		for _, entry := range v {
			if one, ok := entry.(object); ok {
				found = append(found, one)
			}
		}
		return found
	case object:
		var longest []object
		for _, inner := range v {
			if found := objectsIn(inner); len(found) > len(longest) {
				longest = found
			}
		}
		return longest
	}
	return nil
}

// hasText reports whether one of the object's own fields is a text that contains this.
func hasText(found object, text string) bool {
	for _, value := range found {
		if words, ok := value.(string); ok && strings.Contains(words, text) {
			return true
		}
	}
	return false
}

// objectsWithin are all objects in a value, the outer before the inner ones.
func objectsWithin(value any) (all []object) {
	switch v := value.(type) {
	case object:
		all = append(all, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, objectsWithin(v[name])...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, objectsWithin(inner)...)
		}
	}
	return all
}
