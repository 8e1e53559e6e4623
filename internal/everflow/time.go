package everflow

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Time is a moment as Everflow writes it: Unix seconds, 0 for never.
type Time int64

// Time returns the moment in UTC; ok is false for never.
func (t Time) Time() (moment time.Time, ok bool) {
	return time.Unix(int64(t), 0).UTC(), t != 0
}

// firstMilliseconds is the least number that is taken for milliseconds: in seconds
// it would be the year 5138.
const firstMilliseconds = 1e11

// UnmarshalJSON implements [json.Unmarshaler]. Beside Unix seconds it takes
// milliseconds, a number as text, and RFC 3339; null and an empty text are never.
func (t *Time) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if text[0] == '"' {
		if json.Unmarshal(raw, &text) != nil {
			return wrongType(raw, t)
		}
		if moment, err := time.Parse(time.RFC3339, text); err == nil {
			*t = Time(max(0, moment.Unix())) // the year 1 is Go's own way to write never
			return nil
		}
	}
	if text == "null" || text == "" {
		*t = 0
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.Abs(number) > 1e15 {
		return wrongType(raw, t)
	}
	if number >= firstMilliseconds {
		number /= 1000
	}
	*t = Time(max(0, math.Floor(number))) // before 1970: as above
	return nil
}
