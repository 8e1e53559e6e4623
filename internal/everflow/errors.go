package everflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// maxMessage is how much of a server's message an error repeats, in characters.
const maxMessage = 500

// Error is a call that did not end as it should: refused, unanswered, or
// answered with something the contract does not have.
type Error struct {
	// Call is the method and path, such as "GET /networks".
	Call string
	// Status is the HTTP status of the last answer; 0 when none arrived.
	Status int
	// Message is what the server said, or what was wrong with its answer.
	// The client's own key is cut out of it.
	Message string
	// Attempts is how often the call was sent.
	Attempts int
	// Malformed is true when an answer arrived that is not what the contract
	// promises for its status, so that nothing may be concluded from it.
	Malformed bool
	// InDoubt is true when the server may have acted on the call, on this or an
	// earlier attempt, although it failed.
	InDoubt bool
	// Cause is the error underneath, if there is one.
	Cause error
}

// Error says the call, the last status, the server's words and the attempts.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Call)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	return b.String()
}

// Unwrap returns the error underneath.
func (e *Error) Unwrap() error { return e.Cause }

// IsNotFound reports whether err is Everflow's own word that the object does not
// exist: a 404 with an error in Everflow's form. A 404 page of something else (a
// proxy, a wrong base URL) proves nothing and is not one.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusNotFound && !e.Malformed
}

// StatusOf returns the HTTP status of the last answer that err speaks of, or 0.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// IsInDoubt reports whether a failed write may have changed something all the same.
func IsInDoubt(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.InDoubt
}

// refusal reports whether a status says that nothing was done. 408 is the one of
// its class that some servers and proxies send after a hand-over.
func refusal(status int) bool {
	return status >= 400 && status <= 499 && status != http.StatusRequestTimeout
}

var (
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlStart = regexp.MustCompile(`(?is)^\s*<(!doctype|html|head|body|\?xml)`)
	spaces    = regexp.MustCompile(`\s+`)
)

// errorMessage reads the words of a refusal: {"error": …}, {"Error": …}, the
// title of an HTML page, or a line of plain text. inForm is true for the two JSON
// shapes, which are Everflow's. JSON of any other shape is never repeated, since
// it could hold a key.
func errorMessage(body []byte) (message string, inForm bool) {
	text := strings.TrimSpace(string(body))
	if text == "" {
		return "the answer was empty", false
	}
	var shape map[string]json.RawMessage
	if json.Unmarshal(body, &shape) == nil {
		for _, name := range []string{"error", "Error"} {
			var words string
			if json.Unmarshal(shape[name], &words) == nil && words != "" {
				return words, true
			}
		}
		return "the answer held no error message", false
	}
	if htmlStart.MatchString(text) {
		if title := htmlTitle.FindStringSubmatch(text); title != nil && strings.TrimSpace(title[1]) != "" {
			return fmt.Sprintf("the answer was a web page, titled %q", spaces.ReplaceAllString(strings.TrimSpace(title[1]), " ")), false
		}
		return "the answer was a web page", false
	}
	if strings.ContainsAny(text[:1], `{["`) {
		return "the answer was unreadable JSON", false
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line), false
}

// clean makes a server's words safe to show: no key of ours, no control or
// direction-changing characters, not endless.
func (c *Client) clean(message string) string {
	if key := c.key.Reveal(); key != "" {
		message = strings.ReplaceAll(message, key, redacted)
	}
	message = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, message)
	if runes := []rune(message); len(runes) > maxMessage {
		message = string(runes[:maxMessage]) + "…"
	}
	return strings.TrimSpace(message)
}

// describe puts a transport error in words without the URL, which the call's
// name already gives.
func describe(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled before an answer arrived"
	case errors.Is(err, errAnswerTooLarge):
		return errAnswerTooLarge.Error()
	}
	if e, ok := errors.AsType[*timeoutError](err); ok {
		return e.Error()
	}
	return "no answer: " + err.Error()
}

// neverSent reports whether err arose before a connection stood, so that the
// server cannot have seen the call.
func neverSent(err error) bool {
	if errors.Is(err, errNotStarted) {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}
