package doctor

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// counted is a transport that answers everything, and counts.
type counted struct{ calls []string }

func (c *counted) RoundTrip(req *http.Request) (*http.Response, error) {
	c.calls = append(c.calls, req.Method+" "+req.URL.Path)
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(http.StatusNoContent)
	return recorder.Result(), nil
}

func guarded(t *testing.T, writes bool) (*caller, *counted, map[string]operation) {
	t.Helper()
	operations, err := loadOperations()
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse("https://api.example.com/v1")
	if err != nil {
		t.Fatal(err)
	}
	next := &counted{}
	c := newCaller(base, Config{APIKey: everflow.NewSecret("key"), Writes: writes, Transport: next}, operations)
	c.guard.limiter.SetLimit(1e9)
	return c, next, operations
}

// Without -writes no call that writes leaves the process, whatever the code above
// the transport asks for.
func TestGuard_letsNoWritingCallOutWithoutWrites(t *testing.T) {
	t.Parallel()
	c, next, operations := guarded(t, false)
	paths := []string{"/networks/offers", "/networks/security", "/", ""}
	for _, one := range operations {
		paths = append(paths, one.path, withID(one.path, "7"))
		if !one.reads {
			c.guard.allow(one.method, one.path) // has no effect
			c.guard.allow(one.method, withID(one.path, "7"))
		}
	}
	for _, path := range paths {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "get"} {
			if method == "POST" && path == "/networks/security/apikeystable" {
				continue
			}
			if a := c.send(t.Context(), request{method: method, path: path}); !errors.Is(a.failure, errForbidden) {
				t.Errorf("%s %s: %v", method, path, a.failure)
			}
		}
	}
	if len(next.calls) > 0 {
		t.Errorf("sent: %q", next.calls)
	}
}

func TestGuard_letsReadingCallsOut(t *testing.T) {
	t.Parallel()
	c, next, operations := guarded(t, false)
	want := 0
	for _, one := range operations {
		if !one.reads {
			continue
		}
		for _, path := range append([]string{withID(one.path, "7")}, one.alternatives...) {
			want++
			if a := c.send(t.Context(), request{method: one.method, path: path}); a.failure != nil {
				t.Errorf("%s %s: %v", one.method, path, a.failure)
			}
		}
	}
	if len(next.calls) != want || want != 7 {
		t.Errorf("sent %d calls, want %d, which is 7: %q", len(next.calls), want, next.calls)
	}
}

// With -writes each writing call is allowed by itself: another key is not touched.
func TestGuard_letsOutOnlyTheWritingCallsThatWereAllowed(t *testing.T) {
	t.Parallel()
	c, next, _ := guarded(t, true)
	c.guard.allow("PUT", "/networks/security/apikeys/7")
	for path, want := range map[string]bool{
		"/networks/security/apikeys/7":        true,
		"/networks/security/apikeys/8":        false,
		"/networks/security/apikeys/7/revoke": false,
		"/networks/security/apiwhitelist":     false,
	} {
		if a := c.send(t.Context(), request{method: "PUT", path: path}); (a.failure == nil) != want {
			t.Errorf("PUT %s: %v", path, a.failure)
		}
	}
	if len(next.calls) != 1 {
		t.Errorf("sent: %q", next.calls)
	}
}

func TestGuard_sendsNothingToAnotherHostOrOutsideTheBase(t *testing.T) {
	t.Parallel()
	c, next, _ := guarded(t, true)
	for _, address := range []string{
		"https://other.example.com/v1/networks", "http://api.example.com/v1/networks", "https://api.example.com/networks",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := c.guard.RoundTrip(req); !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v %v", address, response, err)
		}
	}
	if len(next.calls) > 0 {
		t.Errorf("sent: %q", next.calls)
	}
}

// An operation that is added to the contract has a place in the report.
func TestReport_hasEachOperationOfTheContract(t *testing.T) {
	t.Parallel()
	operations, err := loadOperations()
	if err != nil {
		t.Fatal(err)
	}
	for id := range operations {
		if !slices.Contains(inOrder, id) {
			t.Errorf("%s is in no report", id)
		}
	}
	if len(operations) != len(inOrder) {
		t.Errorf("%d operations, and %d in a report", len(operations), len(inOrder))
	}
}
