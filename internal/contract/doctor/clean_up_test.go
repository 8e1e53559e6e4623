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

func TestDoctor_revokesItsKeyIfInterruptedAtAnyCall(t *testing.T) {
	t.Parallel()
	complete := &account{handler: newMockWithWhitelist(t)}
	runDoctor(t, complete, writing)
	last := len(complete.calls())
	if last < 30 {
		t.Fatalf("a complete run has only %d calls", last)
	}
	interruptedRuns := 0
	for index := range last {
		mock := newMockWithWhitelist(t)
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			a := &account{handler: mock, onCall: func(before int, _ string) {
				if before == index {
					cancel()
				}
			}}
			report := runDoctorWithContext(ctx, t, a, writing)
			expectUnchanged(t, mock)
			isCreated := len(mock.Keys()) > 4
			if isReported := slices.Contains(report.Written, doctor.Written{Object: "API key 5", Outcome: "revoked"}); isReported != isCreated {
				t.Errorf("interrupted at call %d: a key was created: %t, and the report has %+v", index, isCreated, report.Written)
			}
			if slices.ContainsFunc(report.Operations, func(o *doctor.Operation) bool { return o.Reason == "interrupted" }) {
				interruptedRuns++
				if report.ExitCode() != doctor.ExitNotChecked {
					t.Errorf("interrupted at call %d: exit code %d", index, report.ExitCode())
				}
			}
		})
	}
	if interruptedRuns < last/2 {
		t.Errorf("%d of %d runs say that they were interrupted", interruptedRuns, last)
	}
}

// Each answer to a call that writes is lost or changed, before or after the call takes effect.
func TestDoctor_revokesItsKeyIfAnAnswerIsLost(t *testing.T) {
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
					continue // these change the real answer
				}
				fault := fault
				fault.Operation, fault.AfterActing, fault.Times = operation, after, 1
				t.Run(fmt.Sprintf("%s/%s %d, after: %t", operation, fault.Kind, fault.Status, after), func(t *testing.T) {
					t.Parallel()
					mock := newMockWithWhitelist(t)
					if operation == "createApiKey" {
						fault.Skip = 1 // the first call is refused, as the contract says
					}
					mock.AddFault(fault)
					report := runDoctor(t, &account{handler: mock}, writing)
					expectUnchanged(t, mock)
					// A success without a body for a create that had no effect: a key may exist.
					mayBeActive := operation == "createApiKey" && fault.Kind == everflowmock.FaultEmpty && !after
					for _, written := range report.Written {
						if written.NeedsAction && !mayBeActive {
							t.Errorf("needs action: %+v", written)
						}
					}
					if len(mock.Keys()) > 4 && !slices.Contains(report.Written, doctor.Written{Object: "API key 5", Outcome: "revoked"}) {
						t.Errorf("the key is not in the report: %+v", report.Written)
					}
				})
			}
		}
	}
}

func TestDoctor_reportsTheKeyOfAnEarlierRunAndDoesNotRevokeIt(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	mock.AddKey(everflowmock.Key{Name: "everflow-doctor-abcdefghijkl", EmployeeID: 1, IsAllPermissions: true})
	report := runDoctor(t, &account{handler: mock}, writing)
	expectFindings(t, report, "needs action: API key 5 of an earlier run")
	if key, _ := mock.Key(5); key.Revoked() {
		t.Error("the key of the earlier run was revoked")
	}
	if want := "Everything that was checked matches the contract.\nAn object above needs your action.\n"; !strings.HasPrefix(report.Summary(), want) {
		t.Errorf("the summary is %q", report.Summary())
	}
}

func TestDoctor_changesNoOtherKey(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	before := mock.Keys()
	runDoctor(t, &account{handler: mock}, writing)
	for i, key := range mock.Keys()[:4] {
		key.TimeLastUsed = before[i].TimeLastUsed // the doctor uses one of the keys
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
	mock := newMockWithWhitelist(t)
	report := runDoctor(t, &account{handler: mock}, doctor.Config{Writes: true, NetworkID: 2002})
	expectFindings(t, report, "createApiKey: not checked", "updateApiKey: not checked", "revokeApiKey: not checked", "replaceApiWhitelist: not checked")
	if reason := operation(report, "createApiKey").Reason; reason != "the API key belongs to another network than -network-id" {
		t.Errorf("the reason is %q", reason)
	}
	if report.ExitCode() != doctor.ExitNotChecked {
		t.Errorf("exit code %d", report.ExitCode())
	}
	if len(mock.Keys()) != 4 || mock.CountCalls("replaceApiWhitelist") != 0 {
		t.Error("a key was created, or the whitelist was written")
	}
}

func TestDoctor_doesNotWriteAnUnsafeWhitelist(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare func(*everflowmock.Server, *account)
		reason  string
	}{
		"empty": {
			prepare: func(mock *everflowmock.Server, _ *account) { mock.SetWhitelist() },
			reason:  "the whitelist is empty, and a write could remove an entry that somebody adds at the same time",
		},
		"unknown fields": {
			prepare: func(mock *everflowmock.Server, _ *account) {
				mock.AddFault(everflowmock.Fault{Operation: "getApiWhitelist", Kind: everflowmock.FaultExtraFields})
			},
			reason: "the whitelist has fields that are not in the contract, and a write would clear them",
		},
		"changed during the run": {
			prepare: func(mock *everflowmock.Server, a *account) {
				a.onCall = func(_ int, call string) {
					if call == "POST /networks/security/apikeys" {
						mock.SetWhitelist("127.0.0.0/8", "203.0.113.9")
					}
				}
			},
			reason: "somebody changed the whitelist during the run",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMockWithWhitelist(t)
			a := &account{handler: mock}
			tc.prepare(mock, a)
			report := runDoctor(t, a, writing)
			expectFindings(t, report, "replaceApiWhitelist: not checked")
			if got := operation(report, "replaceApiWhitelist").Reason; got != tc.reason {
				t.Errorf("the reason is %q, want %q", got, tc.reason)
			}
			if mock.CountCalls("replaceApiWhitelist") != 0 {
				t.Error("the whitelist was written")
			}
			if report.ExitCode() != doctor.ExitMatches {
				t.Errorf("exit code %d", report.ExitCode())
			}
		})
	}
}

// The server has another name for ip_addresses in a write, and so clears the list.
func TestDoctor_savesTheWhitelistThatAWriteChanged(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	mock := newMockWithWhitelist(t)
	a := &account{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/apiwhitelist") {
			mock.SetWhitelist()
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"network_id":1001,"ip_addresses":[],"time_saved":1}`))
			return
		}
		mock.ServeHTTP(w, r)
	})}
	var progress []string
	config := writing
	config.Progress = func(sentence string) { progress = append(progress, sentence) }
	report := runDoctor(t, a, config)
	if last := report.Written[len(report.Written)-1]; last.Object != "API whitelist" || !last.NeedsAction || !strings.HasPrefix(last.Outcome, "NOT the same as before the write.") {
		t.Errorf("the report says %+v", last)
	}
	if report.ExitCode() != doctor.ExitDiffers {
		t.Errorf("exit code %d", report.ExitCode())
	}
	files, err := filepath.Glob(filepath.Join(dir, "everflow-whitelist-*.json"))
	if err != nil || len(files) != 1 || !strings.Contains(strings.Join(progress, "\n"), files[0]) {
		t.Fatalf("files %q, progress %q, %v", files, progress, err)
	}
	var saved struct {
		IPAddresses []string `json:"ip_addresses"`
	}
	text, err := os.ReadFile(files[0])
	if err != nil || json.Unmarshal(text, &saved) != nil || !slices.Equal(saved.IPAddresses, []string{"127.0.0.0/8", "2001:db8::/32"}) {
		t.Errorf("the file holds %s, %v", text, err)
	}
}

func TestDoctor_removesTheSavedWhitelist(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	runDoctor(t, &account{handler: newMockWithWhitelist(t)}, writing)
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("files %v, %v", files, err)
	}
}

// Somebody creates keys at the same time, whose names begin like the doctor's.
func TestDoctor_doesNotRevokeKeysOfOthers(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Kind: everflowmock.FaultReset, Skip: 1, AfterActing: true})
	a := &account{handler: mock}
	a.onCall = func(_ int, call string) {
		if call == "POST /networks/security/apikeys" && len(mock.Keys()) == 4 {
			for _, name := range []string{"ever", "everflow", "everflow-doctor", "everflow-doctor-"} {
				mock.AddKey(everflowmock.Key{Name: name, EmployeeID: 1, IsAllPermissions: true})
			}
		}
	}
	report := runDoctor(t, a, writing)
	if got := activeNewKeys(mock); !slices.Equal(got, []string{"ever", "everflow", "everflow-doctor", "everflow-doctor-"}) {
		t.Errorf("active keys: %q", got)
	}
	if !slices.Equal(report.Written[:1], []doctor.Written{{Object: "API key 9", Outcome: "revoked"}}) {
		t.Errorf("written: %+v", report.Written)
	}
}

// The answer has no body, and the name is cut, so the key cannot be identified.
func TestDoctor_reportsACreatedKeyThatItCannotFind(t *testing.T) {
	t.Parallel()
	mock := newMockWithWhitelist(t)
	setDifferences(t, mock,
		everflowmock.Difference{Operation: "createApiKey", Kind: everflowmock.DifferenceNoBody},
		everflowmock.Difference{Operation: "*", Kind: everflowmock.DifferenceNameTruncated, Value: "10"})
	report := runDoctor(t, &account{handler: mock}, writing)
	if len(activeNewKeys(mock)) != 1 || report.ExitCode() != doctor.ExitDiffers {
		t.Errorf("active keys %q, exit code %d", activeNewKeys(mock), report.ExitCode())
	}
	if key := report.Written[0]; key.Object != "API key" || !key.NeedsAction ||
		!strings.HasPrefix(key.Outcome, "created according to the answer, but not found. Look in Everflow for a key named everflow-doctor-") {
		t.Errorf("written: %+v", key)
	}
}
