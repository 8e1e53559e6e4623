package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

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
	before func(t testing.TB, c *cell)
	// under is done while something is wrong, and returns all that was said.
	under func(t testing.TB, c *cell) []string
	// again is done once all is well; nil: the same as under.
	again func(t testing.TB, c *cell) []string
	// check is what must be so in the end; nil: nothing more.
	check func(t testing.TB, c *cell)
}

func (a action) prepare(t testing.TB, c *cell) {
	t.Helper()
	if a.before != nil {
		a.before(t, c)
	}
}

func (a action) repeat(t testing.TB, c *cell) []string {
	t.Helper()
	if a.again != nil {
		return a.again(t, c)
	}
	return a.under(t, c)
}

func (a action) expect(t testing.TB, c *cell) {
	t.Helper()
	if a.check != nil {
		a.check(t, c)
	}
}

var actions = map[string]action{
	"create a key": {
		resource:   "everflow_api_key",
		operations: []string{"createApiKey", "searchApiKeys"},
		under:      func(t testing.TB, c *cell) []string { return c.run(t, keyConfig(keyOld)) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"update a key": {
		resource:   "everflow_api_key",
		operations: []string{"updateApiKey", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, keyConfig(keyOld)) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, keyConfig(keyNew)) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyNew, 1) },
	},
	"refresh a key": {
		resource:   "everflow_api_key",
		operations: []string{"getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, keyConfig(keyOld)) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, keyConfig(keyOld)) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"destroy a key": {
		resource:   "everflow_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, keyConfig(keyOld)) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, nil) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 0) },
	},
	"import a key": {
		resource:   "everflow_api_key",
		operations: []string{"getApiKey"},
		before: func(_ testing.TB, c *cell) {
			c.adopted = c.a.mock.AddKey(everflowmock.Key{Name: keyOld, EmployeeID: 2, Permissions: []string{"Offers", "Roles"}})
		},
		under: func(t testing.TB, c *cell) []string { return c.importState(t, fmt.Sprint(c.adopted)) },
		again: func(t testing.TB, c *cell) []string {
			if c.state == nil {
				return c.importState(t, fmt.Sprint(c.adopted))
			}
			return nil
		},
		check: func(t testing.TB, c *cell) { c.run(t, keyConfig(keyOld)); c.expectKeys(t, keyOld, 1) },
	},
	"list the keys": {
		operations: []string{"searchApiKeys"},
		under:      listKeys,
	},
	"revoke a key by the action": {
		operations: []string{"getApiKey", "revokeApiKey"},
		under:      revokeByAction,
		check:      func(t testing.TB, c *cell) { c.expectRevoked(t, 2) },
	},
	"create the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		under:      func(t testing.TB, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		check:      func(t testing.TB, c *cell) { c.a.expectWhitelist(t, "198.51.100.7", "203.0.113.10") },
	},
	"update the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before:     func(t testing.TB, c *cell) { c.run(t, listConfig("198.51.100.7")) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, listConfig("198.51.100.8")) },
		check:      func(t testing.TB, c *cell) { c.a.expectWhitelist(t, "198.51.100.8", "203.0.113.10") },
	},
	"repair the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before: func(t testing.TB, c *cell) {
			c.run(t, listConfig("198.51.100.7"))
			c.a.mock.SetWhitelist("203.0.113.10", strange)
		},
		under: func(t testing.TB, c *cell) []string { return c.run(t, listConfig("198.51.100.7")) },
		check: func(t testing.TB, c *cell) { c.a.expectWhitelist(t, "198.51.100.7", "203.0.113.10") },
	},
	"destroy the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before:     func(t testing.TB, c *cell) { c.run(t, listConfig()) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, nil) },
		check:      func(t testing.TB, c *cell) { c.a.expectWhitelist(t) },
	},
	"import the whitelist": {
		resource:   "everflow_api_whitelist",
		operations: []string{"getApiWhitelist"},
		before:     func(_ testing.TB, c *cell) { c.a.mock.SetWhitelist("203.0.113.10") },
		under:      func(t testing.TB, c *cell) []string { return c.importState(t, "1001") },
		again: func(t testing.TB, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "1001")
			}
			return nil
		},
		check: func(t testing.TB, c *cell) { c.run(t, listConfig()); c.a.expectWhitelist(t, "203.0.113.10") },
	},
	"create an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before:     func(_ testing.TB, c *cell) { c.a.mock.SetWhitelist("203.0.113.10", strange) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, entryConfig("198.51.100.7")) },
		again:      func(t testing.TB, c *cell) []string { return c.runOrImport(t, "198.51.100.7") },
		check:      func(t testing.TB, c *cell) { c.expectEntry(t, "198.51.100.7", "203.0.113.10", strange) },
	},
	"change an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before: func(t testing.TB, c *cell) {
			c.a.mock.SetWhitelist("203.0.113.10", strange)
			c.run(t, entryConfig("198.51.100.7"))
		},
		under: func(t testing.TB, c *cell) []string { return c.run(t, entryConfig("198.51.100.8")) },
		again: func(t testing.TB, c *cell) []string { return c.runOrImport(t, "198.51.100.8") },
		check: func(t testing.TB, c *cell) { c.expectEntry(t, "198.51.100.8", "203.0.113.10", strange) },
	},
	"destroy an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist", "replaceApiWhitelist"},
		before: func(t testing.TB, c *cell) {
			c.a.mock.SetWhitelist("203.0.113.10", strange)
			c.run(t, entryConfig("198.51.100.7"))
		},
		under: func(t testing.TB, c *cell) []string { return c.run(t, nil) },
		check: func(t testing.TB, c *cell) { c.a.expectWhitelist(t, "203.0.113.10", strange) },
	},
	"import an entry": {
		resource:   entryType,
		operations: []string{"getApiWhitelist"},
		before:     func(_ testing.TB, c *cell) { c.a.mock.SetWhitelist("203.0.113.10", strange, "198.51.100.7") },
		under:      func(t testing.TB, c *cell) []string { return c.importState(t, "198.51.100.7") },
		again: func(t testing.TB, c *cell) []string {
			if c.state == nil {
				return c.importState(t, "198.51.100.7")
			}
			return nil
		},
		check: func(t testing.TB, c *cell) {
			c.run(t, entryConfig("198.51.100.7"))
			c.expectEntry(t, "198.51.100.7", "203.0.113.10", strange)
		},
	},
	"create a rotating key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"createApiKey", "searchApiKeys"},
		under:      func(t testing.TB, c *cell) []string { return c.run(t, rotatingKeyConfig("1")) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"rotate a key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"createApiKey", "searchApiKeys", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, rotatingKeyConfig("1")) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, rotatingKeyConfig("2")) },
		check:      func(t testing.TB, c *cell) { c.expectRotated(t) },
	},
	"refresh a rotating key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"searchApiKeys", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, rotatingKeyConfig("2")) },
		check:      func(t testing.TB, c *cell) { c.expectRotated(t) },
	},
	"revoke a key whose overlap is over": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before: func(t testing.TB, c *cell) {
			c.run(t, rotatingKeyConfig("1"))
			c.run(t, rotatingKeyConfig("2"))
			time.Sleep(25 * time.Hour)
		},
		under: func(t testing.TB, c *cell) []string { return c.run(t, rotatingKeyConfig("2")) },
		check: func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"end an overlap": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"rotate a key without an overlap": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"createApiKey", "searchApiKeys", "revokeApiKey", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, withoutOverlap("1")) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, withoutOverlap("2")) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 1) },
	},
	"destroy a rotating key": {
		resource:   "everflow_rotating_api_key",
		operations: []string{"revokeApiKey", "getApiKey"},
		before:     func(t testing.TB, c *cell) { c.run(t, rotatingKeyConfig("1")); c.run(t, rotatingKeyConfig("2")) },
		under:      func(t testing.TB, c *cell) []string { return c.run(t, nil) },
		check:      func(t testing.TB, c *cell) { c.expectKeys(t, keyOld, 0) },
	},
	"use a short-lived key": {
		operations: []string{"createApiKey", "searchApiKeys", "revokeApiKey", "getApiKey"},
		under:      useShortLivedKey,
	},
	"read the data sources": {
		operations: []string{"getNetwork", "listEmployees", "listRoles", "getApiKey", "searchApiKeys", "getApiWhitelist"},
		under:      readEverything,
	},
}

// useShortLivedKey is what Terraform does with an ephemeral resource in a plan.
func useShortLivedKey(t testing.TB, c *cell) []string {
	p := c.a.configured(c.settings)
	key, said := p.open(shortLived, shortLivedConfig(nil))
	if c.keep(said); isError(said) {
		return said
	}
	closing := c.keep(p.close(shortLived, key))
	if id := key.text(t, "id"); !isError(closing) && !strings.Contains(strings.Join(said, ""), id) {
		for _, k := range c.a.mock.Keys() {
			if fmt.Sprint(k.ID) == id && !k.Revoked() {
				t.Errorf("key %s is closed without an error, and live", id)
			}
		}
	}
	return append(said, closing...)
}

func readEverything(_ testing.TB, c *cell) (said []string) {
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
	return c.keep(said)
}

func entryConfig(address string) attributes { return attributes{"ip_address": address} }

// listKeys and revokeByAction are actions of the matrices.
func listKeys(t testing.TB, c *cell) []string {
	t.Helper()
	found, said := c.a.configured(c.settings).list("everflow_api_key", attributes{}, 100, true)
	var ids, live []string
	for _, one := range found {
		ids = append(ids, one.id)
	}
	for _, key := range c.a.mock.Keys() {
		if !key.Revoked() {
			live = append(live, fmt.Sprint(key.ID))
		}
	}
	if !isError(said) && !slices.Equal(ids, live) {
		t.Errorf("the keys %q are listed without an error; live are %q", ids, live)
	}
	return c.keep(said)
}

func revokeByAction(t testing.TB, c *cell) []string {
	t.Helper()
	progress, said := c.a.configured(c.settings).invoke(revoke, attributes{"api_key_id": "2", "key_sha256": strings.Repeat("0a", 32)})
	if !isError(said) {
		c.expectRevoked(t, 2)
	}
	return c.keep(append(progress, said...))
}
