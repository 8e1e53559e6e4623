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

const notJSON = "not exactly one JSON value"

// violationsIn describes an error of openapi3filter, one text for each violation. A
// text holds the place and the rule. The error's own text is not used: it quotes the
// value, which may be a secret.
func violationsIn(place string, err error) []string {
	switch e := err.(type) { //nolint:errorlint // each layer is read: the place is in an outer error, the rule in an inner one
	case nil:
		return nil
	case openapi3.MultiError:
		var all []string
		for _, one := range e {
			all = append(all, violationsIn(place, one)...)
		}
		return all
	case *openapi3filter.RequestError:
		switch {
		case e.Parameter != nil:
			place = fmt.Sprintf("%s %s parameter %q", place, e.Parameter.In, e.Parameter.Name)
		case e.RequestBody != nil:
			place += " body"
		}
		return violationsWithCause(place, e.Reason, e.Err)
	case *openapi3filter.ResponseError:
		return violationsWithCause(place, e.Reason, e.Err)
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

// violationsWithCause describes the cause of an error, or its reason if it has no cause.
func violationsWithCause(place, reason string, cause error) []string {
	switch {
	case cause == nil:
		return []string{place + ": " + reason}
	case errors.Is(cause, openapi3filter.ErrInvalidRequired), errors.Is(cause, openapi3filter.ErrInvalidEmptyValue):
		return []string{place + ": " + cause.Error()}
	case reason != "":
		place += ": " + reason
	}
	return violationsIn(place, cause)
}

// hasTrailingData reports whether data follows the first JSON value of a body.
// openapi3filter reads the first value only.
func hasTrailingData(body []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	var first json.RawMessage
	if decoder.Decode(&first) != nil {
		return false
	}
	return decoder.Decode(&first) != io.EOF
}

var apiKeyField = regexp.MustCompile(`"api_key"\s*:\s*("(?:[^"\\]|\\.)*")`)

// secretsIn returns the API keys of an exchange: that of the header, and every
// api_key field of the bodies, which may be invalid JSON.
func secretsIn(header http.Header, bodies ...[]byte) []string {
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

// redact removes the secrets from a text. Texts hold no values, but they name unknown
// fields and paths, which may contain a secret.
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
