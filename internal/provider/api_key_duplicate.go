package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// managedKeys finds out whether two resources of the state have the same key. A request
// of Terraform does not name its resource, and has only the resource's state.
type managedKeys struct {
	mu   sync.Mutex
	byID map[string]*managedKey
}

// managedKey counts the requests about one key. For one resource, a run makes a
// read and a plan, or a plan alone (-refresh=false), or, with -minimal-refresh, a
// plan, a read and another plan.
type managedKey struct{ reads, plans int }

func (m *managedKeys) read(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests(id).reads++
}

// isRead reports whether the run has refreshed the resource that has the key: a run
// that applies a plan has not.
func (m *managedKeys) isRead(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.requests(id).reads > 0
}

// plan reports whether the key is one resource's only, as far as the run has seen.
func (m *managedKeys) plan(id string) (isOnly bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := m.requests(id)
	key.plans++
	return key.reads < 2 && key.plans <= key.reads+1
}

func (m *managedKeys) requests(id string) *managedKey {
	if m.byID == nil {
		m.byID = map[string]*managedKey{}
	}
	if m.byID[id] == nil {
		m.byID[id] = &managedKey{}
	}
	return m.byID[id]
}

// refuseSecondResource adds an error if another resource of the state has the key, too.
func (k *apiKeyRun) refuseSecondResource(key apiKeyModel, diags *diag.Diagnostics) {
	if isOnly := k.managed.plan(key.ID.ValueString()); !isOnly {
		addSecondResource(diags, key)
	}
}
