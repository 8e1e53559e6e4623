package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// networkID is the ID of the network of the mock's built-in seed.
const networkID = 1001

// account is a transport that calls a handler and records the calls.
type account struct {
	handler http.Handler

	mu   sync.Mutex
	sent []string
	// onCall is called before each call, with the number of earlier calls.
	onCall func(before int, call string)
}

// RoundTrip implements [http.RoundTripper].
func (a *account) RoundTrip(req *http.Request) (answer *http.Response, err error) {
	call := req.Method + " " + strings.TrimPrefix(req.URL.Path, "/v1")
	a.mu.Lock()
	before := len(a.sent)
	a.sent = append(a.sent, call)
	a.mu.Unlock()
	if a.onCall != nil {
		a.onCall(before, call)
	}
	defer func() {
		if recover() != nil { // the handler aborted the answer
			answer, err = nil, io.ErrUnexpectedEOF
		}
	}()
	received := req.Clone(req.Context())
	if received.Body == nil {
		received.Body = http.NoBody
	}
	received.RemoteAddr = "127.0.0.1:1"
	recorder := httptest.NewRecorder()
	a.handler.ServeHTTP(recorder, received)
	if err := req.Context().Err(); err != nil {
		return nil, err // the call took effect, and its answer is lost
	}
	answer = recorder.Result()
	answer.Request = req
	return answer, nil
}

func (a *account) calls() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.sent)
}

func newMock(t *testing.T, options everflowmock.Options) *everflowmock.Server {
	t.Helper()
	mock, err := everflowmock.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return mock
}

// newMockWithWhitelist returns a mock with the built-in seed, a revoked key, and a
// whitelist that contains the caller's address.
func newMockWithWhitelist(t *testing.T) *everflowmock.Server {
	t.Helper()
	mock := newMock(t, everflowmock.Options{})
	mock.RevokeKey(3)
	mock.SetWhitelist("127.0.0.0/8", "2001:db8::/32")
	return mock
}

// runDoctor runs the doctor with a fake clock.
func runDoctor(t *testing.T, a *account, config doctor.Config) (report *doctor.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		report = runDoctorWithContext(t.Context(), t, a, config)
	})
	return report
}

func runDoctorWithContext(ctx context.Context, t *testing.T, a *account, config doctor.Config) *doctor.Report {
	t.Helper()
	config.Transport, config.BaseURL = a, "http://127.0.0.1:1/v1"
	if config.APIKey.IsEmpty() {
		config.APIKey = everflow.NewSecret(everflowmock.DemoAPIKey)
	}
	report, err := doctor.Run(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

var (
	reading = doctor.Config{}
	writing = doctor.Config{Writes: true, NetworkID: networkID}
)

// findings returns a line for each verdict but "matches", for each difference, and for
// each object that needs action.
func findings(report *doctor.Report) []string {
	lines := []string{}
	for _, op := range report.Operations {
		if op.Verdict == doctor.Refused || op.Verdict == doctor.Missing || op.Verdict == doctor.NotChecked && op.Reason != "the call writes, and -writes was not given" {
			lines = append(lines, op.ID+": "+string(op.Verdict))
		}
		for _, difference := range op.Differences {
			lines = append(lines, op.ID+": "+difference.Field+": "+difference.Expected+" -> "+difference.Got)
		}
	}
	for _, c := range report.Conventions {
		for _, difference := range c.Differences {
			lines = append(lines, c.ID+": "+difference.Field+": "+difference.Expected+" -> "+difference.Got)
		}
	}
	for _, w := range report.Written {
		if w.NeedsAction {
			lines = append(lines, "needs action: "+w.Object)
		}
	}
	return lines
}

func operation(report *doctor.Report, id string) *doctor.Operation {
	return report.Operations[slices.IndexFunc(report.Operations, func(op *doctor.Operation) bool { return op.ID == id })]
}

func expectFindings(t *testing.T, report *doctor.Report, want ...string) {
	t.Helper()
	got := findings(report)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// textAndJSON returns the report in both of its forms.
func textAndJSON(t *testing.T, report *doctor.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return text.String() + string(encoded)
}

// activeNewKeys returns the names of the active keys that are not in the seed.
func activeNewKeys(mock *everflowmock.Server) (names []string) {
	for _, key := range mock.Keys() {
		if key.ID > 4 && !key.Revoked() {
			names = append(names, key.Name)
		}
	}
	return names
}
