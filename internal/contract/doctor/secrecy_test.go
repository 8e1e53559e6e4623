package doctor_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract/doctor"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const secretiveKey = "hqx7vtz2mkw9pry4djc8"

// secretiveSeed is an account none of whose values is a word of the report.
func secretiveSeed() *everflowmock.Seed {
	seed := everflowmock.DefaultSeed()
	seed.Network.Name = "Quillfeather Media"
	seed.Employees = []everflowmock.Employee{{
		ID: 31337, NetworkID: 1001, FirstName: "Zelda", LastName: "Quillfeather", FullName: "Zelda Quillfeather",
		Email: "zelda@quillfeather.example", AccountStatus: "active", IsAdmin: true, RoleID: 1,
	}}
	seed.Roles[0].Name, seed.Roles[0].Description = "Grandmaster", "Rules over Quillfeather"
	seed.Keys = []everflowmock.SeedKey{
		{Key: everflowmock.Key{ID: 424242, Name: "Legacy API Key (Zelda Quillfeather)", EmployeeID: 31337, IsAllPermissions: true}, APIKey: secretiveKey},
		{Key: everflowmock.Key{ID: 424243, Name: "bespoke-importer", EmployeeID: 31337, IsAllPermissions: true, Status: "revoked"}, APIKey: "another-key-of-the-account"},
	}
	seed.Whitelist = []string{"127.0.0.0/8", "203.0.113.77", "2001:db8:5ca1:ab1e::/64"}
	return seed
}

// values are those of the account that may be in no report.
var values = []string{
	"Quillfeather", "Zelda", "zelda@", "Grandmaster", "bespoke", "Legacy", "Rules over",
	"203.0.113.77", "5ca1", "127.0.0", "31337", "424242", "424243", "another-key",
}

// secretsSeen collects the secrets that a server hands out.
type secretsSeen struct {
	mu    sync.Mutex
	texts []string
}

func (s *secretsSeen) wrap(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)
		var answer struct {
			APIKey string `json:"api_key"`
		}
		if json.Unmarshal(recorder.Body.Bytes(), &answer) == nil && answer.APIKey != "" {
			s.mu.Lock()
			s.texts = append(s.texts, answer.APIKey)
			s.mu.Unlock()
		}
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// leaks finds parts of secrets, 8 characters long, in clear, hex or base64, and
// values of the account.
func leaks(text string, secrets ...string) (found []string) {
	const part = 8
	for _, secret := range secrets {
		secret = strings.TrimPrefix(secret, "everflow-mock-") // says whose it is, and nothing else
		for i := 0; i+part <= len(secret); i++ {
			piece := secret[i : i+part]
			for _, form := range []string{piece, hex.EncodeToString([]byte(piece)), base64.RawStdEncoding.EncodeToString([]byte(piece))[:10]} {
				if strings.Contains(text, form) {
					found = append(found, form)
				}
			}
		}
	}
	for _, value := range values {
		if strings.Contains(strings.ToLower(text), strings.ToLower(value)) {
			found = append(found, value)
		}
	}
	return found
}

// spoiltBy are accounts that put their values where the doctor reads names.
func spoiltBy() map[string]func(http.Handler) http.Handler {
	answering := func(change func(w http.ResponseWriter, r *http.Request, answer map[string]any) any) func(http.Handler) http.Handler {
		return func(api http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				recorder := httptest.NewRecorder()
				api.ServeHTTP(recorder, r)
				for name, values := range recorder.Header() {
					w.Header()[name] = values
				}
				w.Header().Del("Content-Length")
				var answer any
				_ = json.Unmarshal(recorder.Body.Bytes(), &answer)
				whole, ok := answer.(map[string]any)
				if !ok {
					whole = map[string]any{"zelda@quillfeather.example": answer}
				}
				changed, _ := json.Marshal(change(w, r, whole))
				w.WriteHeader(recorder.Code)
				_, _ = w.Write(changed)
			})
		}
	}
	return map[string]func(http.Handler) http.Handler{
		"as it should be": func(api http.Handler) http.Handler { return api },
		"values as names of fields": answering(func(_ http.ResponseWriter, r *http.Request, answer map[string]any) any {
			for _, value := range append(slices.Clone(values), r.Header.Get("X-Eflow-API-Key"), "Zelda Quillfeather", "Quillfeather") {
				answer[value] = value
			}
			if secret, ok := answer["api_key"].(string); ok {
				answer[secret], answer[secret[4:20]] = true, map[string]any{secret[2:16]: 1}
			}
			return answer
		}),
		"values in place of everything": answering(func(_ http.ResponseWriter, _ *http.Request, answer map[string]any) any {
			for name := range answer {
				answer[name] = map[string]any{"Zelda": "Quillfeather", "name": "Zelda"}
			}
			return answer
		}),
		"values in headers and errors": func(http.Handler) http.Handler {
			calls := 0
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				key := r.Header.Get("X-Eflow-API-Key")
				for _, name := range []string{"X-RateLimit-Limit", "Date", "Server", "Allow", "Content-Type"} {
					w.Header().Set(name, "Zelda "+key)
				}
				w.Header().Set("Location", "https://203.0.113.77/Quillfeather?key="+key)
				statuses := []int{200, 302, 400, 403, 404, 405, 418, 500}
				w.WriteHeader(statuses[calls%len(statuses)])
				fmt.Fprintf(w, `{"error":"Zelda Quillfeather (zelda@quillfeather.example) at 203.0.113.77 may not use %s","%s":1}`, key, key)
			})
		},
		"secret echoed as text": func(api http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "security") {
					_, _ = w.Write([]byte(r.Header.Get("X-Eflow-API-Key") + " Zelda"))
					return
				}
				api.ServeHTTP(w, r)
			})
		},
	}
}

func TestSecrecy_reportHoldsNoValueOfTheAccount(t *testing.T) {
	t.Parallel()
	for name, spoil := range spoiltBy() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secrets := &secretsSeen{}
			mock := newMock(t, everflowmock.Options{Seed: secretiveSeed(), Wrap: secrets.wrap})
			var said []string
			report := examine(t, &account{handler: spoil(mock)}, doctor.Config{
				APIKey: everflow.NewSecret(secretiveKey), Writes: true, NetworkID: network,
				Progress: func(sentence string) { said = append(said, sentence) },
			})
			text := texts(t, report) + strings.Join(said, "\n")
			for _, leak := range leaks(text, append(secrets.texts, secretiveKey)...) {
				t.Errorf("%q is in what was said", leak)
			}
			if name == "as it should be" && len(secrets.texts) == 0 {
				t.Error("no secret was handed out")
			}
		})
	}
}

// With each difference that the mock can be given, too.
func TestSecrecy_differencesAreTypesAndNames(t *testing.T) {
	t.Parallel()
	for _, one := range differences {
		secrets := &secretsSeen{}
		mock := newMock(t, everflowmock.Options{Seed: secretiveSeed(), Wrap: secrets.wrap})
		set(t, mock, everflowmock.Difference{Operation: one.operation, Kind: one.kind, Field: one.field, Value: one.value})
		report := examine(t, &account{handler: mock}, doctor.Config{APIKey: everflow.NewSecret(secretiveKey), Writes: true, NetworkID: network})
		for _, leak := range leaks(texts(t, report), append(secrets.texts, secretiveKey)...) {
			t.Errorf("%s: %q is in the report", one.kind, leak)
		}
	}
}

// The search is worth something only if it finds what is there.
func TestSecrecy_searchFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"got: " + secretiveKey[3:11], "got: " + hex.EncodeToString([]byte(secretiveKey)), "by zelda quillfeather", "at 203.0.113.77",
	} {
		if len(leaks(text, secretiveKey)) == 0 {
			t.Errorf("nothing is found in %q", text)
		}
	}
	if found := leaks("types and names", secretiveKey); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}
