package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

const listType = "everflow_api_whitelist"

// textsOf are the entries of a list, in their order.
func (p *protocol) textsOf(state tftypes.Value) (texts []string) {
	p.t.Helper()
	var fields map[string]tftypes.Value
	p.ok(state.As(&fields))
	var elements []tftypes.Value
	p.ok(fields["ip_addresses"].As(&elements))
	for _, element := range elements {
		var text string
		p.ok(element.As(&text))
		texts = append(texts, text)
	}
	return texts
}

// Terraform shows a change of a list as lines added and removed: two, here.
func TestWhitelist_oneForeignAndOneMissingEntryAreTwoLines(t *testing.T) {
	for _, size := range []int{3, 5000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			a := homeMock(t)
			configured := make([]string, size)
			for i := range configured {
				// In no order that anybody sorts by.
				configured[i] = fmt.Sprintf("198.51.%d.%d", 99-i%100, i/100+1)
			}
			configured[1] = "203.0.113.10/32"
			missing := configured[size/2+1]
			live := slices.DeleteFunc(slices.Clone(configured), func(entry string) bool { return entry == missing })
			slices.Sort(live)
			slices.Reverse(live)
			a.mock.SetWhitelist(append([]string{"192.0.2.66"}, live...)...)

			p := a.configured(knownEgress)
			now, said := p.read(listType, stateOfList(configured...))
			expectSaid(t, said)
			// Where the missing one stood: Terraform compares lists of one length by position.
			want := slices.Clone(configured)
			want[size/2+1] = "192.0.2.66"
			if got := p.textsOf(now); !slices.Equal(got, want) {
				t.Errorf("the state is in another order than the configuration: %q", got[:3])
			}
			planned, said := p.plan(listType, p.fields(now), attributes{"ip_addresses": configured})
			expectSaid(t, said)
			if got := p.textsOf(planned); !slices.Equal(got, configured) {
				t.Errorf("planned: %q", got[:3])
			}
		})
	}
}

func TestWhitelist_whereAChangeAndANewOrderComeTogetherTheRealChangeIsListed(t *testing.T) {
	prior := []string{"203.0.113.10", "198.51.100.1", "198.51.100.2"}
	for name, c := range map[string]struct {
		config []string
		want   [][]string
	}{
		"a change":                {config: []string{"203.0.113.10", "198.51.100.9", "198.51.100.2"}},
		"another order":           {config: []string{"198.51.100.2", "203.0.113.10", "198.51.100.1", "203.0.113.10/32"}},
		"a change in a new order": {config: []string{"198.51.100.2", "203.0.113.10", "198.51.100.9"}, want: [][]string{{"warning: Some lines of this change are entries that only moved", "+ 198.51.100.9", "- 198.51.100.1"}}},
		"a change in a new spelling": {
			config: []string{"203.0.113.10/32", "198.51.100.1", "198.51.100.2", "192.0.2.1"},
			want:   [][]string{{"warning: Some lines of this change are entries that only moved", "+ 192.0.2.1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			a.mock.SetWhitelist(prior...)
			_, said := a.configured(knownEgress).plan(listType, stateOfList(prior...), attributes{"ip_addresses": c.config})
			expectSaid(t, said, c.want...)
		})
	}
}

// looseList is an Everflow that takes any text for an entry.
type looseList struct {
	mu      sync.Mutex
	entries []string
	rest    http.Handler
}

func (l *looseList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/networks/security/apiwhitelist" {
		l.rest.ServeHTTP(w, r)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	body := map[string]any{}
	if r.Method == http.MethodPut {
		var sent struct {
			IPAddresses []string `json:"ip_addresses"`
		}
		_ = json.NewDecoder(r.Body).Decode(&sent)
		l.entries = sent.IPAddresses
	}
	body["network_id"], body["ip_addresses"], body["time_saved"] = 1001, append([]string{}, l.entries...), 1
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func (l *looseList) set(entries ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = entries
}

func (l *looseList) expect(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := slices.Sorted(slices.Values(l.entries)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the live whitelist is %q, want %q", got, want)
	}
}

// Whatever somebody has put into the list by other means, nothing is blocked by it.
func TestWhitelist_oddEntriesAreShownAndBlockNothing(t *testing.T) {
	a := homeMock(t)
	live := &looseList{rest: a.mock}
	a.baseURL = newServer(t, live)
	odd := []string{"203.0.113.10", "198.51.100.7/24", "192.0.2.1-192.0.2.9", "192.0.2.7 # office", ""}
	config := attributes{"ip_addresses": []string{"203.0.113.10", "198.51.100.0/24"}}

	live.set(odd...)
	p := a.configured(knownEgress)
	now, said := p.read(listType, stateOfList("203.0.113.10", "198.51.100.0/24"))
	expectSaid(t, said)
	if got, want := p.textsOf(now), []string{"203.0.113.10", "198.51.100.0/24", "", "192.0.2.1-192.0.2.9", "192.0.2.7 # office"}; !slices.Equal(got, want) {
		t.Errorf("read: %q, want %q", got, want)
	}
	planned, said := p.plan(listType, p.fields(now), config)
	expectSaid(t, said)
	state, said := p.apply(t.Context(), listType, p.fields(now), config, planned)
	expectSaid(t, said)
	live.expect(t, "198.51.100.0/24", "203.0.113.10")
	if got := p.textsOf(state); len(got) != 2 {
		t.Errorf("applied: %q", got)
	}

	live.set(odd...)
	expectSaid(t, a.configured(knownEgress).readData(listType, attributes{}))
	whole := &core{a: a, resource: listType, settings: knownEgress}
	expectSaid(t, whole.importState(t, "1001"))
	if whole.state == nil {
		t.Fatal("nothing was imported")
	}
	expectSaid(t, whole.run(t, nil), []string{"warning: Destroying the API whitelist opens the network", `"192.0.2.7 # office"`})
	live.expect(t)

	live.set(odd...)
	expectSilence(t, createEntries(a.configured(knownEgress), "198.18.0.1"))
	live.expect(t, append(slices.Clone(odd), "198.18.0.1")...)
}

func TestAccAPIWhitelist_orderSpellingRepeatsSetsAndExpressionsAreNoDiff(t *testing.T) {
	a := fromHome(t)
	expression := func(hcl string) string {
		return a.configWith(knownEgressHCL, "resource \"everflow_api_whitelist\" \"test\" {\n  ip_addresses = "+hcl+"\n}\n")
	}
	empty := func(hcl string) resource.TestStep {
		return resource.TestStep{Config: expression(hcl), ConfigPlanChecks: emptyPlan()}
	}
	a.run(
		resource.TestStep{Config: expression(`["203.0.113.10", "2001:DB8::7", "198.51.100.0/24"]`)},
		empty(`["198.51.100.0/24", "203.0.113.10", "2001:db8:0::7/128"]`),
		empty(`["203.0.113.10", "203.0.113.10/32", "2001:db8::7", "198.51.100.0/24", "203.0.113.10"]`),
		empty(`toset(["203.0.113.10", "2001:db8::7", "198.51.100.0/24"])`),
		empty(`[for name, address in { vpn = "198.51.100.0/24", ci = "203.0.113.10", home = "2001:db8::7" } : address]`),
		resource.TestStep{
			PreConfig: func() { a.mock.SetWhitelist("2001:db8::7", "198.51.100.0/24", "203.0.113.10/32") },
			Config:    expression(`["203.0.113.10", "2001:DB8::7", "198.51.100.0/24"]`), ConfigPlanChecks: emptyPlan(),
		},
	)
	if sent := a.mock.CountCalls("replaceApiWhitelist"); sent != 2 {
		t.Errorf("the list was written %d times, want twice: created and destroyed", sent)
	}
}

func TestAccAPIWhitelist_importThenPlanIsEmptyInAnyOrder(t *testing.T) {
	a := fromHome(t)
	a.mock.SetWhitelist("203.0.113.10", "198.51.100.0/24", "2001:db8::7")
	a.run(resource.TestStep{
		Config: a.config(whitelistHCL("", "2001:db8::7", "203.0.113.10", "198.51.100.0/24", "203.0.113.10/32") +
			"import {\n  to = everflow_api_whitelist.test\n  id = \"1001\"\n}\n"),
		ConfigPlanChecks: planned(theList, plancheck.ResourceActionNoop),
	})
}

// arrangedDrift checks a planned change of the list, in order.
type arrangedDrift struct{ before, after []any }

func (d arrangedDrift) CheckPlan(plan *tfjson.Plan) error {
	for _, change := range plan.ResourceChanges {
		before, after := change.Change.Before.(map[string]any)["ip_addresses"].([]any), change.Change.After.(map[string]any)["ip_addresses"].([]any)
		if change.Address == theList && (!slices.Equal(before, d.before) || !slices.Equal(after, d.after)) {
			return fmt.Errorf("the list changes from %q to %q", before, after)
		}
	}
	return nil
}

func TestAccAPIWhitelist_aDiffDoesNotDependOnTheOrderOfTheAnswer(t *testing.T) {
	a := fromHome(t)
	config := a.configWith(knownEgressHCL, whitelistHCL("", "203.0.113.10", "2001:db8::7", "198.51.100.1"))
	drift := planFile{arrangedDrift{
		before: []any{"203.0.113.10", "192.0.2.5", "198.51.100.1", "192.0.2.66"},
		after:  []any{"203.0.113.10", "2001:db8::7", "198.51.100.1"},
	}}
	step := func(live ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() { a.mock.SetWhitelist(live...) }, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{drift}},
		}
	}
	a.run(
		resource.TestStep{Config: config},
		step("192.0.2.66", "198.51.100.1", "192.0.2.5", "203.0.113.10"),
		step("203.0.113.10", "192.0.2.5", "192.0.2.66", "198.51.100.1"),
	)
}
