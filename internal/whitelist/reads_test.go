package whitelist_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func TestRead_manyWhoAskShareOneRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run()
		var readers sync.WaitGroup
		for range 50 {
			readers.Go(func() {
				if live, err := m.Read(t.Context()); err != nil || live.List.String() != ours {
					t.Errorf("%v, %v", live, err)
				}
			})
		}
		readers.Wait()
		if n.reads != 1 {
			t.Errorf("%d reads", n.reads)
		}
	})
}

func TestRead_errorIsSharedAndNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		down := errors.New("down")
		n.failRead = func(count int) error {
			if count == 1 {
				return down
			}
			return nil
		}
		m := n.run()
		var readers sync.WaitGroup
		for range 5 {
			readers.Go(func() {
				if _, err := m.Read(t.Context()); !errors.Is(err, down) {
					t.Error(err)
				}
			})
		}
		readers.Wait()
		if _, err := m.Read(t.Context()); err != nil || n.reads != 2 {
			t.Errorf("%v after %d reads", err, n.reads)
		}
	})
}

func TestRead_outlivesTheOneWhoAskedFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run()
		ctx, cancel := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		readers.Go(func() {
			if _, err := m.Read(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		readers.Go(func() {
			if _, err := m.Read(t.Context()); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		cancel()
		readers.Wait()
		if n.reads != 1 {
			t.Errorf("%d reads", n.reads)
		}
	})
}

// The bubble fails if the read goes on.
func TestRead_endsWithTheLastWhoWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		n.hold = make(chan struct{})
		m := n.run()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := m.Read(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		n.hold = nil
		if _, err := m.Read(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A read that began before an own write holds the list of before it.
func TestRead_thatBeganBeforeAnOwnWriteIsNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run(ours)
		hold := make(chan struct{})
		n.hold = hold
		var reader sync.WaitGroup
		reader.Go(func() {
			if live, err := m.Read(t.Context()); err != nil || live.List.String() != ours {
				t.Errorf("%v, %v", live, err)
			}
		})
		synctest.Wait()
		n.hold = nil
		expectKind(t, m.Replace(t.Context(), changeTo([]string{ours}, ours, office)), whitelist.Written)
		close(hold)
		reader.Wait()
		if live, err := m.Read(t.Context()); err != nil || !live.List.Equal(list(ours, office)) {
			t.Errorf("the list that is kept is %s, %v", live.List, err)
		}
	})
}

// Nor is one that began before the write and ended while it was under way.
func TestRead_thatEndedDuringAnOwnWriteIsNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		m := n.run(ours)
		down := errors.New("down")
		n.failRead = func(count int) error {
			if count > 2 { // the read back
				return down
			}
			return nil
		}
		var reader sync.WaitGroup
		reader.Go(func() {
			time.Sleep(takes + takes/4) // the write is sent, and does not act yet
			if live, err := m.Read(t.Context()); err != nil || live.List.String() != ours {
				t.Errorf("%v, %v", live, err)
			}
		})
		expectKind(t, m.Replace(t.Context(), changeTo([]string{ours}, ours, office)), whitelist.Unchecked)
		reader.Wait()
		n.failRead = nil
		if live, err := m.Read(t.Context()); err != nil || !live.List.Equal(list(ours, office)) {
			t.Errorf("the list that is kept is %s, %v", live.List, err)
		}
	})
}

func TestRead_anOlderOneDoesNotTakeThePlaceOfANewerOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		m := n.run(ours)
		hold := make(chan struct{})
		n.hold = hold
		var reader sync.WaitGroup
		reader.Go(func() { _, _ = m.Read(t.Context()) })
		synctest.Wait()
		n.hold = nil
		time.Sleep(time.Millisecond)
		n.set(ours)
		expectRefusal(t, m.Replace(t.Context(), whitelist.Replacement{To: list(office), IsNew: true}), whitelist.Refused, whitelist.ReasonListExists)
		close(hold)
		reader.Wait()
		if live, err := m.Read(t.Context()); err != nil || live.List.String() != ours {
			t.Errorf("the list that is kept is %s, %v", live.List, err)
		}
	})
}
