package doctor

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
)

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
