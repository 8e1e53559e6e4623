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
// of every action below, once for the first such call and for all of them.
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

// action is what a provider is asked to do, with the operations of the contract
// that it uses: what is there before, what is done under the fault and again
// without it, and what must be so then.
type action struct {
	resource     string
	operations   []string
	before       func(t *testing.T, c *cell)
	under, again func(t *testing.T, c *cell) []string
	check        func(t *testing.T, c *cell)
}

var actions = map[string]action{
	"create a key": {
		"everflow_api_key",
		[]string{"createApiKey", "searchApiKeys"},
		func(*testing.T, *cell) {},
		func(t *testing.T, c *cell) []string { return c.run(t, keyConfig(keyOld)) },
		func(t *testing.T, c *cell) []string { return c.run(t, keyConfig(keyOld)) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"update a key": {
		"everflow_api_key",
		[]string{"updateApiKey", "getApiKey"},
		func(t *testing.T, c *cell) { c.run(t, keyConfig(keyOld)) },
		func(t *testing.T, c *cell) []string { return c.run(t, keyConfig(keyNew)) },
		func(t *testing.T, c *cell) []string { return c.run(t, keyConfig(keyNew)) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyNew, 1) },
	},
	"destroy a key": {
		"everflow_api_key",
		[]string{"revokeApiKey", "getApiKey"},
		func(t *testing.T, c *cell) { c.run(t, keyConfig(keyOld)) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 0) },
	},
	"import a key": {
		"everflow_api_key",
		[]string{"getApiKey"},
		func(_ *testing.T, c *cell) {
			c.a.mock.AddKey(everflowmock.Key{Name: keyOld, EmployeeID: 2, Permissions: []string{"Offers", "Roles"}})
		},
		func(t *testing.T, c *cell) []string { return c.importState(t, "5") },
		func(t *testing.T, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "5")
			}
			return nil
		},
		func(t *testing.T, c *cell) { c.run(t, keyConfig(keyOld)); c.expectKeys(t, keyOld, 1) },
	},
	"list the keys": {
		"",
		[]string{"searchApiKeys"},
		func(*testing.T, *cell) {}, listKeys, listKeys, func(*testing.T, *cell) {},
	},
	"revoke a key by the action": {
		"",
		[]string{"getApiKey", "revokeApiKey"},
		func(*testing.T, *cell) {}, revokeByAction, revokeByAction,
		func(t *testing.T, c *cell) { c.expectRevoked(t, 2) },
	},
	"create the whitelist": {
		"everflow_api_whitelist",
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(*testing.T, *cell) {},
		func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		func(t *testing.T, c *cell) { c.expectList(t, "198.51.100.7", "203.0.113.10") },
	},
	"update the whitelist": {
		"everflow_api_whitelist",
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(t *testing.T, c *cell) { c.run(t, listConfig("198.51.100.7")) },
		func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.8")) },
		func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.8")) },
		func(t *testing.T, c *cell) { c.expectList(t, "198.51.100.8", "203.0.113.10") },
	},
	"repair the whitelist": {
		"everflow_api_whitelist",
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(t *testing.T, c *cell) {
			c.run(t, listConfig("198.51.100.7"))
			c.a.mock.SetWhitelist("203.0.113.10", strange)
		},
		func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		func(t *testing.T, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		func(t *testing.T, c *cell) { c.expectList(t, "198.51.100.7", "203.0.113.10") },
	},
	"destroy the whitelist": {
		"everflow_api_whitelist",
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(t *testing.T, c *cell) { c.run(t, listConfig()) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) { c.expectList(t) },
	},
	"import the whitelist": {
		"everflow_api_whitelist",
		[]string{"getApiWhitelist"},
		func(_ *testing.T, c *cell) { c.a.mock.SetWhitelist("203.0.113.10") },
		func(t *testing.T, c *cell) []string { return c.importState(t, "1001") },
		func(t *testing.T, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "1001")
			}
			return nil
		},
		func(t *testing.T, c *cell) { c.run(t, listConfig()); c.expectList(t, "203.0.113.10") },
	},
	"create an entry": {
		entryType,
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(_ *testing.T, c *cell) { c.a.mock.SetWhitelist("203.0.113.10", strange) },
		func(t *testing.T, c *cell) []string { return c.run(t, entryConfig("198.51.100.7")) },
		func(t *testing.T, c *cell) []string { return c.runOrImport(t, "198.51.100.7") },
		func(t *testing.T, c *cell) { c.expectEntry(t, "198.51.100.7", "203.0.113.10", strange) },
	},
	"change an entry": {
		entryType,
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(t *testing.T, c *cell) {
			c.a.mock.SetWhitelist("203.0.113.10", strange)
			c.run(t, entryConfig("198.51.100.7"))
		},
		func(t *testing.T, c *cell) []string { return c.run(t, entryConfig("198.51.100.8")) },
		func(t *testing.T, c *cell) []string { return c.runOrImport(t, "198.51.100.8") },
		func(t *testing.T, c *cell) { c.expectEntry(t, "198.51.100.8", "203.0.113.10", strange) },
	},
	"destroy an entry": {
		entryType,
		[]string{"getApiWhitelist", "replaceApiWhitelist"},
		func(t *testing.T, c *cell) {
			c.a.mock.SetWhitelist("203.0.113.10", strange)
			c.run(t, entryConfig("198.51.100.7"))
		},
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) { c.expectList(t, "203.0.113.10", strange) },
	},
	"import an entry": {
		entryType,
		[]string{"getApiWhitelist"},
		func(_ *testing.T, c *cell) { c.a.mock.SetWhitelist("203.0.113.10", strange, "198.51.100.7") },
		func(t *testing.T, c *cell) []string { return c.importState(t, "198.51.100.7") },
		func(t *testing.T, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "198.51.100.7")
			}
			return nil
		},
		func(t *testing.T, c *cell) {
			c.run(t, entryConfig("198.51.100.7"))
			c.expectEntry(t, "198.51.100.7", "203.0.113.10", strange)
		},
	},
	"create a rotating key": {
		"everflow_rotating_api_key",
		[]string{"createApiKey", "searchApiKeys"},
		func(*testing.T, *cell) {},
		func(t *testing.T, c *cell) []string { return c.run(t, rotatingKeyConfig("1")) },
		func(t *testing.T, c *cell) []string { return c.run(t, rotatingKeyConfig("1")) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"rotate a key": {
		"everflow_rotating_api_key",
		[]string{"createApiKey", "searchApiKeys", "getApiKey"},
		func(t *testing.T, c *cell) { c.run(t, rotatingKeyConfig("1")) },
		func(t *testing.T, c *cell) []string { return c.run(t, rotatingKeyConfig("2")) },
		func(t *testing.T, c *cell) []string { return c.run(t, rotatingKeyConfig("2")) },
		func(t *testing.T, c *cell) { c.expectRotated(t) },
	},
	"end an overlap": {
		"everflow_rotating_api_key",
		[]string{"revokeApiKey", "getApiKey"},
		func(t *testing.T, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		func(t *testing.T, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		func(t *testing.T, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"rotate a key without an overlap": {
		"everflow_rotating_api_key",
		[]string{"createApiKey", "searchApiKeys", "revokeApiKey", "getApiKey"},
		func(t *testing.T, c *cell) { c.run(t, withoutOverlap("1")) },
		func(t *testing.T, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		func(t *testing.T, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"destroy a rotating key": {
		"everflow_rotating_api_key",
		[]string{"revokeApiKey", "getApiKey"},
		func(t *testing.T, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) []string { return c.run(t, nil) },
		func(t *testing.T, c *cell) { c.expectKeys(t, keyOld, 0) },
	},
	"read the data sources": {
		"",
		[]string{"getNetwork", "listEmployees", "listRoles", "getApiKey", "searchApiKeys", "getApiWhitelist"},
		func(*testing.T, *cell) {}, readEverything, readEverything, func(*testing.T, *cell) {},
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

// TestFaultMatrix tries each fault on each call of each action.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	cells := newCrowd(t)
	defer cells.tests.Wait()
	for what, action := range actions {
		for _, operation := range action.operations {
			for how, fault := range faults {
				for often, times := range map[string]int{"once": 1, "always": 0} {
					fault := fault
					fault.Operation, fault.Times = operation, times
					cells.run(strings.Join([]string{what, operation, how, often}, "/"), func(t *testing.T) { action.meets(t, fault) })
				}
			}
		}
	}
}

// Under each of Everflow's documented rate limits, scaled down, every action ends
// well: a 429 is waited out.
func TestRateLimits_everyActionEndsWellUnderEachModel(t *testing.T) {
	t.Parallel()
	runs := newCrowd(t)
	defer runs.tests.Wait()
	for model, limit := range map[string]everflowmock.RateLimit{
		"20 per second by window": {Calls: 4, Window: 2 * time.Second},
		"30 per second by window": {Calls: 6, Window: 2 * time.Second},
		"bucket":                  {Calls: 3, RefillPerSecond: 2},
		"bucket with Retry-After": {Calls: 3, RefillPerSecond: 2, RetryAfter: true},
	} {
		for what, action := range actions {
			runs.run(model+"/"+what, func(t *testing.T) {
				c := &cell{core: &core{
					a: newMockAccount(t, everflowmock.Options{CallerAddress: home, RateLimit: limit}), resource: action.resource,
					settings: attributes{"egress_ip_addresses": []string{"203.0.113.10"}},
				}}
				action.before(t, c)
				if said := action.under(t, c); isError(said) {
					t.Errorf("failed under the limit: %q", said)
				}
				action.check(t, c)
			})
		}
	}
}

// meets plays an action with a fault, and again without it.
func (action action) meets(t *testing.T, fault everflowmock.Fault) {
	secrets := &secretsSeen{}
	c := &cell{core: &core{
		a:        newMockAccountOver(t, everflowmock.Options{CallerAddress: home}, secrets),
		resource: action.resource,
	}}
	patient := attributes{"egress_ip_addresses": []string{"203.0.113.10"}, "max_requests_per_second": 500}
	c.settings = patient
	action.before(t, c)

	c.settings = attributes{"max_retries": 0, "request_timeout": "400ms"}
	maps.Copy(c.settings, patient)
	c.a.mock.AddFault(fault)
	said := action.under(t, c)
	secrets.expectNone(t, said)
	c.agrees(t, said)

	c.a.mock.ClearFaults()
	c.settings = patient
	again := action.again(t, c)
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
	action.check(t, c)
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
