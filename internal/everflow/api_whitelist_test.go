package everflow_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// A list that was made from what was read would undo, sent again later, what
// others saved meanwhile.
func TestReplaceWhitelist_isSentOnceWhateverComesOfIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     everflowmock.Fault
		temporary bool
	}{
		"400":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 400}, false},
		"403":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 403}, false},
		"429":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429}, true},
		"500":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500}, true},
		"502":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: http.StatusBadGateway}, true},
		"reset":     {everflowmock.Fault{Kind: everflowmock.FaultReset}, true},
		"no answer": {everflowmock.Fault{Kind: everflowmock.FaultHang}, true},
		"empty":     {everflowmock.Fault{Kind: everflowmock.FaultEmpty}, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				test.fault.Operation = "replaceApiWhitelist"
				a.mock.AddFault(test.fault)
				_, err := a.ReplaceWhitelist(t.Context(), []string{"203.0.113.10"})
				if sent := len(a.calls("replaceApiWhitelist")); sent != 1 {
					t.Errorf("%d attempts, want 1", sent)
				}
				if err == nil || everflow.IsTemporary(err) != test.temporary {
					t.Errorf("temporary: %t, want %t: %v", everflow.IsTemporary(err), test.temporary, err)
				}
			})
		})
	}
}

func TestReplaceWhitelist_replacesTheList(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		list, err := a.ReplaceWhitelist(t.Context(), []string{"203.0.113.10", "2001:db8::7"})
		if err != nil || len(list.IPAddresses) != 2 || len(a.mock.Whitelist()) != 2 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// With next to nothing left of the rate limit, a write is sent right after the read
// that it rests on, by the turn that was taken before.
func TestAwaitRateLimit_theNextCallWaitsForNoTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRequestsPerSecond = 0.5 })
		turn, err := a.AwaitRateLimit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = a.Whitelist(t.Context()); err != nil {
			t.Fatal(err)
		}
		read := time.Now()
		if _, err = a.ReplaceWhitelist(turn, nil); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(read); waited > time.Millisecond {
			t.Errorf("the write waited %s", waited)
		}
		if _, err = a.ReplaceWhitelist(turn, nil); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(read); waited < 2*time.Second {
			t.Errorf("a second one waited %s only: the turn was used twice", waited)
		}
	})
}

func TestAwaitRateLimit_endsWithTheRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.MaxRequestsPerSecond = 0.5 })
		if _, err := a.AwaitRateLimit(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := a.AwaitRateLimit(ctx); err == nil || everflow.IsInDoubt(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRetryWait_isThatOfCallsThatTheClientRepeats(t *testing.T) {
	t.Parallel()
	retries := 2
	client, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(ownKey), MaxRetries: &retries})
	if err != nil {
		t.Fatal(err)
	}
	for failures, want := range map[int]struct {
		least, most time.Duration
		again       bool
	}{1: {least: 500 * time.Millisecond, most: time.Second, again: true}, 2: {least: time.Second, most: 2 * time.Second, again: true}, 3: {least: 2 * time.Second, most: 4 * time.Second}} {
		if wait, again := client.RetryWait(failures); again != want.again || wait < want.least || wait > want.most {
			t.Errorf("after %d failures: %s, %t", failures, wait, again)
		}
	}
}

// An odd entry is none of the client's concern.
func TestWhitelist_entriesAreAnyTexts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onHandler(t, answering(200, `{"network_id": 1001, "ip_addresses": ["", "office", "203.0.113.7/24"], "time_saved": 1}`))
		list, err := a.Whitelist(t.Context())
		if want := []string{"", "office", "203.0.113.7/24"}; err != nil || !slices.Equal(list.IPAddresses, want) {
			t.Errorf("%q, %v", list.IPAddresses, err)
		}
	})
}
