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

func TestKept_isFetchedOnceForAllWhoAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept[int]
		var s slow
		for range 20 {
			go func() {
				if got, err := k.get(t.Context(), "", s.fetch); got != 1 || err != nil {
					t.Error(got, err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		if got, err := k.get(t.Context(), "", s.fetch); got != 1 || err != nil || s.started.Load() != 1 {
			t.Error(got, err, s.started.Load())
		}
	})
}

func TestKept_failureIsSharedAndNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept[int]
		s := slow{fails: true}
		for range 3 {
			go func() {
				if _, err := k.get(t.Context(), "", s.fetch); err == nil {
					t.Error("no error")
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		s.fails = false
		if got, err := k.get(t.Context(), "", s.fetch); got != 2 || err != nil {
			t.Error(got, err)
		}
	})
}

func TestKept_oneWhoLeavesEndsNobodyElsesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept[int]
		var s slow
		first, leave := context.WithCancel(t.Context())
		go func() {
			_, err := k.get(first, "GET /it", s.fetch)
			failed, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, context.Canceled) || failed.Call != "GET /it" {
				t.Errorf("the one who left got %v", err)
			}
		}()
		synctest.Wait()
		go func() {
			if got, err := k.get(t.Context(), "", s.fetch); got != 1 || err != nil {
				t.Error("the one who stayed got", got, err)
			}
		}()
		synctest.Wait()
		leave()
		time.Sleep(2 * time.Second)
	})
}

func TestKept_fetchEndsWithTheLastWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept[int]
		var s slow
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		for range 3 {
			go func() { _, _ = k.get(ctx, "", s.fetch) }()
		}
		time.Sleep(2 * time.Millisecond)
		if s.ended.Load() != 1 {
			t.Error("the fetch goes on for nobody")
		}
		if got, err := k.get(t.Context(), "", s.fetch); got != 2 || err != nil {
			t.Error("the next one got", got, err)
		}
	})
}

func TestKept_forgottenIsFetchedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kept[int]
		var s slow
		go func() {
			if got, err := k.get(t.Context(), "", s.fetch); got != 1 || err != nil {
				t.Error("the one who asked before got", got, err)
			}
		}()
		synctest.Wait()
		k.forget() // while the first is under way: it must not be kept
		for range 2 {
			if got, err := k.get(t.Context(), "", s.fetch); got != 2 || err != nil {
				t.Error(got, err)
			}
		}
		if known, ok := k.known(); known != 2 || !ok {
			t.Error(known, ok)
		}
		k.forget()
		if _, ok := k.known(); ok {
			t.Error("it is still known")
		}
	})
}
