package everflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// HowToReport says what to do about a call that is not as assumed.
const HowToReport = "Please run everflow-doctor, which checks each call and shows no secret (the guide \"What is published, and what is assumed\" says how), " +
	"and report what it prints at https://github.com/everflow-community/terraform-provider-everflow/issues/new?template=contract_report.yml."

// Mismatch explains an answer of an assumed call that is not as assumed: what was
// expected, what came, and how to report it. It is empty for any other error.
func Mismatch(err error) string {
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.Assumed || e.Expected == "" {
		return ""
	}
	return fmt.Sprintf("%s is assumed: Everflow does not publish this call, and it was not answered as this provider expects. Expected: %s. Got: %s. %s",
		e.Call, e.Expected, e.Got, HowToReport)
}

// withMismatch adds what was expected and what was received, if the answer to an assumed
// call is not as assumed.
func (e *Error) withMismatch(call call, last *received) *Error {
	e.Assumed = call.isAssumed()
	if last != nil && (isSuccess(last.status) || isUnexpectedStatus(last.status)) {
		e.Expected, e.Got = "status 200 and "+call.expects, last.shape()
	}
	return e
}

// isUnexpectedStatus reports whether a status means that the server has no such call, or
// expects another request.
func isUnexpectedStatus(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusConflict,
		http.StatusGone, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return true
	}
	return false
}

func (c call) isAssumed() bool { return strings.HasPrefix(c.path, "/networks/security/") }

// shape describes an answer by its type and the names of its fields, without a value.
func (r received) shape() string {
	status := fmt.Sprintf("status %d and ", r.status)
	body := strings.TrimSpace(string(r.body))
	switch {
	case body == "":
		return status + "no body"
	case r.isWebPage():
		return status + "a web page"
	case !json.Valid([]byte(body)):
		return status + "a text that is not JSON"
	}
	return status + shapeOf(json.RawMessage(body), 2)
}

// shapeOf describes JSON, objects in it down to a depth.
func shapeOf(raw json.RawMessage, depth int) string {
	kind := kindOf(raw)
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch {
	case kind == "list" && json.Unmarshal(raw, &list) == nil && len(list) > 0 && depth > 0:
		return "a list whose first entry is " + shapeOf(list[0], depth-1)
	case kind == "object" && json.Unmarshal(raw, &object) == nil && depth > 0:
		return objectShape(object, depth)
	}
	if kind == "object" {
		return "an object"
	}
	return "a " + kind
}

// mostFields is how many fields of an object are named.
const mostFields = 30

func objectShape(object map[string]json.RawMessage, depth int) string {
	if len(object) == 0 {
		return "an object without fields"
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		what := kindOf(object[name])
		if (what == "object" || what == "list") && depth > 1 {
			what = shapeOf(object[name], depth-1)
		}
		fields = append(fields, fmt.Sprintf("%s (%s)", fieldName(name), what))
	}
	if len(fields) > mostFields {
		fields = append(fields[:mostFields], "more")
	}
	return "an object with the fields " + strings.Join(fields, ", ")
}

// plainName is a word, or words with underscores or in camel case. A name of
// another form is not shown: it could be a value that is used as a name.
var plainName = regexp.MustCompile(`^[A-Za-z]?[a-z]+([A-Z][a-z]+)*(_[A-Za-z]?[a-z]+([A-Z][a-z]+)*)*$`)

func fieldName(name string) string {
	if len(name) <= 40 && plainName.MatchString(name) {
		return name
	}
	return "one whose name is not shown"
}

// kindOf is the kind of a JSON value, in words.
func kindOf(raw []byte) string {
	switch {
	case len(raw) == 0:
		return "nothing"
	case raw[0] == '"':
		return "text"
	case raw[0] == '{':
		return "object"
	case raw[0] == '[':
		return "list"
	case raw[0] == 'n':
		return "null"
	case raw[0] == 't', raw[0] == 'f':
		return "boolean"
	}
	return "number"
}
