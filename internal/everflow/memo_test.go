package everflow

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a fetch that takes a second, ends with its context, and counts.
type slow struct {
	started atomic.Int64
	ended   atomic.Int64
	fails   bool
}

func (s *slow) fetch(ctx context.Context) (int, error) {
	number := int(s.started.Add(1))
	defer s.ended.Add(1)
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return 0, &Error{Message: "cut off", Cause: ctx.Err()}
	}
	if s.fails {
		return 0, errors.New("broken")
	}
	return number, nil
}

func TestMemo_isFetchedOnceForAllWhoAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		var s slow
		for range 20 {
			go func() {
				if got, err := m.get(t.Context(), "", s.fetch); got != 1 || err != nil {
					t.Error(got, err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		if got, err := m.get(t.Context(), "", s.fetch); got != 1 || err != nil || s.started.Load() != 1 {
			t.Error(got, err, s.started.Load())
		}
	})
}

func TestMemo_failureIsSharedAndNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		s := slow{fails: true}
		for range 3 {
			go func() {
				if _, err := m.get(t.Context(), "", s.fetch); err == nil {
					t.Error("no error")
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		s.fails = false
		if got, err := m.get(t.Context(), "", s.fetch); got != 2 || err != nil {
			t.Error(got, err)
		}
	})
}

// A time-out of the connection is no end of the caller.
func TestMemo_timeOutIsSharedAsAnyFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		var started atomic.Int64
		for range 5 {
			go func() {
				_, err := m.get(t.Context(), "", func(context.Context) (int, error) {
					started.Add(1)
					time.Sleep(time.Second)
					return 0, context.DeadlineExceeded
				})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			}()
		}
		time.Sleep(10 * time.Second)
		if got := started.Load(); got != 1 {
			t.Errorf("%d fetches, want 1", got)
		}
	})
}

func TestMemo_oneWhoLeavesEndsNobodyElsesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		var s slow
		first, leave := context.WithCancel(t.Context())
		go func() {
			_, err := m.get(first, "GET /it", s.fetch)
			failed, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, context.Canceled) || failed.Call != "GET /it" {
				t.Errorf("the one who left got %v", err)
			}
		}()
		synctest.Wait()
		go func() {
			// The fetch ended with the one whose it was: this one's is the second.
			if got, err := m.get(t.Context(), "", s.fetch); got != 2 || err != nil {
				t.Error("the one who stayed got", got, err)
			}
		}()
		synctest.Wait()
		leave()
		time.Sleep(3 * time.Second)
	})
}

func TestMemo_fetchEndsWithTheLastWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		var s slow
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		for range 3 {
			go func() { _, _ = m.get(ctx, "", s.fetch) }()
		}
		time.Sleep(2 * time.Millisecond)
		if s.ended.Load() != 1 {
			t.Error("the fetch goes on for nobody")
		}
		if got, err := m.get(t.Context(), "", s.fetch); got != 2 || err != nil {
			t.Error("the next one got", got, err)
		}
	})
}

func TestMemo_forgottenIsFetchedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		var s slow
		go func() {
			if got, err := m.get(t.Context(), "", s.fetch); got != 1 || err != nil {
				t.Error("the one who asked before got", got, err)
			}
		}()
		synctest.Wait()
		m.forget() // while the first is under way: it must not be kept
		for range 2 {
			if got, err := m.get(t.Context(), "", s.fetch); got != 2 || err != nil {
				t.Error(got, err)
			}
			synctest.Wait()
		}
		if known, _, ok := m.known(); known != 2 || !ok {
			t.Error(known, ok)
		}
		m.forget()
		if _, _, ok := m.known(); ok {
			t.Error("it is still known")
		}
	})
}
