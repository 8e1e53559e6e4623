package provider_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// States outlive the provider that wrote them: what the next one cannot read is
// an error in every run of its user, and what it no longer knows is dropped
// without a word, secrets included.

var freeze = flag.Bool("update", false, "freeze the resources' schemas as they are now, unless stored states would not fit them")

const frozenFile = "testdata/resource_schemas.txt"

const frozenHeader = `# What states and configurations rest on, a line a version or attribute. Written by
#   go test ./internal/provider -run TestSchema_isFrozen -update
# which refuses what would not fit the states of this version.
`

const needsUpgrade = `States that are stored hold what these lines say. Write a state upgrade: raise Version in the
schema and give the resource UpgradeState (an identity: UpgradeIdentity), with the schema that is frozen here as
PriorSchema; test it on a state of the old version; then freeze the new one with -update. Only what was in no
release yet has no states: then take these lines out of internal/provider/` + frozenFile + ` instead.`

const needsFreezing = `Stored states can be read as they are. Do they still mean the same, and do configurations that are
valid today stay valid? If not, write a state upgrade (raise Version, UpgradeState) and say it in CHANGELOG.md.
Then freeze the schema as it is now, and commit the file:
  go test ./internal/provider -run TestSchema_isFrozen -update`

// schemaLines are what a line of the file begins with ("resource everflow_api_key
// name") and what it goes on with ("string required": the type, then the flags).
type schemaLines map[string]string

func TestSchema_isFrozen(t *testing.T) {
	t.Parallel()
	frozen, now := readFrozen(t), newProtocol(t).schemaLines()
	refused, open := frozen.changes(now)
	if len(refused) > 0 {
		t.Errorf("changes that stored states do not fit:\n  %s\n\n%s", strings.Join(refused, "\n  "), needsUpgrade)
		return
	}
	if *freeze {
		if err := os.WriteFile(frozenFile, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(open) > 0 {
		t.Errorf("changes that are not frozen yet:\n  %s\n\n%s", strings.Join(open, "\n  "), needsFreezing)
	}
}

// changes lead from the frozen lines to those of now: refused are the changes that
// stored states do not fit.
func (lines schemaLines) changes(now schemaLines) (refused, open []string) {
	all := maps.Clone(lines)
	maps.Copy(all, now)
	for _, line := range slices.Sorted(maps.Keys(all)) {
		was, before := lines[line]
		is, after := now[line]
		switch {
		case was == is:
		case !before:
			open = append(open, fmt.Sprintf("%s is new: %s", line, is))
		case lines.upgraded(now, line):
			open = append(open, fmt.Sprintf("%s was %s, is %s, in a new version", line, was, cmp.Or(is, "gone")))
		case after && typeOf(was) == typeOf(is):
			open = append(open, fmt.Sprintf("%s was %s, is %s", line, was, is))
		default:
			refused = append(refused, fmt.Sprintf("%s was %s, is %s", line, was, cmp.Or(is, "gone")))
		}
	}
	return refused, open
}

// upgraded reports whether the schema that a line belongs to has a higher version.
func (lines schemaLines) upgraded(now schemaLines, line string) bool {
	version := line[:strings.LastIndex(line, " ")] + " version:"
	was, _ := strconv.Atoi(lines[version])
	is, _ := strconv.Atoi(now[version])
	return is > was
}

func typeOf(attribute string) string {
	kind, _, _ := strings.Cut(attribute, " ")
	return kind
}

func (lines schemaLines) String() string {
	var text strings.Builder
	text.WriteString(frozenHeader)
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&text, "%s %s\n", line, lines[line])
	}
	return text.String()
}

func readFrozen(t *testing.T) schemaLines {
	t.Helper()
	text, err := os.ReadFile(frozenFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := schemaLines{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 4 {
			t.Fatalf("%s: this is no line of a schema: %q", frozenFile, line)
		}
		lines[strings.Join(words[:3], " ")] = strings.Join(words[3:], " ")
	}
	return lines
}

func (p *protocol) schemaLines() schemaLines {
	p.t.Helper()
	lines := schemaLines{}
	for name, schema := range p.schemas.ResourceSchemas {
		lines["resource "+name+" version:"] = fmt.Sprint(schema.Version)
		lines.add("resource "+name+" ", schema.Block.Attributes)
		if len(schema.Block.BlockTypes) > 0 {
			p.t.Errorf("%s has blocks, which this test does not freeze: use nested attributes", name)
		}
	}
	for name, identity := range p.identities() {
		lines["identity "+name+" version:"] = fmt.Sprint(identity.Version)
		for _, attribute := range identity.IdentityAttributes {
			lines["identity "+name+" "+attribute.Name] = inWords(attribute.Type.String(), map[string]bool{
				"required_for_import": attribute.RequiredForImport, "optional_for_import": attribute.OptionalForImport,
			})
		}
	}
	return lines
}

func (p *protocol) identities() map[string]*tfprotov6.ResourceIdentitySchema {
	p.t.Helper()
	response, err := p.server.GetResourceIdentitySchemas(p.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	p.ok(err)
	return response.IdentitySchemas
}

func (lines schemaLines) add(prefix string, attributes []*tfprotov6.SchemaAttribute) {
	for _, attribute := range attributes {
		kind := ""
		if nested := attribute.NestedType; nested != nil {
			kind = strings.ToLower(nested.Nesting.String()) + "[object]"
			lines.add(prefix+attribute.Name+".", nested.Attributes)
		} else {
			kind = attribute.Type.String()
		}
		lines[prefix+attribute.Name] = inWords(kind, map[string]bool{
			"required": attribute.Required, "optional": attribute.Optional, "computed": attribute.Computed,
			"sensitive": attribute.Sensitive, "write_only": attribute.WriteOnly,
		})
	}
}

// inWords is a type, such as set[string], and the flags that are set.
func inWords(kind string, flags map[string]bool) string {
	words := []string{strings.ToLower(strings.NewReplacer("tftypes.", "", ", ", ",").Replace(kind))}
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if flags[name] {
			words = append(words, name)
		}
	}
	return strings.Join(words, " ")
}

func TestSchema_aChangeIsRefusedWhereStoredStatesDoNotFit(t *testing.T) {
	t.Parallel()
	frozen := schemaLines{"resource r version:": "9", "resource r name": "string required", "resource r keys": "list[object] computed", "resource r keys.id": "string computed"}
	for name, c := range map[string]struct {
		changed       schemaLines // "" is gone
		refused, open []string
	}{
		"nothing":        {},
		"gone":           {changed: schemaLines{"resource r name": ""}, refused: []string{"resource r name was string required, is gone"}},
		"renamed":        {changed: schemaLines{"resource r name": "", "resource r title": "string required"}, refused: []string{"resource r name was string required, is gone"}, open: []string{"resource r title is new: string required"}},
		"retyped":        {changed: schemaLines{"resource r keys": "set[object] computed"}, refused: []string{"resource r keys was list[object] computed, is set[object] computed"}},
		"nested gone":    {changed: schemaLines{"resource r keys.id": ""}, refused: []string{"resource r keys.id was string computed, is gone"}},
		"new":            {changed: schemaLines{"resource r note": "string optional"}, open: []string{"resource r note is new: string optional"}},
		"another flag":   {changed: schemaLines{"resource r name": "string optional"}, open: []string{"resource r name was string required, is string optional"}},
		"a new version":  {changed: schemaLines{"resource r version:": "10", "resource r name": ""}, open: []string{"resource r name was string required, is gone, in a new version", "resource r version: was 9, is 10, in a new version"}},
		"an old version": {changed: schemaLines{"resource r version:": "8"}, refused: []string{"resource r version: was 9, is 8"}},
		"new resource":   {changed: schemaLines{"resource s version:": "0", "resource s id": "string computed"}, open: []string{"resource s id is new: string computed", "resource s version: is new: 0"}},
		"of another one": {changed: schemaLines{"resource s version:": "1", "resource r name": ""}, refused: []string{"resource r name was string required, is gone"}, open: []string{"resource s version: is new: 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			now := maps.Clone(frozen)
			maps.Copy(now, c.changed)
			maps.DeleteFunc(now, func(_, is string) bool { return is == "" })
			refused, open := frozen.changes(now)
			if !slices.Equal(refused, c.refused) || !slices.Equal(open, c.open) {
				t.Errorf("refused %q, open %q", refused, open)
			}
		})
	}
}

// A version that is raised without an upgrade locks its users out of their states.
func TestSchema_everyOldVersionCanBeUpgraded(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	nothing := &tfprotov6.RawState{JSON: []byte("{}")}
	for name, schema := range p.schemas.ResourceSchemas {
		for version := range schema.Version {
			response, err := p.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{TypeName: name, Version: version, RawState: nothing})
			p.ok(err)
			expectUpgrade(t, name, response.Diagnostics)
		}
	}
	for name, identity := range p.identities() {
		for version := range identity.Version {
			response, err := p.server.UpgradeResourceIdentity(t.Context(), &tfprotov6.UpgradeResourceIdentityRequest{TypeName: name, Version: version, RawIdentity: nothing})
			p.ok(err)
			expectUpgrade(t, "identity of "+name, response.Diagnostics)
		}
	}
}

// expectUpgrade is content with an upgrade that has something to say to nothing.
func expectUpgrade(t *testing.T, name string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, line := range complaints(diags) {
		if strings.Contains(line, "expecting an implementation") {
			t.Errorf("%s: %s", name, line)
		}
	}
}
