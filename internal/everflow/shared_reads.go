package everflow

import (
	"context"
	"slices"
	"sync/atomic"
)

// sharedReads is what the readers of a run have in common, so that a refresh of
// many keys costs a page of the table and not a call for each. What this client
// writes makes it forget them.
type sharedReads struct {
	// firstKey and listed tell a run that reads one thing, which is served best by
	// the call for just that, from one that reads many.
	firstKey atomic.Int64
	listed   atomic.Bool

	// noRead is the answer that showed that the call for one key is not where it is
	// assumed to be, noTable the same of the table; nil while none has.
	noRead, noTable atomic.Pointer[error]
	// pageSize is the size of page that was given where the largest was not; 0 if it was.
	pageSize atomic.Int64

	live kept[[]APIKey]
	all  kept[[]APIKey]

	employees kept[[]Employee]
	roles     kept[[]Role]
}

// forget is told of each path that was written to.
func (s *sharedReads) forget(written string) {
	if written == whitelistPath {
		return
	}
	s.firstKey.Store(0)
	s.listed.Store(false)
	s.live.forget()
	s.all.forget()
}

// isOnlyKey reports whether no other key than this one has been asked for.
func (s *sharedReads) isOnlyKey(id int64) bool {
	_, isRead := s.live.known()
	return !isRead && (s.firstKey.CompareAndSwap(0, id) || s.firstKey.Load() == id)
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
		switch {
		case !filter.matches(key):
		case key.unreadable != nil:
			return nil, key.unreadable
		default:
			matching = append(matching, key.clone())
		}
	}
	return matching, nil
}

// sharedLive and sharedAll return a slice, in order of ID, that nobody may change.
func (c *Client) sharedLive(ctx context.Context) ([]APIKey, error) {
	return c.shared.live.get(ctx, tableCall, func(ctx context.Context) ([]APIKey, error) {
		return c.wholeTable(ctx, APIKeyFilter{Status: StatusActive})
	})
}

func (c *Client) sharedAll(ctx context.Context) ([]APIKey, error) {
	return c.shared.all.get(ctx, tableCall, func(ctx context.Context) ([]APIKey, error) {
		return c.wholeTable(ctx, APIKeyFilter{})
	})
}

// wholeTable remembers that there is no table, so that a run asks for it once.
func (c *Client) wholeTable(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	if absent := c.shared.noTable.Load(); absent != nil {
		return nil, *absent
	}
	keys, err := c.readTable(ctx, filter)
	if IsAbsent(err) {
		c.shared.noTable.Store(&err)
	}
	return keys, err
}

func (k APIKey) clone() APIKey {
	k.Permissions = slices.Clone(k.Permissions)
	return k
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
