package provider_test

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// event is what somebody else does while an action is under way, right before the
// first call of an operation arrives.
type event struct {
	at string
	// resources are those whose actions it can concern.
	resources []string
	// happens is told the key in the state, 0 for none, and returns a check that what
	// others made is as they made it.
	happens func(c *cell, held int64) (isIntact func() bool)
	// faults are the ones that the call may meet; nil: all of troubles.
	faults []string
}

// troubles are faults that a provider with retries mostly overcomes.
var troubles = map[string]everflowmock.Fault{
	"none":                   {},
	"429":                    {Kind: everflowmock.FaultStatus, Status: 429},
	"500":                    {Kind: everflowmock.FaultStatus, Status: 500},
	"500 after acting":       {Kind: everflowmock.FaultStatus, Status: 500, AfterActing: true},
	"502 page":               {Kind: everflowmock.FaultStatus, Status: 502, Body: "<html><title>Bad Gateway</title></html>"},
	"reset":                  {Kind: everflowmock.FaultReset},
	"reset after acting":     {Kind: everflowmock.FaultReset, AfterActing: true},
	"no answer after acting": {Kind: everflowmock.FaultHang, AfterActing: true},
}

var keyResources = []string{"everflow_api_key", "everflow_rotating_api_key"}

var events = map[string]event{
	"a like key is created and used": {at: "createApiKey", resources: keyResources, happens: likeKey},
	"a like key is made at the look": {at: "searchApiKeys", resources: keyResources, happens: likeKey},
	"the key is revoked, at GET":     {at: "getApiKey", resources: keyResources, happens: revokedMeanwhile},
	"the key is revoked, at PUT":     {at: "updateApiKey", resources: keyResources, happens: revokedMeanwhile},
	"the key is revoked, at revoke":  {at: "revokeApiKey", resources: keyResources, happens: revokedMeanwhile},
	"the key is revoked, at table":   {at: "searchApiKeys", resources: keyResources, happens: revokedMeanwhile},
	"the key is renamed, at PUT":     {at: "updateApiKey", resources: keyResources, happens: renamedMeanwhile},
	"an entry is added, at PUT": {
		at: "replaceApiWhitelist", resources: []string{"everflow_api_whitelist", entryType}, happens: entryMeanwhile,
		// A list that is written right after it was read cannot hold what came in between.
		faults: []string{"429", "500", "502 page", "reset"},
	},
	"an entry is added, at GET": {at: "getApiWhitelist", resources: []string{entryType}, happens: entryMeanwhile},
}

// likeKey is a key of another run that looks like the one that is being created. Its
// use is later than its creation, which a server may note as a use.
func likeKey(c *cell, _ int64) func() bool {
	id := c.a.mock.AddKey(everflowmock.Key{Name: keyOld, EmployeeID: 2, Permissions: []string{"Offers", "Roles"}, TimeLastUsed: time.Now().Unix() + 1})
	c.foreign = map[int64]bool{id: true}
	made, _ := c.a.mock.Key(id)
	return func() bool {
		now, _ := c.a.mock.Key(id)
		return reflect.DeepEqual(now, made)
	}
}

func revokedMeanwhile(c *cell, held int64) func() bool {
	if held != 0 {
		c.a.mock.RevokeKey(held)
	}
	return nil
}

func renamedMeanwhile(c *cell, held int64) func() bool {
	if held != 0 {
		c.a.mock.RenameKey(held, "renamed by hand")
	}
	return nil
}

func entryMeanwhile(c *cell, _ int64) func() bool {
	const entry = "192.0.2.99"
	c.a.mock.SetWhitelist(append(c.a.mock.Whitelist(), entry)...)
	return func() bool { return slices.Contains(c.a.mock.Whitelist(), entry) }
}

// TestMeanwhileMatrix has others at work while the provider is, and while it waits
// to repeat a call: what they make stays as they made it, and no key is lost.
func TestMeanwhileMatrix(t *testing.T) {
	m := newMatrix(t)
	for what, action := range sorted(actions) {
		for when, event := range sorted(events) {
			if !slices.Contains(event.resources, action.resource) {
				continue
			}
			for how, fault := range sorted(troubles) {
				if event.faults != nil && !slices.Contains(event.faults, how) {
					continue
				}
				m.cell(func(t *testing.T) {
					found := &findings{TB: t}
					inFakeTime(t, func(t *testing.T) { action.goesOn(t, found, event, fault) })
					found.report(t)
				}, what, when, how)
			}
		}
	}
}

// goesOn plays an action while something happens, and then again twice.
func (a action) goesOn(t *testing.T, found *findings, event event, fault everflowmock.Fault) {
	c := newCell(t, a.resource, everflowmock.Options{})
	a.prepare(found, c)
	held := c.heldID()
	var isIntact func() bool
	var once sync.Once
	call := regexp.MustCompile("^" + callOf[event.at] + "$")
	tell := func(r *http.Request) {
		if call.MatchString(r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1")) {
			once.Do(func() { isIntact = event.happens(c, held) })
		}
	}
	c.a.arriving.Store(&tell)
	if fault.Kind != "" {
		fault.Operation, fault.Times = event.at, 2
		c.a.mock.AddFault(fault)
	}
	c.with(attributes{"max_retries": 3})
	said := a.under(found, c)
	c.secrets.expectNone(found, said)
	c.expectNoneLost(found)
	expectIntact(found, c, isIntact)

	c.a.arriving.Store(nil)
	c.a.mock.ClearFaults()
	c.with(nil)
	for range 2 {
		again := a.repeat(found, c)
		c.secrets.expectNone(found, again)
		c.expectNoneLost(found)
		if a.resource != "everflow_api_whitelist" { // whose next plan shows what others added
			expectIntact(found, c, isIntact)
		}
	}
}

func (c *cell) expectNoneLost(found *findings) {
	for _, key := range c.a.mock.Keys() {
		if c.isOurs(key) && !key.Revoked() && !slices.Contains(c.stateIDs(), fmt.Sprint(key.ID)) && !names(c.told(), key.ID) {
			found.add(lost, "key %d is live, in no state, and no error names it:\n%q", key.ID, c.said)
		}
	}
}

func expectIntact(found *findings, c *cell, isIntact func() bool) {
	if isIntact != nil && !isIntact() {
		found.add(touched, "what others made is not as they made it: keys %+v, list %q\n%q", c.a.mock.Keys(), c.a.mock.Whitelist(), c.said)
	}
}
