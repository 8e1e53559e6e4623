package provider

import (
	"context"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// revokedCheckFor bounds the look at a key whose revocation ended in an error.
const revokedCheckFor = 30 * time.Second

// revokeKey ends a key for ever. A call that failed but did its work is taken for
// done, which is found out even when the run is cancelled. Errors are those of
// everflow.Client.RevokeAPIKey.
func (s *session) revokeKey(ctx context.Context, id int64) error {
	_, err := s.client.RevokeAPIKey(ctx, id)
	if err == nil || everflow.IsNotFound(err) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokedCheckFor)
	defer cancel()
	if key, readErr := s.client.APIKey(ctx, id); readErr == nil && key.IsRevoked() {
		return nil
	}
	return err
}
