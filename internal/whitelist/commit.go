package whitelist

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const (
	// settle is how long a written list is left alone before it is read back. Of two
	// runs that write at once, the one whose list was overwritten sees it then:
	// Everflow has no way to write only if nothing changed.
	settle = time.Second
	// judgedFor is how old a list may be that a write is judged by. It is at most
	// settle, so that whoever wrote since then has not read back yet.
	judgedFor = time.Second
	// settleFor bounds that second and the reading back.
	settleFor = 60 * time.Second
	// mostWrites is how often entries are written that others undo.
	mostWrites = 3
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

// want says what the list is to be, given the list in force; equal to it for no
// change. written: a write was accepted, and this is the list read after it.
type want func(live Live, written bool) (List, *Refusal)

// errInterrupted is why a change was not sent.
var errInterrupted = errors.New("the run was interrupted before anything was written")

// commit is the one way in which the list is written: it reads the list, asks what
// it is to be, writes once, lets a second pass, and reads back. If the write failed,
// or was undone, it begins anew, so that what others do meanwhile is never
// overwritten. age is how old a list may be that was read before; 0: it is read anew.
func (m *Manager) commit(ctx context.Context, age time.Duration, want want) Outcome {
	m.writing.Lock()
	defer m.writing.Unlock()
	for failures, undone := 0, 0; ; age = 0 {
		sendNow, err := m.store.AwaitRateLimit(ctx)
		if err != nil {
			return Outcome{Kind: NotRead, ReadErr: err}
		}
		live, err := m.readWithin(ctx, age)
		if err != nil {
			return Outcome{Kind: NotRead, ReadErr: err}
		}
		next, refusal := want(live, false)
		switch {
		case refusal != nil:
			return Outcome{Kind: Refused, Live: live, Refusal: refusal}
		case next.Equal(live.List):
			return Outcome{Kind: Unchanged, Live: live}
		case ctx.Err() != nil:
			return Outcome{Kind: NotWritten, Live: live, WriteErr: errInterrupted}
		}
		answer, writeErr := m.replace(sendNow, next)
		wait, again := time.Duration(0), false
		if writeErr == nil {
			undone++
			again = undone < mostWrites
		} else {
			failures++
			wait, again = m.retry(failures)
			again = again && isWorthRepeating(writeErr)
		}
		outcome := Outcome{Kind: NotWritten, Live: live, WriteErr: writeErr}
		if writeErr == nil || everflow.IsInDoubt(writeErr) {
			outcome = m.check(ctx, next, answer, writeErr, want)
		}
		canRepeat := outcome.Kind == NotWritten || outcome.Kind == Undone
		if !canRepeat || !again || !pause(ctx, wait) {
			return outcome
		}
	}
}

// check reads back what was sent, whether the run is cancelled or not. NotWritten
// and Undone may be tried again.
func (m *Manager) check(ctx context.Context, next List, answer Live, writeErr error, want want) Outcome {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	pause(ctx, settle)
	live, readErr := m.readNow(ctx)
	if readErr != nil {
		return unread(next, answer, writeErr, readErr)
	}
	rest, refusal := want(live, writeErr == nil)
	o := Outcome{Kind: Undone, Live: live, Refusal: refusal, WriteErr: writeErr}
	switch {
	case refusal != nil:
		o.Kind = Overwritten
	case rest.Equal(live.List):
		o = Outcome{Kind: Written, Live: live}
	case writeErr != nil:
		o.Kind = NotWritten
	}
	return o
}

// unread is a write after which the list could not be read.
func unread(next List, answer Live, writeErr, readErr error) Outcome {
	o := Outcome{Kind: InDoubt, Live: answer, WriteErr: writeErr, ReadErr: readErr}
	switch isAsSent := writeErr == nil && answer.List.Equal(next); {
	case everflow.StatusOf(readErr) == http.StatusForbidden && (isAsSent || writeErr != nil):
		o.Kind = ShutOut
	case isAsSent:
		o.Kind = Unchecked
	}
	return o
}

// isWorthRepeating: the rate limit, a trouble of the server, no answer. An answer of
// another form than expected would be the same again.
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
