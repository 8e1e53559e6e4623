package everflow_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// likeOurs is a key that another run makes: as the one that ours asks for.
var likeOurs = everflowmock.Key{Name: "ci", EmployeeID: 3, Permissions: []string{"Reporting"}}

// besideALostCreate makes a create fail before it is acted on, and a key meanwhile.
func besideALostCreate(t *testing.T, change func(*everflowmock.Key)) error {
	t.Helper()
	a := onMock(t, everflowmock.Options{})
	if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Minute)
	key := likeOurs
	key.TimeCreated = time.Now().Unix()
	change(&key)
	a.mock.AddKey(key)
	if _, err := a.Client.Employees(t.Context()); err != nil { // the last call tells the time
		t.Fatal(err)
	}
	a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultReset}))
	_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
	wantPosts(t, a, 1)
	return err
}

func TestLookUp_claimsOnlyWhatNothingElseCanHaveMade(t *testing.T) {
	t.Parallel()
	const (
		claimed = lost5 + "no answer: EOF"
		named   = "which key was created, if any, is not known: it can be API key 5: " + post + "no answer: EOF"
		none    = "no key was found that the call could have created: " + post + "no answer: EOF"
	)
	for name, test := range map[string]struct {
		change func(*everflowmock.Key)
		text   string
		want   known
	}{
		"just as asked for":          {func(*everflowmock.Key) {}, claimed, known{key: 5}},
		"in use":                     {func(k *everflowmock.Key) { k.TimeLastUsed = time.Now().Unix() + 1 }, none, known{}},
		"its creation noted as use":  {func(k *everflowmock.Key) { k.TimeLastUsed = k.TimeCreated }, claimed, known{key: 5}},
		"revoked":                    {func(k *everflowmock.Key) { k.Status = "revoked" }, none, known{}},
		"another employee's":         {func(k *everflowmock.Key) { k.EmployeeID = 2 }, named, known{candidates: []int64{5}}},
		"other permissions":          {func(k *everflowmock.Key) { k.Permissions = []string{"Offers"} }, named, known{candidates: []int64{5}}},
		"all permissions":            {func(k *everflowmock.Key) { k.Permissions, k.IsAllPermissions = nil, true }, named, known{candidates: []int64{5}}},
		"cut":                        {func(k *everflowmock.Key) { k.Name = "c" }, named, known{candidates: []int64{5}}},
		"another name":               {func(k *everflowmock.Key) { k.Name = "cd" }, none, known{}},
		"minutes older than the run": {func(k *everflowmock.Key) { k.TimeCreated -= 120 }, named, known{candidates: []int64{5}}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				wantDoubt(t, besideALostCreate(t, test.change), test.text, test.want)
			})
		})
	}
}

// Where the table does not say when a key was last used, another run's can be in use.
func TestLookUp_namesAKeyWhoseUseIsNotSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{})
		if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceFieldMissing, Field: "time_last_used"}); err != nil {
			t.Fatal(err)
		}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5: "+post+"no answer: EOF", known{candidates: []int64{5}})
	})
}

// A server whose word for a live key is another one does not find it by the filter.
func TestLookUp_findsAKeyOfAStatusThatIsNotKnown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{})
		if err := a.mock.SetDifferences(
			everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceStatusFilter, Value: "nothing"},
			everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceKeyStatusValues, Value: "enabled,disabled"},
		); err != nil {
			t.Fatal(err)
		}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
	})
}

func TestLookUp_goesOnAfterALookThatFailed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]everflowmock.Fault{
		"refused":    {Kind: everflowmock.FaultStatus, Status: 403},
		"not a list": {Kind: everflowmock.FaultBody, Body: `{}`},
		"a page":     {Kind: everflowmock.FaultStatus, Status: 502, Body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
				fault.Operation, fault.Skip, fault.Times = "searchApiKeys", 1, 3
				a.mock.AddFault(fault)
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
			})
		})
	}
}

// The look's own call stands in line behind 60 others, at two seconds each.
func TestLookUp_doesNotRunOutOfTimeInOurOwnQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{Wrap: late(5 * time.Second)}, func(config *everflow.Config) { config.MaxRequestsPerSecond = 0.5 })
		if _, err := a.KeysBeforeFirstCreate(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		started := time.Now()
		var others sync.WaitGroup
		time.AfterFunc(3*time.Second, func() { // the create is under way
			for range 60 {
				others.Go(func() {
					if _, err := a.Client.Network(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
		})
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		others.Wait()
		if took := time.Since(started); took < 100*time.Second {
			t.Errorf("nobody waited: %s", took)
		}
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
	})
}

// Without a table a key whose answer is lost could never be found.
func TestCreate_withoutATableIsNotSent(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"json-404", "html-404", "405"} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onUncheckedMock(t, everflowmock.Options{})
				if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "searchApiKeys", Kind: everflowmock.DifferenceUnknownPath, Value: kind}); err != nil {
					t.Fatal(err)
				}
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if err == nil || !everflow.IsAbsent(err) || !strings.HasPrefix(err.Error(), "nothing was created, because the live keys could not be listed first: ") {
					t.Errorf("got %v", err)
				}
				wantPosts(t, a, 0)
			})
		})
	}
}

// A server in front answers with the new secret in its words.
func TestCreate_failedTextNeverRepeatsTheNewSecret(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]everflowmock.Fault{
		"error":  {Kind: everflowmock.FaultStatus, Status: http.StatusInternalServerError, Body: `{"error": "audit of ` + canary + ` failed"}`},
		"text":   {Kind: everflowmock.FaultStatus, Status: http.StatusBadGateway, Body: "created " + canary},
		"title":  {Kind: everflowmock.FaultStatus, Status: http.StatusForbidden, Body: "<html><title>" + canary + "</title>"},
		"quoted": {Kind: everflowmock.FaultStatus, Status: http.StatusBadRequest, Body: `{"error": "api_key='` + canary + `'"}`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(before(fault))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				if err == nil {
					t.Fatal("no error")
				}
				wantNoCanary(t, err)
			})
		})
	}
}
