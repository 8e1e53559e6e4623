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

// callRecorder is a transport that answers every call and records it.
type callRecorder struct{ calls []string }

func (c *callRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	c.calls = append(c.calls, req.Method+" "+req.URL.Path)
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(http.StatusNoContent)
	return recorder.Result(), nil
}

func newGuardedClient(t *testing.T, writes bool) (*client, *callRecorder, map[string]operation) {
	t.Helper()
	operations, err := loadOperations()
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse("https://api.example.com/v1")
	if err != nil {
		t.Fatal(err)
	}
	next := &callRecorder{}
	c := newClient(base, Config{APIKey: everflow.NewSecret("key"), Writes: writes, Transport: next}, operations)
	c.guard.limiter.SetLimit(1e9)
	return c, next, operations
}

// Without -writes the guard blocks every call that writes, even an allowed one.
func TestGuard_blocksCallsThatWriteWithoutWrites(t *testing.T) {
	t.Parallel()
	c, next, operations := newGuardedClient(t, false)
	paths := []string{"/networks/offers", "/networks/security", "/", ""}
	for _, op := range operations {
		paths = append(paths, op.path, keyPath(op.path, "7"))
		if !op.reads {
			c.guard.allow(op.method, op.path) // has no effect
			c.guard.allow(op.method, keyPath(op.path, "7"))
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

func TestGuard_sendsCallsThatRead(t *testing.T) {
	t.Parallel()
	c, next, operations := newGuardedClient(t, false)
	for _, op := range operations {
		if !op.reads {
			continue
		}
		for _, path := range append([]string{keyPath(op.path, "7")}, op.alternativePaths...) {
			if a := c.send(t.Context(), request{method: op.method, path: path}); a.failure != nil {
				t.Errorf("%s %s: %v", op.method, path, a.failure)
			}
		}
	}
	if len(next.calls) != 7 {
		t.Errorf("sent %d calls, want 7: %q", len(next.calls), next.calls)
	}
}

// With -writes each call that writes has to be allowed, with its path.
func TestGuard_sendsOnlyAllowedCallsThatWrite(t *testing.T) {
	t.Parallel()
	c, next, _ := newGuardedClient(t, true)
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

func TestGuard_sendsNothingOutsideTheBaseURL(t *testing.T) {
	t.Parallel()
	c, next, _ := newGuardedClient(t, true)
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

func TestReport_hasEachOperationOfTheContract(t *testing.T) {
	t.Parallel()
	operations, err := loadOperations()
	if err != nil {
		t.Fatal(err)
	}
	for id := range operations {
		if !slices.Contains(operationOrder, id) {
			t.Errorf("%s is not in the report", id)
		}
	}
	if len(operations) != len(operationOrder) {
		t.Errorf("the contract has %d operations, the report has %d", len(operations), len(operationOrder))
	}
}
