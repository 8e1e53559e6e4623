package provider_test

import (
	"slices"
	"strings"
	"testing"
)

// entryChange is a change of an entry: an address of the state, of the configuration, or
// of both; "?" is one that is not known yet.
type entryChange struct{ from, to string }

// A plan says what its own change means, and what the run has planned by then.
func TestEntryPlan_saysWhatItsChangeMeans(t *testing.T) {
	const ours = "203.0.113.10"
	three := []string{ours, "198.51.100.1", "198.51.100.2"}
	for name, c := range map[string]struct {
		live     []string
		settings attributes
		// changes are planned one after the other.
		changes []entryChange
		want    [][]string
	}{
		"adding to a list":               {live: []string{ours}, changes: []entryChange{{to: "198.51.100.1"}}},
		"one of three":                   {live: three, settings: knownEgress, changes: []entryChange{{from: "198.51.100.1"}}},
		"one of three, not known":        {live: three, changes: []entryChange{{from: "198.51.100.1"}}, want: [][]string{{"warning: An entry is removed", "198.51.100.1 is removed", "EVERFLOW_EGRESS_IP_ADDRESSES"}}},
		"what another entry admits":      {live: []string{ours, "198.51.100.1", "198.51.100.0/24"}, changes: []entryChange{{from: "198.51.100.1"}}},
		"ours for a wider one, after it": {live: three, settings: knownEgress, changes: []entryChange{{to: "203.0.113.0/24"}, {from: ours}}},
		"ours for a wider one, before":   {live: three, settings: knownEgress, changes: []entryChange{{from: ours}, {to: "203.0.113.0/24"}}, want: [][]string{{"warning: Removing 203.0.113.10 alone would lock Terraform out", "another entry that admits Terraform"}}},
		"ours exchanged for a wider one": {live: three, settings: knownEgress, changes: []entryChange{{from: ours, to: "203.0.113.0/24"}}},
		"ours exchanged for another":     {live: []string{ours}, changes: []entryChange{{from: ours, to: "198.51.100.1"}}, want: [][]string{{"warning: Removing 203.0.113.10 alone would lock Terraform out", "no entry is left that can admit them"}}},
		"all of three, ours last":        {live: three, settings: knownEgress, changes: []entryChange{{from: "198.51.100.1"}, {from: "198.51.100.2"}, {from: ours}}, want: [][]string{{"warning: Removing the last entries", "198.51.100.1, 198.51.100.2"}}},
		"the last one, allowed":          {live: []string{ours}, settings: knownEgress, changes: []entryChange{{from: ours}}, want: [][]string{{"warning: Removing the last entries"}}},
		"turned on with ours":            {settings: knownEgress, changes: []entryChange{{to: "198.51.100.1"}, {to: ours}}},
		"turned on, not known":           {changes: []entryChange{{to: "198.51.100.1"}, {to: ours}}, want: [][]string{{"error: Turning the API whitelist on by single entries needs egress_ip_addresses"}}},
		"turned on by an unknown one":    {changes: []entryChange{{to: "?"}}, want: [][]string{{"error: Turning the API whitelist on by single entries needs egress_ip_addresses"}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.SetWhitelist(c.live...)
			p := a.configured(c.settings)
			var all []string
			for _, change := range c.changes {
				var prior, config attributes
				if change.from != "" {
					prior = stateOfEntry(change.from)
				}
				switch change.to {
				case "":
				case "?":
					config = attributes{"ip_address": unknown{}}
				default:
					config = entryConfig(change.to)
				}
				_, said := p.beside().plan(entryType, prior, config)
				all = append(all, said...)
			}
			expectSaid(t, all, c.want...)
		})
	}
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
	a.mock.SetWhitelist()
	_, said = a.configured(nil).plan(entryType, nil, attributes{"ip_address": "198.51.100.7", "allow_lockout": true})
	expectSaid(t, said)
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
		"both new":               {first: [2]attributes{nil, entryConfig("192.0.2.1")}, second: [2]attributes{nil, entryConfig("::ffff:192.0.2.1")}, want: [][]string{{"error: Two resources for ::ffff:192.0.2.1"}}},
		"both in the state":      {first: [2]attributes{here, entryConfig("198.51.100.7")}, second: [2]attributes{here, entryConfig("198.51.100.7")}, want: [][]string{{"error: Two resources of this state for 198.51.100.7", "state rm"}}},
		"one of two destroyed":   {first: [2]attributes{here, nil}, second: [2]attributes{here, entryConfig("198.51.100.7")}, want: [][]string{{"error: Two resources of this state for 198.51.100.7"}}},
		"renamed":                {first: [2]attributes{here, nil}, second: [2]attributes{nil, entryConfig("198.51.100.7/32")}, want: [][]string{{"error: 198.51.100.7/32 would be removed", "moved block"}}},
		"renamed, the other way": {first: [2]attributes{nil, entryConfig("198.51.100.7")}, second: [2]attributes{here, nil}},
		"exchanged":              {first: [2]attributes{here, entryConfig("198.51.100.8")}, second: [2]attributes{there, entryConfig("198.51.100.7")}},
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
		"both kept":                  {listKept: true, entryKept: true, refused: true},
		"both kept, the list first":  {listKept: true, entryKept: true, listFirst: true, refused: true},
		"the list destroyed":         {entryKept: true, listFirst: true, refused: true},
		"the entry destroyed":        {listKept: true, refused: true},
		"both destroyed":             {},
		"both destroyed, list first": {listFirst: true},
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
					config := entryConfig("203.0.113.10")
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
	expectSaid(t, said, []string{"warning: 198.51.100.7 was removed from the API whitelist outside Terraform", "Terraform adds it again"})
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
		expectSaid(t, newProtocol(t).validate(entryType, entryConfig(address)), want...)
	}
}
