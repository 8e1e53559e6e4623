package provider

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const (
	// gatherFor is how long a write waits for more changes since the last one
	// arrived; gatherWithin, in all.
	gatherFor, gatherWithin = 300 * time.Millisecond, 3 * time.Second
	// gatherBlind is gatherFor where it is not known which entry admits this
	// machine: what is removed, or added to an empty list, in one write cannot lock
	// it out in between.
	gatherBlind = time.Second
	// holdFor is how long a change that would lock Terraform out is held back for
	// others that make it safe, since the last arrival or write.
	holdFor = 4 * time.Second
	// lookEvery is how often the queue is looked at meanwhile.
	lookEvery = 25 * time.Millisecond
	// mostTries bounds how often changes are written that others undo, or that fail.
	mostTries = 3
)

// entryWriter makes the entries' changes, few writes for many of them: those that
// come together are written together, and those that come meanwhile next.
type entryWriter struct {
	mu    sync.Mutex
	queue []*queuedChange
	// latest is the time of the last arrival or of the end of the last write.
	latest time.Time
	// stop ends the work that is under way while nothing is written; nil: no work.
	stop    context.CancelFunc
	writing bool
	// added and removed hold, by meaning, what this run has done.
	added, removed map[string]bool
	// first is the list before the run's first write.
	first []string
}

type queuedChange struct {
	entryChange
	held  bool
	ended chan struct{}
	ending
}

// ending is how a change ended. With done, the list is as the change wants it.
type ending struct {
	done  bool
	live  everflow.Whitelist
	diags diag.Diagnostics
}

// errInterrupted is the end of a change that was not begun.
var errInterrupted = errors.New("the run was interrupted before anything was written")

// change makes a change, with others, and returns when it is made or refused. The
// end of ctx withdraws a change that is not being written.
func (w *entryWriter) change(ctx context.Context, s *session, wanted entryChange) ending {
	change := &queuedChange{entryChange: wanted, ended: make(chan struct{})}
	w.enqueue(ctx, s, change)
	select {
	case <-change.ended:
	case <-ctx.Done():
		if w.withdraw(change) {
			change.fail("was not done", errInterrupted)
			return change.ending
		}
		<-change.ended
	}
	return change.ending
}

func (w *entryWriter) enqueue(ctx context.Context, s *session, change *queuedChange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue, w.latest = append(w.queue, change), time.Now()
	if w.stop != nil {
		return
	}
	// No caller's end is the end of the others.
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	go w.work(ctx, s)
}

// withdraw reports whether the change was still waiting.
func (w *entryWriter) withdraw(change *queuedChange) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	index := slices.Index(w.queue, change)
	if index < 0 {
		return false
	}
	w.queue = slices.Delete(w.queue, index, index+1)
	if len(w.queue) == 0 && !w.writing {
		w.stop()
		w.stop = nil
	}
	return true
}

// work writes until nobody waits any more.
func (w *entryWriter) work(ctx context.Context, s *session) {
	for w.gather(ctx, s) {
		live, err := s.whitelist(ctx)
		batch := w.take(ctx, s, live, err)
		if len(batch) == 0 {
			continue
		}
		s.writeEntries(ctx, batch, live)
		w.mu.Lock()
		w.writing, w.latest = false, time.Now()
		w.mu.Unlock()
	}
}

// gather waits until a write is worth it, and returns false when there is no more
// to do.
func (w *entryWriter) gather(ctx context.Context, s *session) bool {
	for started := time.Now(); ; {
		w.mu.Lock()
		if ctx.Err() != nil {
			w.mu.Unlock()
			return false
		}
		if len(w.queue) == 0 {
			w.stop()
			w.stop = nil
			w.mu.Unlock()
			return false
		}
		quiet := time.Since(w.latest)
		fresh := slices.ContainsFunc(w.queue, func(c *queuedChange) bool { return !c.held })
		blind := len(s.egress) == 0 && (!s.home.isKnown() || slices.ContainsFunc(w.queue, func(c *queuedChange) bool { return c.remove != "" }))
		w.mu.Unlock()
		switch {
		case !fresh && quiet < holdFor:
			started = time.Now()
		case !fresh, time.Since(started) >= gatherWithin, quiet >= gatherBlind, !blind && quiet >= gatherFor:
			return true
		}
		pause(ctx, lookEvery)
	}
}

// take takes what can be written now out of the queue. What cannot be written at
// all is told so; what would lock Terraform out is held back for a while.
func (w *entryWriter) take(ctx context.Context, s *session, live everflow.Whitelist, err error) (batch []*queuedChange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return nil // all have withdrawn
	}
	var possible []*queuedChange
	for _, change := range w.queue {
		switch {
		case err != nil:
			change.fail("failed", err)
		case !w.isPossible(change, live, possible):
			close(change.ended)
		default:
			possible = append(possible, change)
		}
	}
	batch, held := s.split(live.IPAddresses, possible)
	w.queue = nil
	for _, change := range held {
		if change.held && time.Since(w.latest) >= holdFor {
			s.refuseLockout(change, live.IPAddresses)
			continue
		}
		change.held = true
		w.queue = append(w.queue, change)
	}
	w.writing = len(batch) > 0
	if w.first == nil {
		w.first = live.IPAddresses
	}
	return batch
}

// isPossible checks a change on its own, or says why it cannot be made.
func (w *entryWriter) isPossible(change *queuedChange, live everflow.Whitelist, others []*queuedChange) bool {
	twin := slices.ContainsFunc(others, func(other *queuedChange) bool {
		return change.add != "" && other.add != "" && meaning(other.add) == meaning(change.add)
	})
	if !guardNetwork(live, change.network, &change.diags) {
		return false
	}
	switch {
	case change.add == "":
	case twin || w.added[meaning(change.add)]:
		refuseTwins(change.add, &sighting{taken: 2}, &change.diags)
	case hasEntry(live.IPAddresses, change.add):
		addExisting(change.add, live.NetworkID, &change.diags)
	}
	return !change.diags.HasError()
}

// split parts the changes into those that can be written together now, and those
// that would lock this machine out.
func (s *session) split(live []string, changes []*queuedChange) (batch, held []*queuedChange) {
	outlook := s.outlook(live, changed(live, wantedBy(changes)))
	if outlook.fate != lockedOut {
		return changes, nil
	}
	for _, change := range changes {
		if !change.allowLockout && outlook.isBy(change.entryChange) {
			held = append(held, change)
		} else {
			batch = append(batch, change)
		}
	}
	// With the others made, some are safe after all: the last entry, removed after
	// all others, locks nobody out.
	for again := true; again; {
		again = false
		for i, change := range held {
			with := append(slices.Clone(batch), change)
			if s.outlook(live, changed(live, wantedBy(with))).fate != lockedOut {
				batch, held, again = with, slices.Delete(slices.Clone(held), i, i+1), true
				break
			}
		}
	}
	return batch, held
}

func wantedBy(changes []*queuedChange) []entryChange {
	wanted := make([]entryChange, len(changes))
	for i, change := range changes {
		wanted[i] = change.entryChange
	}
	return wanted
}

// writeEntries writes a batch whose list was read just now, as often as needed.
// The calls do not end with the run: how a write ended must be known.
func (s *session) writeEntries(ctx context.Context, batch []*queuedChange, live everflow.Whitelist) {
	for try := 1; len(batch) > 0; try++ {
		wanted := changed(live.IPAddresses, wantedBy(batch))
		if sameEntries(wanted, live.IPAddresses) {
			s.finish(batch, live)
			return
		}
		if len(wanted) == 0 && !s.writer.foresaw(batch) {
			for _, change := range batch {
				change.refuseOpening()
			}
			return
		}
		answer, writeErr := s.rewrite(ctx, wanted)
		if everflow.StatusOf(writeErr) == http.StatusBadRequest && len(batch) > 1 {
			s.writeOneByOne(ctx, batch)
			return
		}
		last := try >= mostTries || (writeErr != nil && try > s.client.MaxRetries())
		if writeErr != nil && !everflow.IsInDoubt(writeErr) && (last || !everflow.IsTemporary(writeErr)) {
			failAll(batch, "failed", writeErr)
			return
		}
		pause(ctx, settle)
		now, readErr := s.readBack(ctx)
		if readErr != nil {
			s.endUnread(batch, wanted, answer, writeErr, readErr)
			return
		}
		var undone []*queuedChange
		for _, change := range batch {
			if change.isDone(now.IPAddresses) {
				s.finish([]*queuedChange{change}, now)
			} else {
				undone = append(undone, change)
			}
		}
		if last {
			for _, change := range undone {
				change.failUndone(writeErr, now.IPAddresses)
			}
			return
		}
		var unsafe []*queuedChange
		live = now
		batch, unsafe = s.split(live.IPAddresses, undone)
		for _, change := range unsafe {
			s.refuseLockout(change, live.IPAddresses)
		}
	}
}

// foresaw reports whether the plan knew that these removals leave nothing: the list
// was then as the run found it, and nobody but the run has removed anything since.
func (w *entryWriter) foresaw(batch []*queuedChange) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	gone := maps.Clone(w.removed)
	for _, change := range batch {
		if gone == nil {
			gone = map[string]bool{}
		}
		gone[meaning(change.remove)] = true
		if change.plannedFrom != "" && change.plannedFrom != fingerprint(w.first) {
			return false
		}
	}
	return !slices.ContainsFunc(w.first, func(entry string) bool { return !gone[meaning(entry)] })
}

// refuseOpening ends a removal that would empty the list because others have
// removed theirs.
func (c *queuedChange) refuseOpening() {
	c.diags.AddError(c.String()+" would now open the network to every address",
		"Someone else has changed the list since this was planned, and no other entry would be left, so nothing was written. Run terraform plan again to see what would happen now.")
	close(c.ended)
}

func (s *session) rewrite(ctx context.Context, entries []string) (everflow.Whitelist, error) {
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	return s.client.RewriteWhitelist(ctx, entries)
}

func (s *session) readBack(ctx context.Context) (everflow.Whitelist, error) {
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	return s.whitelist(ctx)
}

// writeOneByOne follows a refusal that does not say which of the changes it means,
// so that one entry that Everflow does not take is no obstacle to the others.
func (s *session) writeOneByOne(ctx context.Context, batch []*queuedChange) {
	for _, change := range batch {
		live, err := s.readBack(ctx)
		if err != nil {
			change.fail("failed", err)
			continue
		}
		if safe, _ := s.split(live.IPAddresses, []*queuedChange{change}); len(safe) == 0 {
			s.refuseLockout(change, live.IPAddresses)
			continue
		}
		s.writeEntries(ctx, []*queuedChange{change}, live)
	}
}

// pause reports whether the time passed before ctx ended.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
