package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// keysAtOnce are several keys of one state, which a run handles all at once.
type keysAtOnce struct {
	a    *account
	keys []*core
}

// run applies a configuration to each key, or destroys them, in one provider.
func (k *keysAtOnce) run(config func(i int) attributes) (said []string) {
	p := k.a.configured(nil)
	var mu sync.Mutex
	var resources sync.WaitGroup
	for i, c := range k.keys {
		resources.Go(func() {
			lines := c.runWith(p.beside(), config(i))
			mu.Lock()
			defer mu.Unlock()
			said = append(said, lines...)
		})
	}
	resources.Wait()
	return said
}

// A warning that comes at times, as by the order in which things are read, shows
// only in many runs.
func TestNormalRuns_printNoWarning(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{"everflow_api_key", "everflow_rotating_api_key"} {
		for run := range 20 {
			t.Run(fmt.Sprintf("%s %d", resource, run), func(t *testing.T) {
				t.Parallel()
				k := &keysAtOnce{a: newMockAccount(t, everflowmock.Options{CallerAddress: home})}
				add := func(n int) {
					for range n {
						k.keys = append(k.keys, &core{a: k.a, resource: resource})
					}
				}
				// All have one name: Everflow does not ask for names to be unique.
				config := func(name, keeper string) func(int) attributes {
					return func(int) attributes {
						more := attributes{"name": name, "rotate_when_changed": map[string]string{"quarter": keeper}}
						if resource == "everflow_api_key" {
							return newKeyConfig(more)
						}
						return rotatingConfig(more)
					}
				}
				add(5)
				for what, step := range []func() []string{
					func() []string { return k.run(config("billing", "1")) },
					func() []string { return k.run(config("billing", "1")) },
					func() []string { add(5); return k.run(config("billing", "1")) },
					func() []string { return k.run(config("billing", "2")) },
					func() []string { return k.run(config("renamed", "2")) },
					func() []string { return k.run(func(int) attributes { return nil }) },
				} {
					if said := step(); len(said) > 0 {
						t.Errorf("step %d said %d times something, such as %q", what, len(said), said[0])
					}
				}
			})
		}
	}
}

// With a real CLI: what a person sees of a normal life.
func TestNormalRuns_printNoWarningOnTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, builtProvider(t))
	hcl := func(count int, name, keeper string) {
		w.write(fmt.Sprintf(`
data "everflow_employee" "owner" { email = "pat.platform@example.com" }
resource "everflow_api_key" "plain" {
  count               = %[1]d
  name                = %[2]q
  network_employee_id = data.everflow_employee.owner.network_employee_id
  permissions         = ["Reporting"]
  rotate_when_changed = { quarter = %[3]q }
  lifecycle { create_before_destroy = true }
}
resource "everflow_rotating_api_key" "rotating" {
  count               = %[1]d
  name                = %[2]q
  network_employee_id = data.everflow_employee.owner.network_employee_id
  all_permissions     = true
  rotate_after        = "2160h"
  rotate_when_changed = { quarter = %[3]q }
}
`, count, name, keeper))
	}
	quietly := func(arguments ...string) {
		t.Helper()
		out := decoration.ReplaceAll(w.do(false, arguments...), nil)
		if warnings := bytes.Count(out, []byte("Warning: ")) - bytes.Count(out, []byte("Warning: Provider development overrides")); warnings != 0 {
			t.Errorf("%s printed %d warnings:\n%s", strings.Join(arguments, " "), warnings, out)
		}
	}
	hcl(3, "billing", "1")
	quietly("apply", "-auto-approve")
	quietly("plan", "-detailed-exitcode")
	hcl(6, "billing", "1")
	quietly("apply", "-auto-approve")
	hcl(6, "billing", "2")
	quietly("apply", "-auto-approve")
	hcl(6, "renamed", "2")
	quietly("apply", "-auto-approve")
	quietly("plan", "-refresh-only")
	quietly("apply", "-auto-approve", "-destroy")
}
