package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oasdiff/yaml"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// pipeline runs the jobs of the recipes, in a repository whose configuration is applied:
// their scripts, one step after the other, with the variables that they get.
type pipeline struct {
	*installed
	forgeName  string // github or gitlab
	repository string
	context    map[string]string // what the expressions of GitHub's workflows are
	variables  map[string]string // what GitLab's jobs get
	messages   atomic.Int64      // at the webhook
	message    atomic.Value      // the last one
	log        string            // of the last job
}

// ran is what is left of a job.
type ran struct {
	failed bool
	// log is what everybody sees who sees the job; summary is GitHub's.
	log, summary string
	outputs      map[string]string
}

const examplesCI = examples + "/ci"

// onForge applies the configuration of the recipes, and what is added to it.
func onForge(t *testing.T, forgeName, added string) *pipeline {
	t.Helper()
	p := newPipeline(t, forgeName, everflowmock.Options{}, added)
	p.run(0, "terraform", "apply", "-auto-approve", "-no-color")
	return p
}

// onForgeInTime is an onForge with clocks to move, of Everflow and of the provider,
// which builtProviderAt has built.
func onForgeInTime(t *testing.T, forgeName, provider, added string) (*pipeline, *rotating) {
	t.Helper()
	r := &rotating{clockFile: filepath.Join(t.TempDir(), "clock")}
	p := newPipeline(t, forgeName, everflowmock.Options{Now: r.now}, added)
	r.account = p.account
	r.pass(0)
	settings := filepath.Join(t.TempDir(), "cli.tfrc")
	p.ok(os.WriteFile(settings, fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    \"everflow-community/everflow\" = %q\n  }\n  direct {}\n}\n", provider), 0o600))
	p.env = append(p.env, "TEST_CLOCK_FILE="+r.clockFile, "TF_CLI_CONFIG_FILE="+settings)
	p.run(0, "terraform", "apply", "-auto-approve", "-no-color")
	return p, r
}

func newPipeline(t *testing.T, forgeName string, options everflowmock.Options, added string) *pipeline {
	t.Helper()
	options.CallerAddress = home
	a := onMock(t, options)
	shell(t, "jq")
	p := &pipeline{installed: install(a, examplesCI+"/configuration"), forgeName: forgeName, repository: t.TempDir()}
	dir := filepath.Join(p.repository, "everflow")
	a.ok(os.Rename(p.dir, dir))
	p.dir = dir
	a.ok(os.WriteFile(filepath.Join(dir, "added.tf"), []byte(added), 0o600))
	a.ok(os.CopyFS(filepath.Join(p.repository, "everflow-ci"), os.DirFS(examplesCI+"/everflow-ci")))

	bin, forgePath := t.TempDir(), filepath.Join(t.TempDir(), "forge.json")
	self, err := os.Executable()
	a.ok(err)
	for _, name := range []string{"gh", "glab"} {
		a.ok(os.Symlink(self, filepath.Join(bin, name)))
	}
	a.ok(os.WriteFile(forgePath, []byte("{}"), 0o600))
	for i, variable := range p.env {
		if value, isPath := strings.CutPrefix(variable, "PATH="); isPath {
			p.env[i] = "PATH=" + bin + string(os.PathListSeparator) + value
		}
	}
	p.env = append(p.env, forgeFile+"="+forgePath)

	hook := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.message.Store(string(body))
		p.messages.Add(1)
		if p.variables["hook"] == "down" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	p.context = map[string]string{
		"github.event_name": "schedule", "github.token": "gh-token", "github.repository": "acme/everflow",
		"github.event.repository.visibility": "private", "github.event.repository.default_branch": "main", "github.ref_name": "main",
		"github.event.number": "7", "github.event.pull_request.head.sha": "c0ffee",
		"secrets.EVERFLOW_API_KEY": a.apiKey, "vars.EVERFLOW_NETWORK_ID": a.networkID(), "secrets.EVERFLOW_WEBHOOK_URL": hook + "/hook",
	}
	p.variables = map[string]string{
		"GITLAB_CI": "true", "CI_PROJECT_DIR": p.repository, "CI_PROJECT_ID": "42", "CI_PROJECT_VISIBILITY": "private",
		"CI_JOB_URL": "https://gitlab.example.com/acme/everflow/-/jobs/5", "CI_COMMIT_SHA": "c0ffee", "CI_MERGE_REQUEST_IID": "7",
		"GITLAB_TOKEN": "glab-token", "EVERFLOW_WEBHOOK_URL": hook + "/hook",
	}
	return p
}

// readForge is what the forge holds by now.
func (p *pipeline) readForge() (f forge) {
	p.t.Helper()
	content, err := os.ReadFile(p.forgePath())
	p.ok(err)
	p.ok(json.Unmarshal(content, &f))
	return f
}

// changeForge does what people do there.
func (p *pipeline) changeForge(change func(*forge)) {
	p.t.Helper()
	f := p.readForge()
	change(&f)
	content, err := json.Marshal(f)
	p.ok(err)
	p.ok(os.WriteFile(p.forgePath(), content, 0o600))
}

func (p *pipeline) forgePath() string {
	for _, variable := range p.env {
		if path, found := strings.CutPrefix(variable, forgeFile+"="); found {
			return path
		}
	}
	return ""
}

// job runs the job of GitHub or that of GitLab.
func (p *pipeline) job(workflow, githubJob, gitlabJob string, env ...string) ran {
	p.t.Helper()
	var r ran
	if p.forgeName == "github" {
		r = p.githubJob(workflow, githubJob, env)
	} else {
		r = p.gitlabJob(gitlabJob, env)
	}
	p.log = r.log
	return r
}

type githubWorkflow struct {
	Env  map[string]string    `json:"env"`
	Jobs map[string]githubJob `json:"jobs"`
}

type githubJob struct {
	If    string            `json:"if"`
	Env   map[string]string `json:"env"`
	Steps []struct {
		ID, Name, Run, If string
		Env               map[string]string
	} `json:"steps"`
}

// githubJob leaves out the steps that fetch and initialise: here all of that is there.
func (p *pipeline) githubJob(file, name string, env []string) (r ran) {
	p.t.Helper()
	bash := shell(p.t, "bash")
	var workflow githubWorkflow
	p.readYAML(filepath.Join("github-actions", file), &workflow)
	job, found := workflow.Jobs[name]
	if !found {
		p.t.Fatalf("%s has no job %q", file, name)
	}
	r.outputs = map[string]string{}
	summary := filepath.Join(p.t.TempDir(), "summary.md")
	for _, step := range job.Steps {
		if step.Run == "" || strings.HasPrefix(step.Run, "terraform init") || !p.holds(step.If) {
			continue
		}
		outputs := filepath.Join(p.t.TempDir(), "outputs")
		all := map[string]string{
			"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": p.repository, "GITHUB_OUTPUT": outputs, "GITHUB_STEP_SUMMARY": summary,
			"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/everflow", "GITHUB_RUN_ID": "5", "GITHUB_SHA": p.context["sha"],
		}
		for _, more := range []map[string]string{workflow.Env, job.Env, step.Env} {
			for key, value := range more {
				all[key] = p.expand(value)
			}
		}
		code, said := p.shell(all, env, bash, "-e", "-o", "pipefail", "-c", step.Run)
		r.log += said
		written, _ := os.ReadFile(outputs)
		for line := range strings.Lines(string(written)) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			p.context["steps."+step.ID+".outputs."+key], p.context["needs."+name+".outputs."+key] = value, value
			r.outputs[key] = value
		}
		if r.failed = code != 0; r.failed {
			break
		}
	}
	shown, _ := os.ReadFile(summary)
	r.summary = string(shown)
	return r
}

var expression = regexp.MustCompile(`\$\{\{ ([^}]+) \}\}`)

func (p *pipeline) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string { return p.value(expression.FindStringSubmatch(found)[1]) })
}

// value fails the test for what no workflow is given.
func (p *pipeline) value(operand string) string {
	p.t.Helper()
	if literal, isLiteral := strings.CutPrefix(operand, "'"); isLiteral {
		return strings.TrimSuffix(literal, "'")
	}
	value, found := p.context[operand]
	if !found {
		p.t.Fatalf("the workflow asks for %q, which there is not", operand)
	}
	return value
}

// holds decides a condition of comparisons that are joined by &&.
func (p *pipeline) holds(condition string) bool {
	p.t.Helper()
	for comparison := range strings.SplitSeq(condition, " && ") {
		left, right, differs := strings.Cut(comparison, " != ")
		if condition != "" && !differs {
			left, right, _ = strings.Cut(comparison, " == ")
		}
		if condition != "" && (p.value(left) == p.value(right)) == differs {
			return false
		}
	}
	return true
}

func (p *pipeline) readYAML(file string, into any) {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(examplesCI, file))
	p.ok(err)
	content, err = yaml.YAMLToJSON(content)
	p.ok(err)
	p.ok(json.Unmarshal(content, into))
}

// gitlabJob leaves out before_script, which fetches and initialises.
func (p *pipeline) gitlabJob(name string, env []string) (r ran) {
	p.t.Helper()
	var jobs map[string]json.RawMessage
	p.readYAML(filepath.Join("gitlab-ci", ".gitlab-ci.yml"), &jobs)
	var job struct{ Script []string }
	p.ok(json.Unmarshal(jobs[name], &job))
	if len(job.Script) == 0 {
		p.t.Fatalf("there is no job %q", name)
	}
	all := maps.Clone(p.variables)
	maps.Copy(all, gitlabVariables(p.t, jobs, name))
	code, said := p.shell(all, env, shell(p.t, "sh"), "-e", "-c", strings.Join(job.Script, "\n"))
	r = ran{failed: code != 0, log: said, outputs: map[string]string{}}
	written, _ := os.ReadFile(filepath.Join(p.dir, "everflow-out", "outputs.env"))
	for line := range strings.Lines(string(written)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		r.outputs[key] = value
	}
	return r
}

// gitlabVariables are those of a job and of what it extends.
func gitlabVariables(t *testing.T, jobs map[string]json.RawMessage, name string) map[string]string {
	t.Helper()
	var job struct {
		Extends   json.RawMessage
		Variables map[string]string
	}
	if err := json.Unmarshal(jobs[name], &job); err != nil {
		t.Fatal(err)
	}
	var several []string
	if len(job.Extends) > 0 && json.Unmarshal(job.Extends, &several) != nil {
		var one string
		if err := json.Unmarshal(job.Extends, &one); err != nil {
			t.Fatal(err)
		}
		several = []string{one}
	}
	all := map[string]string{}
	for _, parent := range several {
		maps.Copy(all, gitlabVariables(t, jobs, parent))
	}
	maps.Copy(all, job.Variables)
	return all
}

// shell runs a command in the directory of the configuration.
func (p *pipeline) shell(variables map[string]string, env []string, name string, args ...string) (code int, said string) {
	p.t.Helper()
	command := exec.CommandContext(p.t.Context(), name, args...)
	command.Dir, command.Env = p.dir, slices.Clone(p.env)
	for key, value := range variables {
		command.Env = append(command.Env, key+"="+value)
	}
	command.Env = append(command.Env, env...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), output.String()
}

// shell returns a command that the runners have, or skips.
func shell(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("there is no " + name + " here")
	}
	return path
}

// keyID is the ID of the live key of a name.
func (p *pipeline) keyID(name string) int64 {
	p.t.Helper()
	for _, key := range p.mock.Keys() {
		if key.Name == name && key.Status == "active" {
			return key.ID
		}
	}
	p.t.Fatalf("there is no live key %q", name)
	return 0
}
