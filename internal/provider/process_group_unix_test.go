//go:build unix

package provider_test

import (
	"os/exec"
	"syscall"
	"testing"
)

// endWithTest ends what a command started together with the test: a CLI that is
// killed leaves its providers running.
func endWithTest(t *testing.T, command *exec.Cmd) {
	t.Helper()
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	t.Cleanup(func() {
		if command.Process != nil {
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		}
	})
}
