package everflow

import (
	"context"
	"maps"
	"slices"
	"time"
)

const (
	// looks is how often the keys are looked at. Two gaps between them keep a key
	// whose last use is brought up to date once in a while only, such as once a
	// minute, from passing for one that was used at each look.
	looks = 3
	// lookGap: last uses are in whole seconds, so that those of two looks more than
	// a second apart differ. The rest is for a server of several machines, whose
	// clocks differ by a little.
	lookGap = 1500 * time.Millisecond
)

// OwnKeyCandidates returns the IDs of the live keys of which one is the client's
// own, in order; none if that cannot be told. The looks at the keys that it takes
// are made once per client. Errors are *Error, or those of ctx.
//
// Everflow does not say which key a call was made with. It says when each key was
// last used, and every look is a use of the client's own: from look to look, that
// of the own key moves forward. So a key that did not move is another one, relying
// on Everflow to note a use to the second, before it answers the next call. That is
// not documented, so it is not assumed either: keys that did move show that it is
// so. Without any, nothing is concluded.
func (c *Client) OwnKeyCandidates(ctx context.Context) ([]int64, error) {
	return c.ownKey.get(ctx, "POST "+keysTablePath, c.lookForOwnKey)
}

func (c *Client) lookForOwnKey(ctx context.Context) ([]int64, error) {
	var moved map[int64]Time
	for look := range looks {
		if look > 0 {
			if err := wait(ctx, lookGap); err != nil {
				return nil, err
			}
		}
		keys, err := c.APIKeys(ctx, APIKeyFilter{Status: StatusActive})
		if err != nil {
			return nil, err
		}
		used := map[int64]Time{}
		for _, key := range keys {
			if before, ok := moved[key.ID]; look == 0 || ok && key.LastUsedAt > before {
				used[key.ID] = key.LastUsedAt
			}
		}
		moved = used
	}
	return slices.Sorted(maps.Keys(moved)), nil
}

func wait(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
