package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// block is HCL in a page, as it stands between its fences.
type block struct {
	// line is the page's line on which the text starts, from 1.
	line int
	text string
}

var (
	fence = regexp.MustCompile("(?m)^([ \t]*)```(?:terraform|hcl)[ \t]*\n((?s:.*?))^[ \t]*```[ \t]*$")
	// A declaration starts at the margin, and ends there or on its line: terraform fmt sees to it.
	declared = regexp.MustCompile(`(?m)^([a-z_]+(?: "[^"]*")*) \{(?:[^\n]*\}$|(?s:.*?)^\}$)`)
)

// blocksOf finds the fenced HCL of a page. A fence in a list is indented.
func blocksOf(page string) (blocks []block) {
	for _, at := range fence.FindAllStringSubmatchIndex(page, -1) {
		indent, text := page[at[2]:at[3]], page[at[4]:at[5]]
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			lines[i] = strings.TrimPrefix(line, indent)
		}
		blocks = append(blocks, block{line: strings.Count(page[:at[4]], "\n") + 1, text: strings.Join(lines, "\n")})
	}
	return blocks
}

// addresses are what a block declares. An import is told by what it imports to,
// and what a configuration may have many of is told by its text.
func (b block) addresses() (found []string) {
	for _, match := range declared.FindAllStringSubmatch(b.text, -1) {
		switch address := match[1]; address {
		case "import":
			found = append(found, "import "+regexp.MustCompile(`(?m)^  to += .*$`).FindString(match[0]))
		case "removed", "moved", "locals":
			found = append(found, match[0])
		default:
			found = append(found, address)
		}
	}
	return found
}

// needs says what a CLI must be to know what a block uses; nil is any.
func (b block) needs() func(isTofu bool, minor int) (version string, ok bool) {
	switch {
	case regexp.MustCompile(`(?m)^(list|action) "|action_trigger \{`).MatchString(b.text):
		return func(isTofu bool, minor int) (string, bool) { return "Terraform 1.14", !isTofu && minor >= 14 }
	case strings.Contains(b.text, "  identity = {"):
		return func(_ bool, minor int) (string, bool) { return "Terraform 1.12", minor >= 12 }
	}
	return nil
}

// page is the HCL of a page, as configurations that a reader could have. A block
// builds on those before it, and takes the place of what they declare again.
type page struct {
	name           string
	configurations [][]block
}

func pageOf(t *testing.T, name string, skipped func(block) bool) (p page) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	p.name = name
	var now []block
	for _, next := range blocksOf(string(text)) {
		if skipped(next) {
			continue
		}
		if len(next.addresses()) == 0 {
			t.Errorf("%s:%d: this block declares nothing: write it so that it can be checked", name, next.line)
			continue
		}
		var kept []block
		again := false
		for _, before := range now {
			if overlaps(before.addresses(), next.addresses()) {
				again = true
			} else {
				kept = append(kept, before)
			}
		}
		if again {
			p.configurations = append(p.configurations, now)
		}
		now = append(kept, next)
	}
	if len(now) > 0 {
		p.configurations = append(p.configurations, now)
	}
	return p
}

func overlaps(a, b []string) bool {
	return slices.ContainsFunc(b, func(text string) bool { return slices.Contains(a, text) })
}

// What a page may leave to its reader. A provider that nothing uses is not validated.
const (
	requiresProvider   = "terraform {\n  required_providers {\n    everflow = {\n      source = \"everflow-community/everflow\"\n    }\n  }\n}\n"
	configuresProvider = "provider \"everflow\" {\n}\n"
	needsProvider      = requiresProvider + configuresProvider + "data \"everflow_network\" \"used\" {\n}\n"
)

// write lays a configuration out in a directory, each block on the lines that it
// has in the page, so that the CLI names those.
func write(t *testing.T, blocks []block) (dir string, hasQuery bool) {
	t.Helper()
	dir = t.TempDir()
	around := needsProvider
	for _, b := range blocks {
		ending := "tf"
		for _, address := range b.addresses() {
			switch kind, _, _ := strings.Cut(address, " "); kind {
			case "list":
				ending, hasQuery = "tfquery.hcl", true
			case "terraform":
				around = strings.ReplaceAll(around, requiresProvider, "")
			case "provider":
				around = strings.ReplaceAll(around, configuresProvider, "")
			}
		}
		text := strings.Repeat("\n", b.line-1) + b.text
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("block-%d.%s", b.line, ending)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "around.tf"), []byte(around), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, hasQuery
}

// pages are the README and all that the registry shows, by their path from the root.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ os.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			found = append(found, strings.TrimPrefix(filepath.ToSlash(path), root+"/"))
		}
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatal("the pages were not found", found, err)
	}
	return found
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:\s]*)(?:#([^)\s]+))?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	anchor  = regexp.MustCompile(`<a id="([^"]+)">`)
)

// A link to another page leads to one that exists, and to a heading that it has.
// The registry wants no ".md" at the end.
func TestDocs_everyLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, name := range pages(t) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			target := filepath.Join(root, name)
			if match[1] != "" {
				target = filepath.Join(filepath.Dir(target), match[1])
			}
			there, err := os.ReadFile(target)
			if err != nil {
				there, err = os.ReadFile(target + ".md")
			}
			if info, statErr := os.Stat(target); err != nil && (statErr != nil || !info.IsDir()) {
				t.Errorf("%s links to %s, which is not there", name, match[1])
				continue
			}
			if match[2] != "" && !slices.Contains(anchors(string(there)), match[2]) {
				t.Errorf("%s links to %s, which has no heading #%s", name, match[1], match[2])
			}
		}
	}
}

// anchors are the names by which parts of a page are linked to.
func anchors(page string) (names []string) {
	for _, match := range anchor.FindAllStringSubmatch(page, -1) {
		names = append(names, match[1])
	}
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		name := strings.ToLower(match[1])
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// An example in a folder in which tfplugindocs does not look is in no page.
func TestDocs_everyConstructHasAnExample(t *testing.T) {
	t.Parallel()
	for _, name := range pages(t) {
		kind := filepath.Base(filepath.Dir(name))
		if kind == "docs" || kind == "guides" || name == "README.md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		_, usage, _ := strings.Cut(string(text), "\n## Example Usage\n")
		usage, _, _ = strings.Cut(usage, "\n## ")
		if len(blocksOf(usage)) == 0 {
			t.Errorf("%s shows no example: is it in examples/%s/?", name, kind)
		}
	}
}

// Whatever a page shows as HCL is taken by the CLI and by the provider's schema.
func TestDocs_everyBlockIsValid(t *testing.T) {
	t.Parallel()
	isTofu, minor := cliVersion(t)
	env := append(os.Environ(), "TF_IN_AUTOMATION=1", reattached(t, withVaults(factories("test"))))
	for _, name := range pages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pageOf(t, name, func(b block) bool {
				needs := b.needs()
				if needs == nil {
					return false
				}
				version, ok := needs(isTofu, minor)
				if !ok {
					t.Logf("%s:%d needs %s: not checked", name, b.line, version)
				}
				return !ok
			})
			for _, blocks := range p.configurations {
				dir, hasQuery := write(t, blocks)
				for _, problem := range validated(t, dir, env, hasQuery) {
					t.Errorf("%s:%s", name, problem)
				}
			}
		})
	}
}

// validated returns what the CLI finds wrong, each with its line.
func validated(t *testing.T, dir string, env []string, query bool) (problems []string) {
	t.Helper()
	arguments := []string{"validate", "-json"}
	if query {
		arguments = append(arguments, "-query")
	}
	command := exec.CommandContext(t.Context(), cli, arguments...)
	command.Dir, command.Env = dir, env
	out, _ := command.Output() // it exits with 1 for what the answer says, too
	var answer struct {
		Valid       *bool
		Diagnostics []struct {
			Severity, Summary, Detail string
			Range                     struct {
				Filename string
				Start    struct{ Line int }
			}
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Valid == nil {
		t.Fatalf("%s validate: %v\n%s", cli, err, out)
	}
	for _, d := range answer.Diagnostics {
		if d.Severity == "error" {
			problems = append(problems, fmt.Sprintf("%d: %s: %s", d.Range.Start.Line, d.Summary, d.Detail))
		}
	}
	return problems
}

// A check that finds nothing is worth nothing: each of these must be found, on its line.
func TestDocs_mistakesAreFoundOnTheirLines(t *testing.T) {
	t.Parallel()
	cliVersion(t)
	env := append(os.Environ(), reattached(t, factories("test")))
	text := "A page.\n\n```terraform\ndata \"everflow_network\" \"this\" {}\n```\n\n1. A list:\n\n   ```hcl\n   resource \"everflow_api_key\" \"a\" {\n     title = \"x\"\n   }\n   ```\n\n" +
		"```shell\nnot HCL {\n```\n\n```terraform\ndata \"everflow_network\" \"this\" {\n  id = nothing.here\n}\n```\n"
	blocks := blocksOf(text)
	if len(blocks) != 3 || blocks[0].line != 4 || blocks[1].line != 10 || blocks[2].line != 20 {
		t.Fatalf("the blocks are %+v", blocks)
	}
	if !overlaps(blocks[0].addresses(), blocks[2].addresses()) || overlaps(blocks[0].addresses(), blocks[1].addresses()) {
		t.Error("the blocks' addresses were not read")
	}
	unused := block{line: 30, text: "provider \"everflow\" {\n  api_keys = 1\n}\n"}
	for line, b := range map[string]block{"11: ": blocks[1], "21: ": blocks[2], "31: ": unused} {
		dir, _ := write(t, []block{b})
		problems := strings.Join(validated(t, dir, env, false), "\n")
		if !strings.Contains("\n"+problems, "\n"+line) {
			t.Errorf("nothing was found on line %s%s", line, problems)
		}
	}
}
