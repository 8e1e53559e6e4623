package provider_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
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

func newWorkspace(t *testing.T, provider string) *workspace {
	t.Helper()
	return newWorkspaceOn(t, provider, everflowmock.Options{CallerAddress: home})
}

func newWorkspaceOn(t *testing.T, provider string, options everflowmock.Options) *workspace {
	t.Helper()
	needCLI(t)
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
