package provider_test

import (
	"context"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

func stateOfList(entries ...string) attributes {
	return attributes{"id": "1001", "ip_addresses": entries, "allow_lockout": false, "deletion_protection": false}
}

func TestWarnings_destroyingTheWhitelistSaysThatItOpensTheNetwork(t *testing.T) {
	a := homeMock(t)
	_, said := a.configured(nil).plan("everflow_api_whitelist", stateOfList("203.0.113.10", "198.51.100.0/24"), nil)
	expectSaid(t, said, []string{"warning: Destroying the API whitelist opens the network to every address", "Before it, only from these: 203.0.113.10, 198.51.100.0/24"})
}

func TestWarnings_whitelistChangeIsSilentWhereItIsProvablySafe(t *testing.T) {
	for name, c := range map[string]struct {
		live   []string
		egress []string
		new    attributes
		want   [][]string
	}{
		"covers all of the live one": {live: []string{"203.0.113.10"}, new: attributes{"ip_addresses": []string{"203.0.113.0/24", "192.0.2.1"}}},
		"removes, address unknown": {
			live: []string{"203.0.113.10", "198.51.100.0/24"},
			new:  attributes{"ip_addresses": []string{"203.0.113.10", "198.51.100.0/25"}},
			want: [][]string{{"warning: Entries are removed", "removed or narrowed: 198.51.100.0/24"}},
		},
		"removes, address known and inside": {
			live: []string{"203.0.113.10", "198.51.100.0/24"}, egress: []string{"203.0.113.10"}, new: attributes{"ip_addresses": []string{"203.0.113.10"}},
		},
		"removes, address known and outside": {
			live:   []string{"203.0.113.10", "198.51.100.0/24"},
			egress: []string{"203.0.113.10"},
			new:    attributes{"ip_addresses": []string{"198.51.100.0/24"}},
			want:   [][]string{{"error: This whitelist would lock Terraform out", "Terraform calls Everflow from 203.0.113.10"}},
		},
		"nothing in common": {
			live: []string{"203.0.113.10"},
			new:  attributes{"ip_addresses": []string{"198.51.100.0/24"}},
			want: [][]string{{"error: This whitelist would lock Terraform out", "The new list admits none of these addresses"}},
		},
		"nothing in common, allowed": {
			live: []string{"203.0.113.10"}, new: attributes{"ip_addresses": []string{"198.51.100.0/24"}, "allow_lockout": true},
		},
		"turned on, address unknown": {
			new:  attributes{"ip_addresses": []string{"203.0.113.10"}},
			want: [][]string{{"warning: Turning the API whitelist on", "calls only from these addresses: 203.0.113.10."}},
		},
		"turned on, address known": {egress: []string{"203.0.113.10"}, new: attributes{"ip_addresses": []string{"203.0.113.0/28"}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.setWhitelist(c.live...)
			settings := attributes{}
			if c.egress != nil {
				settings["egress_ip_addresses"] = c.egress
			}
			var prior attributes
			if c.live != nil {
				prior = stateOfList(c.live...)
			}
			_, said := a.configured(settings).plan("everflow_api_whitelist", prior, c.new)
			expectSaid(t, said, c.want...)
		})
	}
}

func TestWarnings_identicalListIsTakenOverWithAWord(t *testing.T) {
	a := homeMock(t)
	a.setWhitelist("203.0.113.10", "2001:db8::1")
	_, said := a.configured(nil).plan("everflow_api_whitelist", nil, attributes{"ip_addresses": []string{"2001:DB8::0001", "203.0.113.10/32"}})
	expectSaid(t, said, []string{"warning: The network's API whitelist already holds exactly these entries"})
}

func TestWarnings_emptiedOutsideIsSaid(t *testing.T) {
	a := homeMock(t)
	now, said := a.configured(nil).read("everflow_api_whitelist", stateOfList("203.0.113.10"))
	expectSaid(t, said, []string{"warning: The API whitelist is empty, and the state has entries"})
	if now.IsNull() {
		t.Error("the whitelist is gone from the state")
	}
}

func TestWarnings_twoResourcesForTheOneListAreRefused(t *testing.T) {
	a := homeMock(t)
	a.setWhitelist("203.0.113.10")
	p := a.configured(nil)
	_, said := p.read("everflow_api_whitelist", stateOfList("203.0.113.10"))
	expectSaid(t, said)
	_, said = p.read("everflow_api_whitelist", stateOfList("203.0.113.10"))
	expectSaid(t, said, []string{"error: Two resources of this state manage the network's API whitelist", "state rm"})
}

func TestWarnings_theListIsNeitherReplacedNorManagedTwice(t *testing.T) {
	type step func(p *protocol) (said []string)
	state, list := stateOfList("203.0.113.10"), attributes{"ip_addresses": []string{"203.0.113.10"}}
	refresh := func(p *protocol) []string {
		_, said := p.read("everflow_api_whitelist", state)
		return said
	}
	plan := func(prior, config attributes) step {
		return func(p *protocol) []string {
			_, said := p.beside().plan("everflow_api_whitelist", prior, config)
			return said
		}
	}
	// As Terraform plans a replacement: a second time, without the prior state.
	replace := func(p *protocol) []string {
		_, said := p.plan("everflow_api_whitelist", state, list)
		p.private = p.plannedPrivate
		_, again := p.plan("everflow_api_whitelist", nil, list)
		return append(said, again...)
	}
	twoResources := []string{"error: Two everflow_api_whitelist resources for one network", "Keep one"}
	replaced := []string{"error: Replacing the API whitelist would open the network to every address", "-replace", "moved block"}
	for name, c := range map[string]struct {
		steps []step
		want  []string
	}{
		"both new":           {steps: []step{plan(nil, list), plan(nil, list)}, want: twoResources},
		"one new, one kept":  {steps: []step{refresh, plan(state, list), plan(nil, list)}, want: twoResources},
		"replaced":           {steps: []step{refresh, replace}, want: replaced},
		"tainted":            {steps: []step{refresh, plan(nil, list)}, want: replaced},
		"renamed":            {steps: []step{plan(state, nil), plan(nil, list)}, want: replaced},
		"renamed, new first": {steps: []step{plan(nil, list), plan(state, nil)}, want: replaced},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.setWhitelist("203.0.113.10")
			p := a.configured(nil)
			var errors []string
			for _, step := range c.steps {
				for _, line := range step(p) {
					if isError([]string{line}) {
						errors = append(errors, line)
					}
				}
			}
			expectSaid(t, errors, c.want)
		})
	}
}

func TestWarnings_revokedOutsideIsSaidAndTheKeyIsGone(t *testing.T) {
	a := homeMock(t)
	made, err := a.api.CreateAPIKey(context.Background(), 2, everflow.APIKeySettings{Name: "billing", AllPermissions: true})
	a.ok(err)
	state := attributes{
		"id": "5", "network_id": 1001, "name": "billing", "network_employee_id": 2, "all_permissions": true,
		"store_key_in_state": true, "key": "kept", "key_sha256": "kept too", "status": "active",
	}
	p := a.configured(nil)
	now, said := p.read("everflow_api_key", state)
	expectSaid(t, said)
	for name, want := range map[string]string{"key": "kept", "key_sha256": "kept too"} {
		if got := p.field(now, name); got != want {
			t.Errorf("a read changed %s to %q", name, got)
		}
	}

	a.mock.RevokeKey(made.ID)
	now, said = a.configured(nil).read("everflow_api_key", state)
	expectSaid(t, said, []string{`warning: API key 5 ("billing") was revoked outside Terraform`, "cannot be undone", "a new key"})
	if !now.IsNull() {
		t.Error("the revoked key is still in the state")
	}

	state["id"] = "77"
	now, said = a.configured(nil).read("everflow_api_key", state)
	expectSaid(t, said, []string{`warning: API key 77 ("billing") does not exist`})
	if !now.IsNull() {
		t.Error("the key that never was is still in the state")
	}
}

func TestWarnings_secretThatStaysAbsentIsSaid(t *testing.T) {
	a := homeMock(t)
	prior := attributes{"id": "5", "network_id": 1001, "name": "x", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": false, "status": "active"}
	config := attributes{"name": "x", "network_employee_id": 2, "all_permissions": true, "store_key_in_state": true}
	_, said := a.configured(nil).plan("everflow_api_key", prior, config)
	expectSaid(t, said, []string{"warning: The key's secret stays absent", "-replace"})
}
