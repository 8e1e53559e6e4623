package whitelist

import (
	"context"
	"sync"
	"time"
)

// Manager is what one run knows of the network's list and does to it. It is safe for
// concurrent use.
type Manager struct {
	store Store
	// retry says how long to wait after so many failed writes, and whether to write
	// again at all.
	retry func(failures int) (wait time.Duration, again bool)

	// writing is held from the read that a write rests on until it is read back.
	writing sync.Mutex
	queue   queue

	mu     sync.Mutex
	caller Caller
	memo   memo
}

// NewManager returns a Manager of the list. The egress addresses are empty if it is
// not known where calls come from.
func NewManager(store Store, egress List, retry func(failures int) (time.Duration, bool)) *Manager {
	return &Manager{store: store, retry: retry, caller: Caller{Egress: egress}, queue: newQueue()}
}

// Caller is what is known by now of the addresses that calls come from.
func (m *Manager) Caller() Caller {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.caller
}

// replace writes the list. What was read before or meanwhile is not kept.
func (m *Manager) replace(ctx context.Context, next List) (Live, error) {
	m.forget()
	defer m.forget()
	return m.store.Replace(ctx, next)
}

func (m *Manager) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.memo.forget()
}
