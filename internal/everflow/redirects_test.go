package everflow_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

func TestRedirects_areNeverFollowed(t *testing.T) {
	t.Parallel()
	const advice = ", which is not followed, so that the API key goes to the configured host only: check the base URL"
	for location, target := range map[string]string{
		"https://other.example/v1/networks":   "other.example",
		"//other.example:8443/v1/networks":    "other.example:8443",
		"http://127.0.0.1/elsewhere":          "127.0.0.1",
		"/elsewhere":                          "another address",
		"":                                    "another address",
		"http://%zz":                          "another address",
		"https://other.example/?k=" + ownKey:  "other.example",
		"https://" + ownKey + ".example/":     "(redacted).example",
		"https://other.example\u202e/":        "other.example\uFFFD",
		"https://user:hunter2@other.example/": "other.example",
	} {
		for _, status := range []int{300, 301, 302, 303, 307, 308} {
			for _, operation := range operations("getNetwork", "searchApiKeys", "updateApiKey", "createApiKey") {
				t.Run(fmt.Sprint(location, " ", status, " ", operation.name), func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						calls := 0
						a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							if calls++; r.Host != "127.0.0.1" || !strings.HasPrefix(r.URL.Path, "/v1/networks") {
								t.Errorf("%s %s was called", r.Host, r.URL.Path)
							}
							if location != "" {
								w.Header()["Location"] = []string{location}
							}
							answering(status, `{"error": "moved"}`)(w, r)
						}))
						_, err := operation.call(t.Context(), a.Run)
						failed := wantError(t, err)
						if want := "redirected to " + target + advice; failed.Message != want || failed.Status != status || failed.Attempts != 1 {
							t.Errorf("got %q, status %d, %d attempts\nwant %q", failed.Message, failed.Status, failed.Attempts, want)
						}
						if calls != 1 || a.wire.dialled() != 1 {
							t.Errorf("%d calls on %d connections, want 1 on 1", calls, a.wire.dialled())
						}
					})
				})
			}
		}
	}
}

// A 303 is how some servers answer a write that they have done.
func TestRedirects_ofWritesLeaveThemInDoubt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onHandler(t, http.RedirectHandler("/elsewhere", http.StatusSeeOther))
		if _, err := a.UpdateAPIKey(t.Context(), everflow.APIKeyIdentity{ID: 2}, ciKey); !everflow.IsInDoubt(err) {
			t.Errorf("got %v, want it in doubt", err)
		}
		if _, err := a.APIKey(t.Context(), 2); everflow.IsInDoubt(err) {
			t.Errorf("got %v, a read in doubt", err)
		}
	})
}
