package provider_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// planEntries plans what is to be destroyed and what is to be created, all at
// once, and returns what was said, in one list.
func planEntries(p *protocol, destroyed, created []string) (all []string) {
	p.t.Helper()
	var mu sync.Mutex
	var work sync.WaitGroup
	plan := func(prior, config attributes) {
		work.Go(func() {
			_, said := p.beside().plan(entryType, prior, config)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, said...)
		})
	}
	for _, entry := range destroyed {
		plan(stateOfEntry(entry), nil)
	}
	for _, entry := range created {
		plan(nil, asConfig(entry))
	}
	work.Wait()
	return all
}

func TestEntryPlan_saysWhatTheRunAsAWholeMeans(t *testing.T) {
	const ours = "203.0.113.10"
	ten, eleven := addresses(10), addresses(11)
	for name, c := range map[string]struct {
		live, destroyed, created []string
		settings                 attributes
		want                     [][]string
	}{
		"adding to a list":           {live: []string{ours}, created: ten},
		"one of three":               {live: []string{ours, ten[0], ten[1]}, destroyed: ten[:1], settings: knownEgress},
		"one of three, not known":    {live: []string{ours, ten[0], ten[1]}, destroyed: ten[:1], want: [][]string{{"warning: Entries are removed", "narrowed: 198.51.100.1. If"}}},
		"two of three, not known":    {live: []string{ours, ten[0], ten[1]}, destroyed: ten[:2], want: [][]string{{"warning: Entries are removed", "narrowed: 198.51.100.1, 198.51.100.2. If"}}},
		"what another entry admits":  {live: []string{ours, ten[0], "198.51.100.0/24"}, destroyed: ten[:1]},
		"exchanged for a wider one":  {live: []string{ours, ten[0]}, destroyed: []string{ours}, created: []string{"203.0.113.0/24"}, settings: knownEgress},
		"wider one, not known":       {live: []string{ours, ten[0]}, destroyed: []string{ours}, created: []string{"203.0.113.0/24"}},
		"all of three":               {live: []string{ours, ten[0], ten[1]}, destroyed: []string{ours, ten[0], ten[1]}, settings: knownEgress, want: [][]string{{"warning: Removing the last entries", "every address: 198.51.100.1, 198.51.100.2, 203.0.113.10.$"}}},
		"all of three, not known":    {live: []string{ours, ten[0], ten[1]}, destroyed: []string{ours, ten[0], ten[1]}, want: [][]string{{"warning: Removing the last entries", "every address: 198.51.100.1, 198.51.100.2, 203.0.113.10.", "in one write"}}},
		"all of eleven":              {live: append([]string{ours}, ten...), destroyed: append([]string{ours}, ten...), settings: knownEgress, want: [][]string{{"warning: Removing the last entries"}}},
		"all of eleven, not known":   {live: append([]string{ours}, ten...), destroyed: append([]string{ours}, ten...), want: [][]string{{"error: Emptying the API whitelist might lock Terraform out halfway", "These 11 entries", "EVERFLOW_EGRESS_IP_ADDRESSES"}}},
		"ours of three":              {live: []string{ours, ten[0], ten[1]}, destroyed: []string{ours}, settings: knownEgress, want: [][]string{{"error: This change of the whitelist would lock Terraform out", "Without 203.0.113.10,"}}},
		"ours, others' stay":         {live: []string{ours, ten[0], ten[1]}, destroyed: []string{ours, ten[0]}, settings: knownEgress, want: [][]string{{"error: This change of the whitelist would lock Terraform out", "Without 203.0.113.10,"}}},
		"ours for nothing in common": {live: []string{ours}, destroyed: []string{ours}, created: ten[:2], want: [][]string{{"error: This change of the whitelist would lock Terraform out", "has none of these addresses"}}},
		"turned on, ours among them": {created: append([]string{ours}, eleven...), settings: knownEgress},
		"turned on, ours not among":  {created: ten[:2], settings: knownEgress, want: [][]string{{"error: This whitelist would lock Terraform out", "198.51.100.1, 198.51.100.2 would turn it on"}}},
		"turned on, not known":       {created: ten, want: [][]string{{"warning: Turning the whitelist on", "from here only: 198.51.100.1, 198.51.100.10, 198.51.100.2"}}},
		"turned on by many":          {created: eleven, want: [][]string{{"error: Turning the whitelist on might lock Terraform out halfway", "these 11 entries"}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.SetWhitelist(c.live...)
			said := planEntries(a.configured(c.settings), c.destroyed, c.created)
			for i := range c.want {
				for j, text := range c.want[i] {
					if ending, ok := strings.CutSuffix(text, "$"); ok {
						c.want[i][j] = ending
						if len(said) == 1 && !strings.HasSuffix(said[0], ending) {
							t.Errorf("%q does not end with %q", said[0], ending)
						}
					}
				}
			}
			expectSaid(t, said, c.want...)
		})
	}
}

// The others depend on the entry that admits Terraform: it is planned first.
func TestEntryPlan_manyThatDependOnOneTurnTheListOnWithOneWarning(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	said := planEntries(p, nil, []string{"203.0.113.10"})
	said = append(said, planEntries(p, nil, addresses(24))...)
	expectSaid(t, said, []string{"warning: Turning the whitelist on", "from here only: 203.0.113.10."})

	a.mock.SetWhitelist(append(addresses(24), "203.0.113.10")...)
	p = a.configured(nil)
	said = planEntries(p, addresses(24), nil)
	said = append(said, planEntries(p, []string{"203.0.113.10"}, nil)...)
	expectSaid(t, said, []string{"warning: Entries are removed"}, []string{"warning: Removing the last entries"})
}

func TestEntryPlan_allowedLockoutIsSilentAndOpeningIsNot(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10", "192.0.2.66")
	state := stateOfEntry("203.0.113.10")
	state["allow_lockout"] = true
	_, said := a.configured(knownEgress).plan(entryType, state, nil)
	expectSaid(t, said)
	a.mock.SetWhitelist("203.0.113.10")
	_, said = a.configured(knownEgress).plan(entryType, state, nil)
	expectSaid(t, said, []string{"warning: Removing the last entries"})
}

func TestEntryPlan_anUnknownAddressMayYetMakeItGood(t *testing.T) {
	a := homeMock(t)
	p := a.configured(knownEgress)
	var work sync.WaitGroup
	for _, address := range []any{"198.51.100.7", unknown{}} {
		work.Go(func() {
			_, said := p.beside().plan(entryType, nil, attributes{"ip_address": address})
			expectSaid(t, said)
		})
	}
	work.Wait()
	_, said := a.configured(nil).plan(entryType, nil, attributes{"ip_address": unknown{}})
	expectSaid(t, said, []string{"warning: Turning the whitelist on", "from here only: an address that is not known yet"})
}

func TestEntryPlan_twoResourcesForOneAddress(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10", "198.51.100.7", "198.51.100.8")
	here, there := stateOfEntry("198.51.100.7"), stateOfEntry("198.51.100.8")
	for name, c := range map[string]struct {
		// Each is a prior state and a configuration.
		first, second [2]attributes
		want          [][]string
	}{
		"both new":               {[2]attributes{nil, asConfig("192.0.2.1")}, [2]attributes{nil, asConfig("::ffff:192.0.2.1")}, [][]string{{"error: Two resources for ::ffff:192.0.2.1"}}},
		"both in the state":      {[2]attributes{here, asConfig("198.51.100.7")}, [2]attributes{here, asConfig("198.51.100.7")}, [][]string{{"error: Two resources of this state for 198.51.100.7", "state rm"}}},
		"one of two destroyed":   {[2]attributes{here, nil}, [2]attributes{here, asConfig("198.51.100.7")}, [][]string{{"error: Two resources of this state for 198.51.100.7"}}},
		"renamed":                {[2]attributes{here, nil}, [2]attributes{nil, asConfig("198.51.100.7/32")}, [][]string{{"error: 198.51.100.7/32 would be removed", "moved block"}}},
		"renamed, the other way": {[2]attributes{nil, asConfig("198.51.100.7")}, [2]attributes{here, nil}, nil},
		"exchanged":              {[2]attributes{here, asConfig("198.51.100.8")}, [2]attributes{there, asConfig("198.51.100.7")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := a.configured(knownEgress)
			_, said := p.plan(entryType, c.first[0], c.first[1])
			_, words := p.plan(entryType, c.second[0], c.second[1])
			said = append(said, words...)
			if c.want != nil {
				expectSaid(t, said, c.want...)
			} else if !isError(said) {
				t.Errorf("no error: %q", said)
			}
		})
	}
}

func TestEntryPlan_wholeListAndEntriesExcludeEachOther(t *testing.T) {
	list := attributes{"ip_addresses": []string{"203.0.113.10"}}
	for name, c := range map[string]struct {
		listKept, entryKept, listFirst bool
		refused                        bool
	}{
		"both kept":                  {true, true, false, true},
		"both kept, the list first":  {true, true, true, true},
		"the list destroyed":         {false, true, true, true},
		"the entry destroyed":        {true, false, false, true},
		"both destroyed":             {false, false, false, false},
		"both destroyed, list first": {false, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.SetWhitelist("203.0.113.10")
			p := a.configured(knownEgress)
			_, said := p.read("everflow_api_whitelist", stateOfList("203.0.113.10"))
			_, words := p.read(entryType, stateOfEntry("203.0.113.10"))
			expectSaid(t, append(said, words...)) // a refresh alone says nothing
			plans := []func() []string{
				func() []string {
					config := list
					if !c.listKept {
						config = nil
					}
					_, said := p.plan("everflow_api_whitelist", stateOfList("203.0.113.10"), config)
					return said
				},
				func() []string {
					config := asConfig("203.0.113.10")
					if !c.entryKept {
						config = nil
					}
					_, said := p.plan(entryType, stateOfEntry("203.0.113.10"), config)
					return said
				},
			}
			if !c.listFirst {
				slices.Reverse(plans)
			}
			first, second := plans[0](), plans[1]()
			if isError(first) || isError(second) != c.refused {
				t.Errorf("first: %q\nsecond: %q", first, second)
			}
			if c.refused && !says("managed as a whole and by single entries", "removed {", "destroy = false", "import {").MatchString(strings.Join(second, "\n")) {
				t.Errorf("said: %q", second)
			}
		})
	}
}

func TestEntryRead_goneIsSaidAndPlannedAnewOnProofOnly(t *testing.T) {
	a := homeMock(t)
	a.mock.SetWhitelist("203.0.113.10")
	now, said := a.configured(nil).read(entryType, stateOfEntry("198.51.100.7"))
	expectSaid(t, said, []string{"warning: 198.51.100.7 was removed from the API whitelist outside Terraform", "planned anew"})
	if !now.IsNull() {
		t.Error("it is still in the state")
	}
	if strings.Contains(said[0], "every address") {
		t.Error("the network is said to be open")
	}
	a.mock.SetWhitelist()
	_, said = a.configured(nil).read(entryType, stateOfEntry("198.51.100.7"))
	expectSaid(t, said, []string{"warning: 198.51.100.7 was removed", "accepts API calls from every address"})
	state := stateOfEntry("198.51.100.7")
	state["network_id"] = 2002
	now, said = a.configured(nil).read(entryType, state)
	expectSaid(t, said, []string{"error: The API whitelist belongs to another network", "network 2002", "network 1001"})
	if now.IsNull() {
		t.Error("it is gone from the state")
	}
}

func TestEntryInput(t *testing.T) {
	for address, want := range map[string][][]string{
		"office":         {{`error: Unusable IP address: "office" is not an IP address`}},
		"203.0.113.7/24": {{`error: Unusable IP address`, `203.0.113.0/24`}},
		"10.0.0.1":       {{"warning: Addresses that can never match", "10.0.0.1"}},
		"0.0.0.0/0":      {{"warning: The whitelist admits every IPv4 address"}},
		"2001:DB8::7":    nil,
	} {
		expectSaid(t, newProtocol(t).validate(entryType, asConfig(address)), want...)
	}
}
