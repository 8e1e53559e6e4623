package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// managedKeys finds two resources of the state that have the same key. A request does
// not name the resource, only what its state holds.
type managedKeys struct {
	mu   sync.Mutex
	byID map[string]*managedKey
}

// managedKey counts the requests about one key. For one resource, a run makes a
// read and a plan, or a plan alone (-refresh=false), or, with -minimal-refresh, a
// plan, a read and another plan.
type managedKey struct{ reads, plans int }

func (c *managedKeys) read(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claim(id).reads++
}

// isRead reports whether the run has refreshed the resource that has the key: a run
// that applies a plan has not.
func (c *managedKeys) isRead(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.claim(id).reads > 0
}

// plan reports whether the key is one resource's only, as far as the run has seen.
func (c *managedKeys) plan(id string) (isOnly bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	claim := c.claim(id)
	claim.plans++
	return claim.reads < 2 && claim.plans <= claim.reads+1
}

func (c *managedKeys) claim(id string) *managedKey {
	if c.byID == nil {
		c.byID = map[string]*managedKey{}
	}
	if c.byID[id] == nil {
		c.byID[id] = &managedKey{}
	}
	return c.byID[id]
}

// refuseSecondResource adds an error if another resource of the state has the key, too.
func (k *apiKeyRun) refuseSecondResource(key apiKeyModel, diags *diag.Diagnostics) {
	if isOnly := k.managed.plan(key.ID.ValueString()); !isOnly {
		addSecondResource(diags, key)
	}
}
