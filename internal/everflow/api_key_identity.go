package everflow

import (
	"context"
	"fmt"
)

// APIKeyIdentity identifies a key. Keys of two networks can have the same ID.
type APIKeyIdentity struct {
	// NetworkID is 0 where it is not known: a read then checks that the key is of
	// the client's own network, a write checks nothing.
	NetworkID int64
	ID        int64
}

// Identity identifies the key.
func (k APIKey) Identity() APIKeyIdentity { return APIKeyIdentity{NetworkID: k.NetworkID, ID: k.ID} }

// OtherNetworkError is an API key that was looked for in one network and belongs
// to another, with which nothing may be done.
type OtherNetworkError struct {
	// Call is the call whose answer names the other network.
	Call string
	ID   int64
	// Expected is the network that the key was known to belong to, or that of the
	// client's own key where that was not known. Found is the network that
	// Everflow names.
	Expected, Found int64
}

// Error names both networks.
func (e *OtherNetworkError) Error() string {
	return fmt.Sprintf("%s answered for network %d, but API key %d was expected in network %d", e.Call, e.Found, e.ID, e.Expected)
}

// IsAboutKey reports whether it is the answer about the key that names the other
// network, and not the network of the provider's own key.
func (e *OtherNetworkError) IsAboutKey() bool { return e.Call != networkCall }

// inNetwork returns the key that a call answered with its network filled in, or an
// *OtherNetworkError for a key of another network than the expected one. It asks for the client's
// network only where the key and the expectation do not settle it.
func (r *Run) inNetwork(ctx context.Context, call string, key APIKey, expected int64) (APIKey, error) {
	if key.NetworkID != 0 && key.NetworkID == expected {
		return key, nil
	}
	if key.NetworkID != 0 && expected != 0 {
		return APIKey{}, &OtherNetworkError{Call: call, ID: key.ID, Expected: expected, Found: key.NetworkID}
	}
	own, err := r.NetworkID(ctx)
	if err != nil {
		return APIKey{}, err
	}
	if expected != 0 && expected != own {
		return APIKey{}, &OtherNetworkError{Call: networkCall, ID: key.ID, Expected: expected, Found: own}
	}
	if key.NetworkID != 0 && key.NetworkID != own {
		return APIKey{}, &OtherNetworkError{Call: call, ID: key.ID, Expected: own, Found: key.NetworkID}
	}
	key.NetworkID = own
	return key, nil
}

// checkNetwork returns an *OtherNetworkError where the key is known to belong to
// another network than the client's own key.
func (r *Run) checkNetwork(ctx context.Context, key APIKeyIdentity) error {
	if key.NetworkID == 0 {
		return nil
	}
	own, err := r.NetworkID(ctx)
	if err == nil && own != key.NetworkID {
		err = &OtherNetworkError{Call: networkCall, ID: key.ID, Expected: key.NetworkID, Found: own}
	}
	return err
}

// withNetworkOf returns the key of the answer to a write with its network filled in from
// the key that was written, or an *OtherNetworkError where the answer names another.
func (k APIKey) withNetworkOf(call string, written APIKeyIdentity) (APIKey, error) {
	switch {
	case k.NetworkID == 0:
		k.NetworkID = written.NetworkID
	case written.NetworkID != 0 && written.NetworkID != k.NetworkID:
		return APIKey{}, &OtherNetworkError{Call: call, ID: k.ID, Expected: written.NetworkID, Found: k.NetworkID}
	}
	return k, nil
}
