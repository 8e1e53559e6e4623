package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// sharedWhitelist is the network's list as a run knows it: read once for all the
// entries that are refreshed and planned, and again whenever the run writes.
type sharedWhitelist struct {
	mu       sync.Mutex
	live     *everflow.Whitelist
	fetching *whitelistFetch
	// home is where this machine's address must be: each list that was read
	// admitted it, unless it was empty. Nil while nothing is known.
	home *everflow.AddressSet
}

// whitelistFetch is a read under way. It ends when nobody waits for it any more,
// not with the one who asked first.
type whitelistFetch struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	live    everflow.Whitelist
	err     error
}

// get returns the list. Errors are *everflow.Error, or that ctx ended.
func (l *sharedWhitelist) get(ctx context.Context, client *everflow.Client) (everflow.Whitelist, error) {
	l.mu.Lock()
	if l.live != nil {
		defer l.mu.Unlock()
		return *l.live, nil
	}
	if l.fetching == nil {
		l.fetching = l.fetch(context.WithoutCancel(ctx), client)
	}
	fetch := l.fetching
	fetch.waiting++
	l.mu.Unlock()
	select {
	case <-fetch.done:
		return fetch.live, fetch.err
	case <-ctx.Done():
		l.leave(fetch)
		return everflow.Whitelist{}, fmt.Errorf("the run was interrupted: %w", ctx.Err())
	}
}

// fetch starts a read. A failure is told to those who wait, and not kept.
func (l *sharedWhitelist) fetch(ctx context.Context, client *everflow.Client) *whitelistFetch {
	ctx, cancel := context.WithCancel(ctx)
	fetch := &whitelistFetch{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer cancel()
		fetch.live, fetch.err = client.Whitelist(ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.fetching == fetch {
			l.fetching = nil
			if fetch.err == nil {
				l.keep(fetch.live)
			}
		}
		close(fetch.done)
	}()
	return fetch
}

func (l *sharedWhitelist) leave(fetch *whitelistFetch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if fetch.waiting--; fetch.waiting > 0 {
		return
	}
	fetch.cancel()
	if l.fetching == fetch {
		l.fetching = nil
	}
}

// store takes over a list that was just read; an older read under way no longer
// counts.
func (l *sharedWhitelist) store(live everflow.Whitelist) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fetching = nil
	l.keep(live)
}

func (l *sharedWhitelist) keep(live everflow.Whitelist) {
	l.live = &live
	if len(live.IPAddresses) == 0 {
		return
	}
	home := l.narrowed(live.IPAddresses)
	l.home = &home
}

// homeIn is where this machine's address must be, given that a list which is not
// empty admits it.
func (l *sharedWhitelist) homeIn(list []string) everflow.AddressSet {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.narrowed(list)
}

// narrowed: lists with nothing in common say that calls come from several
// addresses; only the newest counts then.
func (l *sharedWhitelist) narrowed(list []string) everflow.AddressSet {
	admitted := everflow.NewAddressSet(list)
	if l.home == nil || !l.home.Overlaps(admitted) {
		return admitted
	}
	return l.home.Intersect(admitted)
}
