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

// network is the ID of the network of the mock's built-in seed.
const network = 1001

// account is a server in this process, and a record of what reached it.
type account struct {
	handler http.Handler

	mu   sync.Mutex
	sent []string
	// onCall runs before each call, with how many came before it.
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
		if recover() != nil { // the server dropped the connection
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
		return nil, err // the server acted, and nobody waits for its answer
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

// withWhitelist is the mock of the built-in seed, with a revoked key and a
// whitelist that admits the doctor.
func withWhitelist(t *testing.T) *everflowmock.Server {
	t.Helper()
	mock := newMock(t, everflowmock.Options{})
	mock.RevokeKey(3)
	mock.SetWhitelist("127.0.0.0/8", "2001:db8::/32")
	return mock
}

// examine runs the doctor in no real time.
func examine(t *testing.T, a *account, config doctor.Config) (report *doctor.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		report = examineUntil(t.Context(), t, a, config)
	})
	return report
}

func examineUntil(ctx context.Context, t *testing.T, a *account, config doctor.Config) *doctor.Report {
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

// readsOnly and writesToo are the two ways to ask.
var (
	readsOnly = doctor.Config{}
	writesToo = doctor.Config{Writes: true, NetworkID: network}
)

// found is what a report says beyond "fits", a line for each verdict and difference.
func found(report *doctor.Report) []string {
	lines := []string{}
	for _, one := range report.Operations {
		if one.Verdict == doctor.Refused || one.Verdict == doctor.Missing || one.Verdict == doctor.NotAsked && one.Reason != "it writes, and -writes was not given" {
			lines = append(lines, one.ID+": "+string(one.Verdict))
		}
		for _, difference := range one.Differences {
			lines = append(lines, one.ID+": "+difference.Field+": "+difference.Expected+" -> "+difference.Got)
		}
	}
	for _, one := range report.Conventions {
		for _, difference := range one.Differences {
			lines = append(lines, one.ID+": "+difference.Field+": "+difference.Expected+" -> "+difference.Got)
		}
	}
	for _, one := range report.Made {
		if one.Alive {
			lines = append(lines, "alive: "+one.What)
		}
	}
	return lines
}

func expect(t *testing.T, report *doctor.Report, want ...string) {
	t.Helper()
	got := found(report)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// texts are the report as people and machines get it.
func texts(t *testing.T, report *doctor.Report) string {
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

// live are the active keys beside those of the seed.
func live(mock *everflowmock.Server) (names []string) {
	for _, key := range mock.Keys() {
		if key.ID > 4 && !key.Revoked() {
			names = append(names, key.Name)
		}
	}
	return names
}
