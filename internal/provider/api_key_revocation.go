package provider

import (
	"context"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// revokedCheckFor bounds the look at a key whose revocation ended in an error.
const revokedCheckFor = 30 * time.Second

// revokeKey revokes a key, for ever, and returns it as it is then. Revoking it
// again is no error. Errors are those of [everflow.Client.RevokeAPIKey].
func (s *session) revokeKey(ctx context.Context, id int64) (everflow.APIKey, error) {
	key, err := s.client.RevokeAPIKey(ctx, id)
	if err == nil || everflow.IsNotFound(err) {
		return key, err
	}
	// The call may have done its work all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokedCheckFor)
	defer cancel()
	if key, readErr := s.client.APIKey(ctx, id); readErr == nil && key.IsRevoked() {
		return key, nil
	}
	return everflow.APIKey{}, err
}
