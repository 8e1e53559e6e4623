package everflow

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// reserve is the part of Everflow's quota that is left to the customer's other
	// systems: when less of it remains, calls slow down in proportion.
	reserve = 0.2
	// slowest is the pace, in calls a second, with nothing left: enough to notice
	// that there is a quota again.
	slowest = 0.5
	// longWait is after what time, and how often again, a waiting call is reported.
	longWait = 5 * time.Second
)

// pace lets calls through one by one, at most so many a second, and fewer when
// Everflow's answers say that its quota, which all systems of the customer share,
// is running out. It needs no knowledge of how Everflow counts: of the three ways
// that it has documented, none is left to run dry.
type pace struct {
	most    rate.Limit
	limiter *rate.Limiter
	// line admits one call at a time to the limiter, so that no call has reserved its
	// time at a pace that changed since.
	line chan struct{}
	// waiting, if set, is called during long waits.
	waiting func(context.Context, time.Duration)

	mu sync.Mutex
}

func newPace(perSecond float64, waiting func(context.Context, time.Duration)) *pace {
	return &pace{
		most:    rate.Limit(perSecond),
		limiter: rate.NewLimiter(rate.Limit(perSecond), burst(rate.Limit(perSecond))),
		line:    make(chan struct{}, 1),
		waiting: waiting,
	}
}

// burst is half a second's worth, which keeps small runs quick.
func burst(limit rate.Limit) int { return max(1, int(limit/2)) }

// wait returns when the call may be sent, or with an error when ctx ends before.
func (p *pace) wait(ctx context.Context) error {
	if err := p.queue(ctx); err != nil {
		return err
	}
	defer func() { <-p.line }()
	if err := p.limiter.Wait(ctx); err != nil {
		// limiter.Wait also fails when the wait would outlast the deadline of ctx.
		return fmt.Errorf("%w: %w", errNotSent, cmp.Or(ctx.Err(), context.DeadlineExceeded))
	}
	return nil
}

// queue waits for the head of the line. Whoever waits stays at its place.
func (p *pace) queue(ctx context.Context) error {
	select {
	case p.line <- struct{}{}:
		return nil
	default:
	}
	if p.waiting != nil {
		arrived := make(chan struct{})
		var reporting sync.WaitGroup
		reporting.Go(func() { p.reportWait(ctx, arrived) })
		defer reporting.Wait() // no report of a wait that is over
		defer close(arrived)
	}
	select {
	case p.line <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errNotSent, ctx.Err())
	}
}

// reportWait reports a wait while it lasts.
func (p *pace) reportWait(ctx context.Context, arrived <-chan struct{}) {
	started := time.Now()
	long := time.NewTicker(longWait)
	defer long.Stop()
	for {
		select {
		case <-arrived:
			return
		case <-long.C:
			p.waiting(ctx, time.Since(started))
		}
	}
}

// learn sets the pace by an answer.
func (p *pace) learn(status int, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left, known := quotaLeft(header)
	switch {
	case status == http.StatusTooManyRequests:
		p.set(0)
	case known:
		p.set(p.most * rate.Limit(left/reserve))
	case status < http.StatusBadRequest:
		p.set(2 * p.limiter.Limit()) // refused before, and no word of how much there is now
	}
}

func (p *pace) set(limit rate.Limit) {
	limit = min(p.most, max(limit, slowest))
	if limit != p.limiter.Limit() {
		p.limiter.SetLimit(limit)
		p.limiter.SetBurst(burst(limit))
	}
}

// quotaLeft reads how much of the quota is left, from 0 to 1.
// Source: X-RateLimit-Limit and X-RateLimit-Remaining, published.
func quotaLeft(header http.Header) (part float64, known bool) {
	limit, limitErr := strconv.ParseUint(header.Get("X-RateLimit-Limit"), 10, 32)
	remaining, remainingErr := strconv.ParseUint(header.Get("X-RateLimit-Remaining"), 10, 32)
	if limitErr != nil || remainingErr != nil || limit == 0 {
		return 0, false
	}
	return min(1, float64(remaining)/float64(limit)), true
}

type reservedKey struct{}

// AwaitRateLimit waits until a call may be sent, and returns a context with which the
// next one is sent at once. Nothing but the call's own time then lies between a read and
// the write that rests on it, however little is left of the rate limit. Errors are
// *Error.
func (c *Client) AwaitRateLimit(ctx context.Context) (context.Context, error) {
	if err := c.pace.wait(ctx); err != nil {
		return ctx, &Error{Call: http.MethodPut + " " + whitelistPath, Message: waitMessage(err), Cause: err}
	}
	reserved := &atomic.Bool{}
	reserved.Store(true)
	return context.WithValue(ctx, reservedKey{}, reserved), nil
}

// useReserved reports whether the call has waited already, which holds for one call.
func useReserved(ctx context.Context) bool {
	reserved, ok := ctx.Value(reservedKey{}).(*atomic.Bool)
	return ok && reserved.CompareAndSwap(true, false)
}
