package provider_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
		w.expectLiveKeys(5)
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
		w.expectLiveKeys(5, 6)
		w.expect(w.do(false, "plan", "-detailed-exitcode"), true, "No changes")
		// The old key's overlap counts from the apply, not from the plan.
		w.pass(day)
		w.expect(w.do(false, "plan", "-out=revoke.plan"), true, "previous_keys", `- id`, `"5"`, `- revoke_at`, "2041-05-02T00:00:00Z", "1 to change")
		w.pass(40 * day)
		w.do(false, "apply", "revoke.plan")
		w.expectLiveKeys(6)
		w.do(false, "apply", "-auto-approve", "-destroy")
		w.expectLiveKeys()
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
		w.expectLiveKeys(5, 6)
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
		w.expectLiveKeys(5)
		w.do(false, "apply", "-auto-approve")
		w.expectLiveKeys(5, 6)
	})
	t.Run("nothing is decided without a refresh", func(t *testing.T) {
		w := newRotatingWorkspace(t, provider)
		w.writeRotating()
		w.do(false, "apply", "-auto-approve")
		w.pass(40 * day)
		w.expect(w.do(false, "plan", "-refresh=false"), true, "No changes")
		w.do(false, "apply", "-refresh-only", "-auto-approve")
		w.expectLiveKeys(5)
		w.expect(w.do(false, "plan", "-refresh=false"), true, "1 to change")
	})
}
