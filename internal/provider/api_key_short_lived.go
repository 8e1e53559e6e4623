package provider

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// shortLived is what Open stores of a key for Renew and Close, without its secret.
type shortLived struct {
	ID       int64                   `json:"id"`
	Network  int64                   `json:"network_id"`
	Name     string                  `json:"name"` // as configured, without shortLivedEnd
	Mark     string                  `json:"mark"`
	Settings everflow.APIKeySettings `json:"settings"`
	TTL      time.Duration           `json:"ttl"`
}

func (k shortLived) identity() everflow.APIKeyIdentity {
	return everflow.APIKeyIdentity{ID: k.ID, NetworkID: k.Network}
}

// shortLivedEnd is the end of a short-lived key's name: the time until which the key
// is used, and a mark that no other key has, so that a create in doubt finds its own
// key and not another run's.
var shortLivedEnd = regexp.MustCompile(`^ \(Terraform, short-lived, until ([0-9TZ:-]+), [0-9a-f]{12}\)$`)

const shortLivedEndStart = " (Terraform, short-lived, until "

func newMark() string {
	mark := make([]byte, 6)
	_, _ = rand.Read(mark) // never fails
	return hex.EncodeToString(mark)
}

// nameUntil is the key's name in Everflow.
func (k shortLived) nameUntil(until time.Time) string {
	return fmt.Sprintf("%s%s%s, %s)", k.Name, shortLivedEndStart, until.UTC().Format(time.RFC3339), k.Mark)
}

// shortLivedUntil reads the time in the name of a short-lived key that was configured as name.
func shortLivedUntil(found, name string) (until time.Time, ok bool) {
	end, isNamesake := strings.CutPrefix(strings.TrimSpace(found), strings.TrimSpace(name))
	parts := shortLivedEnd.FindStringSubmatch(end)
	if !isNamesake || parts == nil {
		return time.Time{}, false
	}
	until, err := time.Parse(time.RFC3339, parts[1])
	return until, err == nil
}

// renewAfter leaves time for two more renewals before the time in the name, if one fails.
func (k shortLived) renewAfter() time.Duration { return k.TTL / 3 }

// shortLivedPrivateKey is where the private data of an open ephemeral resource has the key.
const shortLivedPrivateKey = "key"

func (k shortLived) save(ctx context.Context, private privateState) diag.Diagnostics {
	return setPrivate(ctx, private, shortLivedPrivateKey, k)
}

// shortLivedFrom reads what save stored.
func shortLivedFrom(ctx context.Context, private privateState, diags *diag.Diagnostics) (key shortLived, ok bool) {
	ok = getPrivate(ctx, private, shortLivedPrivateKey, &key, diags)
	if !ok || key.ID == 0 {
		addUnreadableShortLived(diags)
		return shortLived{}, false
	}
	return key, !diags.HasError()
}

// shortLivedKeys are the short-lived keys that the process has created and not revoked.
type shortLivedKeys struct {
	mu   sync.Mutex
	byID map[int64]*everflow.Run
}

func (k *shortLivedKeys) add(id int64, client *everflow.Run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byID == nil {
		k.byID = map[int64]*everflow.Run{}
	}
	k.byID[id] = client
}

func (k *shortLivedKeys) remove(id int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.byID, id)
}

func (k *shortLivedKeys) has(id int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, isOpen := k.byID[id]
	return isOpen
}

// revokeAllFor is how long Terraform waits for a provider that it has asked to end.
const revokeAllFor = 2 * time.Second

// revokeAll revokes the keys that are still open, at the end of the process. Errors
// can no longer be reported: the next run that opens a key of the same name revokes it.
func (k *shortLivedKeys) revokeAll(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, revokeAllFor)
	defer cancel()
	var revoking sync.WaitGroup
	for id, client := range k.byID {
		revoking.Go(func() { _, _ = client.RevokeAPIKey(ctx, everflow.APIKeyIdentity{ID: id}) })
	}
	revoked := make(chan struct{})
	go func() {
		revoking.Wait()
		close(revoked)
	}()
	select {
	case <-revoked:
	case <-ctx.Done(): // a call that is under way is not cancelled with ctx
	}
}
