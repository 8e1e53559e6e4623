package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const entryType = "everflow_api_whitelist_entry"

// knownEgress is a provider that knows where its calls come from.
var knownEgress = attributes{"egress_ip_addresses": []string{"203.0.113.10"}}

func stateOfEntry(address string) attributes {
	return attributes{"id": address, "ip_address": address, "network_id": 1001, "allow_lockout": false}
}

// addresses are n of them: 198.51.100.1 and so on.
func addresses(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("198.51.100.%d", i+1)
	}
	return list
}

// applyEntries does for each entry what Terraform does, so many at a time: it is
// planned, where it is not destroyed, and applied. It returns what was said of each.
func applyEntries(ctx context.Context, p *protocol, atOnce int, entries []string, prior, config func(entry string) attributes) map[string][]string {
	p.t.Helper()
	var mu sync.Mutex
	all := map[string][]string{}
	room := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	for _, entry := range entries {
		room <- struct{}{}
		work.Go(func() {
			defer func() { <-room }()
			p := p.beside()
			before, after := prior(entry), config(entry)
			planned, _ := p.value(p.schemas.ResourceSchemas[entryType], nil)
			var said []string
			if after != nil {
				planned, said = p.plan(entryType, before, after)
			}
			if !isError(said) {
				state, words := p.apply(ctx, entryType, before, after, planned)
				if before == nil && isError(words) != state.IsNull() {
					p.t.Errorf("%s: a state beside an error, or none without: %q", entry, words)
				}
				said = append(said, words...)
			}
			mu.Lock()
			defer mu.Unlock()
			all[entry] = said
		})
	}
	work.Wait()
	return all
}

func nothing(string) attributes { return nil }

func asConfig(entry string) attributes { return attributes{"ip_address": entry} }

func createEntries(p *protocol, entries ...string) map[string][]string {
	return applyEntries(context.Background(), p, 10, entries, nothing, asConfig)
}

func destroyEntries(p *protocol, entries ...string) map[string][]string {
	return applyEntries(context.Background(), p, 10, entries, stateOfEntry, nothing)
}

func expectSilence(t *testing.T, all map[string][]string) {
	t.Helper()
	for entry, said := range all {
		if len(said) > 0 {
			t.Errorf("%s: %q", entry, said)
		}
	}
}

func errorsIn(all map[string][]string) (failed []string) {
	for entry, said := range all {
		if isError(said) {
			failed = append(failed, entry)
		}
	}
	return failed
}

func (a *account) expectMock(want ...string) {
	a.t.Helper()
	got := a.mock.Whitelist()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		a.t.Errorf("the live whitelist is %q, want %q", got, want)
	}
}

func TestWriter_manyEntriesAreFewWrites(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	entries := addresses(40)
	expectSilence(t, createEntries(a.configured(knownEgress), entries...))
	a.expectMock(append(slices.Clone(entries), "203.0.113.10")...)
	created := a.mock.CountCalls("replaceApiWhitelist")
	expectSilence(t, destroyEntries(a.configured(knownEgress), entries...))
	a.expectMock("203.0.113.10")
	if destroyed := a.mock.CountCalls("replaceApiWhitelist") - created; created > 6 || destroyed > 6 {
		t.Errorf("40 entries, 10 at a time, took %d writes to create and %d to destroy, want 4 or so", created, destroyed)
	}
}

func TestWriter_planOfManyEntriesReadsTheListOnce(t *testing.T) {
	a := homeMock(t)
	entries := addresses(50)
	a.mock.SetWhitelist(append(slices.Clone(entries), "203.0.113.10")...)
	p := a.configured(nil)
	var work sync.WaitGroup
	for _, entry := range entries {
		work.Go(func() {
			p := p.beside()
			_, said := p.read(entryType, stateOfEntry(entry))
			_, words := p.plan(entryType, stateOfEntry(entry), asConfig(entry))
			if said = append(said, words...); len(said) > 0 {
				t.Errorf("%s: %q", entry, said)
			}
		})
	}
	work.Wait()
	if read := a.mock.CountCalls("*"); read > 2 {
		t.Errorf("50 entries took %d calls to plan, want at most 2", read)
	}
}

func TestWriter_sharedReadOutlivesTheOneWhoAskedFirst(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	a.mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Kind: everflowmock.FaultHang, Delay: 400 * time.Millisecond, Times: 1})
	p := a.configured(nil)
	first, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() {
		_, said := p.beside().readIn(first, entryType, stateOfEntry("203.0.113.10"))
		expectSaid(t, said, []string{"error: Cannot read the API whitelist", "cancelled while it waited"})
	})
	a.waitForCall("getApiWhitelist", 1)
	work.Go(func() {
		_, said := p.beside().read(entryType, stateOfEntry("203.0.113.10"))
		expectSaid(t, said)
	})
	time.Sleep(100 * time.Millisecond)
	cancel()
	work.Wait()
	if read := a.mock.CountCalls("getApiWhitelist"); read != 1 {
		t.Errorf("the list was read %d times, want once for both", read)
	}
}

// readIn is read in a run that ends with ctx.
func (p *protocol) readIn(ctx context.Context, resource string, state attributes) (now tftypes.Value, said []string) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[resource]
	_, current := p.value(schema, state)
	response, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: resource, CurrentState: current})
	p.ok(err)
	return p.state(schema, response.NewState), complaints(response.Diagnostics)
}

// waitForCall waits until the mock has received so many calls of the operation.
func (a *account) waitForCall(operation string, n int) {
	a.t.Helper()
	for range 400 {
		if a.mock.CountCalls(operation) >= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	a.t.Fatalf("%s was not called %d times", operation, n)
}

func TestWriter_twoRunsAtOnceKeepEachOthersEntries(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10", "192.0.2.66")
	// Both read the list before either writes.
	a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", Kind: everflowmock.FaultHang, Delay: 300 * time.Millisecond, Times: 2})
	var work sync.WaitGroup
	for _, entry := range []string{"198.51.100.1", "198.51.100.2"} {
		p := a.configured(knownEgress)
		work.Go(func() { expectSilence(t, createEntries(p, entry)) })
	}
	work.Wait()
	a.expectMock("192.0.2.66", "198.51.100.1", "198.51.100.2", "203.0.113.10")
}

func TestWriter_whatOthersUndoIsDoneAgainAndTheirsIsKept(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10", "198.51.100.7")
	// Someone who read the list before saves it after each of our first two writes.
	var undone atomic.Int32
	tell := func(r *http.Request) {
		if r.Method == http.MethodPut && undone.Add(1) <= 2 {
			a.mock.SetWhitelist("203.0.113.10", "198.51.100.7", fmt.Sprintf("192.0.2.%d", undone.Load()))
		}
	}
	a.acted.Store(&tell)
	p := a.configured(knownEgress)
	expectSilence(t, applyEntries(t.Context(), p, 1, []string{"198.51.100.8"}, func(string) attributes { return stateOfEntry("198.51.100.7") }, asConfig))
	a.expectMock("192.0.2.2", "198.51.100.8", "203.0.113.10")
}

func TestWriter_endlessUndoingIsAnError(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	tell := func(r *http.Request) {
		if r.Method == http.MethodPut {
			a.mock.SetWhitelist("203.0.113.10", "192.0.2.66")
		}
	}
	a.acted.Store(&tell)
	said := createEntries(a.configured(knownEgress), "198.51.100.7")["198.51.100.7"]
	expectSaid(t, said, []string{"error: Adding 198.51.100.7 to the API whitelist was undone by someone else", "3 times", "192.0.2.66"})
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 3 {
		t.Errorf("%d writes, want 3", sent)
	}
}

func TestWriter_failedWriteIsRepeatedOnAFreshList(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", Kind: everflowmock.FaultStatus, Status: 500, Times: 1})
	p := a.configured(knownEgress)
	done := make(chan map[string][]string)
	go func() { done <- createEntries(p, "198.51.100.7") }()
	a.waitForCall("replaceApiWhitelist", 1)
	a.mock.SetWhitelist("203.0.113.10", "192.0.2.66") // while it waits to try again
	expectSilence(t, <-done)
	a.expectMock("192.0.2.66", "198.51.100.7", "203.0.113.10")
}

func TestWriter_eachIsToldItsOwnOutcome(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	p := a.configured(knownEgress)
	all := []string{"198.51.100.1", "198.51.100.2", "198.51.100.3"}
	plans := map[string]attributes{}
	for _, entry := range all {
		planned, said := p.plan(entryType, nil, asConfig(entry))
		expectSaid(t, said)
		plans[entry] = p.fields(planned)
	}
	a.mock.SetWhitelist("203.0.113.10", "198.51.100.2") // someone is quicker with one of them
	var work sync.WaitGroup
	for _, entry := range all {
		work.Go(func() {
			planned, _ := p.value(p.schemas.ResourceSchemas[entryType], plans[entry])
			state, said := p.beside().apply(t.Context(), entryType, nil, asConfig(entry), planned)
			if entry == "198.51.100.2" {
				expectSaid(t, said, []string{"error: 198.51.100.2 is in the API whitelist already", "terraform import"})
			} else if len(said) > 0 || state.IsNull() {
				t.Errorf("%s: %q", entry, said)
			}
		})
	}
	work.Wait()
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 1 {
		t.Errorf("%d writes, want 1", sent)
	}
}

func TestWriter_oneEntryThatEverflowRefusesIsNoObstacleToTheOthers(t *testing.T) {
	a := newPickyMock(t, "198.51.100.2")
	a.mock.SetWhitelist("203.0.113.10")
	said := createEntries(a.configured(knownEgress), addresses(3)...)
	expectSaid(t, said["198.51.100.2"], []string{"error: Adding 198.51.100.2", "400", "not this one"})
	if failed := errorsIn(said); len(failed) != 1 {
		t.Errorf("failed: %q", failed)
	}
	a.expectMock("198.51.100.1", "198.51.100.3", "203.0.113.10")
}

// newPickyMock is an Everflow that takes any entry but one.
func newPickyMock(t *testing.T, refused string) *account {
	t.Helper()
	a := homeMock(t)
	a.baseURL = newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), `"`+refused+`"`) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":"not this one"}`))
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		a.mock.ServeHTTP(w, r)
	}))
	return a
}

func TestWriter_twoResourcesForOneAddressAreCaughtByTheApply(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	p := a.configured(knownEgress)
	planned, said := p.plan(entryType, nil, asConfig("198.51.100.7"))
	expectSaid(t, said)
	p = a.configured(knownEgress) // the apply, where nothing else was planned
	failed := 0
	var mu sync.Mutex
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() {
			_, said := p.beside().apply(t.Context(), entryType, nil, asConfig("198.51.100.7"), planned)
			mu.Lock()
			defer mu.Unlock()
			if len(said) > 0 {
				failed++
				expectSaid(t, said, []string{"error: Two resources for 198.51.100.7"})
			}
		})
	}
	work.Wait()
	if failed != 1 {
		t.Errorf("%d of two resources failed, want 1", failed)
	}
	_, said = p.apply(t.Context(), entryType, nil, asConfig("198.51.100.7"), planned)
	expectSaid(t, said, []string{"error: Two resources for 198.51.100.7"})
}

func TestWriter_aCallerThatIsInterruptedIsWithdrawnAlone(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	a.mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Skip: 1, Kind: everflowmock.FaultHang, Delay: 400 * time.Millisecond, Times: 1})
	p := a.configured(knownEgress)
	first, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() {
		said := applyEntries(first, p, 1, []string{"198.51.100.1"}, nothing, asConfig)
		expectSaid(t, said["198.51.100.1"], []string{"error: Adding 198.51.100.1", "interrupted before anything was written"})
	})
	work.Go(func() { expectSilence(t, createEntries(p, "198.51.100.2")) })
	a.waitForCall("getApiWhitelist", 2)
	cancel()
	work.Wait()
	a.expectMock("198.51.100.2", "203.0.113.10")
}

func TestWriter_aWriteUnderWayIsFinishedWhenTheRunIsInterrupted(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", After: true, Kind: everflowmock.FaultHang, Delay: 300 * time.Millisecond})
	p := a.configured(knownEgress)
	state, said := interrupt(t, a, p, entryType, asConfig("198.51.100.7"), http.MethodPut, "/apiwhitelist")
	expectSaid(t, said)
	if p.field(state, "id") != "198.51.100.7" {
		t.Errorf("saved entry %q", p.field(state, "id"))
	}
	a.expectMock("198.51.100.7", "203.0.113.10")
}

func TestWriter_interruptedAloneItStopsAtOnce(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	p := a.configured(knownEgress)
	planned, _ := p.plan(entryType, nil, asConfig("198.51.100.7"))
	a.mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Kind: everflowmock.FaultHang, Times: 1})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		a.waitForCall("getApiWhitelist", 2)
		cancel()
	}()
	_, said := p.apply(ctx, entryType, nil, asConfig("198.51.100.7"), planned)
	expectSaid(t, said, []string{"error: Adding 198.51.100.7", "interrupted before anything was written"})
	// The next one neither waits for that end nor is disturbed by it.
	started := time.Now()
	expectSilence(t, createEntries(p, "198.51.100.8"))
	if took := time.Since(started); took > 15*time.Second {
		t.Errorf("the next one waited %s", took)
	}
	a.expectMock("198.51.100.8", "203.0.113.10")
}

func TestWriter_turningOnWritesNothingThatLeavesOutThisMachine(t *testing.T) {
	a := homeMock(t)
	// In the apply, the address comes later than the others.
	p := a.configured(knownEgress)
	entries := append(addresses(3), "203.0.113.10")
	plans := map[string]attributes{}
	for _, entry := range slices.Backward(entries) {
		planned, said := p.plan(entryType, nil, asConfig(entry))
		expectSaid(t, said)
		plans[entry] = p.fields(planned)
	}
	var work sync.WaitGroup
	for _, entry := range entries {
		if entry == "203.0.113.10" {
			time.Sleep(1500 * time.Millisecond)
		}
		work.Go(func() {
			planned, _ := p.value(p.schemas.ResourceSchemas[entryType], plans[entry])
			if _, said := p.beside().apply(t.Context(), entryType, nil, asConfig(entry), planned); len(said) > 0 {
				t.Errorf("%s: %q", entry, said)
			}
		})
	}
	work.Wait()
	a.expectMock(entries...)
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 1 {
		t.Errorf("%d writes, want 1: all together", sent)
	}
}

func TestWriter_turningOnWithoutThisMachineIsRefusedInTheEnd(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	planned, said := p.plan(entryType, nil, asConfig("198.51.100.7"))
	expectSaid(t, said, []string{"warning: Turning the whitelist on", "from here only: 198.51.100.7"})
	p = a.configured(knownEgress)
	_, said = p.apply(t.Context(), entryType, nil, asConfig("198.51.100.7"), planned)
	expectSaid(t, said, []string{"error: This whitelist would lock Terraform out", "203.0.113.10"}, []string{"error: Adding 198.51.100.7", "depends_on"})
	a.expectMock()
}

func TestWriter_destroyingAllRemovesThisMachinesEntryLast(t *testing.T) {
	a := homeMock(t)
	entries := append([]string{"203.0.113.10"}, addresses(24)...)
	a.mock.SetWhitelist(entries...)
	expectSilence(t, destroyEntries(a.configured(knownEgress), entries...))
	a.expectMock()
	for _, call := range a.mock.Calls() {
		if call.Status != http.StatusOK {
			t.Errorf("%s %s was answered %d", call.Method, call.Path, call.Status)
		}
	}
}

func TestWriter_destroyingAllAtOnceIsOneWriteWhereNobodyKnowsTheAddress(t *testing.T) {
	a := homeMock(t)
	entries := append([]string{"203.0.113.10"}, addresses(9)...)
	a.mock.SetWhitelist(entries...)
	p := a.configured(nil)
	var work sync.WaitGroup
	work.Go(func() { expectSilence(t, destroyEntries(p, entries[5:]...)) })
	time.Sleep(600 * time.Millisecond) // Terraform was busy
	expectSilence(t, destroyEntries(p, entries[:5]...))
	work.Wait()
	a.expectMock()
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 1 {
		t.Errorf("%d writes, want 1", sent)
	}
}

func TestWriter_removalThatLocksOutIsRefusedByTheApplyToo(t *testing.T) {
	for name, c := range map[string]struct {
		live     []string
		settings attributes
		want     string
	}{
		"by the known address":            {[]string{"203.0.113.10", "192.0.2.66"}, knownEgress, "no longer admits this machine"},
		"by what was in force and is not": {[]string{"203.0.113.10"}, nil, "has none of these addresses"},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.SetWhitelist(c.live...)
			p := a.configured(c.settings)
			config := asConfig("198.51.100.7")
			planned, _ := p.value(p.schemas.ResourceSchemas[entryType], stateOfEntry("198.51.100.7"))
			now, said := p.apply(t.Context(), entryType, stateOfEntry("203.0.113.10"), config, planned)
			expectSaid(t, said, []string{"error: This change of the whitelist would lock Terraform out", c.want}, []string{"error: Changing 203.0.113.10 to 198.51.100.7", "was not done"})
			if p.field(now, "id") != "203.0.113.10" {
				t.Errorf("the state holds %q", p.field(now, "id"))
			}
			a.expectMock(c.live...)
		})
	}
}

func TestWriter_removalsDoNotOpenTheNetworkBecauseOthersRemoveTheirs(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10", "198.51.100.1", "198.51.100.2")
	tell := func(r *http.Request) {
		if r.Method == http.MethodPut {
			a.mock.SetWhitelist("203.0.113.10") // the one that is not ours is gone
		}
	}
	a.acted.Store(&tell)
	p := a.configured(knownEgress)
	expectSilence(t, destroyEntries(p, "198.51.100.1"))
	said := destroyEntries(p, "203.0.113.10")["203.0.113.10"]
	expectSaid(t, said, []string{"error: Removing 203.0.113.10 from the API whitelist would now open the network", "Someone else has changed the list"})
	a.expectMock("203.0.113.10")
}

func TestWriter_lockoutThatNobodySawNamesTheWayBackIn(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	planned, _ := p.plan(entryType, nil, asConfig("198.51.100.7"))
	state, said := p.apply(t.Context(), entryType, nil, asConfig("198.51.100.7"), planned)
	expectSaid(t, said, []string{"error: Everflow refuses this machine", "Adding 198.51.100.7", "web interface"}, []string{"error: 198.51.100.7 may be in the API whitelist without being in the state", "terraform import"})
	if !state.IsNull() {
		t.Error("a state is saved, so that the entry is tainted")
	}
}

func TestWriter_aCreateWhoseAnswerIsLostIsFoundByReadingBack(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"reset": {Operation: "replaceApiWhitelist", After: true, Kind: everflowmock.FaultReset},
		"500":   {Operation: "replaceApiWhitelist", After: true, Kind: everflowmock.FaultStatus, Status: 500},
		"empty": {Operation: "replaceApiWhitelist", After: true, Kind: everflowmock.FaultEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.SetWhitelist("203.0.113.10")
			a.mock.AddFault(fault)
			settings := maps.Clone(knownEgress)
			settings["max_retries"] = 0
			expectSilence(t, createEntries(a.configured(settings), addresses(3)...))
			a.expectMock(append(addresses(3), "203.0.113.10")...)
			if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 1 {
				t.Errorf("%d writes, want 1", sent)
			}
		})
	}
}

func TestWriter_anEntryOfDoubtIsNamed(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", After: true, Kind: everflowmock.FaultReset})
	a.mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Skip: 2, Kind: everflowmock.FaultStatus, Status: 500})
	settings := maps.Clone(knownEgress)
	settings["max_retries"] = 0
	said := createEntries(a.configured(settings), "198.51.100.7")["198.51.100.7"]
	expectSaid(t, said,
		[]string{"error: Adding 198.51.100.7 to the API whitelist ended in doubt"},
		[]string{"error: The API whitelist could not be read afterwards", "500"},
		[]string{"error: 198.51.100.7 may be in the API whitelist without being in the state", "terraform import everflow_api_whitelist_entry.this 198.51.100.7"})
}

// Nobody knows which entry admits this machine: those that turn the list on are
// given time to come together.
func TestWriter_blindAdditionsToAnEmptyListAreWrittenTogether(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	var work sync.WaitGroup
	for _, entry := range []string{"198.51.100.7", "203.0.113.10"} {
		work.Go(func() {
			p := p.beside()
			planned, _ := p.value(p.schemas.ResourceSchemas[entryType], attributes{"ip_address": entry, "allow_lockout": false, "id": entry, "network_id": 1001})
			if _, said := p.apply(t.Context(), entryType, nil, asConfig(entry), planned); len(said) > 0 {
				t.Errorf("%s: %q", entry, said)
			}
		})
		time.Sleep(500 * time.Millisecond)
	}
	work.Wait()
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 1 {
		t.Errorf("%d writes, want 1", sent)
	}
}
