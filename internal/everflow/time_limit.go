package everflow

import (
	"context"
	"sync"
	"time"
)

// timeLimit is a context whose time limit is paused while a call waits for the rate
// limit, since that wait depends on the run's other calls and not on the server. It does
// not end with the context it was made from.
type timeLimit struct {
	context.Context

	done chan struct{}

	mu      sync.Mutex
	err     error
	left    time.Duration
	started time.Time
	timer   *time.Timer
}

type timeLimitKey struct{}

// withTimeLimit returns a context that ends with [context.DeadlineExceeded] after the
// time, or when stop is called.
func withTimeLimit(ctx context.Context, limit time.Duration) (_ context.Context, stop func()) {
	l := &timeLimit{done: make(chan struct{}), left: limit, started: time.Now()}
	l.Context = context.WithValue(context.WithoutCancel(ctx), timeLimitKey{}, l)
	l.mu.Lock() // the timer's own function reads it
	defer l.mu.Unlock()
	l.timer = time.AfterFunc(limit, func() { l.end(context.DeadlineExceeded) })
	return l, func() { l.end(context.Canceled) }
}

func (l *timeLimit) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = why
		l.timer.Stop()
		close(l.done)
	}
}

// Done implements [context.Context].
func (l *timeLimit) Done() <-chan struct{} { return l.done }

// Err implements [context.Context].
func (l *timeLimit) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// pauseTimeLimit stops the time limit of the context, if it has one of this kind, until
// resume is called.
func pauseTimeLimit(ctx context.Context) (resume func()) {
	l, ok := ctx.Value(timeLimitKey{}).(*timeLimit)
	if !ok {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
	l.left -= time.Since(l.started)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.started = time.Now()
		if l.err == nil {
			l.timer.Reset(l.left)
		}
	}
}
