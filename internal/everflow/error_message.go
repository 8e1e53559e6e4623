package everflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// maxMessage is how much of a message an error repeats, in characters.
const maxMessage = 500

var (
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlStart = regexp.MustCompile(`(?i)^<(!doctype|html|head|body|\?xml)`)
	blanks    = regexp.MustCompile(`\s+`)
)

// message returns the message of an answer other than 2xx. inForm is true for
// Everflow's own form of an error.
func (r received) message() (message string, inForm bool) {
	if r.status >= 300 && r.status <= 399 {
		return fmt.Sprintf("redirected to %s, which is not followed, so that the API key goes to the configured host only: check the base URL",
			r.redirectHost()), false
	}
	return errorMessage(r.body)
}

func (r received) isWebPage() bool {
	return htmlStart.Match(bytes.TrimSpace(bytes.TrimPrefix(r.body, []byte("\ufeff"))))
}

// redirectHost returns the host that an answer redirects to.
func (r received) redirectHost() string {
	target, err := url.Parse(r.location)
	if err != nil || target.Host == "" {
		return "another address"
	}
	return target.Host
}

// errorMessage reads the message of a refusal: {"error": …}, {"Error": …}, the
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
			var text string
			if json.Unmarshal(shape[name], &text) == nil && strings.TrimSpace(text) != "" {
				return text, true
			}
		}
		return "the answer held no error message", false
	}
	if htmlStart.MatchString(text) {
		if title := htmlTitle.FindStringSubmatch(text); title != nil && strings.TrimSpace(title[1]) != "" {
			return fmt.Sprintf(`the answer was a web page, titled "%s"`, blanks.ReplaceAllString(strings.TrimSpace(title[1]), " ")), false
		}
		return "the answer was a web page", false
	}
	if strings.Contains(text, "{") || strings.ContainsAny(text[:1], `["`) {
		return "the answer was unreadable JSON", false
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line), false
}

// sanitize makes a message safe to show: no key of ours, no control or
// direction-changing characters, not endless.
func (c *Client) sanitize(message string) string {
	message = strings.ReplaceAll(message, c.key.Reveal(), redacted)
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

// longWord can hold a secret: it is long, and letters and digits are in it.
var longWord = regexp.MustCompile(`[A-Za-z0-9_\-+/=.~]{12,}`)

// withoutSecrets removes what may be the secret of the new key from the message of the
// answer to a create. The client cannot recognise that secret: only the answer has it.
func withoutSecrets(message string) string {
	return longWord.ReplaceAllStringFunc(message, func(word string) string {
		if strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word, unicode.IsLetter) {
			return redacted
		}
		return word
	})
}

// attemptMessage describes how an attempt failed, without its URL.
func attemptMessage(failure error) string {
	switch {
	case errors.Is(failure, context.Canceled):
		return "cancelled before an answer arrived"
	case errors.Is(failure, errNoConnection), errors.Is(failure, errAnswerTooLarge):
		return failure.Error()
	case errors.Is(failure, context.DeadlineExceeded):
		return "out of time before an answer arrived"
	}
	return "no answer: " + failure.Error()
}

// waitMessage describes how a wait for the rate limit or for another attempt ended.
func waitMessage(err error) string {
	if errors.Is(err, context.Canceled) {
		return "cancelled while it waited to be sent"
	}
	return "out of time while it waited to be sent"
}
