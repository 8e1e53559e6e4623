package whitelist

import (
	"context"
	"fmt"
	"time"
)

// memo is the list as it was read last, for the many of a run that ask for it.
type memo struct {
	live *Live
	// asked is when the read began that brought it.
	asked time.Time
	// writes counts the run's own writes: a read that began before one is not kept.
	writes int
	shared *sharedRead
}

// forget forgets what was read before a write. A read under way serves those who
// wait for it, and is not kept.
func (m *memo) forget() {
	m.writes++
	m.live, m.shared = nil, nil
}

// sharedRead is a read that several wait for. It ends with the last of them.
type sharedRead struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	live    Live
	err     error
}

// Read returns the list as the run knows it: as it was read last, or after a write
// anew. Those who ask meanwhile share a read and its error.
func (m *Manager) Read(ctx context.Context) (Live, error) {
	m.mu.Lock()
	if m.memo.live != nil {
		defer m.mu.Unlock()
		return *m.memo.live, nil
	}
	read := m.memo.shared
	if read == nil {
		read = m.startRead(ctx)
	}
	read.waiting++
	m.mu.Unlock()
	select {
	case <-read.done:
	case <-ctx.Done():
		m.leave(read)
		return Live{}, fmt.Errorf("the run was interrupted while the list was read: %w", ctx.Err())
	}
	return read.live, read.err
}

// startRead is called with the lock held.
func (m *Manager) startRead(ctx context.Context) *sharedRead {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	read := &sharedRead{cancel: cancel, done: make(chan struct{})}
	m.memo.shared = read
	go func() {
		defer cancel()
		read.live, read.err = m.readNow(ctx)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.memo.shared == read {
			m.memo.shared = nil
		}
		close(read.done)
	}()
	return read
}

// leave ends a read that nobody waits for any more.
func (m *Manager) leave(read *sharedRead) {
	m.mu.Lock()
	defer m.mu.Unlock()
	read.waiting--
	if read.waiting > 0 {
		return
	}
	read.cancel()
	if m.memo.shared == read {
		m.memo.shared = nil
	}
}

// readWithin returns the list as it was read at most so long ago, or reads it.
func (m *Manager) readWithin(ctx context.Context, maxAge time.Duration) (Live, error) {
	m.mu.Lock()
	if known := m.memo.live; known != nil && time.Since(m.memo.asked) < maxAge {
		defer m.mu.Unlock()
		return *known, nil
	}
	m.mu.Unlock()
	return m.readNow(ctx)
}

// readNow reads the list.
func (m *Manager) readNow(ctx context.Context) (Live, error) {
	m.mu.Lock()
	asked, writes := time.Now(), m.memo.writes
	m.mu.Unlock()
	live, err := m.store.Read(ctx)
	if err != nil {
		return Live{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.caller = m.caller.Learn(live.List)
	if writes == m.memo.writes && !asked.Before(m.memo.asked) {
		m.memo.live, m.memo.asked = &live, asked
	}
	return live, nil
}
