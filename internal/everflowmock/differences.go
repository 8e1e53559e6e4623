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
// lasts until it is removed. One operation may have several; they change the
// answer in the order in which they were set. Only successful answers are
// changed, but for DifferenceDateHeader, which changes every answer of the API.
type Difference struct {
	// Operation is one of [Operations]; "" and "*" mean every operation.
	Operation string         `json:"operation"`
	Kind      DifferenceKind `json:"kind"`
	// Field names a JSON field, for the kinds that start with DifferenceField.
	// It is changed in every object of the answer that has it.
	Field string `json:"field,omitempty"`
	// Value is explained by [DifferenceKinds].
	Value string `json:"value,omitempty"`
}

// DifferenceKind is what a [Difference] changes. [DifferenceKinds] explains each.
type DifferenceKind string

// These kinds change what the API does.
const (
	DifferenceUnknownPath          DifferenceKind = "unknown-path"
	DifferenceRevokedNotFound      DifferenceKind = "revoked-not-found"
	DifferenceStatusFilter         DifferenceKind = "status-filter"
	DifferencePagingIn             DifferenceKind = "paging-in"
	DifferencePageSizeCapped       DifferenceKind = "page-size-capped"
	DifferenceKeyAddedBetweenPages DifferenceKind = "key-added-between-pages"
	DifferenceNameTrimmed          DifferenceKind = "name-trimmed"
	DifferenceNameTruncated        DifferenceKind = "name-truncated"
	DifferenceNameEscaped          DifferenceKind = "name-escaped"
)

// These kinds change what the API answers.
const (
	DifferenceHTTPStatus       DifferenceKind = "http-status"
	DifferenceNoBody           DifferenceKind = "no-body"
	DifferenceInObject         DifferenceKind = "in-object"
	DifferenceInList           DifferenceKind = "in-list"
	DifferenceIDsAsStrings     DifferenceKind = "ids-as-strings"
	DifferenceTimes            DifferenceKind = "times"
	DifferenceKeyStatusValues  DifferenceKind = "key-status-values"
	DifferenceEntriesAsObjects DifferenceKind = "entries-as-objects"
	DifferenceFieldMissing     DifferenceKind = "field-missing"
	DifferenceFieldNull        DifferenceKind = "field-null"
	DifferenceFieldRenamed     DifferenceKind = "field-renamed"
	DifferenceFieldValue       DifferenceKind = "field-value"
	DifferenceDateHeader       DifferenceKind = "date-header"
)

// Differences lists the differences in the order in which they were set.
func (s *Server) Differences() []Difference {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.differences)
}

// SetDifferences replaces all differences; without arguments the API follows the
// contract. Calls that the server received before keep theirs. If one of the
// list is invalid, nothing changes.
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
	info, ok := d.Kind.info()
	switch {
	case !ok:
		return fmt.Errorf("unknown kind: use one of %s", differenceKindNames())
	case !d.anyOperation() && !slices.Contains(Operations(), d.Operation):
		return fmt.Errorf("unknown operation: use * or one of %s", strings.Join(Operations(), ", "))
	case info.Field && d.Field == "":
		return errors.New("field is missing: this kind changes one JSON field")
	case !info.Field && d.Field != "":
		return errors.New("this kind takes no field")
	case info.Value == "" && d.Value != "":
		return errors.New("this kind takes no value")
	case info.checkValue != nil:
		return info.checkValue(d.Value)
	}
	return nil
}

// differences are those of one call's operation.
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

// value is the value of the last difference of a kind; ok is false without one.
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

// number is value for the kinds that have a number; 0 without such a difference.
func (list differences) number(kind DifferenceKind) int {
	value, _ := list.value(kind)
	n, _ := strconv.Atoi(value)
	return n
}

// applyTo changes an answer of the API.
func (list differences) applyTo(a *answer, now time.Time) {
	for _, d := range list {
		info, _ := d.Kind.info()
		switch {
		case d.Kind == DifferenceDateHeader:
			a.header["Date"] = dateHeader(d.Value, now)
		case a.status != http.StatusOK:
		case info.change != nil:
			a.rewriteJSON(func(v any) any { return info.change(d, v) })
		}
	}
	if a.status != http.StatusOK {
		return
	}
	if status := list.number(DifferenceHTTPStatus); status != 0 {
		a.status = status
	}
	if a.status == http.StatusNoContent || list.has(DifferenceNoBody) {
		a.body.Reset()
	}
}

// dateHeader is nil for the value none: net/http then sends no header Date.
func dateHeader(value string, now time.Time) []string {
	ahead, err := time.ParseDuration(value)
	if err != nil {
		return nil
	}
	return []string{now.Add(ahead).UTC().Format(http.TimeFormat)}
}

// answerUnknownPath is the answer of a server that does not have the path.
func answerUnknownPath(value string) *answer {
	a := newAnswer()
	switch value {
	case "html-404":
		a.status = http.StatusNotFound
		a.setBody("text/html; charset=utf-8", []byte("<html><head><title>404 Not Found</title></head></html>\n"))
	case "405":
		writeError(a, nil, errMethodNotAllowed)
	default:
		writeError(a, nil, notFound("Not found"))
	}
	return a
}
