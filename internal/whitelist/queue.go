package whitelist

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const (
	// gatherFor is how long a write waits for other changes after the first: Terraform
	// makes some ten at a time, and those that end together are followed by others.
	gatherFor = 400 * time.Millisecond
	// gatherUnsafeFor is the same for changes that others may make safe: removals where
	// nobody knows this machine's address, and changes that lock Terraform out by
	// themselves.
	gatherUnsafeFor = 2 * time.Second
)

// queue joins changes of entries into few writes: what comes while one is under way
// is taken together by the next.
type queue struct {
	mu      sync.Mutex
	waiting []*queuedChange
	// batch is being written.
	batch []*queuedChange
	// callers counts those who wait for a change and are not interrupted.
	callers   int
	isWorking bool
	// stop ends what is under way; called when no caller is left.
	stop context.CancelFunc
	// lastEvent is when the last change came or the last write ended.
	lastEvent time.Time
	wake      chan struct{}
	history   history
}

type queuedChange struct {
	Change
	ctx context.Context
	// mayRemoveCaller: it removes an entry, and nobody knows whether this machine's.
	mayRemoveCaller bool
	// isHeld: it would lock Terraform out, and others may make it safe.
	isHeld                 bool
	isInterrupted, isEnded bool
	outcome                Outcome
	ended                  chan struct{}
}

func newQueue() queue { return queue{wake: make(chan struct{}, 1)} }

// Change makes a change of an entry, with those of others, and returns when it is
// made or refused. The end of ctx withdraws a change that is not being written.
func (m *Manager) Change(ctx context.Context, change Change) Outcome {
	c := &queuedChange{Change: change, ctx: ctx, ended: make(chan struct{})}
	c.mayRemoveCaller = !change.Remove.IsZero() && m.Caller().Egress.IsEmpty()
	m.enqueue(c)
	select {
	case <-c.ended:
	case <-ctx.Done():
		m.queue.interrupt(c)
		<-c.ended
	}
	return c.outcome
}

func (m *Manager) enqueue(c *queuedChange) {
	q := &m.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting, q.lastEvent = append(q.waiting, c), time.Now()
	q.callers++
	if q.isWorking {
		q.signal()
		return
	}
	q.isWorking = true
	go m.work()
}

// signal makes gather look at the queue again.
func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// interrupt withdraws a change that is not being written, and ends what is under way
// if nobody else waits for it.
func (q *queue) interrupt(c *queuedChange) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, c); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.end(c, Outcome{Kind: NotWritten, WriteErr: errInterrupted})
		q.signal()
	} else if !c.isEnded {
		c.isInterrupted = true
		q.callers--
	}
	if q.callers == 0 && q.stop != nil {
		q.stop()
	}
}

// end is called with the lock held.
func (q *queue) end(c *queuedChange, outcome Outcome) {
	c.outcome, c.isEnded = outcome, true
	if outcome.IsDone() {
		q.history.record(c.Change)
	}
	if !c.isInterrupted {
		q.callers--
	}
	close(c.ended)
}

// work writes until nobody waits any more.
func (m *Manager) work() {
	for m.workOnce() {
	}
}

// workOnce writes once, and returns false if there was nothing to write. Its context is
// that of a caller who waits, which has the logger of a request that goes on; the end of
// one caller is not the end of the others.
func (m *Manager) workOnce() bool {
	q := &m.queue
	q.mu.Lock()
	q.isWorking = len(q.waiting) > 0
	if !q.isWorking {
		q.mu.Unlock()
		return false
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(q.waiting[0].ctx))
	defer stop()
	q.stop = stop
	q.mu.Unlock()
	isDue := q.gather(ctx)
	if isDue {
		m.writeBatch(ctx)
	}
	return true
}

// gather waits until a write is due, and returns false if there is nothing to write.
func (q *queue) gather(ctx context.Context) bool {
	var began time.Time // when there was a first change that is not held
	for {
		wait, ok := q.timeToWrite(&began)
		if !ok {
			return false
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			return true
		case <-q.wake:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// timeToWrite is how long to wait for other changes; ok is false if no change waits.
func (q *queue) timeToWrite(began *time.Time) (wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.areAllHeld() {
		*began = time.Time{}
		return gatherUnsafeFor - time.Since(q.lastEvent), len(q.waiting) > 0
	}
	if began.IsZero() {
		*began = time.Now()
	}
	wait = gatherFor
	if slices.ContainsFunc(q.waiting, func(c *queuedChange) bool { return c.mayRemoveCaller }) {
		wait = gatherUnsafeFor
	}
	return wait - time.Since(*began), true
}

func (q *queue) areAllHeld() bool {
	return !slices.ContainsFunc(q.waiting, func(c *queuedChange) bool { return !c.isHeld })
}

// writeBatch writes what waits and can be written.
func (m *Manager) writeBatch(ctx context.Context) {
	q := &m.queue
	isTaken := false
	outcome := m.commit(ctx, 0, func(live Live, _ bool) (List, *Refusal) {
		q.mu.Lock()
		defer q.mu.Unlock()
		if !isTaken && ctx.Err() == nil {
			isTaken = true
			q.takeBatch(m.Caller(), live)
		}
		return q.listWithBatch(m.Caller(), live), nil
	})
	if everflow.StatusOf(outcome.WriteErr) == http.StatusBadRequest && len(q.batch) > 1 {
		m.writeOneByOne(ctx)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !isTaken && ctx.Err() == nil {
		q.batch, q.waiting = q.waiting, nil // the list could not be read
	}
	q.endBatch(outcome)
}

// writeOneByOne follows a refusal that does not say which of the changes it means, so
// that an entry that Everflow does not take is no obstacle to the others.
func (m *Manager) writeOneByOne(ctx context.Context) {
	q := &m.queue
	q.mu.Lock()
	changes := q.batch
	q.mu.Unlock()
	for _, c := range changes {
		q.mu.Lock()
		q.batch = []*queuedChange{c}
		q.mu.Unlock()
		outcome := m.commit(ctx, 0, func(live Live, _ bool) (List, *Refusal) {
			q.mu.Lock()
			defer q.mu.Unlock()
			return q.listWithBatch(m.Caller(), live), nil
		})
		q.mu.Lock()
		q.endBatch(outcome)
		q.mu.Unlock()
	}
}

// takeBatch moves what can be written now from the queue to the batch. What must not be
// made at all ends; what would lock Terraform out waits for others for a while.
func (q *queue) takeBatch(caller Caller, live Live) {
	if q.history.first == nil {
		q.history.first = &live.List
	}
	nothingElseComes := q.areAllHeld() && time.Since(q.lastEvent) >= gatherUnsafeFor
	var possible []*queuedChange
	var changes []Change
	for _, c := range q.waiting {
		if refusal := q.history.refusal(c.Change, live, changes); refusal != nil {
			q.end(c, Outcome{Kind: Refused, Live: live, Refusal: refusal})
			continue
		}
		possible, changes = append(possible, c), append(changes, c.Change)
	}
	verdict, isUnsafe := judgeChanges(caller, live.List, changes)
	q.batch, q.waiting = nil, nil
	for i, c := range possible {
		switch {
		case !isUnsafe[i]:
			q.batch = append(q.batch, c)
		case nothingElseComes, verdict.Risk == RiskUnknown:
			q.end(c, refusedLockout(live, verdict))
		default:
			c.isHeld = true
			q.waiting = append(q.waiting, c)
		}
	}
}

// listWithBatch is the list with the batch's changes. Those that must not be made on the list
// as it is now end.
func (q *queue) listWithBatch(caller Caller, live Live) List {
	changes := changesOf(q.batch)
	if verdict, isUnsafe := judgeChanges(caller, live.List, changes); slices.Contains(isUnsafe, true) {
		var safe []*queuedChange
		for i, c := range q.batch {
			if isUnsafe[i] {
				q.end(c, refusedLockout(live, verdict))
			} else {
				safe = append(safe, c)
			}
		}
		q.batch, changes = safe, changesOf(safe)
	}
	next := live.List.Apply(changes...)
	if next.IsEmpty() && !live.List.IsEmpty() && !q.history.isEmptyingPlanned(changes) {
		for _, c := range q.batch {
			q.end(c, Outcome{Kind: Refused, Live: live, Refusal: &Refusal{Reason: ReasonOpensNetwork, Live: live}})
		}
		q.batch, next = nil, live.List
	}
	return next
}

// refusedLockout refuses a change that would, or might, lock Terraform out.
func refusedLockout(live Live, verdict Verdict) Outcome {
	reason := ReasonLocksOut
	if verdict.Risk == RiskUnknown {
		reason = ReasonNeedsEgress
	}
	return Outcome{Kind: Refused, Live: live, Refusal: &Refusal{Reason: reason, Live: live, Verdict: verdict}}
}

func changesOf(batch []*queuedChange) []Change {
	changes := make([]Change, len(batch))
	for i, c := range batch {
		changes[i] = c.Change
	}
	return changes
}

// endBatch is called with the lock held. Where a write failed, or was undone, some of
// its changes may be made all the same.
func (q *queue) endBatch(outcome Outcome) {
	for _, c := range q.batch {
		own := outcome
		if (outcome.Kind == NotWritten || outcome.Kind == Undone) && c.IsMadeIn(outcome.Live.List) {
			own = Outcome{Kind: Written, Live: outcome.Live}
		}
		q.end(c, own)
	}
	q.batch, q.lastEvent = nil, time.Now()
}
