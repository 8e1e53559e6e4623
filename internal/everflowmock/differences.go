package everflowmock

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Difference is a way in which the real API may differ from the contract. It
// lasts until it is taken away. Several may stand for one operation: they act
// in the order given. Only good answers are changed; DifferenceDate changes
// every answer of the API.
type Difference struct {
	// Operation is one of [Operations]; "" and "*" mean every one.
	Operation string         `json:"operation"`
	Kind      DifferenceKind `json:"kind"`
	// Field is the JSON field that the kinds with "field" in their name are about,
	// in every object of the answer that has it.
	Field string `json:"field,omitempty"`
	// Value is explained by [DifferenceKinds].
	Value string `json:"value,omitempty"`
}

// DifferenceKind is what a [Difference] changes.
type DifferenceKind string

// These kinds act instead of the API, or in its operations.
const (
	DifferenceUnknownPath     DifferenceKind = "unknown-path"
	DifferenceRevokedVanishes DifferenceKind = "revoked-vanishes"
	DifferenceStatusFilter    DifferenceKind = "status-filter"
	DifferencePagingIn        DifferenceKind = "paging-in"
	DifferencePageCapped      DifferenceKind = "page-capped"
	DifferenceTotalGrowing    DifferenceKind = "total-growing"
	DifferenceNameTrimmed     DifferenceKind = "name-trimmed"
	DifferenceNameCut         DifferenceKind = "name-cut"
	DifferenceNameEscaped     DifferenceKind = "name-escaped"
)

// These kinds change what the API answered.
const (
	DifferenceStatus           DifferenceKind = "status"
	DifferenceNoBody           DifferenceKind = "no-body"
	DifferenceInObject         DifferenceKind = "in-object"
	DifferenceInList           DifferenceKind = "in-list"
	DifferenceIDsAsText        DifferenceKind = "ids-as-text"
	DifferenceTimes            DifferenceKind = "times"
	DifferenceStatusWords      DifferenceKind = "status-words"
	DifferenceEntriesAsObjects DifferenceKind = "entries-as-objects"
	DifferenceFieldMissing     DifferenceKind = "field-missing"
	DifferenceFieldNull        DifferenceKind = "field-null"
	DifferenceFieldRenamed     DifferenceKind = "field-renamed"
	DifferenceFieldValue       DifferenceKind = "field-value"
	DifferenceDate             DifferenceKind = "date"
)

// Differences lists what was set, in order.
func (s *Server) Differences() []Difference {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.differences)
}

// SetDifferences replaces all differences; without arguments the API follows the
// contract. A call that arrived before is not affected. After an error nothing
// has changed.
func (s *Server) SetDifferences(list ...Difference) error {
	for _, d := range list {
		if err := d.check(); err != nil {
			return fmt.Errorf("difference %q of %q: %w", d.Kind, d.Operation, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.differences = slices.Clone(list)
	return nil
}

func (d Difference) anyOperation() bool { return d.Operation == "" || d.Operation == "*" }

func (d Difference) check() error {
	kind, ok := d.Kind.describe()
	switch {
	case !ok:
		return fmt.Errorf("unknown kind: use one of %s", differenceKindNames())
	case !d.anyOperation() && !slices.Contains(Operations(), d.Operation):
		return fmt.Errorf("unknown operation: use * or one of %s", strings.Join(Operations(), ", "))
	case kind.Field && d.Field == "":
		return errors.New("the field is missing")
	case !kind.Field && d.Field != "":
		return errors.New("this kind takes no field")
	case kind.Value == "" && d.Value != "":
		return errors.New("this kind takes no value")
	case kind.check != nil:
		return kind.check(d.Value)
	}
	return nil
}

// differences are those that one call meets.
type differences []Difference

func (s *Server) differencesOf(operation string) (found differences) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.differences {
		if d.anyOperation() || d.Operation == operation {
			found = append(found, d)
		}
	}
	return found
}

// value of the last difference of a kind.
func (list differences) value(kind DifferenceKind) (value string, ok bool) {
	for _, d := range list {
		if d.Kind == kind {
			value, ok = d.Value, true
		}
	}
	return value, ok
}

func (list differences) has(kind DifferenceKind) bool {
	_, ok := list.value(kind)
	return ok
}

// number is value for the kinds whose value is a number; 0 without such a difference.
func (list differences) number(kind DifferenceKind) int {
	value, _ := list.value(kind)
	n, _ := strconv.Atoi(value)
	return n
}

// apply changes an answer of the API.
func (list differences) apply(a *answer, now time.Time) {
	for _, d := range list {
		kind, _ := d.Kind.describe()
		switch {
		case d.Kind == DifferenceDate:
			a.header["Date"] = date(d.Value, now)
		case a.status != http.StatusOK:
		case kind.change != nil:
			a.rewriteJSON(func(v any) any { return kind.change(d, v) })
		}
	}
	if a.status != http.StatusOK {
		return
	}
	if status := list.number(DifferenceStatus); status != 0 {
		a.status = status
	}
	if a.status == http.StatusNoContent || list.has(DifferenceNoBody) {
		a.body.Reset()
	}
}

// date is nil for no header at all, as net/http wants it.
func date(value string, now time.Time) []string {
	ahead, err := time.ParseDuration(value)
	if err != nil {
		return nil
	}
	return []string{now.Add(ahead).UTC().Format(http.TimeFormat)}
}

// unknownPath is the answer of a server that does not have the path.
func unknownPath(value string) *answer {
	a := newAnswer()
	switch value {
	case "html-404":
		a.status = http.StatusNotFound
		a.setBody("text/html; charset=utf-8", []byte("<html><head><title>404 Not Found</title></head></html>\n"))
	case "405":
		writeError(a, nil, errMethod)
	default:
		writeError(a, nil, &apiError{http.StatusNotFound, "Not found"})
	}
	return a
}
