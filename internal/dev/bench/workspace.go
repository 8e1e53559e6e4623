package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// home is where the mocks count calls as coming from.
var home = netip.MustParseAddr("198.18.0.0")

// bench is what all measurements share: a CLI and the built provider.
type bench struct {
	ctx       context.Context
	terraform string
	host      string // of the registry that the CLI thinks of
	dir       string
	// provider is the directory with the provider.
	provider string
}

func newBench(ctx context.Context, terraform string) (*bench, error) {
	terraform, err := exec.LookPath(terraform)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "everflow-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{ctx: ctx, terraform: terraform, dir: dir, host: "registry.terraform.io"}
	if strings.HasPrefix(filepath.Base(terraform), "tofu") {
		b.host = "registry.opentofu.org"
	}
	b.provider, err = b.build()
	if err != nil {
		b.clean()
	}
	return b, err
}

func (b *bench) clean() { _ = os.RemoveAll(b.dir) }

// build builds the provider into a directory of its own.
func (b *bench) build() (dir string, err error) {
	dir = filepath.Join(b.dir, "provider")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	build := exec.CommandContext(b.ctx, "go", "build", //nolint:gosec // of this repository
		"-trimpath", "-ldflags=-s -w",
		"-o", filepath.Join(dir, binary), ".")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return dir, nil
}

const binary = "terraform-provider-everflow"

// workspace is a configuration, its state, and a mock of its own.
type workspace struct {
	*bench
	dir  string
	env  []string
	mock *everflowmock.Server
	stop func()
	// calls are those of an apply, a plan and a change.
	calls [3]int
}

func (b *bench) workspace(provider string, options everflowmock.Options) (*workspace, error) {
	options.Latency, options.CallerAddress = latency, home
	mock, err := everflowmock.New(options)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(mock)
	w := &workspace{bench: b, mock: mock, stop: server.Close}
	if w.dir, err = os.MkdirTemp(b.dir, "workspace-"); err != nil {
		return nil, err
	}
	settings := filepath.Join(w.dir, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"everflow-community/everflow\" = %q\n  }\n  direct {}\n}\n", provider)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return nil, err
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "EVERFLOW_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1",
		"EVERFLOW_BASE_URL="+server.URL, "EVERFLOW_API_KEY="+everflowmock.DemoAPIKey)
	return w, nil
}

func (w *workspace) write(hcl string) error {
	const header = "terraform {\n  required_providers {\n    everflow = {\n      source = \"everflow-community/everflow\"\n    }\n  }\n}\n"
	return os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(header+hcl), 0o600)
}

// do runs the CLI and returns how long it took and how many calls were made.
func (w *workspace) do(arguments ...string) (took time.Duration, calls int, err error) {
	w.mock.ClearCalls()
	command := exec.CommandContext(w.ctx, w.terraform, append(arguments, "-no-color")...) //nolint:gosec // the CLI that was asked for
	command.Dir, command.Env = w.dir, w.env
	started := time.Now()
	out, err := command.CombinedOutput()
	took = time.Since(started)
	if err != nil {
		if w.ctx.Err() != nil {
			return 0, 0, errors.New("interrupted")
		}
		return 0, 0, fmt.Errorf("%s: %w\n%s", strings.Join(arguments, " "), err, tail(out))
	}
	return took, len(w.mock.Calls()), nil
}

// quickest is the shortest of several runs: what is short is drowned by chance else.
func (w *workspace) quickest(arguments ...string) (best time.Duration, err error) {
	for range 5 {
		took, _, err := w.do(arguments...)
		if err != nil {
			return 0, err
		}
		if best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// tail is the end of a long output.
func tail(out []byte) []byte { return out[max(0, len(out)-4000):] }

// keysHCL is a number of keys.
func keysHCL(keys int, settings string) string {
	return fmt.Sprintf(`
provider "everflow" {
  %s
}
resource "everflow_api_key" "bench" {
  count               = %d
  name                = "bench ${count.index}"
  network_employee_id = 2
  permissions         = ["Reporting"]
}
`, settings, keys)
}

// seedKeys makes keys in the mock, and a state that has them.
func (w *workspace) seedKeys(keys int) error {
	var instances []map[string]any
	for i := range keys {
		name := fmt.Sprint("bench ", i)
		id := w.mock.AddKey(everflowmock.Key{Name: name, EmployeeID: 2, Permissions: []string{"Reporting"}})
		instances = append(instances, map[string]any{"index_key": i, "schema_version": 0, "attributes": map[string]any{
			"id": fmt.Sprint(id), "network_id": 1001, "name": name, "network_employee_id": 2, "permissions": []string{"Reporting"},
			"all_permissions": false, "store_key_in_state": true, "status": "active",
		}})
	}
	return w.seed(w.source(), "everflow_api_key", instances)
}

// source is the provider's, as states name it.
func (b *bench) source() string { return b.host + "/everflow-community/everflow" }

// seed writes a state with the instances of one resource, named bench.
func (w *workspace) seed(provider, resource string, instances []map[string]any) error {
	state, err := json.Marshal(map[string]any{"version": 4, "serial": 1, "lineage": "bench", "resources": []any{map[string]any{
		"mode": "managed", "type": resource, "name": "bench", "instances": instances,
		"provider": fmt.Sprintf("provider[%q]", provider),
	}}})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, "terraform.tfstate"), state, 0o600)
}
