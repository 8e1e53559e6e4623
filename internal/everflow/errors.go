package everflow

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is a call that did not end as it should: refused, unanswered, or
// answered with something the contract does not have.
type Error struct {
	// Call is the method and path, such as "GET /networks".
	Call string
	// Status is the HTTP status of the last answer; 0 when none arrived.
	Status int
	// Message is the server's message, or what was wrong with its answer, and how a
	// later attempt failed. It never has the client's own key.
	Message string
	// Attempts is how often the call was sent.
	Attempts int
	// Malformed is true when an answer arrived that is not what the contract
	// promises for its status, so that nothing may be concluded from it.
	Malformed bool
	// WebPage is true when the answer was an HTML page, whatever its status.
	WebPage bool
	// InDoubt is true when the server may have acted on the call, on this or an
	// earlier attempt, although it failed.
	InDoubt bool
	// Assumed is true for the answer to a call that Everflow does not publish.
	Assumed bool
	// Expected and Got describe the answer to an assumed call that is not as assumed,
	// without a value of it; empty for any other ending. See [Mismatch].
	Expected, Got string
	// Cause is the error underneath, if there is one.
	Cause error
}

// Error has the call, the last status, the message and the number of attempts.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Call)
	if e.Status != 0 {
		b.WriteString(strings.TrimRight(fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status)), " "))
	}
	if e.Message != "" && e.Message != http.StatusText(e.Status) {
		b.WriteString(": " + e.Message)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	return b.String()
}

// Unwrap returns the error underneath.
func (e *Error) Unwrap() error { return e.Cause }

// ErrReadOnly is behind the error of a call that [Config.ReadOnly] refused.
var ErrReadOnly = errors.New("read-only")

// IsAbsent reports whether err is an answer which says that there is nothing at the
// path of the call: no such object, or no such call. Which of the two it is, and
// so whether the object exists, it does not say.
func IsAbsent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return isSuccess(e.Status) && e.WebPage
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

// IsTemporary reports whether the same call may succeed when sent again: the rate
// limit, an error of the server, no answer, or one that cannot be read.
func IsTemporary(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == 0 || e.Malformed || isWorthRetrying(e.Status)) && !isPermanent(e.Cause)
}
