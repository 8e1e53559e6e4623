package doctor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Ctrl-C before each of the calls of a run.
func TestDoctor_leavesNothingAliveWhenItIsInterruptedAtAnyCall(t *testing.T) {
	t.Parallel()
	whole := &account{handler: withWhitelist(t)}
	examine(t, whole, writesToo)
	last := len(whole.calls())
	if last < 30 {
		t.Fatalf("a run has %d calls", last)
	}
	interruptedRuns := 0
	for at := range last {
		mock := withWhitelist(t)
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			a := &account{handler: mock, onCall: func(before int, _ string) {
				if before == at {
					cancel()
				}
			}}
			report := examineUntil(ctx, t, a, writesToo)
			expectNothingLeft(t, mock)
			made := len(mock.Keys()) > 4
			if said := slices.ContainsFunc(report.Made, func(m doctor.Made) bool { return m.What == "API key 5" && m.Outcome == "revoked" }); said != made {
				t.Errorf("interrupted at call %d: a key was made: %t, and the report has %+v", at, made, report.Made)
			}
			if slices.ContainsFunc(report.Operations, func(o *doctor.Operation) bool { return o.Reason == "interrupted" }) {
				interruptedRuns++
				if report.ExitCode() != doctor.ExitNotAsked {
					t.Errorf("interrupted at call %d: exit code %d", at, report.ExitCode())
				}
			}
		})
	}
	if interruptedRuns < last/2 {
		t.Errorf("%d of %d runs say that they were interrupted", interruptedRuns, last)
	}
}

// Each answer to a call that writes is lost or spoilt, after the call took effect and before.
func TestDoctor_leavesNothingAliveWhenAnAnswerIsLost(t *testing.T) {
	t.Parallel()
	faults := []everflowmock.Fault{
		{Kind: everflowmock.FaultReset},
		{Kind: everflowmock.FaultStatus, Status: 500, Body: `{"error":"no"}`},
		{Kind: everflowmock.FaultStatus, Status: 502, Body: `<html></html>`},
		{Kind: everflowmock.FaultHang},
		{Kind: everflowmock.FaultEmpty},
		{Kind: everflowmock.FaultRedirect, Status: 302, URL: "https://login.example.com/"},
		{Kind: everflowmock.FaultTruncated, AfterActing: true},
		{Kind: everflowmock.FaultWrongTypes, AfterActing: true},
	}
	for _, operation := range []string{"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist"} {
		for _, fault := range faults {
			for _, after := range []bool{false, true} {
				if fault.AfterActing && !after {
					continue // these spoil the real answer
				}
				fault := fault
				fault.Operation, fault.AfterActing, fault.Times = operation, after, 1
				t.Run(fmt.Sprintf("%s/%s %d, after: %t", operation, fault.Kind, fault.Status, after), func(t *testing.T) {
					t.Parallel()
					mock := withWhitelist(t)
					if operation == "createApiKey" {
						fault.Skip = 1 // the first is refused, as the contract has it
					}
					mock.AddFault(fault)
					report := examine(t, &account{handler: mock}, writesToo)
					expectNothingLeft(t, mock)
					// A good answer to a create that made nothing: nobody can know that.
					mayBeAlive := operation == "createApiKey" && fault.Kind == everflowmock.FaultEmpty && !after
					for _, made := range report.Made {
						if made.Alive && !mayBeAlive {
							t.Errorf("said to be alive: %+v", made)
						}
					}
					if len(mock.Keys()) > 4 && !slices.Contains(report.Made, doctor.Made{What: "API key 5", Outcome: "revoked"}) {
						t.Errorf("the key is not in the report: %+v", report.Made)
					}
				})
			}
		}
	}
}

// A run that was killed leaves a key. The next one says so, and does not touch it.
func TestDoctor_namesTheKeyOfAnEarlierRunAndLeavesItAlone(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	mock.AddKey(everflowmock.Key{Name: "everflow-doctor-abcdefghijkl", EmployeeID: 1, IsAllPermissions: true})
	report := examine(t, &account{handler: mock}, writesToo)
	expect(t, report, "alive: API key 5, of an earlier run")
	if key, _ := mock.Key(5); key.Revoked() {
		t.Error("it was revoked")
	}
}

func TestDoctor_touchesNoOtherKey(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	before := mock.Keys()
	examine(t, &account{handler: mock}, writesToo)
	for i, key := range mock.Keys()[:4] {
		key.TimeLastUsed = before[i].TimeLastUsed // the doctor's own key was used
		if fmt.Sprint(key) != fmt.Sprint(before[i]) {
			t.Errorf("key %d is %+v, was %+v", key.ID, key, before[i])
		}
	}
	for _, call := range mock.Calls() {
		if call.Method == "PUT" && strings.Contains(call.Path, "apikeys/") && call.Path != "/v1/networks/security/apikeys/5" ||
			strings.HasSuffix(call.Path, "/revoke") && call.Path != "/v1/networks/security/apikeys/5/revoke" {
			t.Errorf("sent %s %s", call.Method, call.Path)
		}
	}
}

func TestDoctor_writesNothingToAnotherNetwork(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	report := examine(t, &account{handler: mock}, doctor.Config{Writes: true, NetworkID: 2002})
	expect(t, report, "createApiKey: not asked", "updateApiKey: not asked", "revokeApiKey: not asked", "replaceApiWhitelist: not asked")
	if reason := report.Operations[6].Reason; reason != "the key belongs to another network than -network-id names" {
		t.Errorf("the reason is %q", reason)
	}
	if report.ExitCode() != doctor.ExitNotAsked {
		t.Errorf("exit code %d", report.ExitCode())
	}
	if len(mock.Keys()) != 4 || mock.CountCalls("replaceApiWhitelist") != 0 {
		t.Error("something was written")
	}
}

func TestDoctor_doesNotWriteAWhitelistThatItCouldHarm(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		prepare func(*everflowmock.Server, *account)
		reason  string
	}{
		"empty": {
			func(mock *everflowmock.Server, _ *account) { mock.SetWhitelist() },
			"the list is empty, and a write could undo what somebody enters at the same time",
		},
		"with fields that are not known": {
			func(mock *everflowmock.Server, _ *account) {
				mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Kind: everflowmock.FaultExtraFields})
			},
			"the list has fields that the contract does not know, and a write would leave them out",
		},
		"changed meanwhile": {
			func(mock *everflowmock.Server, a *account) {
				a.onCall = func(_ int, call string) {
					if call == "POST /networks/security/apikeys" {
						mock.SetWhitelist("127.0.0.0/8", "203.0.113.9")
					}
				}
			},
			"the list was changed by somebody else meanwhile",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := withWhitelist(t)
			a := &account{handler: mock}
			one.prepare(mock, a)
			report := examine(t, a, writesToo)
			expect(t, report, "replaceApiWhitelist: not asked")
			if got := report.Operations[9].Reason; got != one.reason {
				t.Errorf("the reason is %q, want %q", got, one.reason)
			}
			if mock.CountCalls("replaceApiWhitelist") != 0 {
				t.Error("it was written")
			}
			if report.ExitCode() != doctor.ExitFits {
				t.Errorf("exit code %d", report.ExitCode())
			}
		})
	}
}

// A server that knows the list by another name in a write clears it. The doctor
// cannot know before, keeps the list as it was, and says so.
func TestDoctor_keepsTheWhitelistThatAWriteSpoilt(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	mock := withWhitelist(t)
	a := &account{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/apiwhitelist") {
			mock.SetWhitelist()
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"network_id":1001,"ip_addresses":[],"time_saved":1}`))
			return
		}
		mock.ServeHTTP(w, r)
	})}
	var said []string
	config := writesToo
	config.Progress = func(sentence string) { said = append(said, sentence) }
	report := examine(t, a, config)
	if last := report.Made[len(report.Made)-1]; last.What != "API whitelist" || !last.Alive || !strings.HasPrefix(last.Outcome, "NOT as it was before.") {
		t.Errorf("the report says %+v", last)
	}
	if report.ExitCode() != doctor.ExitDiffers {
		t.Errorf("exit code %d", report.ExitCode())
	}
	files, err := filepath.Glob(filepath.Join(dir, "everflow-whitelist-*.json"))
	if err != nil || len(files) != 1 || !strings.Contains(strings.Join(said, "\n"), files[0]) {
		t.Fatalf("files %q, said %q, %v", files, said, err)
	}
	var kept struct {
		IPAddresses []string `json:"ip_addresses"`
	}
	text, err := os.ReadFile(files[0])
	if err != nil || json.Unmarshal(text, &kept) != nil || !slices.Equal(kept.IPAddresses, []string{"127.0.0.0/8", "2001:db8::/32"}) {
		t.Errorf("the file holds %s, %v", text, err)
	}
}

func TestDoctor_leavesNoFileBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	examine(t, &account{handler: withWhitelist(t)}, writesToo)
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("files %v, %v", files, err)
	}
}

// Somebody else makes keys at the same time, with names that begin as the doctor's does.
func TestDoctor_leavesAKeyAloneThatSomebodyElseMakesMeanwhile(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Kind: everflowmock.FaultReset, Skip: 1, AfterActing: true})
	a := &account{handler: mock}
	a.onCall = func(_ int, call string) {
		if call == "POST /networks/security/apikeys" && len(mock.Keys()) == 4 {
			for _, name := range []string{"ever", "everflow", "everflow-doctor", "everflow-doctor-"} {
				mock.AddKey(everflowmock.Key{Name: name, EmployeeID: 1, IsAllPermissions: true})
			}
		}
	}
	report := examine(t, a, writesToo)
	if got := live(mock); !slices.Equal(got, []string{"ever", "everflow", "everflow-doctor", "everflow-doctor-"}) {
		t.Errorf("live: %q", got)
	}
	if !slices.Equal(report.Made[:1], []doctor.Made{{What: "API key 9", Outcome: "revoked"}}) {
		t.Errorf("made: %+v", report.Made)
	}
}

// The answer was lost, and the name was cut: the key cannot be told from others' any
// more. The report says so, and nothing is revoked by guess.
func TestDoctor_saysThatAKeyWasMadeThatItCannotFind(t *testing.T) {
	t.Parallel()
	mock := withWhitelist(t)
	set(t, mock,
		everflowmock.Difference{Operation: "createApiKey", Kind: everflowmock.DifferenceNoBody},
		everflowmock.Difference{Operation: "*", Kind: everflowmock.DifferenceNameTruncated, Value: "10"})
	report := examine(t, &account{handler: mock}, writesToo)
	if len(live(mock)) != 1 || report.ExitCode() != doctor.ExitDiffers {
		t.Errorf("live %q, exit code %d", live(mock), report.ExitCode())
	}
	if made := report.Made[0]; made.What != "an API key" || !made.Alive ||
		!strings.HasPrefix(made.Outcome, "made, by Everflow's answer, and not found in the table: look in Everflow for a key named everflow-doctor-") {
		t.Errorf("made: %+v", made)
	}
}
