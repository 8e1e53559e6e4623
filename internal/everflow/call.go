package everflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/hashicorp/go-retryablehttp"
)

// call is one use of the API.
type call struct {
	method string
	// path below the base URL, its variable parts already escaped.
	path  string
	query url.Values
	body  any
	// once marks the one kind of call that must never be repeated while the
	// server may have acted on it: a create.
	once bool
}

func (c call) name() string { return c.method + " " + c.path }

// do sends a call and returns the body of its 2xx answer. Every other ending is
// an *Error with the last status and message.
func (c *Client) do(ctx context.Context, call call) ([]byte, error) {
	sending := &delivery{repeatable: !call.once, finish: call.method != http.MethodGet}
	ctx = context.WithValue(ctx, deliveryKey{}, sending)

	var payload any
	if call.body != nil {
		encoded, err := encode(call.body)
		if err != nil {
			return nil, &Error{Call: call.name(), Message: "the request cannot be written as JSON: " + err.Error(), Cause: err}
		}
		payload = encoded
	}
	address := *c.baseURL
	address.Path += call.path
	address.RawQuery = call.query.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, call.method, address.String(), payload)
	if err != nil {
		return nil, &Error{Call: call.name(), Message: "the request cannot be built", Cause: err}
	}
	req.Header.Set("Accept", "application/json")
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	answer, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(call, sending, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, c.unanswered(call, sending, err)
	}
	if answer.StatusCode >= 200 && answer.StatusCode <= 299 {
		return body, nil
	}
	return nil, c.refused(call, sending, answer, body)
}

func (c *Client) unanswered(call call, sending *delivery, err error) *Error {
	failed := &Error{
		Call: call.name(), Attempts: sending.attempts, Cause: err,
		Message: c.clean(describe(err)), InDoubt: sending.inDoubt,
	}
	// A run cancelled between attempts: the last answer still tells more
	// than the cancellation.
	if sending.lastStatus != 0 && errors.Is(err, context.Canceled) {
		words, _ := errorMessage(sending.lastBody)
		failed.Status, failed.Message = sending.lastStatus, c.clean(words)+"; cancelled before another attempt"
	}
	return failed
}

func (c *Client) refused(call call, sending *delivery, answer *http.Response, body []byte) *Error {
	words, inForm := errorMessage(body)
	if answer.StatusCode >= 300 && answer.StatusCode <= 399 {
		words = fmt.Sprintf("redirected to %s, which is not followed, so that the API key goes to the configured host only: check the base URL",
			redirectTarget(answer))
	}
	return &Error{
		Call: call.name(), Status: answer.StatusCode, Message: c.clean(words),
		Attempts: sending.attempts, Malformed: !inForm, InDoubt: sending.inDoubt,
	}
}

// encode leaves <, > and & as they are: names are not HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

// decode reads a 2xx answer. Its errors name the field, never a value.
func decode[T any](call call, body []byte) (T, error) {
	var into T
	if len(bytes.TrimSpace(body)) == 0 {
		return into, malformed(call, "the answer was empty")
	}
	err := json.Unmarshal(body, &into)
	if err == nil {
		return into, nil
	}
	var zero T
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return zero, malformed(call, fmt.Sprintf("the answer's field %q is of the wrong type", wrong.Field))
	}
	if !json.Valid(body) {
		return zero, malformed(call, "the answer was not JSON, or broke off")
	}
	return zero, malformed(call, "the answer was JSON of another shape than expected")
}

// malformed is an answer that arrived with 2xx and cannot be relied on.
func malformed(call call, reason string) *Error {
	return &Error{Call: call.name(), Status: http.StatusOK, Message: reason, Attempts: 1, Malformed: true, InDoubt: true}
}
