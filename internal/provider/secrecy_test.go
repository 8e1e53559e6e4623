package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const secretiveHCL = `
data "everflow_employee" "ops" { email = "pat.platform@example.com" }
data "everflow_api_keys" "all" {}
resource "everflow_api_key" "test" {
  count               = 2
  name                = "secrecy ${count.index}%s"
  network_employee_id = data.everflow_employee.ops.network_employee_id
  all_permissions     = true
  store_key_in_state  = %t
}
resource "everflow_api_whitelist" "test" { ip_addresses = ["203.0.113.10"] }
output "key" {
  value     = everflow_api_key.test[0].key
  sensitive = true
}
`

// wholeLife runs everything a configuration goes through, failures included.
func (w *workspace) wholeLife(store bool) {
	w.t.Helper()
	w.write(fmt.Sprintf(secretiveHCL, "", store))
	w.do(false, "validate")
	w.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Times: 1, Kind: everflowmock.FaultTruncated})
	w.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Times: 1, Kind: everflowmock.FaultWrongTypes})
	w.do(true, "apply", "-auto-approve")
	w.do(false, "plan", "-out=create.plan")
	w.do(false, "apply", "-json", "create.plan")
	w.do(false, "plan", "-json")
	w.do(false, "apply", "-refresh-only", "-auto-approve")
	w.do(false, "output")
	w.do(false, "state", "show", "everflow_api_key.test[0]")
	w.mock.AddFault(everflowmock.Fault{Operation: "getApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 401, Body: `{"error":"` + w.apiKey + ` is not a key"}`})
	w.do(true, "plan")
	w.mock.AddFault(everflowmock.Fault{Operation: "updateApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 400, Body: `{"Error":"no"}`})
	w.write(fmt.Sprintf(secretiveHCL, ", renamed", store))
	w.do(true, "apply", "-auto-approve", "-json")
	w.do(false, "apply", "-auto-approve")
	w.do(false, "plan", "-destroy", "-out=destroy.plan")
	w.do(false, "apply", "-auto-approve", "-destroy")
}

func TestSecrecy_secretIsWhereItBelongsAndNowhereElse(t *testing.T) {
	t.Parallel()
	provider := builtProvider(t)
	t.Run("stored in the state", func(t *testing.T) {
		t.Parallel()
		w := newWorkspace(t, provider)
		w.wholeLife(true)
		// A plan file holds the state that it was made from.
		for _, leak := range w.leaks(func(name string) bool { return strings.Contains(name, "tfstate") || strings.HasSuffix(name, ".plan") }) {
			t.Error(leak)
		}
	})
	t.Run("not stored", func(t *testing.T) {
		t.Parallel()
		w := newWorkspace(t, provider)
		w.wholeLife(false)
		for _, leak := range w.leaks(func(string) bool { return false }) {
			t.Error(leak)
		}
	})
	t.Run("once in the state", func(t *testing.T) {
		t.Parallel()
		w := newWorkspace(t, provider)
		w.write(strings.ReplaceAll(fmt.Sprintf(secretiveHCL, "", true), "everflow_api_key.test[0].key\n", "everflow_api_key.test[0].id\n"))
		w.do(false, "apply", "-auto-approve")
		state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
		w.ok(err)
		for _, secret := range w.secrets.texts[1:] {
			if times := bytes.Count(state, []byte(secret)); times != 1 || !bytes.Contains(state, []byte(`"key": "`+secret+`"`)) {
				t.Errorf("a secret is %d times in the state, want once, as key", times)
			}
		}
		if leaked(state, w.apiKey) != "" {
			t.Error("the provider's own key is in the state")
		}
		w.do(false, "destroy", "-auto-approve")
	})
}

// The proof is worth something only if it fails for a provider that leaks.
func TestSecrecy_searchFindsALeakThatWasPutIn(t *testing.T) {
	t.Parallel()
	needCLI(t)
	const file, honest = "provider_config.go", `"method": attempt.Method,`
	source, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(source, []byte(honest)) {
		t.Fatalf("%s is not as this test knows it: %v", file, err)
	}
	leaking := strings.Replace(string(source), honest, honest+` "hint": apiKeySetting.environment()[3:12],`, 1)
	w := newWorkspace(t, changedProvider(t, file, leaking))
	w.write("data \"everflow_network\" \"x\" {}\n")
	w.do(false, "plan")
	if len(w.leaks(func(string) bool { return false })) == 0 {
		t.Error("nine characters of the provider's key are in the log, and were not found")
	}
}

// lostPlugin is how a CLI reports a plugin whose process ended: which of the two
// depends on whether it notices the process or the connection first.
var lostPlugin = regexp.MustCompile(`Plugin did not respond|Request cancelled`)

// A provider that crashes with a new secret in its memory prints where, not what.
func TestSecrecy_crashTellsNoSecret(t *testing.T) {
	t.Parallel()
	needCLI(t)
	const file, honest = "api_key_model.go", "		now.setSecret(created.Secret)\n"
	source, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(source, []byte(honest)) {
		t.Fatalf("%s is not as this test knows it: %v", file, err)
	}
	crashing := strings.Replace(string(source), honest, honest+"		panic(created.Secret)\n", 1)
	w := newWorkspace(t, changedProvider(t, file, crashing))
	w.write(fmt.Sprintf(secretiveHCL, "", true))
	if out := w.do(true, "apply", "-auto-approve"); !lostPlugin.Match(out) {
		t.Fatalf("it did not crash:\n%s", out)
	}
	if len(w.secrets.texts) < 2 {
		t.Fatal("no secret was handed out")
	}
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}

// net/http writes to the standard log what it reads on a connection without a request.
func TestSecrecy_whatFollowsAnAnswerIsInNoLog(t *testing.T) {
	t.Parallel()
	needCLI(t)
	const late = "Zq7xK2mWv9TbR4nLc8Hd"
	w := newWorkspace(t, builtProvider(t))
	w.secrets.texts = append(w.secrets.texts, late)
	server := newServer(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		w.mock.ServeHTTP(recorder, r)
		connection, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		body := recorder.Body.String()
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s{\"api_key\": %q}", len(body), body, late)
		t.Cleanup(func() { _ = connection.Close() })
	}))
	w.env = append(w.env, "EVERFLOW_BASE_URL="+server)
	w.write("data \"everflow_network\" \"x\" {}\n")
	w.do(false, "plan")
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}
