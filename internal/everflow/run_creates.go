package everflow

import (
	"context"
	"sync"
)

// creates is what a run remembers to recognise the keys that it made, without comparing
// clocks.
type creates struct {
	mu sync.Mutex
	// before holds the keys that were live before the run's first create; nil until then.
	before map[int64]APIKey
	// made holds the IDs of keys this run made.
	made map[int64]bool
	// locks are held by creates that are under way.
	locks map[nameOfEmployee]chan struct{}
}

// nameOfEmployee is a name of a key and its employee. Two creates with the same must not
// run at once: if both end in doubt, each could take the other's key for its own.
type nameOfEmployee struct {
	employeeID int64
	name       string
}

// KeysBeforeFirstCreate returns the keys that were live before this run's first
// create, by ID. It reads them when first called. Errors are those of [Client.APIKeys].
func (r *Run) KeysBeforeFirstCreate(ctx context.Context) (map[int64]APIKey, error) {
	if before := r.creates.keysBefore(); before != nil {
		return before, nil
	}
	live, err := r.liveTable(ctx)
	if err != nil {
		return nil, err
	}
	return r.creates.setKeysBefore(live), nil
}

func (c *creates) keysBefore() map[int64]APIKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.before
}

// setKeysBefore keeps the first value: at a later call a create may be under way.
func (c *creates) setKeysBefore(live []APIKey) map[int64]APIKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.before == nil {
		c.before = make(map[int64]APIKey, len(live))
		for _, key := range live {
			c.before[key.ID] = key
		}
	}
	return c.before
}

// isNew reports whether the key is neither one that was live before nor one that
// is known to be another create's.
func (c *creates) isNew(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, before := c.before[id]
	return !before && !c.made[id]
}

func (c *creates) setMade(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = map[int64]bool{}
	}
	c.made[id] = true
}

// lock waits until no other create of the same name is under way.
func (c *creates) lock(ctx context.Context, name nameOfEmployee) (unlock func(), err error) {
	c.mu.Lock()
	if c.locks == nil {
		c.locks = map[nameOfEmployee]chan struct{}{}
	}
	held, ok := c.locks[name]
	if !ok {
		held = make(chan struct{}, 1)
		c.locks[name] = held
	}
	c.mu.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, &Error{Call: createCall, Message: waitMessage(ctx.Err()), Cause: ctx.Err()}
	}
}
