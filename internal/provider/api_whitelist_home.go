package provider

import (
	"context"
	"sync"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// homeSeen is where this machine's address must be: each list that was read
// admitted it, unless it was empty.
type homeSeen struct {
	mu sync.Mutex
	// within is nil while nothing is known.
	within *everflow.AddressSet
}

// admitted is told of each list that was read.
func (h *homeSeen) admitted(list []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(list) > 0 {
		within := h.narrowed(list)
		h.within = &within
	}
}

// isKnown reports whether a list that was read had entries.
func (h *homeSeen) isKnown() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.within != nil
}

// in is where this machine's address must be, given that the list, which is not
// empty, admits it.
func (h *homeSeen) in(list []string) everflow.AddressSet {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.narrowed(list)
}

// narrowed: lists with nothing in common say that calls come from several
// addresses; only the newest counts then.
func (h *homeSeen) narrowed(list []string) everflow.AddressSet {
	admitted := everflow.NewAddressSet(list)
	if h.within == nil || !h.within.Overlaps(admitted) {
		return admitted
	}
	return h.within.Intersect(admitted)
}

// whitelist reads the list.
func (s *session) whitelist(ctx context.Context) (everflow.Whitelist, error) {
	live, err := s.client.Whitelist(ctx)
	if err == nil {
		s.home.admitted(live.IPAddresses)
	}
	return live, err
}

// sharedWhitelist is the list as the run read it last, at most so long ago; 0 is
// however long. A run that refreshes and plans many things about it reads it once.
func (s *session) sharedWhitelist(ctx context.Context, age time.Duration) (everflow.Whitelist, error) {
	live, err := s.client.SharedWhitelist(ctx, age)
	if err == nil {
		s.home.admitted(live.IPAddresses)
	}
	return live, err
}
