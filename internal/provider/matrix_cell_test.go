package provider_test

import (
	"fmt"
	"hash/crc32"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// matrix runs its cells in parallel. With -short it runs a sample: every tenth cell,
// and each part of a name at least once, so that no action and no difference is left out.
type matrix struct {
	t    *testing.T
	seen map[string]bool
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	t.Parallel()
	return &matrix{t: t, seen: map[string]bool{}}
}

// cell runs one cell, which the parts of its name tell from all others.
func (m *matrix) cell(try func(t *testing.T), parts ...string) {
	m.t.Helper()
	name := strings.Join(parts, "/")
	isSampled := crc32.ChecksumIEEE([]byte(name))%10 == 0
	for _, part := range parts {
		isSampled = isSampled || !m.seen[part]
	}
	if testing.Short() && !isSampled {
		return
	}
	for _, part := range parts {
		m.seen[part] = true
	}
	m.t.Run(name, func(t *testing.T) {
		t.Parallel()
		try(t)
	})
}

// sorted is a map in the order of its keys, so that each run takes the same sample.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// cell is one place of a matrix: a server in a known state, and a core on it.
type cell struct {
	*core
	secrets *secretsSeen
	// adopted is the key that the action's preparation made for Terraform to find.
	adopted int64
	// foreign are keys that others made while Terraform was at work.
	foreign map[int64]bool
	// said is all that Terraform said so far.
	said []string
}

// lastOfOthers is the highest ID of a key that Terraform did not make: no number
// that any message holds by chance.
const lastOfOthers = 7000

// newCell starts a cell on a mock of its own, in fake time.
func newCell(t *testing.T, resource string, options everflowmock.Options) *cell {
	t.Helper()
	secrets := &secretsSeen{}
	options.CallerAddress = home
	c := &cell{secrets: secrets, core: &core{a: newFakeTimeAccount(t, options, secrets), resource: resource, settings: atHome}}
	c.a.mock.AddKey(everflowmock.Key{ID: lastOfOthers, Name: "the last of others", EmployeeID: 1, IsAllPermissions: true, Status: "revoked"})
	return c
}

// atHome are the settings of a provider that knows where its calls come from.
var atHome = attributes{"egress_ip_addresses": []string{"203.0.113.10"}, "max_requests_per_second": 500}

// run is core.run whose words are kept.
func (c *cell) run(t testing.TB, config attributes) []string {
	t.Helper()
	return c.keep(c.core.run(t, config))
}

// importState is core.importState whose words are kept.
func (c *cell) importState(t testing.TB, id string) []string {
	t.Helper()
	return c.keep(c.core.importState(t, id))
}

func (c *cell) keep(said []string) []string {
	c.said = append(c.said, said...)
	return said
}

// with changes the settings of the runs that follow.
func (c *cell) with(settings attributes) {
	c.settings = maps.Clone(atHome)
	maps.Copy(c.settings, settings)
}

// reader is a protocol that reads states and asks no provider.
func (c *cell) reader() *protocol {
	c.a.t.Helper()
	schemas, err := theSchemas()
	c.a.ok(err)
	return &protocol{t: c.a.t, schemas: schemas}
}

// stateIDs are the IDs of all keys in the state, the current one first.
func (c *cell) stateIDs() []string {
	if c.state == nil {
		return nil
	}
	ids := []string{c.stateID()}
	if c.resource == "everflow_rotating_api_key" {
		p := c.reader()
		value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
		ids = append(ids, previousIDs(p, value)...)
	}
	return ids
}

// usableIDs are those of the keys in the state whose secrets were not lost.
func (c *cell) usableIDs() (ids []string) {
	if c.state == nil {
		return nil
	}
	if !c.tainted {
		ids = append(ids, c.stateID())
	}
	if c.resource != "everflow_rotating_api_key" {
		return ids
	}
	p := c.reader()
	value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
	for _, key := range previousKeys(p, value) {
		if p.field(key, "key_sha256") != "" {
			ids = append(ids, p.field(key, "id"))
		}
	}
	return ids
}

// heldID is stateID as a number; 0 for none.
func (c *cell) heldID() int64 {
	id, _ := strconv.ParseInt(c.stateID(), 10, 64)
	return id
}

func (c *cell) stateID() string {
	if c.state == nil {
		return ""
	}
	p := c.reader()
	value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
	return p.field(value, "id")
}

func (c *cell) expectKeys(t testing.TB, name string, want int) {
	t.Helper()
	if live := c.a.liveKeys(exactly(name)); len(live) != want || (want == 1 && fmt.Sprint(live[0]) != c.stateID()) {
		t.Errorf("the live keys named %q are %v, want %d of them; the state holds %q", name, live, want, c.stateID())
	}
}

// expectRotated: two keys live, the current one and one that it replaced.
func (c *cell) expectRotated(t testing.TB) {
	t.Helper()
	live, held := c.a.liveKeys("^"+keyOld+"$"), c.stateIDs()
	if len(live) != 2 || len(held) != 2 || held[0] != fmt.Sprint(live[1]) || held[1] != fmt.Sprint(live[0]) {
		t.Errorf("the live keys are %v, want 2 of them; the state holds %q", live, held)
	}
}

// runOrImport applies an entry. If an earlier run left it in the list and said so,
// it is imported first, as that run's error says.
func (c *cell) runOrImport(t testing.TB, entry string) (said []string) {
	t.Helper()
	said = c.run(t, entryConfig(entry))
	if c.state == nil && says(entry+" is in the API whitelist already", "terraform import").MatchString(strings.Join(said, "\n")) {
		c.importState(t, entry)
		said = c.run(t, entryConfig(entry))
	}
	return said
}

// expectEntry checks the entry in the state, and the list: it, and others.
func (c *cell) expectEntry(t testing.TB, entry string, others ...string) {
	t.Helper()
	if c.stateID() != entry {
		t.Errorf("the state holds %q, want %q", c.stateID(), entry)
	}
	c.a.expectWhitelist(t, append(others, entry)...)
}

// agrees checks, right after the fault, that the state and the server's truth
// agree or that an error says how they differ.
func (c *cell) agrees(t testing.TB, said []string) {
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
func (c *cell) entryAgrees(t testing.TB, said []string) {
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

// isOurs reports whether Terraform made the key.
func (c *cell) isOurs(key everflowmock.Key) bool {
	return key.ID > lastOfOthers && key.ID != c.adopted && !c.foreign[key.ID] && !isSomebodys(key)
}

// told are the errors so far.
func (c *cell) told() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(c.said), func(line string) bool { return !isError([]string{line}) }), "\n")
}

// revokeNamed does by hand what an error asks for: it revokes the keys that are
// named in it and in no state.
func (c *cell) revokeNamed(said []string) {
	all := strings.Join(said, "\n")
	for _, key := range c.a.mock.Keys() {
		if c.isOurs(key) && !key.Revoked() && isError(said) && !slices.Contains(c.stateIDs(), fmt.Sprint(key.ID)) && names(all, key.ID) {
			c.a.mock.RevokeKey(key.ID)
		}
	}
}

// revokeStrays does by hand what an error asks for that names keys by their name.
func (c *cell) revokeStrays() {
	for _, key := range c.a.mock.Keys() {
		if c.isOurs(key) && strings.Contains(c.told(), key.Name) && !slices.Contains(c.stateIDs(), fmt.Sprint(key.ID)) {
			c.a.mock.RevokeKey(key.ID)
		}
	}
}

// names reports whether a text holds the ID of a key.
func names(text string, id int64) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }), fmt.Sprint(id))
}

func (c *cell) expectRevoked(t testing.TB, id int64) {
	t.Helper()
	if !c.a.isRevoked(id) {
		t.Errorf("key %d is not revoked", id)
	}
}
