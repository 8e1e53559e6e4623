package provider_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

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

// live are the IDs of the test's keys that work.
func (r *rotating) live() (ids []int64) {
	for _, key := range r.mock.Keys() {
		if strings.HasPrefix(key.Name, r.prefix) && !key.Revoked() {
			ids = append(ids, key.ID)
		}
	}
	return ids
}

// decoration is what a CLI adds to a message for the eye.
var decoration = regexp.MustCompile(`\x1b\[\d+m|│`)

func (w rotatingWorkspace) expect(out []byte, holds bool, texts ...string) {
	w.workspace.t.Helper()
	if got := says(texts...).Match(decoration.ReplaceAll(out, nil)); got != holds {
		w.workspace.t.Errorf("says %q: %t, want %t:\n%s", texts, got, holds, out)
	}
}

func (w rotatingWorkspace) expectLive(ids ...int64) {
	w.workspace.t.Helper()
	if got := w.live(); !slices.Equal(got, ids) {
		w.workspace.t.Errorf("the live keys are %v, want %v", got, ids)
	}
}

func TestRotatingPlan_savedPlanDoesWhatItSaysHoweverLateItIsApplied(t *testing.T) {
	t.Parallel()
	provider := builtProviderAt(t)
	t.Run("made before the due time", func(t *testing.T) {
		w := newRotatingWorkspace(t, provider)
		w.writeRotating()
		w.do(false, "apply", "-auto-approve")
		w.pass(29 * day)
		w.do(false, "plan", "-out=no.plan")
		w.writeRotating(`rotate_when_changed = { "first" = "set" }`)
		w.do(false, "plan", "-out=update.plan")
		w.pass(10 * day)
		// Nothing was written between the two, not even to the private part of the
		// state, or the second one would be stale.
		w.expect(w.do(false, "apply", "no.plan"), true, "0 added, 0 changed, 0 destroyed")
		w.expect(w.do(false, "apply", "update.plan"), true, "0 added, 1 changed, 0 destroyed")
		w.expectLive(5)
		w.expect(w.do(false, "plan", "-refresh=false"), true, "No changes")
		w.expect(w.do(false, "plan"), true, "id", "-> (known after apply)", "1 to change")
	})
	t.Run("a rotation", func(t *testing.T) {
		w := newRotatingWorkspace(t, provider)
		w.writeRotating()
		w.do(false, "apply", "-auto-approve")
		w.pass(30 * day)
		out := w.do(false, "plan", "-out=rotate.plan")
		w.expect(out, true, "id", "-> (known after apply)", "1 to change")
		w.expect(out, false, "Warning: API key")
		w.pass(90 * day)
		w.expect(w.do(false, "apply", "rotate.plan"), true, "0 added, 1 changed, 0 destroyed")
		w.expectLive(5, 6)
		w.expect(w.do(false, "plan", "-detailed-exitcode"), true, "No changes")
		// The old key's overlap counts from the apply, not from the plan.
		w.pass(day)
		w.expect(w.do(false, "plan", "-out=revoke.plan"), true, "previous_keys", `- id`, `"5"`, `- revoke_at`, "2041-05-02T00:00:00Z", "1 to change")
		w.pass(40 * day)
		w.do(false, "apply", "revoke.plan")
		w.expectLive(6)
		w.do(false, "apply", "-auto-approve", "-destroy")
		w.expectLive()
		for _, leak := range w.leaks(func(name string) bool { return strings.Contains(name, "tfstate") || strings.HasSuffix(name, ".plan") }) {
			t.Error(leak)
		}
	})
	t.Run("secret not stored", func(t *testing.T) {
		w := newRotatingWorkspace(t, provider)
		w.writeRotating("store_key_in_state = false")
		w.do(false, "apply", "-auto-approve")
		w.pass(30 * day)
		w.do(false, "plan", "-out=rotate.plan")
		w.do(false, "apply", "-json", "rotate.plan")
		w.do(false, "plan", "-detailed-exitcode")
		w.expectLive(5, 6)
		state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		w.workspace.ok(err)
		if !bytes.Contains(state, []byte(`"key": null`)) {
			t.Error("the state has no null key")
		}
		for _, leak := range w.leaks(func(string) bool { return false }) {
			t.Error(leak)
		}
	})
	t.Run("a new schedule that comes due in between is refused, and planned again", func(t *testing.T) {
		w := newRotatingWorkspace(t, provider)
		w.writeRotating()
		w.do(false, "apply", "-auto-approve")
		w.pass(9 * day)
		w.write(strings.Replace(w.hcl(), "720h", "240h", 1))
		w.do(false, "plan", "-out=sooner.plan")
		w.pass(2 * day)
		w.expect(w.do(true, "apply", "sooner.plan"), true, "inconsistent final plan")
		w.expectLive(5)
		w.do(false, "apply", "-auto-approve")
		w.expectLive(5, 6)
	})
	t.Run("nothing is decided without a refresh", func(t *testing.T) {
		w := newRotatingWorkspace(t, provider)
		w.writeRotating()
		w.do(false, "apply", "-auto-approve")
		w.pass(40 * day)
		w.expect(w.do(false, "plan", "-refresh=false"), true, "No changes")
		w.do(false, "apply", "-refresh-only", "-auto-approve")
		w.expectLive(5)
		w.expect(w.do(false, "plan", "-refresh=false"), true, "1 to change")
	})
}
