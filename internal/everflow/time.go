package everflow

import "time"

// Time is a moment as Everflow writes it: Unix seconds, 0 for never.
type Time int64

// Time returns the moment in UTC; ok is false for never.
func (t Time) Time() (moment time.Time, ok bool) {
	return time.Unix(int64(t), 0).UTC(), t != 0
}
