package everflowmock

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is what a [Fault] does to an answer.
type FaultKind string

// The kinds up to FaultRedirect spoil a call before or after the API acted
// on it. The others spoil a real answer, so the API always acts first.
const (
	FaultStatus   FaultKind = "status"   // Status, with Body and ContentType if given
	FaultReset    FaultKind = "reset"    // a TCP reset instead of an answer
	FaultHang     FaultKind = "hang"     // the real answer after Delay, or none until the client goes away
	FaultEmpty    FaultKind = "empty"    // 200 without a body
	FaultBody     FaultKind = "body"     // 200 with Body
	FaultRedirect FaultKind = "redirect" // Status (307 when 0) to URL

	FaultSlow        FaultKind = "slow"         // headers at once, the body in pieces over Delay, or half of it and no more
	FaultCut         FaultKind = "cut"          // headers and half of the body, then a TCP reset
	FaultTruncated   FaultKind = "truncated"    // a complete answer with half of its JSON
	FaultWrongTypes  FaultKind = "wrong-types"  // numbers and booleans become strings
	FaultExtraFields FaultKind = "extra-fields" // harmless new fields in every object
	FaultHuge        FaultKind = "huge"         // 10 MiB of blanks before the JSON
)

var faultKinds = []FaultKind{
	FaultStatus, FaultReset, FaultHang, FaultEmpty, FaultBody, FaultRedirect,
	FaultSlow, FaultCut, FaultTruncated, FaultWrongTypes, FaultExtraFields, FaultHuge,
}

// Fault spoils calls. Each call meets at most one fault: the first of those
// added, in order, that is due.
type Fault struct {
	// Operation is one of [Operations]; "" and "*" mean every call, unknown paths too.
	Operation string
	// After lets the API act first. Otherwise the call is spoilt before the
	// API sees it. FaultHang acts when its delay is over.
	After bool
	// Skip is how many matching calls to let pass first.
	Skip int
	// Times is how many calls to spoil; 0 means every one.
	Times int
	Kind  FaultKind

	Status      int           // FaultStatus, FaultRedirect
	Body        string        // FaultStatus, FaultBody
	ContentType string        // FaultStatus, FaultBody; guessed from Body when empty
	Header      http.Header   // added to the answer, where one is sent
	Delay       time.Duration // FaultHang, FaultSlow; 0 means until the client goes away
	URL         string        // FaultRedirect
}

type armedFault struct {
	Fault
	skipped, spoilt int
}

// AddFault adds a fault. It panics on one that makes no sense.
func (s *Server) AddFault(f Fault) {
	if err := f.check(); err != nil {
		panic(fmt.Sprintf("everflowmock: fault %q: %s", f, err))
	}
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	f.Header = f.Header.Clone()
	s.faults = append(s.faults, &armedFault{Fault: f})
}

// FaultCount is a fault and how many calls it has spoilt.
type FaultCount struct {
	Fault  Fault
	Spoilt int
}

// Faults lists the faults in the order in which they were added, those that
// are used up included.
func (s *Server) Faults() []FaultCount {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	var list []FaultCount
	for _, f := range s.faults {
		list = append(list, FaultCount{f.Fault, f.spoilt})
	}
	return list
}

// ClearFaults removes all faults. Calls that already met one are not helped.
func (s *Server) ClearFaults() {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	s.faults = nil
}

// nextFault is the fault that a call meets. A call that one fault spoils does
// not count for the faults after it, so that faults can follow one another.
func (s *Server) nextFault(operation string) (Fault, bool) {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	for _, f := range s.faults {
		if f.anyOperation() || f.Operation == operation {
			if f.skipped < f.Skip {
				f.skipped++
			} else if f.Times == 0 || f.spoilt < f.Times {
				f.spoilt++
				return f.Fault, true
			}
		}
	}
	return Fault{}, false
}

func (f Fault) anyOperation() bool { return f.Operation == "" || f.Operation == "*" }

// needsAnswer tells the kinds that spoil a real answer.
func (f Fault) needsAnswer() bool {
	return slices.Index(faultKinds, f.Kind) > slices.Index(faultKinds, FaultRedirect)
}

func (f Fault) acts() bool { return f.After || f.needsAnswer() }

func (f Fault) check() error {
	switch {
	case f.Kind == "":
		return fmt.Errorf("no kind: use one of %s", kindNames())
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown kind %q: use one of %s", f.Kind, kindNames())
	case !f.anyOperation() && !slices.Contains(Operations(), f.Operation):
		return fmt.Errorf("unknown operation %q: use * or one of %s", f.Operation, strings.Join(Operations(), ", "))
	case f.Skip < 0 || f.Times < 0:
		return errors.New("skip and times must not be negative")
	case f.Delay < 0:
		return errors.New("the delay must not be negative")
	case f.Delay > 0 && f.Kind != FaultHang && f.Kind != FaultSlow:
		return errors.New("only hang and slow take a delay")
	case (f.Body != "" || f.ContentType != "") && f.Kind != FaultStatus && f.Kind != FaultBody:
		return errors.New("only status and body take a body and a content type")
	case f.Status != 0 && f.Kind != FaultStatus && f.Kind != FaultRedirect:
		return errors.New("only status and redirect take a status")
	case f.Kind == FaultStatus && (f.Status < 200 || f.Status > 599):
		return errors.New("the status must be from 200 to 599")
	case f.Kind == FaultRedirect && f.Status != 0 && (f.Status < 300 || f.Status > 399):
		return errors.New("the status of a redirect must be from 300 to 399")
	case (f.URL != "") != (f.Kind == FaultRedirect):
		return errors.New("redirect takes a URL, and only redirect does")
	case len(f.Header) > 0 && f.Kind == FaultReset:
		return errors.New("reset sends no headers")
	}
	if _, err := url.Parse(f.URL); err != nil {
		return errors.New("the URL of the redirect is malformed")
	}
	return nil
}

func kindNames() string {
	names := make([]string, len(faultKinds))
	for i, k := range faultKinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// describe is the fault without its operation: "after reset", "before status=500".
func (f Fault) describe() string {
	when := "before "
	if f.acts() {
		when = "after "
	}
	switch {
	case f.Kind == FaultStatus:
		return fmt.Sprintf("%s%s=%d", when, f.Kind, f.Status)
	case f.Delay > 0:
		return fmt.Sprintf("%s%s=%s", when, f.Kind, f.Delay)
	default:
		return when + string(f.Kind)
	}
}

// String is the fault in the syntax of [ParseFault].
func (f Fault) String() string {
	operation := f.Operation
	if operation == "" {
		operation = "*"
	}
	text := operation + " " + f.describe()
	option := func(name, value string) { text += " " + name + "=" + quote(value) }
	switch f.Kind {
	case FaultBody:
		text += "=" + quote(f.Body)
	case FaultRedirect:
		text += "=" + quote(f.URL)
		if f.Status != 0 {
			option("status", strconv.Itoa(f.Status))
		}
	case FaultStatus:
		if f.Body != "" {
			option("body", f.Body)
		}
	}
	if f.ContentType != "" {
		option("content-type", f.ContentType)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Header)) {
		for _, value := range f.Header[name] {
			option("header", name+":"+value)
		}
	}
	if f.Times != 0 {
		option("times", strconv.Itoa(f.Times))
	}
	if f.Skip != 0 {
		option("skip", strconv.Itoa(f.Skip))
	}
	return text
}
