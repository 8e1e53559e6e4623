package everflow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// revokeProofTimeout limits the read of a key after a call to revoke it that failed.
const revokeProofTimeout = 30 * time.Second

// RevokeAPIKey is the call that revokes a key; [Run.RevokeAPIKey] also proves that the key
// is revoked. Revoking a key again is no error. Errors are *Error, among them
// an answer in which the key is not revoked.
// Source: POST /networks/security/apikeys/{id}/revoke, assumed.
func (c *Client) RevokeAPIKey(ctx context.Context, id int64) (APIKey, error) {
	answer, err := c.do(ctx, call{effect: effectWrite, method: http.MethodPost, path: apiKeyPath(id) + "/revoke", expects: expectsAPIKey + ` that is "revoked"`})
	if err != nil {
		return APIKey{}, err
	}
	key, err := answer.apiKey(id)
	if err != nil {
		return APIKey{}, err
	}
	if !key.IsRevoked() {
		return APIKey{}, answer.malformedError(fmt.Sprintf("API key %d is not revoked after the call", id))
	}
	return key, nil
}

// RevocationError is a key that is not known to be revoked although the call to
// revoke it was sent.
type RevocationError struct {
	ID int64
	// Call is how the call to revoke ended.
	Call error
	// Proof is what a read found afterwards, Read why there was none.
	Proof APIKeyProof
	Read  error
}

// Error describes how both calls ended.
func (e *RevocationError) Error() string {
	if e.Read != nil {
		return fmt.Sprintf("%v; then it could not be read whether API key %d is revoked: %v", e.Call, e.ID, e.Read)
	}
	return fmt.Sprintf("%v; a read afterwards says that API key %d is live: its status is %q", e.Call, e.ID, e.Proof.Key.Status)
}

// Unwrap returns how both calls ended.
func (e *RevocationError) Unwrap() []error {
	if e.Read == nil {
		return []error{e.Call}
	}
	return []error{e.Call, e.Read}
}

// RevokeAPIKey revokes a key for ever and proves that it is revoked or gone. A key
// that is revoked or gone already is no error. Errors are *[OtherNetworkError]
// before anything is sent, *[RevocationError] and *[Error].
func (r *Run) RevokeAPIKey(ctx context.Context, key APIKeyIdentity) (APIKeyProof, error) {
	if err := r.checkNetwork(ctx, key); err != nil {
		return APIKeyProof{}, err
	}
	revoked, err := r.Client.RevokeAPIKey(ctx, key.ID)
	r.forgetKeys()
	switch {
	case err == nil:
		revoked, err = revoked.withNetworkOf("POST "+apiKeyPath(key.ID)+"/revoke", key)
		if err != nil {
			return APIKeyProof{}, err
		}
		return APIKeyProof{State: APIKeyRevoked, Key: revoked}, nil
	case isRefused(err):
		return APIKeyProof{}, err
	}
	// The key may be revoked although the call failed.
	ctx, stop := withTimeLimit(ctx, revokeProofTimeout)
	defer stop()
	proof, readErr := r.proveNow(ctx, key)
	if readErr == nil && proof.State != APIKeyLive {
		return proof, nil
	}
	return APIKeyProof{}, &RevocationError{ID: key.ID, Call: err, Proof: proof, Read: readErr}
}

// isRefused reports whether a write certainly changed nothing: it was not sent, not
// permitted, or past the rate limit.
func isRefused(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	if !ok || failed.InDoubt {
		return false
	}
	switch failed.Status {
	case 0:
		return true
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return !failed.Malformed
	}
	return false
}
