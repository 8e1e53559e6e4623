package everflow

import (
	"context"
	"sync"
	"time"
)

// timeLimit is a context with a time limit that does not run while a call waits in
// the client's own queue: what others of the run do says nothing about the server.
// The end of the context it was made from does not end it.
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
	p := &timeLimit{done: make(chan struct{}), left: limit, started: time.Now()}
	p.Context = context.WithValue(context.WithoutCancel(ctx), timeLimitKey{}, p)
	p.mu.Lock() // the timer's own function reads it
	defer p.mu.Unlock()
	p.timer = time.AfterFunc(limit, func() { p.end(context.DeadlineExceeded) })
	return p, func() { p.end(context.Canceled) }
}

func (p *timeLimit) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = why
		p.timer.Stop()
		close(p.done)
	}
}

// Done implements [context.Context].
func (p *timeLimit) Done() <-chan struct{} { return p.done }

// Err implements [context.Context].
func (p *timeLimit) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// pauseTimeLimit stops the time limit of the context, if it has one of this kind, until
// resume is called.
func pauseTimeLimit(ctx context.Context) (resume func()) {
	p, ok := ctx.Value(timeLimitKey{}).(*timeLimit)
	if !ok {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	p.left -= time.Since(p.started)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.started = time.Now()
		if p.err == nil {
			p.timer.Reset(p.left)
		}
	}
}
