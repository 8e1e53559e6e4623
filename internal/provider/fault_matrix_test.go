package provider_test

import (
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// faults are the ways in which a call can go wrong. Each is tried on every call
// of every action below, once for the first such call and for all of them, by a
// provider that repeats its calls and by one that does not.
var faults = map[string]everflowmock.Fault{
	"429":                    {Kind: everflowmock.FaultStatus, Status: 429, Body: `{"error":"rate limit exceeded"}`},
	"500":                    {Kind: everflowmock.FaultStatus, Status: 500, Body: `{"Error":"broken"}`},
	"500 after acting":       {Kind: everflowmock.FaultStatus, AfterActing: true, Status: 500, Body: `{"error":"broken"}`},
	"502 page":               {Kind: everflowmock.FaultStatus, Status: 502, Body: "<html><title>Bad Gateway</title></html>"},
	"502 page after acting":  {Kind: everflowmock.FaultStatus, AfterActing: true, Status: 502, Body: "<html><title>Bad Gateway</title></html>"},
	"404 page":               {Kind: everflowmock.FaultStatus, Status: 404, Body: "<html><title>Not here</title></html>"},
	"401":                    {Kind: everflowmock.FaultStatus, Status: 401, Body: `{"error":"Invalid API key"}`},
	"403":                    {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"Forbidden"}`},
	"reset":                  {Kind: everflowmock.FaultReset},
	"reset after acting":     {Kind: everflowmock.FaultReset, AfterActing: true},
	"no answer after acting": {Kind: everflowmock.FaultHang, AfterActing: true},
	"slow body":              {Kind: everflowmock.FaultSlow, AfterActing: true},
	"broken off":             {Kind: everflowmock.FaultResetInBody, AfterActing: true},
	"truncated":              {Kind: everflowmock.FaultTruncated, AfterActing: true},
	"wrong types":            {Kind: everflowmock.FaultWrongTypes, AfterActing: true},
	"extra fields":           {Kind: everflowmock.FaultExtraFields, AfterActing: true},
	"empty 200":              {Kind: everflowmock.FaultEmpty, AfterActing: true},
	"empty object":           {Kind: everflowmock.FaultBody, AfterActing: true, Body: `{}`},
	"empty list":             {Kind: everflowmock.FaultBody, AfterActing: true, Body: `[]`},
	"null":                   {Kind: everflowmock.FaultBody, AfterActing: true, Body: `null`},
	"redirect":               {Kind: everflowmock.FaultRedirect, Status: 307, URL: "https://evil.example/v1"},
	"10 MB":                  {Kind: everflowmock.FaultHuge, AfterActing: true},
}

// isRetried tells the faults after which a call may be sent again.
var isRetried = map[string]bool{
	"429": true, "500": true, "500 after acting": true, "502 page": true, "502 page after acting": true,
	"reset": true, "reset after acting": true, "no answer after acting": true, "slow body": true, "broken off": true,
}

// efforts are how hard the provider tries while something is wrong. With retries,
// much happens while it waits.
var efforts = map[string]attributes{
	"without retries": {"max_retries": 0, "request_timeout": "400ms"},
	"with retries":    {"max_retries": 3},
}

// TestFaultMatrix tries each fault on each call of each action.
func TestFaultMatrix(t *testing.T) {
	m := newMatrix(t)
	for what, action := range sorted(actions) {
		for _, operation := range action.operations {
			for how, fault := range sorted(faults) {
				for often, times := range sorted(map[string]int{"once": 1, "always": 0}) {
					for effort, settings := range sorted(efforts) {
						if effort == "with retries" && !isRetried[how] {
							continue
						}
						fault := fault
						fault.Operation, fault.Times = operation, times
						m.cell(func(t *testing.T) {
							inFakeTime(t, func(t *testing.T) { action.meets(t, fault, settings) })
						}, what, operation, how, often, effort)
					}
				}
			}
		}
	}
}

// Under each of Everflow's documented rate limits every action ends well: a 429 is
// waited out.
func TestRateLimits_everyActionEndsWellUnderEachModel(t *testing.T) {
	m := newMatrix(t)
	for model, limit := range sorted(map[string]everflowmock.RateLimit{
		"20 per second by window": {Calls: 4, Window: 6 * time.Second},
		"30 per second by window": {Calls: 6, Window: 6 * time.Second},
		"bucket":                  {Calls: 3, RefillPerSecond: 2},
		"bucket with Retry-After": {Calls: 3, RefillPerSecond: 2, RetryAfter: true},
	}) {
		for what, action := range sorted(actions) {
			m.cell(func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					c := newCell(t, action.resource, everflowmock.Options{RateLimit: limit})
					action.prepare(t, c)
					if said := action.under(t, c); isError(said) {
						t.Errorf("failed under the limit: %q", said)
					}
					action.expect(t, c)
				})
			}, model, what)
		}
	}
}

// meets plays an action with a fault, and again without it.
func (a action) meets(t *testing.T, fault everflowmock.Fault, settings attributes) {
	c := newCell(t, a.resource, everflowmock.Options{})
	a.prepare(t, c)

	c.with(settings)
	c.a.mock.AddFault(fault)
	said := a.under(t, c)
	c.secrets.expectNone(t, said)
	c.agrees(t, said)

	c.a.mock.ClearFaults()
	c.with(nil)
	again := a.repeat(t, c)
	c.secrets.expectNone(t, again)
	if isError(again) {
		t.Errorf("a run without the fault fails:\n%q\nafter the run with it said:\n%q", again, said)
	}
	c.revokeNamed(append(said, again...))
	a.expect(t, c)
}
