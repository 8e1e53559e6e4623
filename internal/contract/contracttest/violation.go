package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

const notJSON = "not one JSON value"

// reasons says in one text each what an error of openapi3filter is about. It
// takes the place and the rule and leaves the value: the errors' own texts
// quote it, and it may be a secret.
func reasons(place string, err error) []string {
	switch e := err.(type) { //nolint:errorlint // layer by layer: the place is in one, the rule in the next
	case nil:
		return nil
	case openapi3.MultiError:
		var all []string
		for _, one := range e {
			all = append(all, reasons(place, one)...)
		}
		return all
	case *openapi3filter.RequestError:
		switch {
		case e.Parameter != nil:
			place = fmt.Sprintf("%s %s parameter %q", place, e.Parameter.In, e.Parameter.Name)
		case e.RequestBody != nil:
			place += " body"
		}
		return because(place, e.Reason, e.Err)
	case *openapi3filter.ResponseError:
		return because(place, e.Reason, e.Err)
	case *openapi3.SchemaError:
		return []string{fmt.Sprintf("%s at /%s: %s", place, strings.Join(e.JSONPointer(), "/"), e.Reason)}
	case *openapi3filter.ParseError:
		if e.Reason == "" {
			return []string{place + ": " + notJSON}
		}
		return []string{place + ": " + e.Reason}
	}
	return []string{place + ": does not follow the contract"}
}

// because puts the cause, where there is one, in place of its text.
func because(place, reason string, cause error) []string {
	switch {
	case cause == nil:
		return []string{place + ": " + reason}
	case errors.Is(cause, openapi3filter.ErrInvalidRequired), errors.Is(cause, openapi3filter.ErrInvalidEmptyValue):
		return []string{place + ": " + cause.Error()}
	case reason != "":
		place += ": " + reason
	}
	return reasons(place, cause)
}

// trailing tells whether more follows the first JSON value of a body, which
// openapi3filter does not read.
func trailing(body []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	var first json.RawMessage
	if decoder.Decode(&first) != nil {
		return false
	}
	return decoder.Decode(&first) != io.EOF
}

var apiKeyField = regexp.MustCompile(`"api_key"\s*:\s*("(?:[^"\\]|\\.)*")`)

// secrets collects the keys of an exchange: what authenticates the request, and
// every api_key field of its bodies, however broken they are otherwise.
func secrets(header http.Header, bodies ...[]byte) []string {
	found := slices.Clone(header.Values("X-Eflow-API-Key"))
	for _, body := range bodies {
		for _, match := range apiKeyField.FindAllSubmatch(body, -1) {
			var value string
			if json.Unmarshal(match[1], &value) == nil {
				found = append(found, value)
			}
		}
	}
	return found
}

// redact takes the secrets out of a text. Texts hold no values, but they name
// unknown fields and paths, and a secret may have ended up in one of those.
func redact(text string, secrets []string) string {
	longestFirst := slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return len(b) - len(a) })
	for _, secret := range longestFirst {
		quoted := strings.Trim(strconv.Quote(secret), `"`)
		for _, form := range []string{secret, quoted} {
			if form != "" {
				text = strings.ReplaceAll(text, form, "[redacted]")
			}
		}
	}
	return text
}
