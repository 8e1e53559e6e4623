package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// keySHA256 returns what the state of a workspace has of its keys' secrets.
func (w *workspace) keySHA256() (hashes []string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	w.ok(err)
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Deposed    string
				Attributes map[string]any
			}
		}
	}
	w.ok(json.Unmarshal(text, &state))
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			if hash, ok := instance.Attributes["key_sha256"].(string); ok && resource.Type == "everflow_api_key" && instance.Deposed == "" {
				hashes = append(hashes, hash)
			}
		}
	}
	return hashes
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// unpacked is the secret in what a vault holds, which may be wrapped in JSON.
func unpacked(held string) string {
	var wrapped struct {
		APIKey string `json:"api_key"`
	}
	if json.Unmarshal([]byte(held), &wrapped) == nil {
		return wrapped.APIKey
	}
	return held
}

// The guide's own examples go through a key's life, with a real CLI and the built
// provider, and every file that is left is searched.
func TestHandOver_secretGoesToTheVaultAndIntoNoFile(t *testing.T) {
	t.Parallel()
	needCLI(t)
	provider := builtProvider(t)
	for file, typeName := range map[string]string{"vault.tf": "vault", "aws-secrets-manager.tf": "aws"} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			w, v := newWorkspace(t, provider), newVault(typeName)
			v.serve(w)
			hcl, err := os.ReadFile(examples + "/guides/keep-the-secret-out-of-state/" + file)
			w.ok(err)
			w.write(string(hcl))
			const place = "everflow/partner-portal"
			const replace = "-replace=everflow_api_key.partner_portal"
			delivered := func(writes int) {
				t.Helper()
				if got := v.writes(place); got != writes {
					t.Errorf("the vault was written %d times, want %d", got, writes)
				}
				if hash := w.keySHA256(); !slices.Equal(hash, []string{sha256Of(unpacked(v.last(place)))}) {
					t.Errorf("the vault does not hold the secret of the key with the hash %s", hash)
				}
			}
			w.do(false, "plan", "-out=create.plan")
			w.do(false, "apply", "create.plan")
			delivered(1)
			w.do(false, "plan", "-detailed-exitcode") // 0: no changes
			w.do(false, "apply", "-auto-approve", replace)
			delivered(2)
			w.do(false, "plan", "-detailed-exitcode")

			v.failOnce()
			w.do(true, "apply", "-auto-approve", replace)
			if out := w.do(true, "apply", "-auto-approve"); !says("does not have the secret of the key", replace).Match(ruled(out)) && !says("there is nothing to store").Match(ruled(out)) {
				t.Errorf("the run after a failed delivery does not say what to do:\n%s", out)
			}
			if got := v.writes(place); got != 2 {
				t.Errorf("the vault was written %d times, want 2: nothing was to be delivered", got)
			}
			w.do(false, "apply", "-auto-approve", replace)
			delivered(3)
			w.do(false, "plan", "-detailed-exitcode")
			w.do(false, "destroy", "-auto-approve")
			for _, leak := range w.leaks(func(string) bool { return false }) {
				t.Error(leak)
			}
		})
	}
}

// GitHub Actions has no write-only argument: its command is given the secret. It is
// in no file and no output either, and a failed delivery does not go unnoticed.
func TestHandOver_secretGoesToGitHubActionsAndIntoNoFile(t *testing.T) {
	t.Parallel()
	needCLI(t)
	w := newWorkspace(t, builtProvider(t))
	held := filepath.Join(t.TempDir(), "secret")
	w.env = append(w.env, "GH_KEEPS="+held)
	hcl, err := os.ReadFile(examples + "/guides/keep-the-secret-out-of-state/github-actions.tf")
	w.ok(err)
	w.write(string(hcl))
	const replace = "-replace=everflow_api_key.partner_portal"
	delivered := func() {
		t.Helper()
		secret, err := os.ReadFile(held)
		w.ok(err)
		if hash := w.keySHA256(); !slices.Equal(hash, []string{sha256Of(string(secret))}) {
			t.Errorf("GitHub does not hold the secret of the key with the hash %s", hash)
		}
	}
	w.do(false, "plan", "-out=create.plan")
	w.do(false, "apply", "create.plan")
	delivered()
	w.do(false, "plan", "-detailed-exitcode") // 0: no changes
	w.do(false, "apply", "-auto-approve", replace)
	delivered()

	w.ok(os.WriteFile(held+".fails", nil, 0o600))
	w.do(true, "apply", "-auto-approve", replace)
	w.ok(os.Remove(held + ".fails"))
	if out := w.do(true, "apply", "-auto-approve"); !says("The secret is missing", replace).Match(ruled(out)) {
		t.Errorf("the run after a failed delivery does not say what to do:\n%s", out)
	}
	w.do(false, "apply", "-auto-approve", replace)
	delivered()
	w.do(false, "apply", "-auto-approve") // of what the failed runs deposed, Terraform 1.17 leaves one for this
	w.do(false, "plan", "-detailed-exitcode")
	w.do(false, "destroy", "-auto-approve")
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}

// ruled takes the frame from around an error's lines.
func ruled(out []byte) []byte { return []byte(strings.ReplaceAll(string(out), "│", "")) }

const manyHandedOverHCL = `
provider "everflow" {
  max_requests_per_second = 500
}
provider "everflow" {
  alias                   = "second"
  max_requests_per_second = 500
}
locals { names = toset([for i in range(25) : "handed over ${i}"]) }
%s
`

const handedOverByAliasHCL = `
resource "everflow_api_key" "ALIAS" {
  for_each            = local.names
  provider            = everflow.ALIAS
  name                = "${each.key} ALIAS"
  network_employee_id = 2
  all_permissions     = true
  store_key_in_state  = false
}
ephemeral "everflow_api_key_secret" "ALIAS" {
  for_each   = local.names
  provider   = everflow.ALIAS
  api_key_id = everflow_api_key.ALIAS[each.key].id
}
resource "vault_kv_secret_v2" "ALIAS" {
  for_each             = local.names
  mount                = "secret"
  name                 = everflow_api_key.ALIAS[each.key].name
  data_json_wo         = coalesce(ephemeral.everflow_api_key_secret.ALIAS[each.key].key, " ")
  data_json_wo_version = everflow_api_key.ALIAS[each.key].id
}
`

func TestHandOver_manyAtOnceAndByAliases(t *testing.T) {
	t.Parallel()
	needCLI(t)
	w, v := newWorkspace(t, builtProvider(t)), newVault("vault")
	v.serve(w)
	w.env = append(w.env, "TF_LOG=") // searched in the other tests, where it is short
	hcl := strings.ReplaceAll(handedOverByAliasHCL, "everflow.ALIAS", "everflow")
	w.write(fmt.Sprintf(manyHandedOverHCL, strings.ReplaceAll(hcl, "ALIAS", "first")+strings.ReplaceAll(handedOverByAliasHCL, "ALIAS", "second")))
	w.do(false, "apply", "-auto-approve")
	var held []string
	for i := range 25 {
		for _, alias := range []string{"first", "second"} {
			held = append(held, sha256Of(v.last(fmt.Sprintf("handed over %d %s", i, alias))))
		}
	}
	want := w.keySHA256()
	slices.Sort(held)
	slices.Sort(want)
	if len(want) != 50 || !slices.Equal(held, want) {
		t.Errorf("the vault holds other secrets than those of the %d keys", len(want))
	}
	w.do(false, "plan", "-detailed-exitcode")
	w.do(false, "destroy", "-auto-approve")
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}

const keySecret = "everflow_api_key_secret"

// created creates an API key over the protocol.
func (p *protocol) created(name string, stored bool) (id, sha256 string) {
	p.t.Helper()
	config := attributes{"name": name, "network_employee_id": 2, "all_permissions": true, "store_key_in_state": stored}
	planned, said := p.plan("everflow_api_key", nil, config)
	expectSaid(p.t, said)
	state, said := p.apply(p.t.Context(), "everflow_api_key", nil, config, planned)
	expectSaid(p.t, said)
	return p.field(state, "id"), p.field(state, "key_sha256")
}

func TestHandOver_dropsTheSecretWithTheLastTaker(t *testing.T) {
	t.Parallel()
	p := newMockAccount(t, everflowmock.Options{}).configured(nil)
	for _, stored := range []bool{true, false} {
		id, hash := p.created(fmt.Sprint("stored ", stored), stored)
		first, said := p.open(keySecret, attributes{"api_key_id": id})
		expectSaid(t, said)
		second, said := p.open(keySecret, attributes{"api_key_id": id})
		expectSaid(t, said)
		for _, taken := range []opened{first, second} {
			if got := sha256Of(taken.text(t, "key")); got != hash {
				t.Errorf("the secret handed over has the hash %s, want %s", got, hash)
			}
			if part := leaked(taken.private, taken.text(t, "key")); part != "" {
				t.Errorf("%q of the secret is in the private data", part)
			}
		}
		expectSaid(t, p.close(keySecret, first))
		third, said := p.open(keySecret, attributes{"api_key_id": id})
		expectSaid(t, said)
		expectSaid(t, p.close(keySecret, second))
		expectSaid(t, p.close(keySecret, third))
		_, said = p.open(keySecret, attributes{"api_key_id": id})
		expectSaid(t, said, []string{"error: The secret of API key " + id + " was handed over already", "one block", "terraform apply -replace="})
	}
}

func TestHandOver_isNullForAKeyOfAnotherRun(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	id, _ := a.configured(nil).created("of an earlier run", false)
	p := a.configured(nil)
	for range 2 {
		taken, said := p.open(keySecret, attributes{"api_key_id": id})
		expectSaid(t, said)
		if key := taken.text(t, "key"); key != "" {
			t.Errorf("there is a secret: %q", key)
		}
		expectSaid(t, p.close(keySecret, taken))
	}
}

func TestHandOver_needsAnIDOfAKey(t *testing.T) {
	t.Parallel()
	p := newMockAccount(t, everflowmock.Options{}).configured(nil)
	for _, id := range []string{"", "0", "-1", "05", "Partner portal"} {
		_, said := p.open(keySecret, attributes{"api_key_id": id})
		expectSaid(t, said, []string{"error: Unusable API key ID", fmt.Sprintf("%q is not Everflow's ID of an API key", id)})
	}
}
