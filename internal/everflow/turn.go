package everflow

import (
	"context"
	"net/http"
	"sync/atomic"
)

type turnKey struct{}

// TakeTurn waits until a call may be sent, and returns a context with which the next
// one is sent at once. Nothing but the call's own time then lies between a read and
// the write that rests on it, however little is left of the rate limit. Errors are
// *Error.
func (c *Client) TakeTurn(ctx context.Context) (context.Context, error) {
	if err := c.pace.wait(ctx); err != nil {
		return ctx, &Error{Call: http.MethodPut + " " + whitelistPath, Message: interrupted(err), Cause: err}
	}
	turn := &atomic.Bool{}
	turn.Store(true)
	return context.WithValue(ctx, turnKey{}, turn), nil
}

// useTurn reports whether a turn was taken before, and uses it up.
func useTurn(ctx context.Context) bool {
	turn, ok := ctx.Value(turnKey{}).(*atomic.Bool)
	return ok && turn.CompareAndSwap(true, false)
}
