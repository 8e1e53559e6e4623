package provider_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// installedVersion is stamped into the binary that installed builds.
const installedVersion = "1.2.3"

// installed is a directory of a configuration, in which the CLI finds the provider
// as a user's finds it: a binary of its own, built as a release is.
type installed struct {
	*account
	dir string
	env []string
}

// install copies the files of a configuration into a directory of their own.
func install(a *account, from string) *installed {
	a.t.Helper()
	mirror, err := providerMirror()
	a.ok(err)
	i := &installed{account: a, dir: a.t.TempDir()}
	a.ok(os.CopyFS(i.dir, os.DirFS(from)))
	settings := filepath.Join(a.t.TempDir(), "cli.tfrc")
	a.ok(os.WriteFile(settings, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600))
	bin := a.t.TempDir() // where scripts find a terraform
	path, err := filepath.Abs(cli)
	a.ok(err)
	a.ok(os.Symlink(path, filepath.Join(bin, "terraform")))
	i.env = append(
		slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TF_") }),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"EVERFLOW_API_KEY="+a.apiKey, "EVERFLOW_BASE_URL="+a.baseURL,
	)
	i.run(0, "terraform", "init", "-no-color")
	return i
}

// run runs a command in the directory, which has to end with the given code, and
// returns what it said.
func (i *installed) run(code int, name string, args ...string) string {
	i.t.Helper()
	return i.runWith(nil, code, name, args...)
}

// runWith adds variables to the environment.
func (i *installed) runWith(env []string, code int, name string, args ...string) string {
	i.t.Helper()
	if name == "terraform" {
		name = cli
	}
	command := exec.CommandContext(i.t.Context(), name, args...)
	command.Dir, command.Env = i.dir, append(slices.Clone(i.env), env...)
	said, err := command.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		i.t.Fatal(err)
	}
	if ended := command.ProcessState.ExitCode(); ended != code {
		i.t.Fatalf("%s %s ended with %d, want %d:\n%s", name, strings.Join(args, " "), ended, code, said)
	}
	return string(said)
}

// providerMirror builds the provider, once, into a directory that is laid out as
// the CLIs' filesystem mirrors are.
var providerMirror = sync.OnceValues(func() (mirror string, err error) {
	if mirror, err = os.MkdirTemp("", "everflow-mirror-"); err != nil {
		return "", err
	}
	removeMirror = func() { _ = os.RemoveAll(mirror) }
	release, err := os.ReadFile("../../.goreleaser.yml")
	if err != nil {
		return "", err
	}
	flags := regexp.MustCompile(`(?m)^ +- (-s -w .*)$`).FindSubmatch(release)
	if flags == nil {
		return "", errors.New("no linker flags were found in .goreleaser.yml")
	}
	stamped := strings.ReplaceAll(string(flags[1]), "{{ .Version }}", installedVersion)
	binary := filepath.Join(mirror, "terraform-provider-everflow_v"+installedVersion)
	if said, err := exec.Command("go", "build", "-trimpath", "-ldflags", stamped, "-o", binary, "../..").CombinedOutput(); err != nil {
		return "", fmt.Errorf("the provider does not build: %w\n%s", err, said)
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join(mirror, registry, "everflow-community", "everflow", installedVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		if err := os.Link(binary, filepath.Join(dir, filepath.Base(binary))); err != nil {
			return "", err
		}
	}
	return mirror, nil
})

// removeMirror is for TestMain, at the end.
var removeMirror = func() {}

// What a release is stamped with is what -version prints and what Everflow is told.
func TestAccRelease_versionIsStampedIntoTheBinary(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	i := install(a, examples+"/ci/configuration")
	i.run(0, "terraform", "plan", "-no-color")
	agent := regexp.MustCompile(`^terraform-provider-everflow/1\.2\.3 terraform/\d+\.\d+\.`)
	calls := a.mock.Calls()
	if len(calls) == 0 {
		t.Error("the plan made no call")
	}
	for _, call := range calls {
		if told := call.Header.Get("User-Agent"); !agent.MatchString(told) {
			t.Errorf("Everflow was told %q", told)
		}
	}
	mirror, err := providerMirror()
	a.ok(err)
	if said := i.run(0, filepath.Join(mirror, "terraform-provider-everflow_v1.2.3"), "-version"); said != "terraform-provider-everflow 1.2.3\n" {
		t.Errorf("-version printed %q", said)
	}
}
