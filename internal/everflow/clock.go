package everflow

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// clock is the server's, as its answers tell it. The machine's own clock is used
// only to count the time since the last answer, which no setting of it changes.
type clock struct{ last atomic.Pointer[reading] }

type reading struct {
	date time.Time
	at   time.Time // with the monotonic clock
}

// set takes over the Date of an answer that Everflow itself gave; one without a
// readable Date is passed over. What stands in front of Everflow has a clock of its own.
func (c *clock) set(answer *received, header http.Header) {
	if _, inForm := answer.words(); !inForm && (!isSuccess(answer.status) || answer.isWebPage()) {
		return
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.last.Store(&reading{date: date.UTC(), at: time.Now()})
	}
}

func (c *clock) now() (time.Time, bool) {
	last := c.last.Load()
	if last == nil {
		return time.Time{}, false
	}
	return last.date.Add(time.Since(last.at)), true
}

// Now returns the server's time, in whole seconds and UTC, going by the Date of
// its last answer to this client. It makes a call only if there was none yet.
// Errors are those of [Client.NetworkID], and that no answer had a Date.
func (c *Client) Now(ctx context.Context) (time.Time, error) {
	now, ok := c.clock.now()
	if !ok {
		if _, err := c.NetworkID(ctx); err != nil {
			return time.Time{}, err
		}
		if now, ok = c.clock.now(); !ok {
			return time.Time{}, errors.New("the server's answers have no readable Date header, so that its time is not known; a proxy in between may have removed it")
		}
	}
	return now.Truncate(time.Second), nil
}
