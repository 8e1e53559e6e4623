package browsertest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// configuration is the one of the README.
const configuration = `
terraform {
  required_providers {
    everflow = {
      source = "everflow-community/everflow"
    }
  }
}

provider "everflow" {
  egress_ip_addresses = ["203.0.113.10"]
}

resource "everflow_api_whitelist" "this" {
  ip_addresses = ["203.0.113.10", "198.51.100.0/24", "2001:db8:40::/48"]
}
`

// terraform runs the CLI on the configuration, against the mock.
type terraform struct {
	*testing.T
	cli, dir string
	env      []string
}

func newTerraform(t *testing.T, mock string) *terraform {
	t.Helper()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		cli = find("terraform", "tofu")
	}
	if cli == "" {
		t.Skip("neither terraform nor tofu is on PATH, and TF_ACC_TERRAFORM_PATH names none")
	}
	dir := t.TempDir()
	settings := `provider_installation {
  dev_overrides {
    "everflow-community/everflow" = "` + built + `"
  }
  direct {}
}`
	for name, content := range map[string]string{"main.tf": configuration, "cli.tfrc": settings} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &terraform{t, cli, dir, append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"),
		"EVERFLOW_BASE_URL="+mock+"/v1", "EVERFLOW_API_KEY="+demoKey, "TF_LOG=")}
}

func (tf *terraform) run(wantCode int, args ...string) (said string) {
	tf.Helper()
	command := exec.CommandContext(tf.Context(), tf.cli, append(args, "-no-color", "-input=false")...)
	command.Dir, command.Env = tf.dir, tf.env
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tf.Fatal(err)
	}
	if code := command.ProcessState.ExitCode(); code != wantCode {
		tf.Fatalf("%s exits with %d, not %d\n%s", strings.Join(command.Args, " "), code, wantCode, out)
	}
	return string(out)
}

func TestStory_planFindsWhatWasEditedOnThePage(t *testing.T) {
	t.Parallel()
	p := open(t, startMock(t))
	tf := newTerraform(t, p.url)
	tf.run(0, "apply", "-auto-approve")
	p.click("API Whitelist")
	p.sees("Only API calls from these addresses are accepted.", "198.51.100.0/24")
	tf.run(0, "plan", "-detailed-exitcode")

	p.setWhitelist("203.0.113.10\n2001:db8:40::/48\n192.0.2.66")
	plan := tf.run(2, "plan", "-detailed-exitcode")
	// Terraform shows an exchange as one line, OpenTofu as two.
	for _, part := range []string{`"192.0.2.66"`, `"198.51.100.0/24"`} {
		if !strings.Contains(plan, part) || strings.Contains(plan, `"203.0.113.10" ->`) {
			t.Errorf("the plan does not show the exchange, and nothing else:\n%s", plan)
		}
	}
	tf.run(0, "apply", "-auto-approve")
	p.click("API Whitelist")
	p.sees("198.51.100.0/24")
	p.seesNo("192.0.2.66")
}

func TestStory_terraformIsLockedOutAndGetsBackIn(t *testing.T) {
	t.Parallel()
	p := open(t, startMock(t))
	tf := newTerraform(t, p.url)
	tf.run(0, "apply", "-auto-approve")

	p.setWhitelist("198.51.100.7")
	p.sees("API calls are refused.", "203.0.113.10")
	if plan := tf.run(1, "plan"); !strings.Contains(plan, "203.0.113.10") {
		t.Errorf("the plan does not say which address is refused:\n%s", plan)
	}

	p.setWhitelist("203.0.113.10\n198.51.100.7")
	p.seesNo("API calls are refused.")
	tf.run(0, "apply", "-auto-approve")
	tf.run(0, "plan", "-detailed-exitcode")
}
