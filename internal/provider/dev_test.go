package provider_test

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The lines that `make dev` says to type work, with a module of one's own, too,
// and Ctrl-C ends what it started.
func TestAccDev_theLinesToTypeWork(t *testing.T) {
	t.Parallel()
	needCLI(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	dev := t.TempDir()
	script := exec.CommandContext(t.Context(), "bash", "../../examples/dev/run.sh")
	script.Env = append(os.Environ(), "ADDR="+addr, "DEV="+dev, "TERRAFORM="+cli)
	var log bytes.Buffer
	script.Stderr = &log
	out, err := script.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	var typed []string // the lines to type are indented
	for said := bufio.NewScanner(out); said.Scan(); {
		if line, ok := strings.CutPrefix(said.Text(), "  "); ok {
			typed = append(typed, line)
		}
	}
	if len(typed) != 3 {
		t.Fatalf("the lines to type: %q, %v\n%s", typed, script.Wait(), log.String())
	}
	typed[2] = strings.Replace(typed[2], " apply", " apply -auto-approve", 1) + " && " + cli + " plan -detailed-exitcode"
	module := filepath.Join(dev, "first", "keys")
	if err := os.Mkdir(module, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, hcl := range map[string]string{
		"first/module.tf": `module "keys" { source = "./keys" }`,
		"first/keys/main.tf": `
terraform {
  required_providers {
    everflow = { source = "everflow-community/everflow" }
  }
}

resource "everflow_api_key" "this" {
  name                = "In a module"
  network_employee_id = 1
  all_permissions     = true
}
`,
	} {
		if err := os.WriteFile(filepath.Join(dev, name), []byte(hcl), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	person := exec.CommandContext(t.Context(), "bash", "-e", "-c", strings.Join(typed, "\n")+"\neverflow-mock drift show")
	person.Dir = "../.."
	said, err := person.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "No changes.") || !strings.Contains(string(said), "In a module") {
		t.Errorf("%v\n%s", err, said)
	}
	if err := script.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := script.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v\n%s", err, log.String())
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("something still listens")
	}
}
