package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const examplesCI = examples + "/ci"

// recipe is a directory with the configuration of the recipes, applied.
func recipe(t *testing.T) *installed {
	t.Helper()
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	i := install(a, examplesCI+"/configuration")
	if said := i.run(0, "terraform", "apply", "-auto-approve", "-no-color"); strings.Contains(said, "Warning") {
		t.Fatalf("the configuration of the recipes warns as it stands:\n%s", said)
	}
	return i
}

// script returns what a pipeline runs: the block of text that follows the given line.
func script(t *testing.T, file, after string) string {
	t.Helper()
	pipeline, err := os.ReadFile(filepath.Join(examplesCI, file))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(pipeline), after+"\n")
	_, block, foundBlock := strings.Cut(rest, " |\n")
	if !found || !foundBlock {
		t.Fatalf("%s has no block of text after %q", file, after)
	}
	indent := block[:len(block)-len(strings.TrimLeft(block, " "))]
	var lines []string
	for line := range strings.Lines(block) {
		text, inside := strings.CutPrefix(line, indent)
		if !inside {
			break
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "")
}

// shell returns a shell that the runners have, or skips.
func shell(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("there is no " + name + " here")
	}
	return path
}

func TestAccCI_driftRecipesTellDriftFromNoneAndFromFailure(t *testing.T) {
	for _, test := range []struct{ file, after, shell string }{
		{"github-actions/everflow-drift.yml", "      - name: Plan", "bash"},
		{"gitlab-ci/.gitlab-ci.yml", "drift:", "sh"},
	} {
		t.Run(filepath.Dir(test.file), func(t *testing.T) {
			i := recipe(t)
			drift := []string{"-e", "-c", script(t, test.file, test.after)}
			sh := shell(t, test.shell)
			summary := filepath.Join(t.TempDir(), "summary.md")
			i.env = append(i.env, "GITHUB_STEP_SUMMARY="+summary, "EVERFLOW_READ_ONLY=true")

			i.says(i.run(0, sh, drift...), "Everflow is as the configuration says.")
			i.setWhitelist("203.0.113.10", "198.51.100.0/24", "2001:db8:40::/48", "192.0.2.66")
			i.says(i.run(2, sh, drift...), `- "192.0.2.66"`, "Everflow differs from the configuration")
			i.says(i.runWith([]string{"EVERFLOW_API_KEY=wrong"}, 1, sh, drift...), "401", "this says nothing about drift")

			if test.shell == "bash" {
				shown, err := os.ReadFile(summary)
				i.ok(err)
				i.says(string(shown), "No changes.", `- "192.0.2.66"`, "401")
			}
		})
	}
}

func TestAccCI_checksWarnOfWhoIsLetInAndOut(t *testing.T) {
	i := recipe(t)
	drift := []string{"-e", "-c", script(t, "github-actions/everflow-drift.yml", "      - name: Plan")}
	i.env = append(i.env, "GITHUB_STEP_SUMMARY="+os.DevNull)
	i.says(
		i.runWith([]string{`TF_VAR_must_be_let_in={"branch":"192.0.2.1"}`}, 0, shell(t, "bash"), drift...),
		"Check block assertion failed", "keeps out: branch (192.0.2.1).", "::warning title=Everflow::", "as the configuration says",
	)
	i.says(
		i.runWith([]string{`TF_VAR_must_be_kept_out={"guest":"198.51.100.9"}`}, 0, "terraform", "apply", "-auto-approve", "-no-color"),
		"Check block assertion failed", "lets in: guest (198.51.100.9).", "Apply complete!",
	)
}

func TestAccCI_planRecipeWritesTheComment(t *testing.T) {
	i := recipe(t)
	plan := []string{"-e", "-c", script(t, "github-actions/everflow-plan.yml", "      - name: Plan")}
	i.env = append(i.env, "COMMIT=0123abc", "EVERFLOW_READ_ONLY=true")
	bash := shell(t, "bash")
	comment := func() string {
		text, err := os.ReadFile(filepath.Join(i.dir, "comment.md"))
		i.ok(err)
		return string(text)
	}
	i.run(0, bash, plan...)
	i.says(comment(), "<!-- everflow-plan -->\n### Everflow: nothing changes\n", "Of commit 0123abc.")
	i.runWith([]string{`TF_VAR_admitted={"office":"198.51.100.0/25"}`}, 0, bash, plan...)
	i.says(comment(), "### Everflow: this would change\n", `+ "198.51.100.0/25"`, "Plan: 0 to add, 1 to change, 0 to destroy.")
	i.runWith([]string{"EVERFLOW_API_KEY=wrong"}, 1, bash, plan...)
	i.says(comment(), "### Everflow: the plan failed\n", "401")
}

// The tests of the recipes need neither an account nor a key.
func TestAccCI_terraformTestPasses(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	i := install(a, examplesCI+"/configuration")
	said := i.runWith([]string{"EVERFLOW_API_KEY=", "EVERFLOW_BASE_URL="}, 0, "terraform", "test", "-no-color")
	i.says(said, "4 passed, 0 failed.")
	if calls := a.mock.Calls(); len(calls) > 0 {
		t.Errorf("the tests called Everflow: %v", calls)
	}
}

// says fails the test unless the text holds all of these, in this order.
func (i *installed) says(text string, want ...string) {
	i.t.Helper()
	if !says(want...).MatchString(text) {
		i.t.Errorf("want %q, in this order, in:\n%s", want, text)
	}
}
