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
	// reading changes nothing: repeated where that may help, ended with the run.
	reading effect = iota
	// writing does no more when repeated. An attempt under way outlives the run's
	// cancellation, so that its outcome is known.
	writing
	// creating must never be repeated while the server may have acted on it.
	creating
	// rewriting replaces what was read right before. It is sent once, since others may
	// have changed it by the time of a repetition: the caller reads again and decides
	// anew, after [Client.RetryWait].
	rewriting
)

// call is one use of the API.
type call struct {
	effect effect
	method string
	// path below the base URL.
	path  string
	query url.Values
	body  any
	// expects describes a good answer, for people.
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
	if call.effect != reading && c.readOnly != "" {
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
		return answer{}, c.unanswered(call, sending, err)
	}
	_ = response.Body.Close() // empty: the transport has put it into sending.last
	if !isSuccess(sending.last.status) {
		return answer{}, c.refused(call, sending)
	}
	return answer{call: call, attempts: sending.attempts, received: *sending.last}, nil
}

// unanswered is a call whose last attempt failed, or which was ended while it
// waited for the next. What an earlier attempt was answered is in the message too.
func (c *Client) unanswered(call call, sending *delivery, err error) *Error {
	failed := &Error{Call: call.name(), Attempts: sending.attempts, InDoubt: sending.inDoubt, Cause: err}
	var parts []string
	if sending.last != nil {
		message, _ := c.message(call, sending.last)
		failed.Status, parts = sending.last.status, append(parts, message)
	}
	if sending.failure != nil {
		parts = append(parts, c.clean(attemptMessage(sending.failure)))
	}
	if !errors.Is(err, sending.failure) {
		parts = append(parts, waitMessage(err))
	}
	failed.Message = strings.Join(parts, "; then ")
	return failed
}

func (c *Client) refused(call call, sending *delivery) *Error {
	message, inForm := c.message(call, sending.last)
	failed := &Error{
		Call: call.name(), Status: sending.last.status, Message: message,
		Attempts: sending.attempts, Malformed: !inForm, WebPage: sending.last.isWebPage(), InDoubt: sending.inDoubt,
	}
	return failed.mismatched(call, sending.last)
}

// message is what an answer other than 2xx says, safe to show.
func (c *Client) message(call call, last *received) (message string, inForm bool) {
	message, inForm = last.message()
	if call.effect == creating {
		message = withoutSecrets(message)
	}
	return c.clean(message), inForm
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

// malformed is an answer that arrived with 2xx and cannot be relied on.
func (a answer) malformed(reason string) *Error {
	failed := &Error{
		Call: a.call.name(), Status: a.status, Message: reason,
		Attempts: a.attempts, Malformed: true, WebPage: a.isWebPage(), InDoubt: a.call.effect != reading,
	}
	return failed.mismatched(a.call, &a.received)
}

func isSuccess(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}
