package whitelist_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// ours is where the tests' calls come from.
const ours = "203.0.113.10"

// takes is how long a call takes.
const takes = 50 * time.Millisecond

// network is an Everflow of one list, which refuses whom it leaves out.
type network struct {
	mu   sync.Mutex
	id   int64
	list []string
	// put holds each list that was sent; reads counts.
	put   []string
	reads int
	// writers are the values of writerKey in the context of each write.
	writers []any
	// fault, if set, decides on the nth write: whether it acts, and its error.
	fault func(n int) (acts bool, err error)
	// failRead, if set, decides on the nth read.
	failRead func(n int) error
	// afterPut, if set, is called when the nth write has ended.
	afterPut func(n int)
	// answers holds a read's answer back until it is closed.
	hold chan struct{}
}

func newNetwork(entries ...string) *network { return &network{id: 1001, list: slices.Clone(entries)} }

// run is one Terraform run on the network.
func (n *network) run(egress ...string) *whitelist.Manager {
	return whitelist.NewManager(n, list(egress...), retry)
}

// retry is the client's: six times, in waits that outlast a rate-limit window.
func retry(failures int) (time.Duration, bool) {
	return min(30*time.Second, time.Second<<(failures-1)), failures <= 6
}

func (n *network) set(entries ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = entries
}

func (n *network) now() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(slices.Values(n.list))
}

func (n *network) live() whitelist.Live {
	return whitelist.Live{NetworkID: n.id, List: list(slices.Clone(n.list)...)}
}

func (n *network) isShutOut() bool { return !list(n.list...).Admits(entry(ours)) }

func (n *network) AwaitRateLimit(ctx context.Context) (context.Context, error) { return ctx, ctx.Err() }

func (n *network) Read(ctx context.Context) (whitelist.Live, error) {
	n.mu.Lock()
	n.reads++
	count, hold := n.reads, n.hold
	live, shutOut := n.live(), n.isShutOut()
	n.mu.Unlock()
	if !wait(ctx, takes) {
		return whitelist.Live{}, ctx.Err()
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return whitelist.Live{}, ctx.Err()
		}
	}
	if n.failRead != nil {
		if err := n.failRead(count); err != nil {
			return whitelist.Live{}, err
		}
	}
	if shutOut {
		return whitelist.Live{}, &everflow.Error{Call: "GET", Status: 403}
	}
	return live, nil
}

type writerKey struct{}

// Replace, as the client's, is not cut off once it is sent.
func (n *network) Replace(ctx context.Context, next whitelist.List) (whitelist.Live, error) {
	if ctx.Err() != nil {
		return whitelist.Live{}, ctx.Err()
	}
	n.mu.Lock()
	n.writers = append(n.writers, ctx.Value(writerKey{}))
	n.put = append(n.put, strings.Join(slices.Sorted(slices.Values(next.Texts())), " "))
	count, shutOut := len(n.put), n.isShutOut()
	n.mu.Unlock()
	time.Sleep(takes / 2)
	acts, err := true, error(nil)
	if n.fault != nil {
		acts, err = n.fault(count)
	}
	if shutOut {
		acts, err = false, &everflow.Error{Call: "PUT", Status: 403}
	}
	n.mu.Lock()
	if acts {
		n.list = next.Texts()
	}
	live := n.live()
	n.mu.Unlock()
	time.Sleep(takes / 2)
	if n.afterPut != nil {
		n.afterPut(count)
	}
	if err != nil {
		return whitelist.Live{}, err
	}
	return live, nil
}

func wait(ctx context.Context, long time.Duration) bool {
	select {
	case <-time.After(long):
		return true
	case <-ctx.Done():
		return false
	}
}

// The faults of a write.
var (
	tooMany     = &everflow.Error{Call: "PUT", Status: 429}
	unavailable = &everflow.Error{Call: "PUT", Status: 503, InDoubt: true}
	serverError = &everflow.Error{Call: "PUT", Status: 500, InDoubt: true}
	lostAnswer  = &everflow.Error{Call: "PUT", InDoubt: true, Cause: errors.New("reset")}
	badRequest  = &everflow.Error{Call: "PUT", Status: 400}
)

// bubble runs a test in which time is fake, and which fails if a goroutine is left.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

func expectList(t *testing.T, n *network, want ...string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if got := n.now(); !slices.Equal(got, want) {
		t.Errorf("the list is %q, want %q", got, want)
	}
}

func expectKind(t *testing.T, got whitelist.Outcome, want whitelist.Kind) {
	t.Helper()
	if got.Kind != want {
		t.Errorf("ended with %d, want %d: %v, %v, %v", got.Kind, want, got.Refusal, got.WriteErr, got.ReadErr)
	}
}

func expectRefusal(t *testing.T, got whitelist.Outcome, kind whitelist.Kind, want whitelist.Reason) {
	t.Helper()
	expectKind(t, got, kind)
	if got.Refusal == nil || got.Refusal.Reason != want {
		t.Errorf("refused for %v, want %d", got.Refusal, want)
	}
}
