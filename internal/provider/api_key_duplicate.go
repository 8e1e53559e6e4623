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

func (m *managedKeys) countRead(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests(id).reads++
}

func (m *managedKeys) countPlan(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests(id).plans++
}

// isRead reports whether the run has refreshed the resource that has the key: a run
// that applies a plan has not.
func (m *managedKeys) isRead(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.requests(id).reads > 0
}

// isShared reports whether the run has seen two resources that have the key.
func (m *managedKeys) isShared(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := m.requests(id)
	return key.reads > 1 || key.plans > key.reads+1
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

// refuseSecondResource is called for each key that is planned. It adds an error if another
// resource of the state has the key, too.
func (k *apiKeyRun) refuseSecondResource(key apiKeyModel, diags *diag.Diagnostics) {
	id := key.ID.ValueString()
	k.managed.countPlan(id)
	if k.managed.isShared(id) {
		addSecondResource(diags, key)
	}
}
