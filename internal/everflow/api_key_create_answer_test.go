package everflow_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
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
		everflowmock.FaultCut:        "no answer: the answer broke off: unexpected EOF",
		everflowmock.FaultSlow:       "no answer: timed out after 30s",
		everflowmock.FaultTruncated:  "200 OK: the answer was not JSON, or broke off",
		everflowmock.FaultWrongTypes: `200 OK: the answer's field "is_all_permissions" is of the wrong type`,
		everflowmock.FaultHuge:       "the answer is larger than 8 MiB, which no Everflow answer is",
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
				wantDoubt(t, err, lost5+"200 OK: the answer did not hold the secret", known{key: 5})
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

// The answer to one create can never be taken for another's, but a key that it
// names is not passed over in silence either.
func TestCreate_answeredWithAnotherNameNamesThatKeyAndClaimsNone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, " CI ")
		_, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5: "+post+"200 OK: the answer was about a key of another name or employee", known{candidates: []int64{5}})
		wantLive(t, a, 5)
		wantPosts(t, a, 1)
	})
}

func TestCreate_answeredWithAnotherEmployeesKeyNamesItAndTheOneFound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		answer := strings.Replace(created(77, "ci", `"api_key": "Zq7XwPt4LmVb9RkN"`), `"network_employee_id": 3`, `"network_employee_id": 2`, 1)
		a.mock.AddFault(before(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: answer}))
		_, err := a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 77: "+post+"200 OK: the answer was about a key of another name or employee", known{candidates: []int64{77}})

		a.mock.AddFault(after(everflowmock.Fault{Kind: everflowmock.FaultBody, Body: answer}))
		_, err = a.CreateAPIKey(t.Context(), 3, ciKey)
		wantDoubt(t, err, lost5+"200 OK: the answer was about a key of another name or employee", known{key: 5})
		wantLive(t, a, 5)
	})
}

// The answer names a key that the look-up cannot confirm.
func TestCreate_whoseLookUpFailsStillNamesTheKeyOfItsAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onRenaming(t, " CI ")
		a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Skip: 1, Kind: everflowmock.FaultStatus, Status: 403})
		_, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: " ci ", AllPermissions: true})
		wantDoubt(t, err, "which key was created, if any, is not known: it can be API key 5: "+post+
			"200 OK: the answer was about a key of another name or employee; looking for it failed too: POST /networks/security/apikeystable: 403 Forbidden: Forbidden", known{candidates: []int64{5}, lookUpFailed: true})
	})
}
