package doctor

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// conventions are the rules of the contract that apply to all operations.
var conventions = []struct{ id, source, rule string }{
	{id: "rateLimitHeaders", source: "published", rule: "X-RateLimit-Limit and X-RateLimit-Remaining in each answer"},
	{id: "errorBody", source: "published", rule: `{"error": "…"} or {"Error": "…"} in each error`},
	{id: "dateHeader", source: "assumed", rule: "Date in each answer, from which the provider takes the time"},
}

// headerChecks counts the answers whose headers are not as the contract says.
type headerChecks struct {
	answers int
	wrong   map[string]int    // by header
	got     map[string]string // what was wrong last, by header
}

var rateLimitHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining"}

// add checks an answer. Answers to unknown paths do not count: they may come from a
// proxy in front of the API.
func (h *headerChecks) add(a answer) {
	if a.failure != nil || a.isMissing() {
		return
	}
	if h.wrong == nil {
		h.wrong, h.got = map[string]int{}, map[string]string{}
	}
	h.answers++
	for _, name := range rateLimitHeaders {
		if _, err := strconv.ParseUint(a.header.Get(name), 10, 63); err != nil {
			h.addWrong(a, name, "not an integer")
		}
	}
	// A cached answer may be some minutes old, and this machine's clock may be wrong.
	const tolerance = 5 * time.Minute
	if date, err := http.ParseTime(a.header.Get("Date")); err != nil {
		h.addWrong(a, "Date", "not a date")
	} else if time.Since(date).Abs() > tolerance {
		h.addWrong(a, "Date", "more than 5 minutes from this machine's clock")
	}
}

func (h *headerChecks) addWrong(a answer, name, got string) {
	h.wrong[name]++
	h.got[name] = got
	if a.header.Get(name) == "" {
		h.got[name] = "no such header"
	}
}

// evaluate sets the verdict on the convention that these headers belong to.
func (h *headerChecks) evaluate(c *Convention, expected string, names ...string) {
	if h.answers == 0 {
		return
	}
	c.Verdict = Matches
	for _, name := range names {
		if h.wrong[name] == 0 {
			continue
		}
		got := h.got[name]
		if h.wrong[name] < h.answers {
			got += ", in some answers"
		}
		c.addDifference("header "+name, expected, got)
	}
}

// errorChecks collects the bodies of errors that do not have the published form.
type errorChecks struct {
	seen  bool           // whether there was any error
	wrong map[int]string // the type of the body, by status
}

// add checks an answer to a call that exists.
func (e *errorChecks) add(a answer) {
	if a.failure != nil || a.status < http.StatusBadRequest {
		return
	}
	e.seen = true
	if a.hasErrorField() {
		return
	}
	if e.wrong == nil {
		e.wrong = map[int]string{}
	}
	e.wrong[a.status] = a.bodyType()
}

func (e *errorChecks) evaluate(c *Convention) {
	if !e.seen {
		return
	}
	c.Verdict = Matches
	for _, status := range slices.Sorted(maps.Keys(e.wrong)) {
		c.addDifference(fmt.Sprintf("error with status %d", status), `object with a string "error" or "Error"`, e.wrong[status])
	}
}
