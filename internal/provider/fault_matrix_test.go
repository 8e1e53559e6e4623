package provider_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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
	"500 after acting":       {Kind: everflowmock.FaultStatus, After: true, Status: 500, Body: `{"error":"broken"}`},
	"502 page":               {Kind: everflowmock.FaultStatus, Status: 502, Body: "<html><title>Bad Gateway</title></html>"},
	"502 page after acting":  {Kind: everflowmock.FaultStatus, After: true, Status: 502, Body: "<html><title>Bad Gateway</title></html>"},
	"404 page":               {Kind: everflowmock.FaultStatus, Status: 404, Body: "<html><title>Not here</title></html>"},
	"401":                    {Kind: everflowmock.FaultStatus, Status: 401, Body: `{"error":"Invalid API key"}`},
	"403":                    {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"Forbidden"}`},
	"reset":                  {Kind: everflowmock.FaultReset},
	"reset after acting":     {Kind: everflowmock.FaultReset, After: true},
	"no answer after acting": {Kind: everflowmock.FaultHang, After: true},
	"slow body":              {Kind: everflowmock.FaultSlow, After: true},
	"broken off":             {Kind: everflowmock.FaultCut, After: true},
	"truncated":              {Kind: everflowmock.FaultTruncated, After: true},
	"wrong types":            {Kind: everflowmock.FaultWrongTypes, After: true},
	"extra fields":           {Kind: everflowmock.FaultExtraFields, After: true},
	"empty 200":              {Kind: everflowmock.FaultEmpty, After: true},
	"empty object":           {Kind: everflowmock.FaultBody, After: true, Body: `{}`},
	"empty list":             {Kind: everflowmock.FaultBody, After: true, Body: `[]`},
	"null":                   {Kind: everflowmock.FaultBody, After: true, Body: `null`},
	"redirect":               {Kind: everflowmock.FaultRedirect, Status: 307, URL: "https://evil.example/v1"},
	"10 MB":                  {Kind: everflowmock.FaultHuge, After: true},
}

// cell is one place of the matrix: a server in a known state, and a core on it.
type cell struct{ *core }

const (
	keyOld, keyNew = "billing", "billing, renamed"
	strange        = "192.0.2.66" // an entry that others add to the whitelist
)

func keyConfig(name string) attributes {
	return attributes{"name": name, "network_employee_id": 2, "permissions": []string{"Offers", "Roles"}}
}

func rotatingKeyConfig(keeper string) attributes {
	config := keyConfig(keyOld)
	maps.Copy(config, attributes{"rotate_after": "2160h", "overlap": "24h", "store_key_in_state": true, "all_permissions": false, "rotate_when_changed": map[string]string{"turn": keeper}})
	return config
}

func withoutOverlap(keeper string) attributes {
	config := rotatingKeyConfig(keeper)
	config["overlap"] = "0s"
	return config
}

func listConfig(entries ...string) attributes {
	return attributes{"ip_addresses": append([]string{"203.0.113.10"}, entries...)}
}

// action is what a provider is asked to do.
type action struct {
	// resource is what the cell's core manages; none for what has no state.
	resource string
	// operations are those of the contract that the action uses.
	operations []string
	// before makes what is there before; nil: nothing.
	before func(t *testing.T, c *cell)
	// under is done while something is wrong, and returns all that was said.
	under func(t *testing.T, c *cell) []string
	// again is done once all is well; nil: the same as under.
	again func(t *testing.T, c *cell) []string
	// check is what must be so in the end; nil: nothing more.
	check func(t *testing.T, c *cell)
}

func (a action) prepare(t *testing.T, c *cell) {
	t.Helper()
	if a.before != nil {
		a.before(t, c)
	}
}

func (a action) repeat(t *testing.T, c *cell) []string {
	t.Helper()
	if a.again != nil {
		return a.again(t, c)
	}
	return a.under(t, c)
}

func (a action) expect(t *testing.T, c *cell) {
	t.Helper()
	if a.check != nil {
		a.check(t, c)
	}
}

var actions = map[string]action{
	"create a key": {
		resource:   "everflow_api_key",
		operations: []string{"createApiKey", "searchApiKeys"},
		under:      func(t *testing.T, c *cell) []string { return c.run(t, keyConfig(keyOld)) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"update a key": {
		resource:   "everflow_api_key",
		operations: []string{"updateApiKey", "getApiKey"},
		before:     func(t *testing.T, c *cell) { c.run(t, keyConfig(keyOld)) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, keyConfig(keyNew)) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyNew, 1) },
	},
	"destroy a key": {
		resource:   "everflow_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before:     func(t *testing.T, c *cell) { c.run(t, keyConfig(keyOld)) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 0) },
	},
	"import a key": {
		resource:   "everflow_api_key",
		operations: []string{"getApiKey"},
		before: func(_ *testing.T, c *cell) {
			c.a.mock.AddKey(everflowmock.Key{Name: keyOld, EmployeeID: 2, Permissions: []string{"Offers", "Roles"}})
		},
		under: func(t *testing.T, c *cell) []string { return c.importState(t, "5") },
		again: func(t *testing.T, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "5")
			}
			return nil
		},
		check: func(t *testing.T, c *cell) { c.run(t, keyConfig(keyOld)); c.expectKeys(t, keyOld, 1) },
	},
	"list the keys": {
		operations: []string{"searchApiKeys"},
		under:      listKeys,
	},
	"revoke a key by the action": {
		operations: []string{"getApiKey", "revokeApiKey"},
		under:      revokeByAction,
		check:      func(t *testing.T, c *cell) { c.expectRevoked(t, 2) },
	},
	"create the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		under:      func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		check:      func(t *testing.T, c *cell) { c.expectList(t, "198.51.100.7", "203.0.113.10") },
	},
	"update the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before:     func(t *testing.T, c *cell) { c.run(t, listConfig("198.51.100.7")) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.8")) },
		check:      func(t *testing.T, c *cell) { c.expectList(t, "198.51.100.8", "203.0.113.10") },
	},
	"repair the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before: func(t *testing.T, c *cell) {
			c.run(t, listConfig("198.51.100.7"))
			c.a.mock.SetWhitelist("203.0.113.10", strange)
		},
		under: func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		check: func(t *testing.T, c *cell) { c.expectList(t, "198.51.100.7", "203.0.113.10") },
	},
	"destroy the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before:     func(t *testing.T, c *cell) { c.run(t, listConfig()) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		check:      func(t *testing.T, c *cell) { c.expectList(t) },
	},
	"import the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist"},
		before:     func(_ *testing.T, c *cell) { c.a.mock.SetWhitelist("203.0.113.10") },
		under:      func(t *testing.T, c *cell) []string { return c.importState(t, "1001") },
		again: func(t *testing.T, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "1001")
			}
			return nil
		},
		check: func(t *testing.T, c *cell) { c.run(t, listConfig()); c.expectList(t, "203.0.113.10") },
	},
	"create an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before:     func(_ *testing.T, c *cell) { c.a.mock.SetWhitelist("203.0.113.10", strange) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, entryConfig("198.51.100.7")) },
		again:      func(t *testing.T, c *cell) []string { return c.runOrImport(t, "198.51.100.7") },
		check:      func(t *testing.T, c *cell) { c.expectEntry(t, "198.51.100.7", "203.0.113.10", strange) },
	},
	"change an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before: func(t *testing.T, c *cell) {
			c.a.mock.SetWhitelist("203.0.113.10", strange)
			c.run(t, entryConfig("198.51.100.7"))
		},
		under: func(t *testing.T, c *cell) []string { return c.run(t, entryConfig("198.51.100.8")) },
		again: func(t *testing.T, c *cell) []string { return c.runOrImport(t, "198.51.100.8") },
		check: func(t *testing.T, c *cell) { c.expectEntry(t, "198.51.100.8", "203.0.113.10", strange) },
	},
	"destroy an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before: func(t *testing.T, c *cell) {
			c.a.mock.SetWhitelist("203.0.113.10", strange)
			c.run(t, entryConfig("198.51.100.7"))
		},
		under: func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		check: func(t *testing.T, c *cell) { c.expectList(t, "203.0.113.10", strange) },
	},
	"import an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist"},
		before:     func(_ *testing.T, c *cell) { c.a.mock.SetWhitelist("203.0.113.10", strange, "198.51.100.7") },
		under:      func(t *testing.T, c *cell) []string { return c.importState(t, "198.51.100.7") },
		again: func(t *testing.T, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "198.51.100.7")
			}
			return nil
		},
		check: func(t *testing.T, c *cell) {
			c.run(t, entryConfig("198.51.100.7"))
			c.expectEntry(t, "198.51.100.7", "203.0.113.10", strange)
		},
	},
	"create a rotating key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"createApiKey", "searchApiKeys"},
		under:      func(t *testing.T, c *cell) []string { return c.run(t, rotatingKeyConfig("1")) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"rotate a key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"createApiKey", "searchApiKeys", "getApiKey"},
		before:     func(t *testing.T, c *cell) { c.run(t, rotatingKeyConfig("1")) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, rotatingKeyConfig("2")) },
		check:      func(t *testing.T, c *cell) { c.expectRotated(t) },
	},
	"end an overlap": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before:     func(t *testing.T, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"rotate a key without an overlap": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"createApiKey", "searchApiKeys", "revokeApiKey", "getApiKey"},
		before:     func(t *testing.T, c *cell) { c.run(t, withoutOverlap("1")) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"destroy a rotating key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before:     func(t *testing.T, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		under:      func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		check:      func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 0) },
	},
	"read the data sources": {
		operations: []string{"getNetwork", "listEmployees", "listRoles", "getApiKey", "searchApiKeys", "getApiWhitelist"},
		under:      readEverything,
	},
}

func readEverything(_ *testing.T, c *cell) (said []string) {
	p := c.a.configured(c.settings)
	for _, source := range []struct {
		name   string
		config attributes
	}{
		{"everflow_network", attributes{}},
		{"everflow_employee", attributes{"email": "pat.platform@example.com"}},
		{"everflow_role", attributes{"name": "Administrator"}},
		{"everflow_api_key", attributes{"id": "1"}},
		{"everflow_api_keys", attributes{}},
		{"everflow_api_whitelist", attributes{}},
	} {
		said = append(said, p.readData(source.name, source.config)...)
	}
	return said
}

func (c *cell) expectKeys(t *testing.T, name string, want int) {
	t.Helper()
	if live := c.live(name); len(live) != want || (want == 1 && fmt.Sprint(live[0]) != c.stateID()) {
		t.Errorf("the live keys named %q are %v, want %d of them; the state holds %q", name, live, want, c.stateID())
	}
}

// expectRotated: two keys live, the current one and one that it replaced.
func (c *cell) expectRotated(t *testing.T) {
	t.Helper()
	live, held := c.live(keyOld), c.stateIDs()
	if len(live) != 2 || len(held) != 2 || held[0] != fmt.Sprint(live[1]) || held[1] != fmt.Sprint(live[0]) {
		t.Errorf("the live keys are %v, want 2 of them; the state holds %q", live, held)
	}
}

// stateIDs are the IDs of all keys in the state, the current one first.
func (c *cell) stateIDs() []string {
	if c.state == nil {
		return nil
	}
	ids := []string{c.stateID()}
	if c.resource == "everflow_rotating_api_key" {
		p := newProtocol(c.a.t)
		value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
		ids = append(ids, previousIDs(p, value)...)
	}
	return ids
}

func (c *cell) live(name string) (ids []int64) {
	for _, key := range c.a.mock.Keys() {
		if key.Name == name && !key.Revoked() {
			ids = append(ids, key.ID)
		}
	}
	return ids
}

func (c *cell) stateID() string {
	if c.state == nil {
		return ""
	}
	p := newProtocol(c.a.t)
	value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
	return p.field(value, "id")
}

func (c *cell) expectList(t *testing.T, want ...string) {
	t.Helper()
	if got := c.a.mock.Whitelist(); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("the live whitelist is %q, want %q", got, want)
	}
}

func entryConfig(address string) attributes { return attributes{"ip_address": address} }

// runOrImport applies an entry. If an earlier run left it in the list and said so,
// it is imported first, as that run's error says.
func (c *cell) runOrImport(t *testing.T, entry string) (said []string) {
	t.Helper()
	said = c.run(t, entryConfig(entry))
	if c.state == nil && says(entry+" is in the API whitelist already", "terraform import").MatchString(strings.Join(said, "\n")) {
		c.importState(t, entry)
		said = c.run(t, entryConfig(entry))
	}
	return said
}

// expectEntry checks the entry in the state, and the list: it, and others.
func (c *cell) expectEntry(t *testing.T, entry string, others ...string) {
	t.Helper()
	if c.stateID() != entry {
		t.Errorf("the state holds %q, want %q", c.stateID(), entry)
	}
	c.expectList(t, append(others, entry)...)
}

// agrees checks, right after the fault, that the state and the server's truth
// agree or that an error says how they differ.
func (c *cell) agrees(t *testing.T, said []string) {
	t.Helper()
	all := strings.Join(said, "\n")
	for _, key := range c.a.mock.Keys() {
		ours := key.Name == keyOld || key.Name == keyNew
		if ours && !key.Revoked() && !slices.Contains(c.stateIDs(), fmt.Sprint(key.ID)) && c.resource != "" && !isError(said) {
			t.Errorf("key %d is live, in no state, and no error says so", key.ID)
		}
		if strings.Contains(all, "key "+fmt.Sprint(key.ID)+" is in the state") && c.stateID() != fmt.Sprint(key.ID) {
			t.Errorf("key %d is said to be in the state, which holds %q", key.ID, c.stateID())
		}
		if strings.Contains(all, "key "+fmt.Sprint(key.ID)+" is kept in previous_keys") && !slices.Contains(c.stateIDs(), fmt.Sprint(key.ID)) {
			t.Errorf("key %d is said to be kept, but the state holds %q", key.ID, c.stateIDs())
		}
		if ours && key.Revoked() && c.stateID() == fmt.Sprint(key.ID) && !isError(said) {
			t.Errorf("key %d is revoked, but the state says nothing of it", key.ID)
		}
	}
	c.entryAgrees(t, said)
}

// entryAgrees: an entry that was added is in the state or named in an error, and
// others' entries are there as ever.
func (c *cell) entryAgrees(t *testing.T, said []string) {
	t.Helper()
	if c.resource != entryType {
		return
	}
	live := c.a.mock.Whitelist()
	for _, entry := range []string{"198.51.100.7", "198.51.100.8"} {
		named := slices.ContainsFunc(said, func(line string) bool { return isError([]string{line}) && strings.Contains(line, entry) })
		imported := !slices.ContainsFunc(c.a.mock.Calls(), func(call everflowmock.Call) bool { return call.Method == http.MethodPut })
		if slices.Contains(live, entry) && c.stateID() != entry && !named && !imported {
			t.Errorf("%s is in the list, in no state, and no error names it", entry)
		}
	}
	for _, entry := range []string{"203.0.113.10", strange} {
		if !slices.Contains(live, entry) {
			t.Errorf("%s is gone from the list: %q", entry, live)
		}
	}
}

// crowd runs subtests that mostly wait: many at once, whatever the number of
// processors.
type crowd struct {
	t     *testing.T
	tests sync.WaitGroup
	room  chan struct{}
}

func newCrowd(t *testing.T) *crowd { return &crowd{t: t, room: make(chan struct{}, 96)} }

func (c *crowd) run(name string, test func(t *testing.T)) {
	c.room <- struct{}{}
	c.tests.Go(func() {
		defer func() { <-c.room }()
		c.t.Run(name, test)
	})
}

// efforts are how hard the provider tries while something is wrong. With retries,
// much happens while it waits.
var efforts = map[string]attributes{
	"without retries": {"max_retries": 0, "request_timeout": "400ms"},
	"with retries":    {"max_retries": 3},
}

// TestFaultMatrix tries each fault on each call of each action.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	for what, action := range actions {
		for _, operation := range action.operations {
			for how, fault := range faults {
				for often, times := range map[string]int{"once": 1, "always": 0} {
					for effort, settings := range efforts {
						fault := fault
						fault.Operation, fault.Times = operation, times
						t.Run(strings.Join([]string{what, operation, how, often, effort}, "/"), func(t *testing.T) {
							t.Parallel()
							inFakeTime(t, func(t *testing.T) { action.meets(t, fault, settings) })
						})
					}
				}
			}
		}
	}
}

// Under each of Everflow's documented rate limits every action ends well: a 429 is
// waited out.
func TestRateLimits_everyActionEndsWellUnderEachModel(t *testing.T) {
	t.Parallel()
	for model, limit := range map[string]everflowmock.RateLimit{
		"20 per second by window": {Calls: 4, Window: 6 * time.Second},
		"30 per second by window": {Calls: 6, Window: 6 * time.Second},
		"bucket":                  {Calls: 3, RefillPerSecond: 2},
		"bucket with Retry-After": {Calls: 3, RefillPerSecond: 2, RetryAfter: true},
	} {
		for what, action := range actions {
			t.Run(model+"/"+what, func(t *testing.T) {
				t.Parallel()
				inFakeTime(t, func(t *testing.T) {
					c := &cell{core: &core{
						a:        newFakeTimeAccount(t, everflowmock.Options{CallerAddress: home, RateLimit: limit}, nil),
						resource: action.resource, settings: atHome,
					}}
					action.prepare(t, c)
					if said := action.under(t, c); isError(said) {
						t.Errorf("failed under the limit: %q", said)
					}
					action.expect(t, c)
				})
			})
		}
	}
}

// atHome are the settings of a provider that knows where its calls come from.
var atHome = attributes{"egress_ip_addresses": []string{"203.0.113.10"}, "max_requests_per_second": 500}

// meets plays an action with a fault, and again without it.
func (a action) meets(t *testing.T, fault everflowmock.Fault, settings attributes) {
	secrets := &secretsSeen{}
	c := &cell{core: &core{
		a:        newFakeTimeAccount(t, everflowmock.Options{CallerAddress: home}, secrets),
		resource: a.resource, settings: atHome,
	}}
	a.prepare(t, c)

	c.settings = maps.Clone(atHome)
	maps.Copy(c.settings, settings)
	c.a.mock.AddFault(fault)
	said := a.under(t, c)
	secrets.expectNone(t, said)
	c.agrees(t, said)

	c.a.mock.ClearFaults()
	c.settings = atHome
	again := a.repeat(t, c)
	secrets.expectNone(t, again)
	if isError(again) {
		t.Errorf("a run without the fault fails:\n%q\nafter the run with it said:\n%q", again, said)
	}
	// What a failed look-up left is named, for a person to revoke.
	for _, id := range c.live(keyOld) {
		if !slices.Contains(c.stateIDs(), fmt.Sprint(id)) && isError(said) && strings.Contains(strings.Join(append(said, again...), "\n"), fmt.Sprintf("API key %d", id)) {
			c.a.mock.RevokeKey(id)
		}
	}
	a.expect(t, c)
}

// secretsSeen learns every secret that a mock hands out.
type secretsSeen struct {
	mu    sync.Mutex
	texts []string
}

func (s *secretsSeen) learn(body []byte) {
	var answer struct {
		APIKey string `json:"api_key"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.APIKey != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.texts = append(s.texts, answer.APIKey)
	}
}

// wrap stands before the mock's API and reads its answers along.
func (s *secretsSeen) wrap(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)
		s.learn(recorder.Body.Bytes())
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// expectNone checks that no secret is in the texts, whole or any 8 characters of
// it, in clear, base64 or hex.
func (s *secretsSeen) expectNone(t *testing.T, texts []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []byte(strings.Join(texts, "\n"))
	for _, secret := range s.texts {
		if leak := leaked(all, secret); leak != "" {
			t.Errorf("%q, a part of a secret, is in what was said", leak)
		}
	}
}

// leaked returns a part of the secret that the text holds, in any of the forms.
func leaked(text []byte, secret string) string {
	const part = 8
	secret = strings.TrimPrefix(secret, "everflow-mock-") // says whose it is, and nothing else
	for i := 0; i+part <= len(secret); i++ {
		piece := secret[i : i+part]
		for _, form := range []string{piece, hex.EncodeToString([]byte(piece)), base64.RawStdEncoding.EncodeToString([]byte(piece))[:10]} {
			if bytes.Contains(text, []byte(form)) {
				return form
			}
		}
	}
	return ""
}
