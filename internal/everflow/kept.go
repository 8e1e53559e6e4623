package everflow

import (
	"context"
	"sync"
)

// kept is a value that is fetched when first asked for. Those who ask meanwhile
// share the fetch, its failure too: a server that is down is not asked by one
// caller after the other. A failure is not kept.
type kept[T any] struct {
	mu       sync.Mutex
	value    *T
	fetching *fetch[T]
}

// fetch is one that is under way, for as long as anyone waits for it.
type fetch[T any] struct {
	waiting int
	cancel  context.CancelCauseFunc
	done    chan struct{}
	value   T
	err     error
}

// get returns the value, which is what the named call gives. The end of ctx ends
// the fetch only if nobody else waits for it. Errors are *Error, as those of do.
func (k *kept[T]) get(ctx context.Context, call string, do func(context.Context) (T, error)) (T, error) {
	k.mu.Lock()
	if k.value != nil {
		defer k.mu.Unlock()
		return *k.value, nil
	}
	if k.fetching == nil {
		k.start(ctx, do)
	}
	f := k.fetching
	f.waiting++
	k.mu.Unlock()

	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		if k.leave(f, ctx.Err()) {
			<-f.done
			return f.value, f.err
		}
		var none T
		return none, &Error{Call: call, Message: interrupted(ctx.Err()), Cause: ctx.Err()}
	}
}

// start begins a fetch in the name of whoever asked first, but not to end with it.
func (k *kept[T]) start(ctx context.Context, do func(context.Context) (T, error)) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f := &fetch[T]{cancel: cancel, done: make(chan struct{})}
	k.fetching = f
	go func() {
		defer cancel(nil)
		f.value, f.err = do(ctx)
		k.mu.Lock()
		if k.fetching == f {
			k.fetching = nil
			if f.err == nil {
				k.value = &f.value
			}
		}
		k.mu.Unlock()
		close(f.done)
	}()
}

// leave ends a fetch that nobody waits for any more, and reports whether it did.
func (k *kept[T]) leave(f *fetch[T], why error) (ended bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return false
	}
	f.cancel(why)
	if k.fetching == f {
		k.fetching = nil
	}
	return true
}

// forget makes the next get fetch anew. One under way serves those who wait for
// it, and is not kept.
func (k *kept[T]) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.value, k.fetching = nil, nil
}

// known returns the value if it has been fetched.
func (k *kept[T]) known() (value T, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.value != nil {
		return *k.value, true
	}
	return value, false
}
