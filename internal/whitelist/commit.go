package whitelist

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const (
	// readBackDelay is how long a written list is left alone before it is read back. Of
	// two runs that write at once, the one whose list was overwritten sees it then:
	// Everflow has no way to write only if nothing changed.
	readBackDelay = time.Second
	// maxReadAge is how old a list may be that a create is judged by. It is at most
	// readBackDelay, so that whoever wrote since then has not read back yet.
	maxReadAge = time.Second
	// readBackTimeout bounds that second and the reading back.
	readBackTimeout = 60 * time.Second
	// maxUndone is how many writes that others undo are made.
	maxUndone = 3
)

// Store is the network's list.
type Store interface {
	// AwaitRateLimit waits until a call may be sent, and returns the context of a Replace that
	// is then sent at once: no wait for the rate limit lies between a read and the
	// write that rests on it.
	AwaitRateLimit(ctx context.Context) (context.Context, error)
	Read(ctx context.Context) (Live, error)
	// Replace sends the list once, and returns that of the answer. What may have come
	// of an error, everflow.IsInDoubt and everflow.IsTemporary say.
	Replace(ctx context.Context, next List) (Live, error)
}

// decision returns the list that is to be in force, given the one that is; equal to it
// for no change. isWritten: a write was accepted, and live was read after it.
type decision func(live Live, isWritten bool) (next List, refusal *Refusal)

// errInterrupted is why a change was not sent.
var errInterrupted = errors.New("the run was interrupted before anything was written")

// commit is the one way in which the list is written: it reads the list, decides what
// it is to be, writes once, lets a second pass, and reads back. If the write failed, or
// was undone, it begins anew, so that what others do meanwhile is never overwritten.
// maxAge is how old a list may be that was read before; 0: it is read anew.
func (m *Manager) commit(ctx context.Context, maxAge time.Duration, decide decision) Outcome {
	m.writing.Lock()
	defer m.writing.Unlock()
	var sent Outcome // how the last attempt ended, if it may have changed something
	for failed, undone := 0, 0; ; maxAge = 0 {
		outcome := m.commitOnce(ctx, maxAge, decide)
		wait, again := time.Duration(0), false
		if outcome.Kind == NotRead && sent.mayHaveActed() {
			return Outcome{Kind: InDoubt, Live: sent.Live, WriteErr: sent.WriteErr, ReadErr: outcome.ReadErr}
		}
		sent = outcome
		switch {
		case outcome.Kind == Undone:
			undone++
			again = undone < maxUndone
		case outcome.Kind == NotWritten && isWorthRepeating(outcome.WriteErr):
			failed++
			wait, again = m.retry(failed)
		}
		if again {
			again = pause(ctx, wait)
		}
		if !again {
			return outcome
		}
	}
}

func (m *Manager) commitOnce(ctx context.Context, maxAge time.Duration, decide decision) Outcome {
	sendNow, err := m.store.AwaitRateLimit(ctx)
	if err != nil {
		return Outcome{Kind: NotRead, ReadErr: err}
	}
	live, err := m.readWithin(ctx, maxAge)
	if err != nil {
		return Outcome{Kind: NotRead, ReadErr: err}
	}
	next, refusal := decide(live, false)
	switch {
	case refusal != nil:
		return Outcome{Kind: Refused, Live: live, Refusal: refusal}
	case next.Equal(live.List):
		return Outcome{Kind: Unchanged, Live: live}
	case ctx.Err() != nil:
		return Outcome{Kind: NotWritten, Live: live, WriteErr: errInterrupted}
	}
	answer, writeErr := m.replace(sendNow, next)
	if writeErr != nil && !everflow.IsInDoubt(writeErr) {
		return Outcome{Kind: NotWritten, Live: live, WriteErr: writeErr}
	}
	return m.readBack(ctx, next, answer, writeErr, decide)
}

// readBack says what became of a write. It reads the list whether the run is cancelled
// or not.
func (m *Manager) readBack(ctx context.Context, sent List, answer Live, writeErr error, decide decision) Outcome {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readBackTimeout)
	defer cancel()
	pause(ctx, readBackDelay)
	live, readErr := m.readNow(ctx)
	if readErr != nil {
		return notReadBack(sent, answer, writeErr, readErr)
	}
	outcome := Outcome{Live: live, WriteErr: writeErr}
	next, refusal := decide(live, writeErr == nil)
	switch {
	case refusal != nil:
		outcome.Kind, outcome.Refusal = Overwritten, refusal
	case next.Equal(live.List):
		outcome.Kind, outcome.WriteErr = Written, nil
	case writeErr != nil:
		outcome.Kind = NotWritten
	default:
		outcome.Kind = Undone
	}
	return outcome
}

// notReadBack is how a write ends after which the list could not be read.
func notReadBack(sent List, answer Live, writeErr, readErr error) Outcome {
	outcome := Outcome{Kind: InDoubt, Live: answer, WriteErr: writeErr, ReadErr: readErr}
	isAsSent := writeErr == nil && answer.List.Equal(sent)
	switch {
	case everflow.StatusOf(readErr) == http.StatusForbidden && (isAsSent || writeErr != nil):
		outcome.Kind = ShutOut
	case isAsSent:
		outcome.Kind = Unchecked
	}
	return outcome
}

// isWorthRepeating reports whether a write failed for the rate limit, an error of the
// server, or for want of an answer. An answer of another form than expected would be
// the same again.
func isWorthRepeating(err error) bool {
	status := everflow.StatusOf(err)
	return everflow.IsTemporary(err) && (status == 0 || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError)
}

// pause reports whether the time passed before ctx ended.
func pause(ctx context.Context, wait time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
