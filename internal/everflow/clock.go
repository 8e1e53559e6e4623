package everflow

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock is the server's, by the Date of its answers. The machine's own clock only
// counts the time since the last answer, which no setting of it changes.
type clock struct{ last atomic.Pointer[serverDate] }

type serverDate struct {
	date time.Time
	at   time.Time // with the monotonic clock
}

// set takes over the Date of an answer that Everflow itself gave; one without a
// readable Date is passed over. What stands in front of Everflow has a clock of its own.
func (c *clock) set(answer *received, header http.Header) {
	if !answer.isFromEverflow() {
		return
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.last.Store(&serverDate{date: date.UTC(), at: time.Now()})
	}
}

func (c *clock) now() (time.Time, bool) {
	last := c.last.Load()
	if last == nil {
		return time.Time{}, false
	}
	return last.date.Add(time.Since(last.at)), true
}
