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

// FaultKind is what a [Fault] does to a call.
type FaultKind string

// These kinds answer instead of the API. The API has not acted on the call,
// unless Fault.AfterActing is set.
const (
	FaultStatus   FaultKind = "status"   // Status, with Body and ContentType if given
	FaultReset    FaultKind = "reset"    // a TCP reset instead of an answer
	FaultHang     FaultKind = "hang"     // the real answer after Delay, or none until the client goes away
	FaultEmpty    FaultKind = "empty"    // 200 without a body
	FaultBody     FaultKind = "body"     // 200 with Body
	FaultRedirect FaultKind = "redirect" // Status (307 when 0) to URL
)

// These kinds change the real answer, so the API has always acted on the call.
const (
	FaultSlow        FaultKind = "slow"          // headers at once, the body in pieces over Delay; when 0, half of it and no more
	FaultResetInBody FaultKind = "reset-in-body" // headers and half of the body, then a TCP reset
	FaultTruncated   FaultKind = "truncated"     // a complete answer with half of its JSON
	FaultWrongTypes  FaultKind = "wrong-types"   // numbers and booleans become strings
	FaultExtraFields FaultKind = "extra-fields"  // harmless new fields in every object
	FaultHuge        FaultKind = "huge"          // 10 MiB of blanks before the JSON
)

var (
	faultsInsteadOfAnswer = []FaultKind{FaultStatus, FaultReset, FaultHang, FaultEmpty, FaultBody, FaultRedirect}
	faultsInAnswer        = []FaultKind{FaultSlow, FaultResetInBody, FaultTruncated, FaultWrongTypes, FaultExtraFields, FaultHuge}
	faultKinds            = slices.Concat(faultsInsteadOfAnswer, faultsInAnswer)
)

// Fault is a failure that the server injects into calls. A call gets at most
// one fault: the first of those added, in order, that matches it and is not used up.
type Fault struct {
	// Operation is one of [Operations]; "" and "*" mean every call, also to unknown paths.
	Operation string
	// AfterActing lets the API act on the call before the client gets the fault.
	// Without it the API does not act; only after a FaultHang with a Delay it does.
	AfterActing bool
	// Skip is how many matching calls stay without the fault at first.
	Skip int
	// Times is how many calls get the fault after that; 0 means every one.
	Times int
	Kind  FaultKind

	Status      int           // FaultStatus, FaultRedirect
	Body        string        // FaultStatus, FaultBody
	ContentType string        // FaultStatus, FaultBody; guessed from Body when empty
	Header      http.Header   // added to the answer, where one is sent
	Delay       time.Duration // FaultHang, FaultSlow; 0 means until the client goes away
	URL         string        // FaultRedirect
}

// activeFault is a fault and the matching calls so far.
type activeFault struct {
	Fault
	skipped, injected int
}

// AddFault adds a fault. It panics on an invalid one.
func (s *Server) AddFault(f Fault) {
	if err := f.check(); err != nil {
		panic(fmt.Sprintf("everflowmock: fault %q: %s", f, err))
	}
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	f.Header = f.Header.Clone()
	s.faults = append(s.faults, &activeFault{Fault: f})
}

// FaultCount is a fault and how many calls have got it.
type FaultCount struct {
	Fault    Fault
	Injected int
}

// Faults lists the faults in the order in which they were added, those that
// are used up included.
func (s *Server) Faults() []FaultCount {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	var list []FaultCount
	for _, f := range s.faults {
		list = append(list, FaultCount{Fault: f.Fault, Injected: f.injected})
	}
	return list
}

// ClearFaults removes all faults. It does not change calls that already got one.
func (s *Server) ClearFaults() {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	s.faults = nil
}

// nextFault is the fault that a call gets. The call does not count for the
// faults after that one, so that faults can follow one another.
func (s *Server) nextFault(operation string) (Fault, bool) {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	for _, f := range s.faults {
		if !f.anyOperation() && f.Operation != operation {
			continue
		}
		if f.skipped < f.Skip {
			f.skipped++
		} else if f.Times == 0 || f.injected < f.Times {
			f.injected++
			return f.Fault, true
		}
	}
	return Fault{}, false
}

func (f Fault) anyOperation() bool { return f.Operation == "" || f.Operation == "*" }

// apiActs reports whether the API acts on the call before the fault does.
func (f Fault) apiActs() bool { return f.AfterActing || slices.Contains(faultsInAnswer, f.Kind) }

func (f Fault) check() error {
	switch {
	case f.Kind == "":
		return fmt.Errorf("no kind: use one of %s", faultKindNames())
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown kind %q: use one of %s", f.Kind, faultKindNames())
	case !f.anyOperation() && !slices.Contains(Operations(), f.Operation):
		return fmt.Errorf("unknown operation %q: use * or one of %s", f.Operation, strings.Join(Operations(), ", "))
	case f.Skip < 0 || f.Times < 0:
		return errors.New("skip and times must not be negative")
	case f.Delay < 0:
		return errors.New("the duration must not be negative")
	case f.Delay > 0 && f.Kind != FaultHang && f.Kind != FaultSlow:
		return errors.New("only hang and slow take a duration")
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

func faultKindNames() string {
	names := make([]string, len(faultKinds))
	for i, k := range faultKinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// description is the fault without its operation and options: "reset after acting", "status=500".
func (f Fault) description() string {
	if f.AfterActing {
		return f.kindAndNumber() + " after acting"
	}
	return f.kindAndNumber()
}

func (f Fault) kindAndNumber() string {
	switch {
	case f.Kind == FaultStatus:
		return fmt.Sprintf("%s=%d", f.Kind, f.Status)
	case f.Delay > 0:
		return fmt.Sprintf("%s=%s", f.Kind, f.Delay)
	default:
		return string(f.Kind)
	}
}

// String is the fault in the syntax of [ParseFault].
func (f Fault) String() string {
	operation := f.Operation
	if operation == "" {
		operation = "*"
	}
	text := operation + " " + f.kindAndNumber()
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
	if f.AfterActing {
		text += " after-acting"
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
