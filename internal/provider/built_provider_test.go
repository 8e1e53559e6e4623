package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// builtVersion is stamped into the binaries of the provider that the tests build.
const builtVersion = "1.2.3"

// buildDir holds these binaries. TestMain makes and removes it.
var buildDir string

// builds are functions that build the provider, each once: one for the tree as it is,
// and one for each changed file.
var builds sync.Map

// builtProvider returns a directory with the provider's binary, laid out as a filesystem
// mirror of a CLI is, too.
func builtProvider(t testing.TB) string {
	t.Helper()
	return changedProvider(t, "", "")
}

// changedProvider is builtProvider with another text in one of the provider's files.
func changedProvider(t testing.TB, file, text string) string {
	t.Helper()
	needCLI(t)
	build, _ := builds.LoadOrStore(file+text, sync.OnceValues(func() (string, error) { return buildProvider(file, text) }))
	dir, err := build.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func buildProvider(file, text string) (dir string, err error) {
	if dir, err = os.MkdirTemp(buildDir, ""); err != nil {
		return "", err
	}
	flags, err := releaseFlags()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "terraform-provider-everflow_v"+builtVersion)
	arguments := []string{"build", "-ldflags", flags, "-o", binary}
	if file != "" {
		overlay, err := writeOverlay(dir, file, text)
		if err != nil {
			return "", err
		}
		arguments = append(arguments, "-overlay", overlay)
	}
	if out, err := exec.Command("go", append(arguments, "../..")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		mirror := filepath.Join(dir, registry, "everflow-community", "everflow", builtVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(mirror, 0o700); err != nil {
			return "", err
		}
		if err := os.Link(binary, filepath.Join(mirror, filepath.Base(binary))); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// releaseFlags are the linker flags that a release is built with.
func releaseFlags() (string, error) {
	release, err := os.ReadFile("../../.goreleaser.yml")
	if err != nil {
		return "", err
	}
	flags := regexp.MustCompile(`(?m)^ +- (-s -w .*)$`).FindSubmatch(release)
	if flags == nil {
		return "", errors.New("no linker flags were found in .goreleaser.yml")
	}
	return strings.ReplaceAll(string(flags[1]), "{{ .Version }}", builtVersion), nil
}

// writeOverlay writes what `go build -overlay` takes to replace a file.
func writeOverlay(dir, file, text string) (overlay string, err error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, file)
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}
