// Package contracttest holds HTTP traffic against the contract, in tests.
//
// A [Checker] is put in front of a server that stands in for Everflow. It looks
// at both directions of every exchange, changes neither, and keeps a list of
// what the contract does not allow. It is stricter than the document: a field
// or query parameter that the contract does not name is a violation, in
// requests and in answers, though a client must ignore unknown fields.
//
// Traffic that breaks the contract on purpose goes around the Checker, to the
// server itself: a test that sends a malformed body to see a 400, and one that
// has the server answer with what the real API would not (a page of HTML, an
// undocumented status).
package contracttest

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract"
)

// document is read once for all Checkers: it never changes.
var document = sync.OnceValues(func() (*openapi3.T, error) { return load(contract.OpenAPI) })

// A Checker checks exchanges with the contract and remembers what it saw. One
// may serve many servers at once: all its methods are safe for concurrent use.
type Checker struct {
	router     routers.Router
	operations []string // every operationId of the contract, sorted

	mu         sync.Mutex
	violations map[string]struct{}
	exercised  map[string]map[int]struct{}
}

// New returns a Checker of the contract with nothing seen yet. It fails when
// the document is not valid OpenAPI, or one of its examples does not fit it.
func New() (*Checker, error) {
	doc, err := document()
	if err != nil {
		return nil, fmt.Errorf("the contract cannot be used: %w", err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("the contract cannot be routed: %w", err)
	}
	c := &Checker{
		router:     router,
		violations: map[string]struct{}{},
		exercised:  map[string]map[int]struct{}{},
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			c.operations = append(c.operations, op.OperationID)
		}
	}
	slices.Sort(c.operations)
	return c, nil
}

// load returns a document with every schema closed, and its servers cut down to
// their base path, so that a call to any host is found.
func load(data []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	if err := closeSchemas(doc); err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	base, err := basePath(doc.Servers)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	return doc, nil
}

// basePath returns the path that all servers share.
func basePath(servers openapi3.Servers) (string, error) {
	paths := map[string]struct{}{}
	for _, server := range servers {
		u, err := url.Parse(server.URL)
		if err != nil {
			return "", err
		}
		paths[u.Path] = struct{}{}
	}
	if len(paths) != 1 {
		return "", fmt.Errorf("servers have %d base paths, want 1", len(paths))
	}
	return slices.Collect(maps.Keys(paths))[0], nil
}

// Violations returns what was seen that the contract does not allow, each once,
// sorted. A text names the operation, the status of the answer, the place in
// the exchange and the rule; it holds no value of X-Eflow-API-Key or api_key.
func (c *Checker) Violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.violations))
}

// Exercised returns the statuses that each operation was seen to answer with,
// sorted, by operationId.
func (c *Checker) Exercised() map[string][]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[string][]int, len(c.exercised))
	for operation, statuses := range c.exercised {
		seen[operation] = slices.Sorted(maps.Keys(statuses))
	}
	return seen
}

// Unexercised returns the operations of the contract that were never seen to
// answer with a 2xx status, by operationId, sorted.
func (c *Checker) Unexercised() []string {
	seen := c.Exercised()
	return slices.DeleteFunc(slices.Clone(c.operations), func(operation string) bool {
		return slices.ContainsFunc(seen[operation], func(status int) bool {
			return status >= 200 && status < 300
		})
	})
}

func (c *Checker) addViolation(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violations[text] = struct{}{}
}

func (c *Checker) addExercised(operation string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exercised[operation] == nil {
		c.exercised[operation] = map[int]struct{}{}
	}
	c.exercised[operation][status] = struct{}{}
}
