package doctor_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
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

const distinctKey = "hqx7vtz2mkw9pry4djc8"

// distinctSeed is an account whose values do not occur in the words of a report.
func distinctSeed() *everflowmock.Seed {
	seed := everflowmock.DefaultSeed()
	seed.Network.Name = "Quillfeather Media"
	seed.Employees = []everflowmock.Employee{{
		ID: 31337, NetworkID: 1001, FirstName: "Zelda", LastName: "Quillfeather", FullName: "Zelda Quillfeather",
		Email: "zelda@quillfeather.example", AccountStatus: "active", IsAdmin: true, RoleID: 1,
	}}
	seed.Roles[0].Name, seed.Roles[0].Description = "Grandmaster", "Rules over Quillfeather"
	seed.Keys = []everflowmock.SeedKey{
		{Key: everflowmock.Key{ID: 424242, Name: "Legacy API Key (Zelda Quillfeather)", EmployeeID: 31337, IsAllPermissions: true}, APIKey: distinctKey},
		{Key: everflowmock.Key{ID: 424243, Name: "bespoke-importer", EmployeeID: 31337, IsAllPermissions: true, Status: "revoked"}, APIKey: "another-key-of-the-account"},
	}
	seed.Whitelist = []string{"127.0.0.0/8", "203.0.113.77", "2001:db8:5ca1:ab1e::/64"}
	return seed
}

// accountValues are values of distinctSeed. No report may contain them.
var accountValues = []string{
	"Quillfeather", "Zelda", "zelda@", "Grandmaster", "bespoke", "Legacy", "Rules over",
	"203.0.113.77", "5ca1", "127.0.0", "31337", "424242", "424243", "another-key",
}

// changeBody returns a handler that replaces the body of each answer of api.
func changeBody(api http.Handler, change func(r *http.Request, body []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)
		maps.Copy(w.Header(), recorder.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(change(r, recorder.Body.Bytes()))
	})
}

// createdSecrets collects the secrets of created keys.
type createdSecrets struct {
	mu      sync.Mutex
	secrets []string
}

func (s *createdSecrets) wrap(api http.Handler) http.Handler {
	return changeBody(api, func(_ *http.Request, body []byte) []byte {
		var answer struct {
			APIKey string `json:"api_key"`
		}
		if json.Unmarshal(body, &answer) == nil && answer.APIKey != "" {
			s.mu.Lock()
			s.secrets = append(s.secrets, answer.APIKey)
			s.mu.Unlock()
		}
		return body
	})
}

// leaks returns the parts of secrets that a text contains, 8 characters long and plain,
// in hex or in base64, and the values of the account that it contains.
func leaks(text string, secrets ...string) (found []string) {
	const partLength = 8
	for _, secret := range secrets {
		secret = strings.TrimPrefix(secret, "everflow-mock-") // the same in every key of the mock
		for i := 0; i+partLength <= len(secret); i++ {
			part := secret[i : i+partLength]
			for _, form := range []string{part, hex.EncodeToString([]byte(part)), base64.RawStdEncoding.EncodeToString([]byte(part))[:10]} {
				if strings.Contains(text, form) {
					found = append(found, form)
				}
			}
		}
	}
	for _, value := range accountValues {
		if strings.Contains(strings.ToLower(text), strings.ToLower(value)) {
			found = append(found, value)
		}
	}
	return found
}

// changedAnswers return accounts whose values are where the doctor expects names.
func changedAnswers() map[string]func(http.Handler) http.Handler {
	changed := func(change func(r *http.Request, answer map[string]any) any) func(http.Handler) http.Handler {
		return func(api http.Handler) http.Handler {
			return changeBody(api, func(r *http.Request, body []byte) []byte {
				var answer any
				_ = json.Unmarshal(body, &answer)
				whole, ok := answer.(map[string]any)
				if !ok {
					whole = map[string]any{"zelda@quillfeather.example": answer}
				}
				encoded, _ := json.Marshal(change(r, whole))
				return encoded
			})
		}
	}
	return map[string]func(http.Handler) http.Handler{
		"unchanged": func(api http.Handler) http.Handler { return api },
		"values as names of fields": changed(func(r *http.Request, answer map[string]any) any {
			for _, value := range append(slices.Clone(accountValues), r.Header.Get("X-Eflow-API-Key"), "Zelda Quillfeather", "Quillfeather") {
				answer[value] = value
			}
			if secret, ok := answer["api_key"].(string); ok {
				answer[secret], answer[secret[4:20]] = true, map[string]any{secret[2:16]: 1}
			}
			return answer
		}),
		"values in place of fields": changed(func(_ *http.Request, answer map[string]any) any {
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
	for name, change := range changedAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secrets := &createdSecrets{}
			mock := newMock(t, everflowmock.Options{Seed: distinctSeed(), Wrap: secrets.wrap})
			var progress []string
			report := runDoctor(t, &account{handler: change(mock)}, doctor.Config{
				APIKey: everflow.NewSecret(distinctKey), Writes: true, NetworkID: networkID,
				Progress: func(sentence string) { progress = append(progress, sentence) },
			})
			text := textAndJSON(t, report) + strings.Join(progress, "\n")
			for _, leak := range leaks(text, append(secrets.secrets, distinctKey)...) {
				t.Errorf("%q is in the report or the progress", leak)
			}
			if name == "unchanged" && len(secrets.secrets) == 0 {
				t.Error("no key was created")
			}
		})
	}
}

func TestSecrecy_reportHoldsNoValueForAnyDifference(t *testing.T) {
	t.Parallel()
	for _, d := range differences {
		secrets := &createdSecrets{}
		mock := newMock(t, everflowmock.Options{Seed: distinctSeed(), Wrap: secrets.wrap})
		d.set(t, mock)
		report := runDoctor(t, &account{handler: mock}, doctor.Config{APIKey: everflow.NewSecret(distinctKey), Writes: true, NetworkID: networkID})
		for _, leak := range leaks(textAndJSON(t, report), append(secrets.secrets, distinctKey)...) {
			t.Errorf("%s: %q is in the report", d, leak)
		}
	}
}

func TestSecrecy_leaksFindsSecretsAndValues(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"got: " + distinctKey[3:11], "got: " + hex.EncodeToString([]byte(distinctKey)), "by zelda quillfeather", "at 203.0.113.77",
	} {
		if len(leaks(text, distinctKey)) == 0 {
			t.Errorf("nothing is found in %q", text)
		}
	}
	if found := leaks("types and names", distinctKey); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}
