package provider_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"go.uber.org/goleak"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/contracttest"
)

// theContract sees all traffic between the provider and the mocks of the tests.
var theContract *contracttest.Checker

// cli is the terraform or tofu that the acceptance tests run; empty if there is none.
var cli string

// TestMain sets the stage, runs the tests or, with -sweep, the sweepers, and then
// holds all traffic of the suite against the contract.
func TestMain(m *testing.M) {
	if isForgeCommand() {
		os.Exit(runForgeCommand())
	}
	resource.TestMain(suite{m})
}

type suite struct{ *testing.M }

func (s suite) Run() int {
	for _, variable := range os.Environ() {
		// The tests' own configuration must not be completed by the developer's.
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "EVERFLOW_") && !strings.HasPrefix(name, "EVERFLOW_ACC_") {
			_ = os.Unsetenv(name)
		}
	}
	findCLI()
	standIn()
	switch {
	case testing.Short():
		cli = ""
	case cli == "":
		fmt.Println("NOTE: the acceptance tests are skipped: neither terraform nor tofu is on PATH. Install one of them (1.11 or newer), or name one in TF_ACC_TERRAFORM_PATH.")
	}
	// A third of the suite's time is collecting garbage, its own and the CLI's.
	debug.SetGCPercent(300)
	_ = os.Setenv("GOGC", "300")
	var err error
	if buildDir, err = os.MkdirTemp("", "everflow-provider-"); err != nil {
		fmt.Println("FAIL:", err)
		return 1
	}
	if theContract, err = contracttest.New(); err != nil {
		fmt.Println("FAIL:", err)
		return 1
	}
	code := s.M.Run()
	_ = os.RemoveAll(buildDir)
	// The testing framework's own: it leaves the pipes of a provider's output open.
	if err := goleak.Find(goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan")); err != nil {
		fmt.Println("FAIL: goroutines are left:", err)
		code = 1
	}
	for _, violation := range theContract.Violations() {
		fmt.Println("FAIL: the contract does not have this:", violation)
		code = 1
	}
	if code == 0 && wholeSuite() {
		for _, operation := range theContract.Unexercised() {
			fmt.Println("FAIL: no test exercised this operation of the contract:", operation)
			code = 1
		}
	}
	return code
}

// wholeSuite reports whether every test could run, so that what was not
// exercised is a gap.
func wholeSuite() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return cli != "" && !testing.Short() && !onRealAccount()
}

// standIn puts the tests' own gh first: no example may reach GitHub.
func standIn() {
	if dir, err := filepath.Abs("testdata/bin"); err == nil {
		_ = os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
}

// findCLI points the testing framework at a CLI that is installed; it would
// download one otherwise.
func findCLI() {
	if file := os.Getenv("TF_CLI_CONFIG_FILE"); file != "" {
		if _, err := os.Stat(file); err != nil {
			_ = os.Unsetenv("TF_CLI_CONFIG_FILE")
		}
	}
	_ = os.Setenv("CHECKPOINT_DISABLE", "1")
	cli = os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if found, err := exec.LookPath(name); cli == "" && err == nil {
			cli = found
		}
	}
	if cli == "" {
		return
	}
	_ = os.Setenv("TF_ACC_TERRAFORM_PATH", cli)
	if version, err := askVersion(); err == nil && version.isTofu {
		// OpenTofu looks for a provider without a source under its own registry.
		_ = os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
	}
}

// version is the CLI's: of Terraform 1.11, the minor one is 11.
type version struct {
	isTofu bool
	minor  int
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v1\.(\d+)\.`)

// askVersion asks the CLI, once. A file may have any name: what it is, it says itself.
var askVersion = sync.OnceValues(func() (v version, err error) {
	said, err := exec.Command(cli, "version").Output()
	if err != nil {
		return v, fmt.Errorf("%s does not tell its version: %w", cli, err)
	}
	line := versionLine.FindStringSubmatch(string(said))
	if line == nil {
		return v, fmt.Errorf("%s is of no version that is known: it says %q", cli, said)
	}
	v.isTofu = line[1] == "OpenTofu"
	v.minor, err = strconv.Atoi(line[2])
	return v, err
})

// needCLI skips a test that runs terraform or tofu where there is none.
func needCLI(t testing.TB) {
	t.Helper()
	if cli == "" {
		t.Skip("neither terraform nor tofu is on PATH")
	}
}

// cliVersion skips the test where there is no CLI.
func cliVersion(t *testing.T) (isTofu bool, minor int) {
	t.Helper()
	needCLI(t)
	version, err := askVersion()
	if err != nil {
		t.Fatal(err)
	}
	return version.isTofu, version.minor
}
