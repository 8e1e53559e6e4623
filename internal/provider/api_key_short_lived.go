package provider

import (
	"context"
	"sync"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// shortLivedKeys are the short-lived keys that the process has created and not revoked.
type shortLivedKeys struct {
	mu   sync.Mutex
	byID map[int64]*everflow.Run
}

func (o *shortLivedKeys) add(id int64, client *everflow.Run) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byID == nil {
		o.byID = map[int64]*everflow.Run{}
	}
	o.byID[id] = client
}

func (o *shortLivedKeys) remove(id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.byID, id)
}

func (o *shortLivedKeys) has(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, isOpen := o.byID[id]
	return isOpen
}

// lastMoment is the time that Terraform gives a provider to end.
const lastMoment = 2 * time.Second

// revoke ends the keys that are still open, at the end of the process. Nobody is
// left to hear of an error: the next run that opens such a key revokes it.
func (o *shortLivedKeys) revoke(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, lastMoment)
	defer cancel()
	var revoking sync.WaitGroup
	for id, client := range o.byID {
		revoking.Go(func() { _, _ = client.RevokeAPIKey(ctx, everflow.APIKeyIdentity{ID: id}) })
	}
	revoking.Wait()
}
