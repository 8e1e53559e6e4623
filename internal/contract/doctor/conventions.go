package doctor

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// conventions hold for all operations.
var conventions = []struct{ id, source, about string }{
	{"rateLimitHeaders", "published", "X-RateLimit-Limit and X-RateLimit-Remaining in each answer"},
	{"errorBody", "published", `{"error": "…"} or {"Error": "…"} in each refusal`},
	{"dateHeader", "assumed", "Date in each answer: the provider tells the time by it"},
}

// headerChecks collects how often a header was not as it should be.
type headerChecks struct {
	answers int
	wrong   map[string]int
	kinds   map[string]string
}

var rateLimitHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining"}

// see looks at an answer of a call that exists: what answers to others may be
// something in front of the API.
func (h *headerChecks) see(a answer) {
	if a.failure != nil || a.isMissing() {
		return
	}
	if h.wrong == nil {
		h.wrong, h.kinds = map[string]int{}, map[string]string{}
	}
	h.answers++
	for _, name := range rateLimitHeaders {
		if _, err := strconv.ParseUint(a.header.Get(name), 10, 63); err != nil {
			h.add(a, name, "something that is no integer")
		}
	}
	// A proxy may have kept an answer for some minutes, and this machine's clock may be wrong.
	const tolerance = 5 * time.Minute
	if date, err := http.ParseTime(a.header.Get("Date")); err != nil {
		h.add(a, "Date", "something that is no time")
	} else if time.Since(date).Abs() > tolerance {
		h.add(a, "Date", "more than 5 minutes from this machine's clock")
	}
}

func (h *headerChecks) add(a answer, name, got string) {
	h.wrong[name]++
	h.kinds[name] = got
	if a.header.Get(name) == "" {
		h.kinds[name] = "no such header"
	}
}

func (h *headerChecks) judge(c *Convention, expected string, names ...string) {
	if h.answers == 0 {
		return
	}
	c.Verdict = Fits
	for _, name := range names {
		if h.wrong[name] == 0 {
			continue
		}
		got := h.kinds[name]
		if h.wrong[name] < h.answers {
			got += ", in some answers"
		}
		c.differ("header "+name, expected, got)
	}
}

// errorChecks collects the forms of errors, by status.
type errorChecks struct {
	seen  bool
	wrong map[int]string
}

// see looks at an answer of a call that exists.
func (e *errorChecks) see(a answer) {
	if a.failure != nil || a.status < http.StatusBadRequest {
		return
	}
	e.seen = true
	if a.hasErrorForm() {
		return
	}
	if e.wrong == nil {
		e.wrong = map[int]string{}
	}
	e.wrong[a.status] = a.shape()
}

func (e *errorChecks) judge(c *Convention) {
	if !e.seen {
		return
	}
	c.Verdict = Fits
	for _, status := range slices.Sorted(maps.Keys(e.wrong)) {
		c.differ(fmt.Sprintf("answers with status %d", status), `object with a string "error" or "Error"`, e.wrong[status])
	}
}
