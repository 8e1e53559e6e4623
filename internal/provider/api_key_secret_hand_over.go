package provider

import (
	"sync"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// secretHandOvers keeps the secrets of the keys that a run creates until an ephemeral
// resource has handed them over. They are in memory only: one process serves a
// provider configuration for the whole of an apply, and ends with it.
type secretHandOvers struct {
	mu   sync.Mutex
	byID map[string]*secretHandOver
}

type secretHandOver struct {
	secret everflow.Secret
	// takers are the ephemeral resources that are open on the secret.
	takers int
}

// keep is called for each key that was created. A secret that is not known is not kept.
func (h *secretHandOvers) keep(id string, secret everflow.Secret) {
	if secret.IsEmpty() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byID == nil {
		h.byID = map[string]*secretHandOver{}
	}
	h.byID[id] = &secretHandOver{secret: secret}
}

// take returns the secret of a key. One of a key that this run did not create is
// empty; gone says that it was created, but handed over and dropped before.
func (h *secretHandOvers) take(id string) (secret everflow.Secret, gone bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept, ok := h.byID[id]
	if !ok {
		return everflow.Secret{}, false
	}
	if kept.secret.IsEmpty() {
		return everflow.Secret{}, true
	}
	kept.takers++
	return kept.secret, false
}

// release drops the secret with the last of those who took it, each of whom calls
// it once.
func (h *secretHandOvers) release(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := h.byID[id]
	if kept.takers--; kept.takers == 0 {
		kept.secret = everflow.Secret{}
	}
}
