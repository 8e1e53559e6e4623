package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// rotating is an account that lives years from now, server and machine alike, and whose
// clock stands still but for a test that moves it.
type rotating struct {
	*account
	passed atomic.Int64
	// clockFile has the time for a provider in a process of its own.
	clockFile string
}

var rotatingEpoch = time.Date(2041, 1, 1, 0, 0, 0, 0, time.UTC)

func onRotatingMock(t *testing.T) *rotating {
	t.Helper()
	r := &rotating{}
	r.account = onMock(t, everflowmock.Options{Now: r.now})
	return r
}

func (r *rotating) now() time.Time { return rotatingEpoch.Add(time.Duration(r.passed.Load())) }

// pass moves the clocks.
func (r *rotating) pass(d time.Duration) {
	r.passed.Add(int64(d))
	if r.clockFile != "" {
		r.ok(os.WriteFile(r.clockFile, []byte(r.now().Format(time.RFC3339)), 0o600))
	}
}

// passes is pass as a step's PreConfig.
func (r *rotating) passes(d time.Duration) func() { return func() { r.pass(d) } }

const day = 24 * time.Hour

// rotatingCore runs the resource without a CLI, on a server whose clock the test moves.
type rotatingCore struct {
	*rotating
	*core
}

func newRotatingCore(t *testing.T, settings attributes) rotatingCore {
	t.Helper()
	t.Parallel()
	r := &rotating{}
	r.account = newMockAccount(t, everflowmock.Options{CallerAddress: home, Now: r.now})
	return rotatingCore{r, &core{a: r.account, resource: "everflow_rotating_api_key", settings: settings}}
}

// rotatingConfig is a configuration as Terraform proposes it, with what differs.
func rotatingConfig(more attributes) attributes {
	config := attributes{"name": "billing", "network_employee_id": 2, "all_permissions": true, "rotate_after": "720h", "overlap": "24h", "store_key_in_state": true}
	for name, value := range more {
		config[name] = value
	}
	return config
}

// expectState checks the current key's ID, and those of the previous keys.
func (c rotatingCore) expectState(t *testing.T, current string, previous ...string) {
	t.Helper()
	p := newProtocol(t)
	value, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state)
	if got := p.field(value, "id"); got != current {
		t.Errorf("the current key is %q, want %q", got, current)
	}
	if got := previousIDs(p, value); !slices.Equal(got, previous) {
		t.Errorf("the previous keys are %q, want %q", got, previous)
	}
}

func (c rotatingCore) expectLiveKeys(t *testing.T, want ...int64) {
	t.Helper()
	c.a.expectLiveKeys(t, exactly("billing"), want...)
}

// runOK runs, and expects no error.
func (c rotatingCore) runOK(t *testing.T, config attributes) []string {
	t.Helper()
	said := c.run(t, config)
	if isError(said) {
		t.Fatalf("failed: %q", said)
	}
	return said
}

func previousKeys(p *protocol, state tftypes.Value) (keys []tftypes.Value) {
	p.t.Helper()
	var fields map[string]tftypes.Value
	p.ok(state.As(&fields))
	p.ok(fields["previous_keys"].As(&keys))
	return keys
}

func previousIDs(p *protocol, state tftypes.Value) (ids []string) {
	p.t.Helper()
	for _, key := range previousKeys(p, state) {
		ids = append(ids, p.field(key, "id"))
	}
	return ids
}

// rotatingWorkspace runs a real CLI, which plans anew when it applies a saved plan.
type rotatingWorkspace struct {
	*workspace
	*rotating
}

// movedClock is the machine's clock as a file has it, in place of machine_clock.go.
const movedClock = `package provider

import (
	"os"
	"time"
)

func machineTime() time.Time {
	text, _ := os.ReadFile(os.Getenv("TEST_CLOCK_FILE"))
	at, _ := time.Parse(time.RFC3339, string(text))
	return at
}
`

// builtProviderAt is a provider for rotatingWorkspace.
func builtProviderAt(t *testing.T) string {
	t.Helper()
	return changedProvider(t, "machine_clock.go", movedClock)
}

func newRotatingWorkspace(t *testing.T, provider string) rotatingWorkspace {
	t.Helper()
	if onRealAccount() {
		t.Skip("runs on the bundled mock only")
	}
	t.Parallel()
	r := &rotating{}
	w := newWorkspaceOn(t, provider, everflowmock.Options{CallerAddress: home, Now: r.now})
	r.account, r.clockFile = w.account, filepath.Join(t.TempDir(), "clock")
	w.env = append(w.env, "TEST_CLOCK_FILE="+r.clockFile)
	r.pass(0)
	return rotatingWorkspace{workspace: w, rotating: r}
}

// hcl is the resource, for a provider that has its settings from the environment.
func (w rotatingWorkspace) hcl(arguments ...string) string {
	_, resource, _ := strings.Cut(w.workspace.config(rotatingHCL(arguments...)), "resource ")
	return "resource " + resource
}

func (w rotatingWorkspace) writeRotating(arguments ...string) {
	w.workspace.t.Helper()
	w.write(w.hcl(arguments...))
}

// decoration is what a CLI adds to a message for the eye.
var decoration = regexp.MustCompile(`\x1b\[\d+m|│`)

func (w rotatingWorkspace) expect(out []byte, holds bool, texts ...string) {
	w.workspace.t.Helper()
	if got := says(texts...).Match(decoration.ReplaceAll(out, nil)); got != holds {
		w.workspace.t.Errorf("says %q: %t, want %t:\n%s", texts, got, holds, out)
	}
}

func (w rotatingWorkspace) expectLiveKeys(want ...int64) {
	w.workspace.t.Helper()
	w.rotating.expectLiveKeys(w.workspace.t, "^"+w.rotating.prefix, want...)
}
