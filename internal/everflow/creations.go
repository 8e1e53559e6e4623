package everflow

import (
	"context"
	"sync"
)

// creations is what a client remembers to tell a key it made from any other,
// without comparing clocks.
type creations struct {
	// before holds the keys that were live before the client's first create.
	before kept[map[int64]APIKey]

	mu sync.Mutex
	// ours holds the IDs of keys this client made.
	ours map[int64]bool
	// turns lets creates of like keys pass one at a time.
	turns map[likeness]chan struct{}
}

// likeness is what two creates have in common that must not run at once.
type likeness struct {
	employeeID int64
	name       string
}

// LiveBefore returns the keys that were live before this client's first create,
// by ID. It reads them when first called. Errors are those of [Client.APIKeys].
func (c *Client) LiveBefore(ctx context.Context) (map[int64]APIKey, error) {
	return c.creating.before.get(ctx, tableCall, func(ctx context.Context) (map[int64]APIKey, error) {
		live, err := c.sharedLive(ctx)
		before := make(map[int64]APIKey, len(live))
		for _, key := range live {
			before[key.ID] = key
		}
		return before, err
	})
}

// isNew reports whether the key is neither one that was live before nor one that
// is known to be another create's. The keys live before have been read by then.
func (c *creations) isNew(id int64) bool {
	live, _ := c.before.known()
	_, before := live[id]
	c.mu.Lock()
	defer c.mu.Unlock()
	return !before && !c.ours[id]
}

func (c *creations) claim(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ours == nil {
		c.ours = map[int64]bool{}
	}
	c.ours[id] = true
}

// turn waits until no other create of a like key is under way, so that two in
// doubt at once cannot take each other's key.
func (c *creations) turn(ctx context.Context, asked likeness) (done func(), err error) {
	c.mu.Lock()
	if c.turns == nil {
		c.turns = map[likeness]chan struct{}{}
	}
	turn, ok := c.turns[asked]
	if !ok {
		turn = make(chan struct{}, 1)
		c.turns[asked] = turn
	}
	c.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, &Error{Call: "POST " + keysPath, Message: interrupted(ctx.Err()), Cause: ctx.Err()}
	}
}
