package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const placeholder = "no-everflow-api-key-while-planning"

func TestShortLivedKey_openedForAPlanCallsNothingAndHasAPlaceholder(t *testing.T) {
	a := homeMock(t)
	p := a.configured(nil)
	a.mock.ClearCalls()
	o, said := p.open(shortLived, shortLivedConfig(attributes{"applying": false}))
	expectSaid(t, said)
	if id, key := o.text(t, "id"), o.text(t, "key"); id != "" || key != placeholder {
		t.Errorf("it has the ID %q and the key %q", id, key)
	}
	expectSaid(t, p.close(shortLived, o))
	if calls := a.mock.Calls(); len(calls) > 0 {
		t.Errorf("it made the calls %v", calls)
	}
}

func TestShortLivedKey_isCreatedWhileApplyingAndWithoutTheArgument(t *testing.T) {
	for name, applying := range map[string]any{"applying": true, "not said": nil} {
		t.Run(name, func(t *testing.T) {
			a := homeMock(t)
			p := a.configured(nil)
			o, said := p.open(shortLived, shortLivedConfig(attributes{"applying": applying}))
			expectSaid(t, said)
			id := idOf(t, o)
			if !a.isLive(id) {
				t.Error("the key is not live")
			}
			expectSaid(t, p.close(shortLived, o))
			if a.isLive(id) {
				t.Error("the key is still live after the end")
			}
		})
	}
}

// The key of a provider can come from another short-lived key.
func TestShortLivedKey_isAPlaceholderWhereItsOwnProviderIsNotKnown(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for _, key := range []any{unknown{}, placeholder} {
		expectSaid(t, p.configure(attributes{"api_key": key}))
		o, said := p.open(shortLived, shortLivedConfig(attributes{"applying": true}))
		expectSaid(t, said)
		if key := o.text(t, "key"); key != placeholder {
			t.Errorf("the key is %q", key)
		}
		expectSaid(t, p.close(shortLived, o))
	}
}

func TestShortLivedKey_providerWithThePlaceholderPlansAndCallsNothing(t *testing.T) {
	a := homeMock(t)
	for name, configs := range guardedConfigs {
		_, said := a.configured(attributes{"api_key": placeholder, "network_id": 1001}).plan(name, nil, configs.before)
		expectSaid(t, said)
	}
	p := a.configured(attributes{"api_key": placeholder})
	expectSaid(t, p.readData("everflow_network", attributes{}),
		[]string{"error: Cannot read the network: the provider's API key is not created yet", "whose argument applying is false", "give them a provider with another key"})
	if calls := a.mock.Calls(); len(calls) > 0 {
		t.Errorf("it made the calls %v", calls)
	}
}

const plannedWithoutKeyHCL = `
provider "everflow" {}

ephemeral "everflow_api_key" "run" {
  name                = "short run"
  network_employee_id = 1
  all_permissions     = true
  applying            = %s.applying
}

provider "everflow" {
  alias   = "run"
  api_key = ephemeral.everflow_api_key.run.key
}

resource "everflow_api_key" "made" {
  provider            = everflow.run
  name                = "made by a short-lived key"
  network_employee_id = 2
  all_permissions     = true
}

resource "everflow_api_whitelist" "made" {
  provider     = everflow.run
  ip_addresses = ["203.0.113.10"%s]
}
`

func TestShortLivedKey_planOfAProviderThatUsesItCreatesNone(t *testing.T) {
	t.Parallel()
	isTofu, _ := cliVersion(t)
	names := []string{"terraform"}
	if isTofu {
		names = append(names, "tofu")
	}
	provider := builtProvider(t)
	for _, name := range names {
		t.Run(name+".applying", func(t *testing.T) {
			w := newWorkspaceOn(t, provider, everflowmock.Options{CallerAddress: home})
			expectCreated := func(want int) {
				t.Helper()
				if n := w.mock.CountCalls("createApiKey"); n != want {
					t.Errorf("%d keys were created, want %d", n, want)
				}
				if live := len(w.liveKeys("^short run")); live > 0 {
					t.Errorf("%d short-lived keys are still live", live)
				}
			}
			w.write(fmt.Sprintf(plannedWithoutKeyHCL, name, ""))
			w.do(false, "validate")
			w.do(false, "plan")
			w.do(false, "plan", "-out=made.plan")
			expectCreated(0)
			w.do(false, "apply", "made.plan")
			expectCreated(2)
			w.write(fmt.Sprintf(plannedWithoutKeyHCL, name, `, "198.51.100.0/24"`))
			w.do(false, "plan", "-out=update.plan")
			w.do(false, "apply", "update.plan")
			w.do(false, "plan", "-detailed-exitcode")
			w.do(false, "plan", "-destroy", "-out=destroy.plan")
			expectCreated(3)
			if !isTofu {
				// Terraform says that it does not apply while it destroys.
				if out := w.do(true, "apply", "destroy.plan"); !bytes.Contains(out, []byte("key is not created yet")) {
					t.Errorf("it said %s", out)
				}
				w.write(strings.Replace(fmt.Sprintf(plannedWithoutKeyHCL, name, `, "198.51.100.0/24"`), name+".applying", "true", 1))
				w.do(false, "plan", "-destroy", "-out=destroy.plan")
			}
			w.do(false, "apply", "destroy.plan")
			if live := len(w.liveKeys("^made by")); live > 0 {
				t.Errorf("%d keys are still live", live)
			}
			for _, leak := range w.leaks(func(name string) bool {
				return name == "terraform.tfstate" || name == "terraform.tfstate.backup" || name == "destroy.plan" || name == "update.plan"
			}) {
				t.Error(leak)
			}
		})
	}
}
