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

// keep is called for each key that was created. An empty secret is not kept.
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

// handOverState is whether a run has the secret of a key.
type handOverState int

const (
	// notCreatedHere: this run did not create the key.
	notCreatedHere handOverState = iota
	// secretAvailable: this run created the key, and has its secret.
	secretAvailable
	// secretDropped: this run created the key, and dropped its secret after a hand-over.
	secretDropped
)

// take returns the secret of a key, if the run has it.
func (h *secretHandOvers) take(id string) (everflow.Secret, handOverState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept, ok := h.byID[id]
	switch {
	case !ok:
		return everflow.Secret{}, notCreatedHere
	case kept.secret.IsEmpty():
		return everflow.Secret{}, secretDropped
	}
	kept.takers++
	return kept.secret, secretAvailable
}

// release is called once for each take, and drops the secret with the last one.
func (h *secretHandOvers) release(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := h.byID[id]
	kept.takers--
	if kept.takers == 0 {
		kept.secret = everflow.Secret{}
	}
}
