package everflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// APIKeyState is what is proved of an API key.
type APIKeyState int

const (
	// APIKeyLive means that Everflow has the key, and its status is not "revoked".
	APIKeyLive APIKeyState = iota + 1
	// APIKeyRevoked means that Everflow has the key, and its status is "revoked".
	APIKeyRevoked
	// APIKeyGone means that two different calls agree that there is no such key.
	APIKeyGone
)

// APIKeyProof is what is proved of one key.
type APIKeyProof struct {
	State APIKeyState
	// Key is the key as Everflow has it; of one that is gone, its identity only.
	Key APIKey
	// Unanswered is the answer of the call that gives one key, where that call says
	// that there is no such key and the table of keys lists it: the path of the call
	// is not as assumed. It is nil otherwise.
	Unanswered error
}

// UnprovedError is a key of which it is not known whether it is live, revoked or
// gone, because the two calls that could tell do not.
type UnprovedError struct {
	ID int64
	// Read is how the call that gives one key ended, Table how the table of keys did.
	Read, Table error
}

// Error describes how both calls ended.
func (e *UnprovedError) Error() string {
	return fmt.Sprintf("it is not known whether API key %d exists: %v; and %v", e.ID, e.Read, e.Table)
}

// Unwrap returns how both calls ended.
func (e *UnprovedError) Unwrap() []error { return []error{e.Read, e.Table} }

// ProveAPIKey finds out whether a key is live, revoked or gone. A run that asks
// for many keys is served from the table of live keys, which is read once.
//
// A key is gone only if its own call answers that it is not there and the whole
// table does not list it: a path that is not as assumed answers 404 as well.
// Errors are *[OtherNetworkError], *[UnprovedError] and *[Error].
func (r *Run) ProveAPIKey(ctx context.Context, key APIKeyIdentity) (APIKeyProof, error) {
	isOnly := r.noteKey(key.ID)
	if !isOnly && r.noTable.Load() == nil {
		live, err := r.liveTable(ctx)
		switch found := findAPIKey(live, key); {
		case err != nil && !IsAbsent(err):
			return APIKeyProof{}, err
		case err == nil && found != nil && found.unreadable == nil:
			return r.proved(ctx, tableCall, *found, key)
		}
	}
	return r.proveNow(ctx, key)
}

// ProveAPIKeyNow is [Run.ProveAPIKey] by what Everflow answers now, whatever the run has
// read before.
func (r *Run) ProveAPIKeyNow(ctx context.Context, key APIKeyIdentity) (APIKeyProof, error) {
	r.forgetKeys()
	return r.proveNow(ctx, key)
}

// proveNow is ProveAPIKey for a run that asks for this key only.
func (r *Run) proveNow(ctx context.Context, key APIKeyIdentity) (APIKeyProof, error) {
	isKnownAbsent := r.noKeyCall.Load() != nil
	read, readErr := r.readAPIKey(ctx, key)
	if readErr == nil || !IsAbsent(readErr) {
		return read, readErr
	}
	listed, err := r.proveByTable(ctx, key, readErr)
	switch {
	case err != nil:
		return listed, err
	case listed.State == APIKeyGone && isKnownAbsent:
		return r.confirmGone(ctx, key, listed)
	case listed.State != APIKeyGone:
		r.noKeyCall.Store(&readErr)
		listed.Unanswered = readErr
	}
	return listed, nil
}

// confirmGone asks by the key's own call, which was left out because it did not answer
// for another key: the table alone proves nothing.
func (r *Run) confirmGone(ctx context.Context, key APIKeyIdentity, gone APIKeyProof) (APIKeyProof, error) {
	found, err := r.APIKey(ctx, key.ID)
	switch {
	case err == nil:
		return r.proved(ctx, "GET "+apiKeyPath(key.ID), found, key)
	case IsAbsent(err):
		return gone, nil
	}
	return APIKeyProof{}, err
}

// errEmptyTable is an empty table, which cannot be right: the key that the client
// authenticates with is live.
var errEmptyTable = errors.New(tableCall + ": the table lists no key at all, not even the provider's own")

// readAPIKey asks for the key by the call that gives one key, unless that call is
// known not to be there.
func (r *Run) readAPIKey(ctx context.Context, key APIKeyIdentity) (APIKeyProof, error) {
	if unanswered := r.noKeyCall.Load(); unanswered != nil {
		return APIKeyProof{}, *unanswered
	}
	found, err := r.APIKey(ctx, key.ID)
	if err != nil {
		return APIKeyProof{}, err
	}
	return r.proved(ctx, "GET "+apiKeyPath(key.ID), found, key)
}

// proveByTable looks the key up in the whole table, active and revoked keys alike.
func (r *Run) proveByTable(ctx context.Context, key APIKeyIdentity, readErr error) (APIKeyProof, error) {
	all, err := r.wholeTable(ctx)
	if err != nil {
		return APIKeyProof{}, &UnprovedError{ID: key.ID, Read: readErr, Table: err}
	}
	found := findAPIKey(all, key)
	switch {
	case len(all) == 0:
		return APIKeyProof{}, &UnprovedError{ID: key.ID, Read: readErr, Table: errEmptyTable}
	case found != nil && found.unreadable != nil:
		return APIKeyProof{}, &UnprovedError{ID: key.ID, Read: readErr, Table: found.unreadable}
	case found != nil:
		return r.proved(ctx, tableCall, *found, key)
	}
	// The table of another network proves nothing about this key.
	gone, err := r.inNetwork(ctx, tableCall, APIKey{ID: key.ID}, key.NetworkID)
	if err != nil {
		return APIKeyProof{}, err
	}
	return APIKeyProof{State: APIKeyGone, Key: gone}, nil
}

func (r *Run) proved(ctx context.Context, call string, found APIKey, key APIKeyIdentity) (APIKeyProof, error) {
	found, err := r.inNetwork(ctx, call, found.clone(), key.NetworkID)
	switch {
	case err != nil:
		return APIKeyProof{}, err
	case found.IsRevoked():
		return APIKeyProof{State: APIKeyRevoked, Key: found}, nil
	}
	return APIKeyProof{State: APIKeyLive, Key: found}, nil
}

// findAPIKey finds a key among keys in order of ID. A key with the same ID in
// another network is found only where no better one is.
func findAPIKey(keys []APIKey, key APIKeyIdentity) *APIKey {
	first, _ := slices.BinarySearchFunc(keys, key.ID, func(k APIKey, id int64) int { return cmp.Compare(k.ID, id) })
	var found *APIKey
	for i := first; i < len(keys) && keys[i].ID == key.ID; i++ {
		if found == nil || keys[i].NetworkID == key.NetworkID {
			found = &keys[i]
		}
	}
	return found
}
