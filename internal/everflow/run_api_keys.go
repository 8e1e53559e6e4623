package everflow

import (
	"context"
	"slices"
)

// forgetKeys is called after each write that concerns keys.
func (r *Run) forgetKeys() {
	r.firstKey.Store(0)
	r.liveKeys.forget()
	r.allKeys.forget()
}

// noteKey notes that the key is asked for, and reports whether no other has been.
func (r *Run) noteKey(id int64) (isOnly bool) {
	r.firstKey.CompareAndSwap(0, id)
	_, _, isRead := r.liveKeys.known()
	return !isRead && r.firstKey.Load() == id
}

// APIKeys is [Client.APIKeys] for a run that may ask for many lists: they are taken
// from the whole table, which is read once for live keys and once for all. AtMost
// has no effect.
func (r *Run) APIKeys(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	table := r.wholeTable
	if filter.Status == StatusActive {
		table = r.liveTable
	}
	keys, err := table(ctx)
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

// liveTable and wholeTable return a slice, in order of ID, that no caller may change.
func (r *Run) liveTable(ctx context.Context) ([]APIKey, error) {
	return r.liveKeys.get(ctx, tableCall, func(ctx context.Context) ([]APIKey, error) {
		return r.readTableOnce(ctx, APIKeyFilter{Status: StatusActive})
	})
}

func (r *Run) wholeTable(ctx context.Context) ([]APIKey, error) {
	return r.allKeys.get(ctx, tableCall, func(ctx context.Context) ([]APIKey, error) {
		return r.readTableOnce(ctx, APIKeyFilter{})
	})
}

// readTableOnce remembers that there is no table, so that a run asks for it once.
func (r *Run) readTableOnce(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	if absent := r.noTable.Load(); absent != nil {
		return nil, *absent
	}
	keys, err := r.readTable(ctx, filter)
	if IsAbsent(err) {
		r.noTable.Store(&err)
	}
	return keys, err
}

func (k APIKey) clone() APIKey {
	k.Permissions = slices.Clone(k.Permissions)
	return k
}
