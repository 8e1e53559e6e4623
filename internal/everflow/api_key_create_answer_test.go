package everflow_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// created is a create's answer for employee 3, with one more field.
func created(id int64, name, more string) string {
	return fmt.Sprintf(`{"network_api_key_id": %d, "network_id": 1001, "name": %q, "network_employee_id": 3, "permissions": ["Reporting"],
		"is_all_permissions": false, "status": "active", "time_created": 1, "time_saved": 1, "time_last_used": 0, "time_revoked": 0, %s}`, id, name, more)
}

func TestCreate_answeredInPartAfterActingIsFoundAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	for kind, cause := range map[everflowmock.FaultKind]string{
		everflowmock.FaultResetInBody: "no answer: the answer broke off: unexpected EOF",
		everflowmock.FaultSlow:        "no answer: timed out after 30s",
		everflowmock.FaultTruncated:   "200 OK: the answer was not JSON, or broke off",
		everflowmock.FaultHuge:        "the answer is larger than 8 MiB, which no Everflow answer is",
	} {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: kind}))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+cause, known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
			})
		})
	}
}

func TestCreate_answeredWithoutItsSecretIsKnownByItsAnswerAlone(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{
		"missing": `"x": 1`,
		"null":    `"api_key": null`,
		"empty":   `"api_key": ""`,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: created(5, "ci", more)}))
				_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
				wantDoubt(t, err, lost5+`200 OK: the answer had no usable "api_key", the secret`, known{key: 5})
				wantLive(t, a, 5)
				wantPosts(t, a, 1)
				if got := len(a.calls("searchApiKeys")); got != 1 {
					t.Errorf("%d searches, want the one before the create", got)
				}
			})
		})
	}
}

// onRenaming starts a mock that stores the name " ci " of a create in another form.
func onRenaming(t *testing.T, name string) *account {
	t.Helper()
	var a *account
	a = onMock(t, everflowmock.Options{Wrap: acting(func(api http.Handler, w http.ResponseWriter, r *http.Request) {
		stored := httptest.NewRecorder()
		api.ServeHTTP(stored, r)
		a.mock.RenameKey(5, name)
		maps.Copy(w.Header(), stored.Header())
		_, _ = io.WriteString(w, strings.Replace(stored.Body.String(), " ci ", name, 1))
	})})
	return a
}

func TestCreate_ofANameThatTheServerTrimsKeepsTheSecret(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, "ci")
		got, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		if err != nil || got.ID != 5 || got.Name != "ci" || got.Secret.IsEmpty() {
			t.Errorf("got key %d, %q, %v", got.ID, got.Name, err)
		}
		wantLive(t, a, 5)
	})
}

func TestCreate_ofANameWithSpacesThatTheServerKeepsIsRecognised(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		spaced := everflow.APIKeySettings{Name: " ci ", AllPermissions: true}
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, spaced)
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
		got, err := a.CreateAPIKey(t.Context(), 3, spaced)
		if err != nil || got.ID != 6 || got.Name != " ci " || got.Secret.IsEmpty() {
			t.Errorf("got key %d, %q, %v", got.ID, got.Name, err)
		}
		wantLive(t, a, 5, 6)
	})
}

func TestCreate_ofANameThatTheServerTrimsIsFoundAfterALostAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, "ci")
		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultReset}))
		_, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		wantDoubt(t, err, lost5+"no answer: EOF", known{key: 5})
		wantLive(t, a, 5)
	})
}

// The server answered our own call with an ID that no key had before.
func TestCreate_answeredWithANewIDIsTheKeyWhateverElseIsInTheAnswer(t *testing.T) {
	t.Parallel()
	const secret = `"api_key": "Zq7XwPt4LmVb9RkN"`
	asked := everflow.APIKey{ID: 5, NetworkID: 1001, Name: "ci", EmployeeID: 3, Permissions: []string{"Reporting"}, Status: "active", CreatedAt: 1}
	with := func(change func(*everflow.APIKey)) everflow.APIKey {
		key := asked
		change(&key)
		return key
	}
	for name, test := range map[string]struct {
		body   string
		want   everflow.APIKey
		unread []string
	}{
		"nothing but ID and secret": {
			body: `{"network_api_key_id": 5, ` + secret + `}`, want: with(func(k *everflow.APIKey) { k.NetworkID, k.CreatedAt = 0, 0 }),
			unread: []string{"is_all_permissions", "name", "network_employee_id", "network_id", "permissions", "status", "time_created"},
		},
		"in an object":  {body: `{"data": ` + created(5, "ci", secret) + `, "success": true}`, want: asked},
		"in a list":     {body: `[` + created(5, "ci", secret) + `]`, want: asked},
		"in both":       {body: `{"api_keys": [` + created(5, "ci", secret) + `]}`, want: asked},
		"secret beside": {body: `{"key": ` + created(5, "ci", `"x": 1`) + `, ` + secret + `}`, want: asked},
		"ID as text":    {body: strings.Replace(created(5, "ci", secret), `"network_api_key_id": 5`, `"network_api_key_id": "5"`, 1), want: asked},
		"ID as float":   {body: strings.Replace(created(5, "ci", secret), `"network_api_key_id": 5`, `"network_api_key_id": 5.0`, 1), want: asked},
		"time as text":  {body: strings.Replace(created(5, "ci", secret), `"time_created": 1`, `"time_created": "1970-01-01T00:00:01Z"`, 1), want: asked},
		"time as float": {body: strings.Replace(created(5, "ci", secret), `"time_created": 1`, `"time_created": 1.0`, 1), want: asked},
		"a time that is none": {
			body:   strings.Replace(created(5, "ci", secret), `"time_created": 1`, `"time_created": "just now"`, 1),
			want:   with(func(k *everflow.APIKey) { k.CreatedAt = 0 }),
			unread: []string{"time_created"},
		},
		"no status":              {body: strings.Replace(created(5, "ci", secret), `"status": "active"`, `"status": null`, 1), want: asked, unread: []string{"status"}},
		"another status":         {body: strings.Replace(created(5, "ci", secret), `"status": "active"`, `"status": "pending"`, 1), want: with(func(k *everflow.APIKey) { k.Status = "pending" })},
		"permissions as objects": {body: strings.Replace(created(5, "ci", secret), `["Reporting"]`, `[{"name": "Reporting"}]`, 1), want: asked, unread: []string{"permissions"}},
		"another name":           {body: created(5, "c", secret), want: with(func(k *everflow.APIKey) { k.Name = "c" })},
		"another employee":       {body: strings.Replace(created(5, "ci", secret), `"network_employee_id": 3`, `"network_employee_id": 2`, 1), want: with(func(k *everflow.APIKey) { k.EmployeeID = 2 })},
	} {
		for _, status := range []int{200, 201, 202} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onUncheckedMock(t, everflowmock.Options{})
					a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: status, Body: test.body}))
					got, err := a.CreateAPIKey(t.Context(), 3, ciKey)
					got.LastUseUnknown, got.SavedAt = false, 0
					if err != nil || !reflect.DeepEqual(got.APIKey, test.want) || got.Secret.Reveal() != "Zq7XwPt4LmVb9RkN" || !slices.Equal(got.Unread, test.unread) {
						t.Errorf("got  %+v, unread %q, %v\nwant %+v, unread %q", got.APIKey, got.Unread, err, test.want, test.unread)
					}
					if got := a.called(); !slices.Equal(got, []string{"apikeystable", "apikeys"}) {
						t.Errorf("called %q", got)
					}
				})
			})
		}
	}
}

// The ID has another name than assumed. The key is found, and the secret is its own.
func TestCreate_answeredWithTheSecretAndNoIDKeepsTheSecret(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{})
		if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "createApiKey", Kind: everflowmock.DifferenceFieldRenamed, Field: "network_api_key_id", Value: "id"}); err != nil {
			t.Fatal(err)
		}
		got, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		if stored, _ := a.mock.Key(5); err != nil || got.ID != 5 || stored.SHA256 != got.Secret.SHA256() {
			t.Errorf("got key %d, %v", got.ID, err)
		}
		wantPosts(t, a, 1)
	})
}

// No other value is taken for the secret, but the key and what came are named.
func TestCreate_answeredWithTheSecretUnderAnotherNameNamesTheKeyAndTheFields(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onUncheckedMock(t, everflowmock.Options{})
		if err := a.mock.SetDifferences(everflowmock.Difference{Operation: "createApiKey", Kind: everflowmock.DifferenceFieldRenamed, Field: "api_key", Value: "token"}); err != nil {
			t.Fatal(err)
		}
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, lost5+`200 OK: the answer had no usable "api_key", the secret`, known{key: 5})
		want := "POST /networks/security/apikeys is assumed: Everflow does not publish this call, and it was not answered as this provider expects. " +
			"Expected: status 200 and an object with the fields network_api_key_id (number), name (text), network_employee_id (number), permissions (list of texts), is_all_permissions (boolean), status (text), api_key (text). " +
			"Got: status 200 and an object with the fields is_all_permissions (boolean), name (text), network_api_key_id (number), network_employee_id (number), network_id (number), permissions (a list whose first entry is a text), " +
			"status (text), time_created (number), time_last_used (number), time_revoked (number), time_saved (number), token (text). " +
			`Please run everflow-doctor, which checks each call and shows no secret (the guide "What is published, and what is assumed" says how), ` +
			"and report what it prints at https://github.com/everflow-community/terraform-provider-everflow/issues/new?template=contract_report.yml."
		if got := everflow.Mismatch(err); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
