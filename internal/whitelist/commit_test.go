package whitelist_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// failures are how a write can fail, and whether it acted.
var failures = map[string]struct {
	err  error
	acts bool
}{
	"429":                      {err: tooMany},
	"500":                      {err: serverError},
	"500, acted":               {err: serverError, acts: true},
	"503":                      {err: unavailable},
	"503, acted":               {err: unavailable, acts: true},
	"reset":                    {err: lostAnswer},
	"answer lost after acting": {err: lostAnswer, acts: true},
}

// users are the four that write the list.
var users = map[string]struct {
	live []string
	do   func(ctx context.Context, m *whitelist.Manager) whitelist.Outcome
	want []string
	// isWhole: what a colleague adds meanwhile stops it; else it is kept.
	isWhole bool
}{
	"create": {do: func(ctx context.Context, m *whitelist.Manager) whitelist.Outcome {
		return m.Replace(ctx, whitelist.Replacement{To: list(ours), IsNew: true})
	}, want: []string{ours}, isWhole: true},
	"update": {live: []string{ours}, do: func(ctx context.Context, m *whitelist.Manager) whitelist.Outcome {
		return m.Replace(ctx, changeTo([]string{ours}, ours, office))
	}, want: []string{ours, office}, isWhole: true},
	"destroy": {live: []string{ours}, do: func(ctx context.Context, m *whitelist.Manager) whitelist.Outcome {
		return m.Replace(ctx, changeTo([]string{ours}))
	}, isWhole: true},
	"entry": {live: []string{ours}, do: func(ctx context.Context, m *whitelist.Manager) whitelist.Outcome {
		return m.Change(ctx, whitelist.Change{Add: entry(office)})
	}, want: []string{ours, office}},
	"entry removed": {live: []string{ours, office}, do: func(ctx context.Context, m *whitelist.Manager) whitelist.Outcome {
		return m.Change(ctx, whitelist.Change{Remove: entry(office)})
	}, want: []string{ours}},
}

func forEachUserAndFailure(t *testing.T, test func(t *testing.T, user, failure string)) {
	t.Helper()
	t.Parallel()
	for user := range users {
		for failure := range failures {
			t.Run(user+", "+failure, func(t *testing.T) {
				bubble(t, func(t *testing.T) { test(t, user, failure) })
			})
		}
	}
}

func TestCommit_failedWriteIsTriedAgainOnAFreshList(t *testing.T) {
	forEachUserAndFailure(t, func(t *testing.T, user, failure string) {
		u, f := users[user], failures[failure]
		n := newNetwork(u.live...)
		n.fault = func(count int) (bool, error) {
			if count == 1 {
				return f.acts, f.err
			}
			return true, nil
		}
		outcome := u.do(t.Context(), n.run(ours))
		expectKind(t, outcome, whitelist.Written)
		expectList(t, n, u.want...)
		want := 2
		if f.acts {
			want = 1
		}
		if len(n.put) != want {
			t.Errorf("%d writes, want %d", len(n.put), want)
		}
	})
}

// colleagues is an entry that admits us, too.
const colleagues = "203.0.113.0/28"

// A colleague saves the list while the provider waits to try again.
func TestCommit_whatSomeoneChangesWhileWeWaitIsNotOverwritten(t *testing.T) {
	forEachUserAndFailure(t, func(t *testing.T, user, failure string) {
		u, f := users[user], failures[failure]
		n := newNetwork(u.live...)
		n.fault = func(count int) (bool, error) {
			if count == 1 {
				return f.acts, f.err
			}
			return true, nil
		}
		n.afterPut = func(count int) {
			if count == 1 {
				n.set(append([]string{colleagues}, n.now()...)...)
			}
		}
		outcome := u.do(t.Context(), n.run(ours))
		left := u.live
		if f.acts || !u.isWhole {
			left = u.want
		}
		expectList(t, n, append([]string{colleagues}, left...)...)
		switch {
		case !u.isWhole:
			expectKind(t, outcome, whitelist.Written)
		case outcome.Refusal == nil:
			t.Errorf("ended with %d and no refusal", outcome.Kind)
		case outcome.Refusal.Added.String() != colleagues && outcome.Refusal.Reason != whitelist.ReasonListExists && !f.acts:
			t.Errorf("says that %s was added", outcome.Refusal.Added)
		}
	})
}

func TestCommit_writeThatKeepsFailingIsGivenUpWithTheLastError(t *testing.T) {
	forEachUserAndFailure(t, func(t *testing.T, user, failure string) {
		u, f := users[user], failures[failure]
		if f.acts {
			return
		}
		n := newNetwork(u.live...)
		n.fault = func(int) (bool, error) { return false, f.err }
		began := time.Now()
		outcome := u.do(t.Context(), n.run(ours))
		expectKind(t, outcome, whitelist.NotWritten)
		if !errors.Is(outcome.WriteErr, f.err) {
			t.Errorf("the error is %v", outcome.WriteErr)
		}
		expectList(t, n, u.live...)
		if took := time.Since(began); len(n.put) != 7 || took < 30*time.Second || took > 90*time.Second {
			t.Errorf("%d writes in %s, want 7 in more than a rate-limit window", len(n.put), took)
		}
	})
}

// A 429 that cannot have acted is no try: the rate limit is outwaited.
func TestCommit_rateLimitIsOutwaitedThenWhatOthersUndoIsDoneAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		n.fault = func(count int) (bool, error) {
			if count <= 5 {
				return false, tooMany
			}
			return true, nil
		}
		n.afterPut = func(count int) {
			if count == 6 || count == 7 {
				n.set(ours, "192.0.2.66")
			}
		}
		expectKind(t, n.run(ours).Change(t.Context(), whitelist.Change{Add: entry(office)}), whitelist.Written)
		expectList(t, n, ours, office, "192.0.2.66")
	})
}

func TestCommit_endings(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for name, test := range map[string]struct {
		fault    error
		acts     bool
		failRead error
		after    []string
		to       []string
		want     whitelist.Kind
		puts     int
	}{
		"refused as it is":                  {fault: badRequest, want: whitelist.NotWritten, puts: 1},
		"answered in another form, acted":   {fault: &everflow.Error{Status: 200, Malformed: true, InDoubt: true}, acts: true, want: whitelist.Written, puts: 1},
		"answered in another form, not":     {fault: &everflow.Error{Status: 200, Malformed: true, InDoubt: true}, want: whitelist.NotWritten, puts: 1},
		"a page instead of the path":        {fault: &everflow.Error{Status: 404, Malformed: true, InDoubt: true}, want: whitelist.NotWritten, puts: 1},
		"written, not read back":            {acts: true, failRead: gone, want: whitelist.Unchecked, puts: 1},
		"in doubt, not read back":           {fault: lostAnswer, failRead: gone, want: whitelist.InDoubt, puts: 1},
		"overwritten":                       {acts: true, after: []string{ours, "192.0.2.66"}, want: whitelist.Overwritten, puts: 1},
		"undone: the list is as it was":     {acts: true, after: []string{ours, "192.0.2.1"}, want: whitelist.Overwritten, puts: 1},
		"locked out, which nobody foresaw":  {acts: true, to: []string{office, "192.0.2.1"}, want: whitelist.ShutOut, puts: 1},
		"in doubt, and refused since":       {fault: lostAnswer, acts: true, to: []string{office, "192.0.2.1"}, want: whitelist.ShutOut, puts: 1},
		"everything as wanted":              {acts: true, want: whitelist.Written, puts: 1},
		"accepted and not stored, as it is": {acts: false, want: whitelist.Overwritten, puts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(ours, "192.0.2.1")
				n.fault = func(int) (bool, error) { return test.acts, test.fault }
				n.failRead = func(count int) error {
					if count > 1 {
						return test.failRead
					}
					return nil
				}
				n.afterPut = func(int) {
					if test.after != nil {
						n.set(test.after...)
					}
				}
				to := test.to
				if to == nil {
					to = []string{ours, office}
				}
				expectKind(t, n.run().Replace(t.Context(), changeTo([]string{ours, "192.0.2.1"}, to...)), test.want)
				if len(n.put) != test.puts {
					t.Errorf("%d writes, want %d", len(n.put), test.puts)
				}
			})
		})
	}
}

// What an attempt did that may have acted is not known while the list cannot be read.
func TestCommit_readThatFailsAfterAnAttemptLeavesItInDoubt(t *testing.T) {
	t.Parallel()
	down := &everflow.Error{Call: "GET", Status: 500}
	for name, test := range map[string]struct {
		fault    error
		acts     bool
		afterPut func(n *network)
		// reads are those of the first attempt.
		reads int
		want  whitelist.Kind
	}{
		"in doubt, not acted yet": {fault: lostAnswer, reads: 2, want: whitelist.InDoubt},
		"undone by someone else":  {acts: true, afterPut: func(n *network) { n.set(ours) }, reads: 2, want: whitelist.InDoubt},
		"refused":                 {fault: tooMany, reads: 1, want: whitelist.NotRead},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(ours)
				n.fault = func(int) (bool, error) { return test.acts, test.fault }
				if test.afterPut != nil {
					n.afterPut = func(int) { test.afterPut(n) }
				}
				n.failRead = func(count int) error {
					if count <= test.reads {
						return nil
					}
					return down
				}
				outcome := n.run(ours).Change(t.Context(), whitelist.Change{Add: entry(office)})
				expectKind(t, outcome, test.want)
				if !errors.Is(outcome.ReadErr, down) || test.want == whitelist.InDoubt && !errors.Is(outcome.WriteErr, test.fault) {
					t.Errorf("ended with %v and %v", outcome.WriteErr, outcome.ReadErr)
				}
			})
		})
	}
}

func TestCommit_interruptedBeforeTheWriteNothingIsSent(t *testing.T) {
	for name, test := range map[string]struct{ after time.Duration }{
		"while it reads": {takes / 2},
		"before it":      {0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(ours)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(test.after, cancel)
				synctest.Wait()
				expectKind(t, n.run(ours).Replace(ctx, changeTo([]string{ours}, ours, office)), whitelist.NotRead)
				if len(n.put) != 0 {
					t.Errorf("written: %q", n.put)
				}
			})
		})
	}
}

func TestCommit_interruptedAfterItWasSentItIsReadBackAllTheSame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork(ours)
		ctx, cancel := context.WithCancel(t.Context())
		n.afterPut = func(int) { cancel() }
		began := time.Now()
		expectKind(t, n.run(ours).Replace(ctx, changeTo([]string{ours}, ours, office)), whitelist.Written)
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		expectList(t, n, ours, office)
	})
}

func TestCommit_interruptedWhileItWaitsToTryAgainItStops(t *testing.T) {
	for name, err := range map[string]error{"429": tooMany, "503": unavailable, "reset": lostAnswer} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork(ours)
				n.fault = func(int) (bool, error) { return false, err }
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				began := time.Now()
				outcome := n.run(ours).Replace(ctx, changeTo([]string{ours}, ours, office))
				expectKind(t, outcome, whitelist.NotWritten)
				if took := time.Since(began); took > 11*time.Second || !errors.Is(outcome.WriteErr, err) {
					t.Errorf("it took %s and ended with %v", took, outcome.WriteErr)
				}
				expectList(t, n, ours)
			})
		})
	}
}
