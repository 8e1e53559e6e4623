package everflow_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// usedEvery has keys used by others, each so often while the test lasts.
func (a *account) usedEvery(t *testing.T, rhythms map[int64]time.Duration) {
	for id, rhythm := range rhythms {
		go func() {
			for uses := time.Tick(rhythm); t.Context().Err() == nil; {
				a.mock.UpdateKey(id, func(key *everflowmock.Key) { key.TimeLastUsed = time.Now().Unix() })
				select {
				case <-uses:
				case <-t.Context().Done():
				}
			}
		}()
	}
}

func TestOwnKeyCandidates_areTheKeysUsedAtEachLook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		others map[int64]time.Duration
		want   []int64
	}{
		"nobody else calls":             {nil, []int64{4}},
		"another is used all the time":  {map[int64]time.Duration{2: 50 * time.Millisecond}, []int64{2, 4}},
		"two are":                       {map[int64]time.Duration{1: 50 * time.Millisecond, 3: 300 * time.Millisecond}, []int64{1, 3, 4}},
		"another is used now and then":  {map[int64]time.Duration{2: 2500 * time.Millisecond}, []int64{4}},
		"another was used a moment ago": {map[int64]time.Duration{2: time.Hour}, []int64{4}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.usedEvery(t, test.others)
				for range 2 {
					if got, err := a.OwnKeyCandidates(t.Context()); err != nil || !slices.Equal(got, test.want) {
						t.Errorf("got %v, %v, want %v", got, err, test.want)
					}
				}
				if calls := len(a.mock.Calls()); calls != 3 {
					t.Errorf("%d calls were made, want 3 however often it is asked", calls)
				}
			})
		})
	}
}

// The last use may fall into the second before the one of the answer's Date, and
// a look on either side of any fraction of a second.
func TestOwnKeyCandidates_holdTheOwnKeyAtEveryFractionOfASecond(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for range 25 {
			time.Sleep(41 * time.Millisecond)
			a := onMock(t, everflowmock.Options{Latency: 170 * time.Millisecond})
			if got, err := a.OwnKeyCandidates(t.Context()); err != nil || !slices.Equal(got, []int64{4}) {
				t.Errorf("at %s: got %v, %v, want [4]", time.Now().Format(time.StampMilli), got, err)
			}
		}
	})
}

func TestOwnKeyCandidates_areNoneWhereEverflowDoesNotShowTheClientsUses(t *testing.T) {
	t.Parallel()
	// The mock notes a use by its clock: one that stands still, or moves once a
	// minute, is an Everflow that brings last uses up to date late or seldom.
	started := time.Unix(epoch, 0)
	for name, clock := range map[string]func() time.Time{
		"its clock stands still": func() time.Time { return started },
		"uses are noted by the minute": func() time.Time {
			return time.Now().Add(-time.Second).Truncate(time.Minute) // the minute begins between two looks
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{Now: clock})
				if got, err := a.OwnKeyCandidates(t.Context()); err != nil || len(got) != 0 {
					t.Errorf("got %v, %v, want none", got, err)
				}
			})
		})
	}
}

func TestOwnKeyCandidates_errorsEndIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Skip: 1, Times: 1, Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
		if got, err := a.OwnKeyCandidates(t.Context()); everflow.StatusOf(err) != 403 || got != nil {
			t.Errorf("got %v, %v, want the 403", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if got, err := a.OwnKeyCandidates(ctx); !errors.Is(err, context.DeadlineExceeded) || got != nil {
			t.Errorf("got %v, %v, want the end of the time", got, err)
		}
	})
}
