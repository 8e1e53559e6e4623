package provider_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

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
	mirror := builtProvider(a.t)
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
	if said := i.run(0, filepath.Join(builtProvider(t), "terraform-provider-everflow_v1.2.3"), "-version"); said != "terraform-provider-everflow 1.2.3\n" {
		t.Errorf("-version printed %q", said)
	}
}
