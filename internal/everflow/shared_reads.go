package everflow

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// sharedReads is what the readers of a run have in common, so that a refresh of
// many keys costs a page of the table and not a call for each. What this client
// writes makes it forget them.
type sharedReads struct {
	// firstKey and listed tell a run that reads one thing, which is served best by
	// the call for just that, from one that reads many.
	firstKey atomic.Int64
	listed   atomic.Bool

	live kept[[]APIKey]
	all  kept[[]APIKey]

	whitelist kept[Whitelist]

	employees kept[[]Employee]
	roles     kept[[]Role]
}

// forget is told of each path that was written to.
func (s *sharedReads) forget(written string) {
	if written == whitelistPath {
		s.whitelist.forget()
		return
	}
	s.firstKey.Store(0)
	s.listed.Store(false)
	s.live.forget()
	s.all.forget()
}

// SharedAPIKey is [Client.APIKey] for a run that may ask for many keys: from the
// second one on they come from the table of live keys, which is read once. A key
// that the table does not show is asked for by itself, so that only Everflow's own
// word says that it is revoked or does not exist.
func (c *Client) SharedAPIKey(ctx context.Context, id int64) (APIKey, error) {
	_, isRead := c.shared.live.known()
	if !isRead && (c.shared.firstKey.CompareAndSwap(0, id) || c.shared.firstKey.Load() == id) {
		return c.APIKey(ctx, id)
	}
	live, err := c.sharedLive(ctx)
	if err != nil {
		return APIKey{}, err
	}
	at, found := slices.BinarySearchFunc(live, id, func(key APIKey, id int64) int { return cmp.Compare(key.ID, id) })
	if !found {
		return c.APIKey(ctx, id)
	}
	return live[at].clone(), nil
}

// SharedAPIKeys is [Client.APIKeys] for a run that may ask for many lists: from
// the second one on they are taken from the whole table, which is read once for
// live keys and once for all. AtMost is not heeded.
func (c *Client) SharedAPIKeys(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	filter.AtMost = 0
	_, isRead := c.shared.live.known()
	if !(isRead && filter.Status == StatusActive) && c.shared.listed.CompareAndSwap(false, true) {
		return c.APIKeys(ctx, filter)
	}
	whole := c.sharedAll
	if filter.Status == StatusActive {
		whole = c.sharedLive
	}
	keys, err := whole(ctx)
	if err != nil {
		return nil, err
	}
	var matching []APIKey
	for _, key := range keys {
		if filter.matches(key) {
			matching = append(matching, key.clone())
		}
	}
	return matching, nil
}

// sharedLive and sharedAll return a slice, in order of ID, that nobody may change.
func (c *Client) sharedLive(ctx context.Context) ([]APIKey, error) {
	return c.shared.live.get(ctx, "POST "+keysTablePath, func(ctx context.Context) ([]APIKey, error) {
		return c.APIKeys(ctx, APIKeyFilter{Status: StatusActive})
	})
}

func (c *Client) sharedAll(ctx context.Context) ([]APIKey, error) {
	return c.shared.all.get(ctx, "POST "+keysTablePath, func(ctx context.Context) ([]APIKey, error) {
		return c.APIKeys(ctx, APIKeyFilter{})
	})
}

func (k APIKey) clone() APIKey {
	k.Permissions = slices.Clone(k.Permissions)
	return k
}

// SharedWhitelist is [Client.Whitelist], asked for once and again after each write.
// The list is as it was read last, at most so long ago; 0 is however long.
func (c *Client) SharedWhitelist(ctx context.Context, age time.Duration) (Whitelist, error) {
	if age > 0 {
		c.shared.whitelist.forgetOlder(age)
	}
	live, err := c.shared.whitelist.get(ctx, "GET "+whitelistPath, c.Whitelist)
	live.IPAddresses = slices.Clone(live.IPAddresses)
	return live, err
}

// SharedEmployees is [Client.Employees], asked for once per client.
func (c *Client) SharedEmployees(ctx context.Context) ([]Employee, error) {
	employees, err := c.shared.employees.get(ctx, "GET "+employeesPath, c.Employees)
	return slices.Clone(employees), err
}

// SharedRoles is [Client.Roles], asked for once per client.
func (c *Client) SharedRoles(ctx context.Context) ([]Role, error) {
	roles, err := c.shared.roles.get(ctx, "GET "+rolesPath, c.Roles)
	return slices.Clone(roles), err
}
