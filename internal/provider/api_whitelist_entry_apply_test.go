package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

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

func createEntries(p *protocol, entries ...string) map[string][]string {
	return applyEntries(context.Background(), p, 10, entries, nothing, entryConfig)
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

// onListMock runs a test in fake time on a mock whose list has these entries.
func onListMock(t *testing.T, entries []string, test func(t *testing.T, a *account)) {
	t.Helper()
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		a := newFakeTimeAccount(t, everflowmock.Options{CallerAddress: home}, nil)
		a.mock.SetWhitelist(entries...)
		test(t, a)
	})
}

func (a *account) expectWrites(want int) {
	a.t.Helper()
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != want {
		a.t.Errorf("%d writes, want %d", sent, want)
	}
}

func TestEntryApply_manyEntriesAreFewWrites(t *testing.T) {
	onListMock(t, []string{"203.0.113.10"}, func(t *testing.T, a *account) {
		entries := addresses(100)
		expectSilence(t, createEntries(a.configured(knownEgress), entries...))
		a.expectWhitelist(t, append(slices.Clone(entries), "203.0.113.10")...)
		created := a.mock.CountCalls("replaceApiWhitelist")
		expectSilence(t, destroyEntries(a.configured(knownEgress), entries...))
		a.expectWhitelist(t, "203.0.113.10")
		if destroyed := a.mock.CountCalls("replaceApiWhitelist") - created; created > 12 || destroyed > 12 {
			t.Errorf("100 entries took %d writes to create and %d to destroy", created, destroyed)
		}
	})
}

func TestEntryPlan_ofManyReadsTheListOnce(t *testing.T) {
	entries := addresses(50)
	onListMock(t, append(slices.Clone(entries), "203.0.113.10"), func(t *testing.T, a *account) {
		p := a.configured(nil)
		var work sync.WaitGroup
		began := time.Now()
		for _, entry := range entries {
			work.Go(func() {
				p := p.beside()
				_, said := p.read(entryType, stateOfEntry(entry))
				_, words := p.plan(entryType, stateOfEntry(entry), entryConfig(entry))
				if said = append(said, words...); len(said) > 0 {
					t.Errorf("%s: %q", entry, said)
				}
			})
		}
		work.Wait()
		if read := a.mock.CountCalls("*"); read > 2 {
			t.Errorf("50 entries took %d calls to plan, want at most 2", read)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("a plan waited %s", took)
		}
	})
}

// With next to nothing left of the quota, two runs keep each other's entries.
func TestEntryApply_twoRunsWithLittleOfTheQuotaLeft(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		a := newFakeTimeAccount(t, everflowmock.Options{CallerAddress: home, Latency: 50 * time.Millisecond}, nil)
		a.mock.SetWhitelist("203.0.113.10")
		settings := maps.Clone(knownEgress)
		settings["max_requests_per_second"] = 0.5
		var work sync.WaitGroup
		for i, entry := range addresses(2) {
			p := a.configured(settings)
			work.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				expectSilence(t, createEntries(p, entry))
			})
		}
		work.Wait()
		a.expectWhitelist(t, "198.51.100.1", "198.51.100.2", "203.0.113.10")
	})
}

func TestEntryApply_words(t *testing.T) {
	const entry, ours = "198.51.100.7", "203.0.113.10"
	undo := func(a *account, count int) { a.mock.SetWhitelist(ours, "192.0.2.66") }
	for name, c := range map[string]struct {
		live   []string
		fault  *everflowmock.Fault
		unread bool
		// tell is called after the nth write.
		tell     func(a *account, count int)
		settings attributes
		config   attributes
		want     [][]string
	}{
		"undone again and again": {
			live: []string{ours}, tell: undo, settings: knownEgress,
			want: [][]string{{"error: 198.51.100.7 was not added to the API whitelist", "someone else", "192.0.2.66"}},
		},
		"refused": {
			live: []string{ours}, fault: &everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 400}, settings: knownEgress,
			want: [][]string{{"error: 198.51.100.7 was not added to the API whitelist", "400"}},
		},
		"the rate limit stays used up": {
			live: []string{ours}, fault: &everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429}, settings: knownEgress,
			want: [][]string{{"error: 198.51.100.7 was not added to the API whitelist", "429", "rate limit is shared"}},
		},
		"in doubt": {
			live: []string{ours}, fault: &everflowmock.Fault{AfterActing: true, Kind: everflowmock.FaultReset, Times: 1}, unread: true, settings: knownEgress,
			want: [][]string{
				{"error: It is not known whether the API whitelist was written", "Then the list could not be read", "500"},
				{"error: 198.51.100.7 may be in the API whitelist without being in the state", "terraform import everflow_api_whitelist_entry.this 198.51.100.7"},
			},
		},
		"the answer is lost": {live: []string{ours}, fault: &everflowmock.Fault{AfterActing: true, Kind: everflowmock.FaultReset, Times: 1}, settings: knownEgress},
		"500 after it acted": {live: []string{ours}, fault: &everflowmock.Fault{AfterActing: true, Kind: everflowmock.FaultStatus, Status: 500, Times: 1}, settings: knownEgress},
		"an empty answer":    {live: []string{ours}, fault: &everflowmock.Fault{AfterActing: true, Kind: everflowmock.FaultEmpty, Times: 1}, settings: knownEgress},
		"turned on without this machine": {
			settings: knownEgress,
			want:     [][]string{{"error: 198.51.100.7 was not added to the API whitelist: it would lock Terraform out", "By egress_ip_addresses, Terraform calls Everflow from 203.0.113.10", "depends_on"}},
		},
		"turned on blindly": {
			want: [][]string{{"error: Turning the API whitelist on by single entries needs egress_ip_addresses", "EVERFLOW_EGRESS_IP_ADDRESSES", "allow_lockout = true"}},
		},
		"a lockout that was allowed": {
			config: attributes{"ip_address": entry, "allow_lockout": true},
			want:   [][]string{{"warning: Terraform is locked out: Everflow refuses this machine after the API whitelist was written", "web interface"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			onListMock(t, c.live, func(t *testing.T, a *account) {
				p := a.configured(c.settings)
				config := c.config
				if config == nil {
					config = entryConfig(entry)
				}
				if c.fault != nil {
					c.fault.Operation = "replaceApiWhitelist"
					a.mock.AddFault(*c.fault)
				}
				count := 0
				tell := func(r *http.Request) {
					if r.Method != http.MethodPut {
						return
					}
					count++
					if c.tell != nil {
						c.tell(a, count)
					}
					if c.unread {
						a.mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Kind: everflowmock.FaultStatus, Status: 500})
					}
				}
				a.acted.Store(&tell)
				planned, _ := p.value(p.schemas.ResourceSchemas[entryType], attributes{"ip_address": entry, "id": entry, "network_id": unknown{}, "allow_lockout": config["allow_lockout"] == true})
				state, said := p.apply(t.Context(), entryType, nil, config, planned)
				expectSaid(t, said, c.want...)
				if isError(said) != state.IsNull() {
					t.Errorf("a state beside an error, or none without: %q", said)
				}
			})
		})
	}
}

// An update that is made is saved, so nothing has to be imported.
func TestEntryApply_updateThatLocksOutIsInTheState(t *testing.T) {
	const ours, office = "203.0.113.10", "198.51.100.7"
	onListMock(t, []string{ours, "192.0.2.66"}, func(t *testing.T, a *account) {
		p := a.configured(nil)
		planned, _ := p.value(p.schemas.ResourceSchemas[entryType], attributes{"ip_address": office, "id": office, "network_id": 1001, "allow_lockout": false})
		state, said := p.apply(t.Context(), entryType, stateOfEntry(ours), entryConfig(office), planned)
		expectSaid(t, said, []string{"error: Terraform is locked out: Everflow refuses this machine after the API whitelist was written", "web interface"})
		if got := p.field(state, "ip_address"); got != office {
			t.Errorf("the state has %q, want %q", got, office)
		}
	})
}

func TestEntryApply_removalThatLocksOutIsRefusedAndTheStateStays(t *testing.T) {
	for name, c := range map[string]struct {
		live     []string
		settings attributes
		config   attributes
		want     []string
	}{
		"by the known address": {
			live:     []string{"203.0.113.10", "192.0.2.66"},
			settings: knownEgress, config: entryConfig("198.51.100.7"),
			want: []string{"error: 203.0.113.10 was not changed to 198.51.100.7 in the API whitelist: it would lock Terraform out", "203.0.113.10, which no other entry of the list admits", "depends_on"},
		},
		"by what was in force and is not": {
			live:   []string{"203.0.113.10"},
			config: entryConfig("198.51.100.7"),
			want:   []string{"error: 203.0.113.10 was not changed to 198.51.100.7", "After the change no entry admits any of these addresses"},
		},
		"removed": {
			live:     []string{"203.0.113.10", "192.0.2.66"},
			settings: knownEgress, want: []string{"error: 203.0.113.10 was not removed from the API whitelist: it would lock Terraform out", "other entries: 192.0.2.66", "destroy again"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			onListMock(t, c.live, func(t *testing.T, a *account) {
				p := a.configured(c.settings)
				planned, _ := p.value(p.schemas.ResourceSchemas[entryType], nil)
				if c.config != nil {
					planned, _ = p.value(p.schemas.ResourceSchemas[entryType], stateOfEntry("198.51.100.7"))
				}
				now, said := p.apply(t.Context(), entryType, stateOfEntry("203.0.113.10"), c.config, planned)
				expectSaid(t, said, c.want)
				if p.field(now, "id") != "203.0.113.10" {
					t.Errorf("the state holds %q", p.field(now, "id"))
				}
				a.expectWhitelist(t, c.live...)
				a.expectWrites(0)
			})
		})
	}
}

func TestEntryApply_twoResourcesForOneAddress(t *testing.T) {
	onListMock(t, []string{"203.0.113.10"}, func(t *testing.T, a *account) {
		p := a.configured(knownEgress)
		planned, said := p.plan(entryType, nil, entryConfig("198.51.100.7"))
		expectSaid(t, said)
		p = a.configured(knownEgress) // the apply, where nothing else was planned
		_, said = p.apply(t.Context(), entryType, nil, entryConfig("198.51.100.7"), planned)
		expectSaid(t, said)
		_, said = p.apply(t.Context(), entryType, nil, entryConfig("198.51.100.7"), planned)
		expectSaid(t, said, []string{"error: Two resources for 198.51.100.7"})
	})
}

func TestEntryApply_removalDoesNotOpenTheNetworkBecauseOthersRemoveTheirs(t *testing.T) {
	onListMock(t, []string{"203.0.113.10", "198.51.100.1"}, func(t *testing.T, a *account) {
		p := a.configured(knownEgress)
		_, said := p.plan(entryType, stateOfEntry("203.0.113.10"), nil)
		expectSaid(t, said, []string{"warning: Removing 203.0.113.10 alone would lock Terraform out"})
		a.mock.SetWhitelist("203.0.113.10")
		planned, _ := p.value(p.schemas.ResourceSchemas[entryType], nil)
		_, said = p.apply(t.Context(), entryType, stateOfEntry("203.0.113.10"), nil, planned)
		expectSaid(t, said, []string{"error: Removing 203.0.113.10 from the API whitelist would now open the network", "someone else has changed the list since"})
		a.expectWhitelist(t, "203.0.113.10")
	})
}

// The plan of a provider whose configuration is not known yet cannot say that the last
// entry goes.
func TestEntryApply_removalThatNoPlanHasSeenDoesNotOpenTheNetwork(t *testing.T) {
	onListMock(t, []string{"203.0.113.10"}, func(t *testing.T, a *account) {
		unconfigured := newProtocol(t)
		expectSaid(t, unconfigured.configure(attributes{"api_key": unknown{}, "base_url": a.baseURL}))
		planned, said := unconfigured.plan(entryType, stateOfEntry("203.0.113.10"), nil)
		expectSaid(t, said)
		p := a.configured(knownEgress)
		p.plannedPrivate = unconfigured.plannedPrivate
		_, said = p.apply(t.Context(), entryType, stateOfEntry("203.0.113.10"), nil, planned)
		expectSaid(t, said, []string{"error: Removing 203.0.113.10 from the API whitelist would now open the network", "the plan could not read it"})
		a.expectWhitelist(t, "203.0.113.10")
	})
}

func TestEntryApply_interruptedBeforeItIsWritten(t *testing.T) {
	onListMock(t, []string{"203.0.113.10"}, func(t *testing.T, a *account) {
		p := a.configured(knownEgress)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		said := applyEntries(ctx, p, 1, []string{"198.51.100.1"}, nothing, entryConfig)
		expectSaid(t, said["198.51.100.1"], []string{"error: 198.51.100.1 was not added to the API whitelist", "interrupted before anything was written"})
		a.expectWhitelist(t, "203.0.113.10")
		a.expectWrites(0)
	})
}

func TestEntryApply_aWriteUnderWayIsFinishedWhenTheRunIsInterrupted(t *testing.T) {
	onListMock(t, []string{"203.0.113.10"}, func(t *testing.T, a *account) {
		a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", AfterActing: true, Kind: everflowmock.FaultHang, Delay: 300 * time.Millisecond})
		p := a.configured(knownEgress)
		state, said := interrupt(t, a, p, entryType, entryConfig("198.51.100.7"), http.MethodPut, "/apiwhitelist")
		expectSaid(t, said)
		if p.field(state, "id") != "198.51.100.7" {
			t.Errorf("saved entry %q", p.field(state, "id"))
		}
		a.expectWhitelist(t, "198.51.100.7", "203.0.113.10")
	})
}
