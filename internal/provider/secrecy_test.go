package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// workspace is a directory in which the built provider is run by a real CLI at the
// most talkative log level. What it printed and wrote is searched for secrets.
type workspace struct {
	*account
	dir     string
	env     []string
	secrets *secretsSeen
	// said is all that was printed, by command.
	said map[string][]byte
	// beside are further required providers.
	beside string
}

// builtProvider builds the provider once, from the tree or, with an overlay, from a
// changed copy of one of its files.
func builtProvider(t *testing.T, overlay map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	arguments := []string{"build", "-o", filepath.Join(dir, "terraform-provider-everflow")}
	if overlay != nil {
		replaced := map[string]string{}
		for file, text := range overlay {
			path, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			copied := filepath.Join(dir, filepath.Base(file))
			if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			replaced[path] = copied
		}
		list, _ := json.Marshal(map[string]any{"Replace": replaced})
		if err := os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "-overlay", filepath.Join(dir, "overlay.json"))
	}
	if out, err := exec.CommandContext(t.Context(), "go", append(arguments, "../..")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

func newWorkspace(t *testing.T, provider string) *workspace {
	t.Helper()
	return newWorkspaceOn(t, provider, everflowmock.Options{CallerAddress: home})
}

func newWorkspaceOn(t *testing.T, provider string, options everflowmock.Options) *workspace {
	t.Helper()
	if cli == "" {
		t.Skip("neither terraform nor tofu is on PATH")
	}
	secrets := &secretsSeen{}
	w := &workspace{
		account: newMockAccountOver(t, options, secrets),
		dir:     t.TempDir(), secrets: secrets, said: map[string][]byte{},
	}
	settings := filepath.Join(t.TempDir(), "cli.tfrc")
	w.ok(os.WriteFile(settings, fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    \"everflow-community/everflow\" = %q\n  }\n  direct {}\n}\n", provider), 0o600))
	w.env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+settings, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.dir, "trace.log"), "TF_IN_AUTOMATION=1",
		"EVERFLOW_API_KEY="+w.apiKey, "EVERFLOW_BASE_URL="+w.baseURL, "EVERFLOW_EGRESS_IP_ADDRESSES=203.0.113.10")
	return w
}

func (w *workspace) write(hcl string) {
	w.t.Helper()
	header := "terraform {\n  required_providers {\n    everflow = {\n      source = \"everflow-community/everflow\"\n    }\n" + w.beside + "  }\n}\n"
	w.ok(os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(header+hcl), 0o600))
}

// do runs the CLI and keeps what it printed. A run that should fail and does not,
// or the reverse, fails the test.
func (w *workspace) do(fails bool, arguments ...string) []byte {
	w.t.Helper()
	command := exec.CommandContext(w.t.Context(), cli, arguments...)
	command.Dir, command.Env = w.dir, w.env
	out, err := command.CombinedOutput()
	w.said[fmt.Sprintf("%d %s", len(w.said), strings.Join(arguments, " "))] = out
	if (err != nil) != fails {
		w.t.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return out
}

// leaks searches everything that was printed, and every file but those for which
// except is true, for parts of secrets.
func (w *workspace) leaks(except func(name string) bool) (found []string) {
	w.t.Helper()
	w.secrets.mu.Lock()
	defer w.secrets.mu.Unlock()
	search := func(where string, text []byte) {
		for _, secret := range w.secrets.texts {
			if part := leaked(text, secret); part != "" {
				found = append(found, fmt.Sprintf("%q in %s", part, where))
			}
		}
	}
	for command, out := range w.said {
		search("the output of "+command, out)
	}
	w.ok(filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || except(entry.Name()) {
			return err
		}
		text, err := os.ReadFile(path)
		search(entry.Name(), text)
		for _, unpacked := range unzipped(text) {
			search("the plan file "+entry.Name(), unpacked)
		}
		return err
	}))
	return found
}

// unzipped returns the parts of a plan file, which is a zip archive.
func unzipped(file []byte) (parts [][]byte) {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil
	}
	for _, entry := range archive.File {
		if part, err := entry.Open(); err == nil {
			text, _ := io.ReadAll(part)
			parts = append(parts, text)
		}
	}
	return parts
}

const secretiveHCL = `
data "everflow_employee" "ops" { email = "pat.platform@example.com" }
data "everflow_api_keys" "all" {}
resource "everflow_api_key" "test" {
  count               = 2
  name                = "secrecy ${count.index}%s"
  network_employee_id = data.everflow_employee.ops.network_employee_id
  all_permissions     = true
  store_key_in_state  = %t
}
resource "everflow_api_whitelist" "test" { ip_addresses = ["203.0.113.10"] }
output "key" {
  value     = everflow_api_key.test[0].key
  sensitive = true
}
`

// wholeLife runs everything a configuration goes through, failures included.
func (w *workspace) wholeLife(store bool) {
	w.t.Helper()
	w.write(fmt.Sprintf(secretiveHCL, "", store))
	w.do(false, "validate")
	w.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", After: true, Times: 1, Kind: everflowmock.FaultTruncated})
	w.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", After: true, Times: 1, Kind: everflowmock.FaultWrongTypes})
	w.do(true, "apply", "-auto-approve")
	w.do(false, "plan", "-out=create.plan")
	w.do(false, "apply", "-json", "create.plan")
	w.do(false, "plan", "-json")
	w.do(false, "apply", "-refresh-only", "-auto-approve")
	w.do(false, "output")
	w.do(false, "state", "show", "everflow_api_key.test[0]")
	w.mock.AddFault(everflowmock.Fault{Operation: "getApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 401, Body: `{"error":"` + w.apiKey + ` is not a key"}`})
	w.do(true, "plan")
	w.mock.AddFault(everflowmock.Fault{Operation: "updateApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 400, Body: `{"Error":"no"}`})
	w.write(fmt.Sprintf(secretiveHCL, ", renamed", store))
	w.do(true, "apply", "-auto-approve", "-json")
	w.do(false, "apply", "-auto-approve")
	w.do(false, "plan", "-destroy", "-out=destroy.plan")
	w.do(false, "apply", "-auto-approve", "-destroy")
}

func TestSecrecy_secretIsWhereItBelongsAndNowhereElse(t *testing.T) {
	t.Parallel()
	provider := builtProvider(t, nil)
	t.Run("stored in the state", func(t *testing.T) {
		t.Parallel()
		w := newWorkspace(t, provider)
		w.wholeLife(true)
		// A plan file holds the state that it was made from.
		for _, leak := range w.leaks(func(name string) bool { return strings.Contains(name, "tfstate") || strings.HasSuffix(name, ".plan") }) {
			t.Error(leak)
		}
	})
	t.Run("not stored", func(t *testing.T) {
		t.Parallel()
		w := newWorkspace(t, provider)
		w.wholeLife(false)
		for _, leak := range w.leaks(func(string) bool { return false }) {
			t.Error(leak)
		}
	})
	t.Run("once in the state", func(t *testing.T) {
		t.Parallel()
		w := newWorkspace(t, provider)
		w.write(strings.ReplaceAll(fmt.Sprintf(secretiveHCL, "", true), "everflow_api_key.test[0].key\n", "everflow_api_key.test[0].id\n"))
		w.do(false, "apply", "-auto-approve")
		state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		w.ok(err)
		for _, secret := range w.secrets.texts[1:] {
			if times := bytes.Count(state, []byte(secret)); times != 1 || !bytes.Contains(state, []byte(`"key": "`+secret+`"`)) {
				t.Errorf("a secret is %d times in the state, want once, as key", times)
			}
		}
		if leaked(state, w.apiKey) != "" {
			t.Error("the provider's own key is in the state")
		}
		w.do(false, "destroy", "-auto-approve")
	})
}

// The proof is worth something only if it fails for a provider that leaks.
func TestSecrecy_searchFindsALeakThatWasPutIn(t *testing.T) {
	t.Parallel()
	if cli == "" {
		t.Skip("neither terraform nor tofu is on PATH")
	}
	const file, honest = "provider_config.go", `"method": attempt.Method,`
	source, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(source, []byte(honest)) {
		t.Fatalf("%s is not as this test knows it: %v", file, err)
	}
	leaking := strings.Replace(string(source), honest, honest+` "hint": os.Getenv("EVERFLOW_API_KEY")[3:12],`, 1)
	w := newWorkspace(t, builtProvider(t, map[string]string{file: leaking}))
	w.write("data \"everflow_network\" \"x\" {}\n")
	w.do(false, "plan")
	if len(w.leaks(func(string) bool { return false })) == 0 {
		t.Error("nine characters of the provider's key are in the log, and were not found")
	}
}

// lostPlugin is how a CLI reports a plugin whose process ended: which of the two
// depends on whether it notices the process or the connection first.
var lostPlugin = regexp.MustCompile(`Plugin did not respond|Request cancelled`)

// A provider that crashes with a new secret in its memory prints where, not what.
func TestSecrecy_crashTellsNoSecret(t *testing.T) {
	t.Parallel()
	if cli == "" {
		t.Skip("neither terraform nor tofu is on PATH")
	}
	const file, honest = "api_key_create.go", "		now.setSecret(created.Secret)\n"
	source, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(source, []byte(honest)) {
		t.Fatalf("%s is not as this test knows it: %v", file, err)
	}
	crashing := strings.Replace(string(source), honest, honest+"		panic(fmt.Sprint(created, now.ID))\n", 1)
	w := newWorkspace(t, builtProvider(t, map[string]string{file: crashing}))
	w.write(fmt.Sprintf(secretiveHCL, "", true))
	if out := w.do(true, "apply", "-auto-approve"); !lostPlugin.Match(out) {
		t.Fatalf("it did not crash:\n%s", out)
	}
	if len(w.secrets.texts) < 2 {
		t.Fatal("no secret was handed out")
	}
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}
