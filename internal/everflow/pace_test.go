package everflow

import (
	"context"
	"errors"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

func quota(limit, remaining string) http.Header {
	return http.Header{"X-Ratelimit-Limit": {limit}, "X-Ratelimit-Remaining": {remaining}}
}

func TestPace_followsWhatIsLeftOfTheQuota(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		header http.Header
		want   float64
	}{
		"all of it":              {status: 200, header: quota("600", "600"), want: 10},
		"a fifth":                {status: 200, header: quota("600", "120"), want: 10},
		"a tenth":                {status: 200, header: quota("600", "60"), want: 5},
		"a fiftieth":             {status: 200, header: quota("50", "1"), want: 1},
		"nothing":                {status: 200, header: quota("600", "0"), want: slowest},
		"more than there is":     {status: 200, header: quota("600", "900"), want: 10},
		"refused":                {status: 429, header: quota("600", "600"), want: slowest},
		"refused, nothing said":  {status: 429, want: slowest},
		"nothing said":           {status: 200, want: 10},
		"an error, nothing said": {status: 500, want: 10},
		"an error, little left":  {status: 500, header: quota("600", "60"), want: 5},
		"words":                  {status: 200, header: quota("600 per 30s", "none"), want: 10},
		"one of the two":         {status: 200, header: quota("600", ""), want: 10},
		"no limit":               {status: 200, header: quota("0", "0"), want: 10},
		"less than nothing":      {status: 200, header: quota("600", "-1"), want: 10},
		"a huge number":          {status: 200, header: quota("600", "99999999999999999999"), want: 10},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPace(10, nil)
			p.learn(test.status, test.header)
			if got := float64(p.limiter.Limit()); math.Abs(got-test.want) > 1e-9 {
				t.Errorf("the pace is %v a second, want %v", got, test.want)
			}
		})
	}
}

func TestPace_recoversAfterARefusal(t *testing.T) {
	t.Parallel()
	p := newPace(10, nil)
	p.learn(429, nil)
	for _, want := range []rate.Limit{1, 2, 4, 8, 10, 10} {
		if p.learn(200, nil); p.limiter.Limit() != want {
			t.Errorf("the pace is %v, want %v", p.limiter.Limit(), want)
		}
	}
	p.learn(429, nil)
	if p.learn(200, quota("600", "600")); p.limiter.Limit() != 10 {
		t.Errorf("the pace is %v with the whole quota left, want 10", p.limiter.Limit())
	}
}

func TestPace_isNeverAboveWhatIsConfigured(t *testing.T) {
	t.Parallel()
	p := newPace(0.1, nil)
	for _, status := range []int{200, 429} {
		if p.learn(status, quota("600", "0")); p.limiter.Limit() != 0.1 {
			t.Errorf("the pace is %v after %d, want 0.1", p.limiter.Limit(), status)
		}
	}
}

// After a refusal nobody storms ahead: neither those who wait already, nor by what
// was saved up of the burst.
func TestPace_thoseWhoWaitDoNotWakeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(20, nil)
		p.learn(429, nil)
		var mu sync.Mutex
		var went []time.Time
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if err := p.wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				went = append(went, time.Now())
			})
		}
		all.Wait()
		for i := range went[1:] {
			if gap := went[i+1].Sub(went[i]); gap < time.Second {
				t.Errorf("two went within %s of each other", gap)
			}
		}
	})
}

func TestPace_aBetterPaceIsTakenUpAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(20, nil)
		p.learn(429, nil)
		started := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { _ = p.wait(t.Context()) })
		}
		time.Sleep(3 * time.Second)
		p.learn(200, quota("600", "600"))
		all.Wait()
		if took := time.Since(started); took > 6*time.Second {
			t.Errorf("ten calls took %s, as if there were still nothing left", took)
		}
	})
}

func TestPace_tellsOfALongWaitWhileItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []time.Duration
		p := newPace(0.05, func(_ context.Context, waited time.Duration) { told = append(told, waited) })
		ctx, leave := context.WithTimeout(t.Context(), 12*time.Second)
		defer leave()
		go func() { _ = p.wait(t.Context()) }()
		go func() { time.Sleep(time.Millisecond); _ = p.wait(t.Context()) }() // heads the line for 20 s
		time.Sleep(2 * time.Millisecond)
		if err := p.wait(ctx); !errors.Is(err, errNotSent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if len(told) != 2 || told[0] != 5*time.Second || told[1] != 10*time.Second {
			t.Errorf("told %v", told)
		}
		time.Sleep(time.Minute)
	})
}

func FuzzQuotaLeft(f *testing.F) {
	for _, seed := range [][2]string{{"600", "599"}, {"50", "0"}, {"", ""}, {"1e9", "NaN"}, {"-1", "+1"}, {"0", "1"}, {"٣", "00"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, limit, remaining string) {
		left, known := quotaLeft(quota(limit, remaining))
		if !(left >= 0 && left <= 1) || (!known && left != 0) {
			t.Errorf("%q of %q is %v", remaining, limit, left)
		}
		p := newPace(10, nil)
		p.learn(200, quota(limit, remaining))
		if pace := p.limiter.Limit(); !(pace >= slowest && pace <= 10) {
			t.Errorf("%q of %q makes a pace of %v", remaining, limit, pace)
		}
	})
}
