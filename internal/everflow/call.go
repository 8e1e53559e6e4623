package everflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/go-retryablehttp"
)

// effect is what sending a call does, which decides whether it may be repeated
// and whether the end of the run may cut it off.
type effect int

const (
	// effectRead changes nothing: repeated where that may help, ended with the run.
	effectRead effect = iota
	// effectWrite has the same result when repeated. An attempt that is under way is not
	// cancelled with the run, so that its outcome is known.
	effectWrite
	// effectCreate must never be repeated while the server may have acted on it.
	effectCreate
	// effectReplace overwrites what was read right before. It is sent once, since others
	// may change that before a repetition: the caller waits for [Client.RetryWait], reads
	// again and decides again.
	effectReplace
)

// call is one use of the API.
type call struct {
	effect effect
	method string
	// path below the base URL.
	path  string
	query url.Values
	body  any
	// expects describes the expected answer for [Mismatch].
	expects string
}

func (c call) name() string { return c.method + " " + c.path }

// answer is a 2xx answer to a call, read whole.
type answer struct {
	call     call
	attempts int
	received
}

// do sends a call. Every ending but a 2xx answer is an *Error with the last
// status and message.
func (c *Client) do(ctx context.Context, call call) (answer, error) {
	if call.effect != effectRead && c.readOnly != "" {
		return answer{}, &Error{Call: call.name(), Message: "not sent, because the provider is read-only, as " + c.readOnly + " says", Cause: ErrReadOnly}
	}
	sending := &delivery{effect: call.effect}
	ctx = context.WithValue(ctx, deliveryKey{}, sending)

	req, err := c.request(ctx, call)
	if err != nil {
		return answer{}, &Error{Call: call.name(), Message: "the request cannot be built", Cause: err}
	}
	response, err := c.http.Do(req)
	if err != nil {
		return answer{}, c.unansweredError(call, sending, err)
	}
	_ = response.Body.Close() // empty: the transport has read it into sending.last
	if !isSuccess(sending.last.status) {
		return answer{}, c.refusedError(call, sending)
	}
	return answer{call: call, attempts: sending.attempts, received: *sending.last}, nil
}

// unansweredError describes a call whose last attempt got no answer, or which ended while
// it waited for the next attempt. Its message has the answer to an earlier attempt, too.
func (c *Client) unansweredError(call call, sending *delivery, err error) *Error {
	failed := &Error{Call: call.name(), Attempts: sending.attempts, InDoubt: sending.inDoubt, Cause: err}
	var parts []string
	if sending.last != nil {
		message, _ := c.message(call, sending.last)
		failed.Status, parts = sending.last.status, append(parts, message)
	}
	if sending.failure != nil {
		parts = append(parts, c.sanitize(attemptMessage(sending.failure)))
	}
	if !errors.Is(err, sending.failure) {
		parts = append(parts, waitMessage(err))
	}
	failed.Message = strings.Join(parts, "; then ")
	return failed
}

func (c *Client) refusedError(call call, sending *delivery) *Error {
	message, inForm := c.message(call, sending.last)
	failed := &Error{
		Call: call.name(), Status: sending.last.status, Message: message,
		Attempts: sending.attempts, Malformed: !inForm, WebPage: sending.last.isWebPage(), InDoubt: sending.inDoubt,
	}
	return failed.withMismatch(call, sending.last)
}

// message returns the message of an answer other than 2xx, safe to show.
func (c *Client) message(call call, last *received) (message string, inForm bool) {
	message, inForm = last.message()
	if call.effect == effectCreate {
		message = withoutSecrets(message)
	}
	return c.sanitize(message), inForm
}

func (c *Client) request(ctx context.Context, call call) (*retryablehttp.Request, error) {
	address := c.baseURL.JoinPath(call.path)
	address.RawQuery = call.query.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, call.method, address.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if call.body == nil {
		return req, nil
	}
	req.Header.Set("Content-Type", "application/json")
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // names are not HTML
	return req, errors.Join(encoder.Encode(call.body), req.SetBody(body.Bytes()))
}

// list fetches one of the published endpoints that answer with a plain array.
func list[T checked](ctx context.Context, c *Client, path string) ([]T, error) {
	answer, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return nil, err
	}
	return decode[listOf[T]](answer)
}

type listOf[T checked] []T

func (listOf[T]) keyField() string { return "" }

func (l listOf[T]) missingField() string {
	if l == nil {
		return "[]"
	}
	for _, entry := range l {
		if field := entry.missingField(); field != "" {
			return "[]." + field
		}
	}
	return ""
}

// malformedError describes an answer with status 2xx that cannot be used.
func (a answer) malformedError(reason string) *Error {
	failed := &Error{
		Call: a.call.name(), Status: a.status, Message: reason,
		Attempts: a.attempts, Malformed: true, WebPage: a.isWebPage(), InDoubt: a.call.effect != effectRead,
	}
	return failed.withMismatch(a.call, &a.received)
}

func isSuccess(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}
