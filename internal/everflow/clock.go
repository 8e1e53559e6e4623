package everflow

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock is the server's clock, by the Date of its last answer. The time since then is
// measured with the machine's monotonic clock, which does not depend on its date.
type clock struct{ last atomic.Pointer[serverDate] }

type serverDate struct {
	date       time.Time
	receivedAt time.Time
}

// set remembers the Date of an answer that Everflow itself gave, if it is readable. A
// proxy in front of Everflow has a clock of its own.
func (c *clock) set(answer *received, header http.Header) {
	if !answer.isFromEverflow() {
		return
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.last.Store(&serverDate{date: date.UTC(), receivedAt: time.Now()})
	}
}

func (c *clock) now() (time.Time, bool) {
	last := c.last.Load()
	if last == nil {
		return time.Time{}, false
	}
	return last.date.Add(time.Since(last.receivedAt)), true
}
