package provider_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// messages reads the summaries of all errors and warnings out of the provider's
// source. What is known only when it runs is gap.
type messages struct {
	// functions are those that are no methods.
	functions map[string]*ast.FuncDecl
	// calls are the calls of each function or method, by name.
	calls map[string][]call
}

type call struct {
	*ast.CallExpr
	in *ast.FuncDecl
}

const gap = "…"

var verb = regexp.MustCompile(`%(\[\d+\])?[+#]?[a-z]`)

func sourceMessages(t *testing.T) *messages {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	m := &messages{functions: map[string]*ast.FuncDecl{}, calls: map[string][]call{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if function.Recv == nil {
				m.functions[function.Name.Name] = function
			}
			ast.Inspect(function, func(node ast.Node) bool {
				if expression, ok := node.(*ast.CallExpr); ok {
					name := called(expression)
					m.calls[name] = append(m.calls[name], call{expression, function})
				}
				return true
			})
		}
	}
	return m
}

func called(expression *ast.CallExpr) string {
	switch function := expression.Fun.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		return function.Sel.Name
	}
	return ""
}

// summaries are those that the framework's own functions are given.
func (m *messages) summaries() []string {
	var all []string
	for name, argument := range map[string]int{
		"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0,
		"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	} {
		for _, c := range m.calls[name] {
			all = append(all, m.texts(c.Args[argument], c.in)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// texts are what an expression of a function can be.
func (m *messages) texts(expression ast.Expr, in *ast.FuncDecl) []string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.BinaryExpr:
		var both []string
		for _, start := range m.texts(e.X, in) {
			for _, end := range m.texts(e.Y, in) {
				both = append(both, start+end)
			}
		}
		return both
	case *ast.CallExpr:
		if called(e) == "Sprintf" {
			formats := m.texts(e.Args[0], in)
			for i, format := range formats {
				formats[i] = verb.ReplaceAllString(format, gap)
			}
			return formats
		}
		return m.returned(e)
	case *ast.Ident:
		return m.named(e.Name, in)
	}
	return []string{gap}
}

// returned is what a call of a function of the package can give.
func (m *messages) returned(e *ast.CallExpr) (given []string) {
	name, ok := e.Fun.(*ast.Ident)
	if !ok || m.functions[name.Name] == nil {
		return []string{gap}
	}
	ast.Inspect(m.functions[name.Name], func(node ast.Node) bool {
		if node, ok := node.(*ast.ReturnStmt); ok && len(node.Results) > 0 {
			given = append(given, m.texts(node.Results[0], m.functions[name.Name])...)
		}
		return true
	})
	return given
}

// named is what a variable, a constant or a parameter of a function can be.
func (m *messages) named(name string, in *ast.FuncDecl) []string {
	position := 0
	for _, field := range in.Type.Params.List {
		for _, parameter := range field.Names {
			if parameter.Name != name {
				position++
				continue
			}
			var given []string
			for _, c := range m.calls[in.Name.Name] {
				given = append(given, m.texts(c.Args[position], c.in)...)
			}
			return given
		}
	}
	var set []string
	ast.Inspect(in, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			for i, left := range node.Lhs {
				if variable, ok := left.(*ast.Ident); ok && variable.Name == name && len(node.Rhs) == len(node.Lhs) {
					set = append(set, m.texts(node.Rhs[i], in)...)
				}
			}
		case *ast.ValueSpec:
			for i, constant := range node.Names {
				if constant.Name == name && i < len(node.Values) {
					set = append(set, m.texts(node.Values[i], in)...)
				}
			}
		}
		return true
	})
	if len(set) == 0 {
		return []string{gap}
	}
	return set
}

// onThePage are the messages that the page names, in which gap stands for any text.
var onThePage = regexp.MustCompile("\\*\\*`([^`]+)`\\*\\*")

func TestTroubleshooting_pageHasEachMessageAndNoOther(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/guides/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	summaries := sourceMessages(t).summaries()
	if len(summaries) < 100 {
		t.Fatalf("only %d messages were found in the source: %q", len(summaries), summaries)
	}
	named := map[string]bool{}
	for _, match := range onThePage.FindAllStringSubmatch(string(page), -1) {
		if named[match[1]] {
			t.Errorf("the page names %q twice", match[1])
		}
		named[match[1]] = true
	}
	explained := map[string]bool{}
	for name := range named {
		if len(strings.ReplaceAll(name, gap, "")) < len(" failed") {
			t.Errorf("the page names %q, which could be any message", name)
		}
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(name), gap, ".*") + "$")
		said := false
		for _, summary := range summaries {
			if pattern.MatchString(summary) {
				said, explained[summary] = true, true
			}
		}
		if !said {
			t.Errorf("the page names %q, which the provider never says", name)
		}
	}
	for _, summary := range summaries {
		if !explained[summary] {
			t.Errorf("the page does not name %q", summary)
		}
	}
}
