package everflow

import (
	"context"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"
)

// memo is a value that is fetched when first asked for, and remembered. Those who ask
// meanwhile share the fetch, its failure too: a server that is down is not asked by one
// caller after the other. A failure is not remembered.
type memo[T any] struct {
	fetches singleflight.Group

	mu    sync.Mutex
	value *T
	// generation changes when the value is forgotten, so that a fetch which is under
	// way then is not remembered and not shared with those who ask later.
	generation int
}

// fetched is how a fetch ended.
type fetched[T any] struct {
	value T
	// callerEnded: the context of the caller whose fetch it was has ended.
	callerEnded bool
}

// get returns the value. call is the call that fetch makes, for the error when ctx
// ends while it is under way. Errors are *Error and those of fetch.
func (m *memo[T]) get(ctx context.Context, call string, fetch func(context.Context) (T, error)) (T, error) {
	for {
		value, generation, ok := m.known()
		if ok {
			return value, nil
		}
		fetching := m.fetches.DoChan(strconv.Itoa(generation), func() (any, error) {
			value, err := m.fetch(ctx, generation, fetch)
			return fetched[T]{value: value, callerEnded: ctx.Err() != nil}, err
		})
		select {
		case result := <-fetching:
			got, _ := result.Val.(fetched[T])
			if result.Err != nil && got.callerEnded && ctx.Err() == nil {
				continue // the caller whose fetch it was has ended, and this one has not
			}
			return got.value, result.Err
		case <-ctx.Done():
			return value, &Error{Call: call, Message: waitMessage(ctx.Err()), Cause: ctx.Err()}
		}
	}
}

func (m *memo[T]) fetch(ctx context.Context, generation int, fetch func(context.Context) (T, error)) (T, error) {
	if value, current, ok := m.known(); ok && current == generation {
		return value, nil
	}
	value, err := fetch(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil && m.generation == generation {
		m.value = &value
	}
	return value, err
}

// known returns the value if it is remembered.
func (m *memo[T]) known() (value T, generation int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.value == nil {
		return value, m.generation, false
	}
	return *m.value, m.generation, true
}

// forget makes the next get fetch anew.
func (m *memo[T]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.value = nil
	m.generation++
}
