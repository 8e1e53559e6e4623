package everflow_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Go's own HTTP client repeats some requests by itself. None of them is a create
// that may have been acted on, over no protocol and on no connection.
func TestCreate_isNeverRepeatedBelowTheClientEither(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for name, fault := range map[string]everflowmock.Fault{
			"reset after acting":  after(everflowmock.Fault{Kind: everflowmock.FaultReset}),
			"reset before acting": before(everflowmock.Fault{Kind: everflowmock.FaultReset}),
			"half an answer":      after(everflowmock.Fault{Kind: everflowmock.FaultResetInBody}),
		} {
			t.Run(protocol+"/"+name, func(t *testing.T) {
				t.Parallel()
				mock, err := everflowmock.New(everflowmock.Options{})
				if err != nil {
					t.Fatal(err)
				}
				server := httptest.NewUnstartedServer(mounted(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Proto != protocol {
						t.Errorf("called by %s", r.Proto)
					}
					mock.ServeHTTP(w, r)
				})))
				server.EnableHTTP2 = protocol == "HTTP/2.0"
				server.StartTLS()
				t.Cleanup(server.Close)
				client := newRun(t, everflow.Config{APIKey: everflow.NewSecret(ownKey), BaseURL: server.URL + prefix + "/v1", HTTPClient: server.Client()})
				if _, err := client.KeysBeforeFirstCreate(t.Context()); err != nil { // from here on the connection is a used one
					t.Fatal(err)
				}
				mock.AddFault(fault)
				if name == "reset before acting" {
					// Made meanwhile, it is found at once, so that nothing here has to wait.
					mock.AddKey(everflowmock.Key{Name: "ci", EmployeeID: 3, Permissions: []string{"Reporting"}})
				}
				_, err = client.CreateAPIKey(t.Context(), 3, ciKey)
				if want := lost5 + "no answer: "; err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("got %v, want %s…", err, want)
				}
				a := &account{Run: client, mock: mock}
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		}
	}
}
