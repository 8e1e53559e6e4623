// Package contracttest checks HTTP traffic against the contract, in tests.
//
// A [Checker] wraps a handler that stands in for Everflow. It checks each request
// and each answer, changes neither, and collects the violations. It is stricter
// than the document: a field or query parameter that the contract does not name is
// a violation in both directions, although a client must ignore unknown fields.
//
// Tests that break the contract on purpose call the handler without a Checker: with
// a malformed body, say, or for an answer that the real API would not give.
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

// routes are the calls of the contract.
type routes struct {
	router     routers.Router
	operations []string // every operationId, sorted
}

// contractRoutes is built once for all Checkers. Nothing changes it afterwards, and
// finding a route only reads it.
var contractRoutes = sync.OnceValues(func() (*routes, error) {
	doc, err := load(contract.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("the contract cannot be used: %w", err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("the contract cannot be routed: %w", err)
	}
	all := &routes{router: router}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			all.operations = append(all.operations, op.OperationID)
		}
	}
	slices.Sort(all.operations)
	return all, nil
})

// A Checker checks exchanges against the contract and remembers what it saw. One
// Checker may wrap many handlers: its methods are safe for concurrent use.
type Checker struct {
	*routes

	mu         sync.Mutex
	violations map[string]struct{}
	exercised  map[string]map[int]struct{}
}

// New returns a Checker that has seen nothing yet. It fails if the document is not
// valid OpenAPI, or if one of its examples does not match its schema.
func New() (*Checker, error) {
	all, err := contractRoutes()
	if err != nil {
		return nil, err
	}
	return &Checker{routes: all, violations: map[string]struct{}{}, exercised: map[string]map[int]struct{}{}}, nil
}

// load returns the document with every schema closed, and with the base path as its
// only server, so that calls to any host are routed.
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

// Violations returns each violation once, sorted. The text names the operation, the
// status of the answer, the part of the exchange and the rule. It holds no value of
// X-Eflow-API-Key or api_key.
func (c *Checker) Violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.violations))
}

// Exercised returns the statuses that each operation answered with, sorted, by
// operationId.
func (c *Checker) Exercised() map[string][]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[string][]int, len(c.exercised))
	for operation, statuses := range c.exercised {
		seen[operation] = slices.Sorted(maps.Keys(statuses))
	}
	return seen
}

// Unexercised returns the sorted operationIds of the operations that never answered
// with a 2xx status.
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
