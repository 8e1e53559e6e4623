package everflow_test

import (
	"reflect"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestAPIKeySettings_areEqualWhateverTheOrderOfPermissions(t *testing.T) {
	t.Parallel()
	settings := everflow.APIKeySettings{Name: "ci", Permissions: []string{"Offers", "Reporting"}}
	for name, test := range map[string]struct {
		other everflow.APIKeySettings
		want  bool
	}{
		"same":              {everflow.APIKeySettings{Name: "ci", Permissions: []string{"Offers", "Reporting"}}, true},
		"order, repetition": {everflow.APIKeySettings{Name: "ci", Permissions: []string{"Reporting", "Offers", "Reporting"}}, true},
		"name":              {everflow.APIKeySettings{Name: "CI", Permissions: []string{"Offers", "Reporting"}}, false},
		"fewer":             {everflow.APIKeySettings{Name: "ci", Permissions: []string{"Offers"}}, false},
		"none":              {everflow.APIKeySettings{Name: "ci"}, false},
		"all":               {everflow.APIKeySettings{Name: "ci", Permissions: []string{"Offers", "Reporting"}, AllPermissions: true}, false},
	} {
		if settings.Equal(test.other) != test.want || test.other.Equal(settings) != test.want {
			t.Errorf("%s: got %t", name, !test.want)
		}
	}
	if settings.Permissions[0] != "Offers" {
		t.Error("comparing changed the order")
	}
}

func TestAPIKey_settingsAreWhatCanBeChanged(t *testing.T) {
	t.Parallel()
	key := everflow.APIKey{ID: 5, Name: "ci", EmployeeID: 3, Permissions: []string{"Offers"}, AllPermissions: true}
	want := everflow.APIKeySettings{Name: "ci", Permissions: []string{"Offers"}, AllPermissions: true}
	if got := key.Settings(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestUpdateAPIKey_ofARevokedKeyIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.RevokeKey(2)
		_, err := a.UpdateAPIKey(t.Context(), everflow.APIKeyIdentity{ID: 2}, ciKey)
		if want := "PUT /networks/security/apikeys/2: 400 Bad Request: API key 2 is revoked"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestRevokeAPIKey_againIsNoError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		for range 2 {
			if key, err := a.Client.RevokeAPIKey(t.Context(), 2); err != nil || !key.IsRevoked() || key.RevokedAt != epoch {
				t.Errorf("got %+v, %v", key, err)
			}
		}
	})
}

func TestReplaceWhitelist_withAMalformedEntryChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		_, err := a.ReplaceWhitelist(t.Context(), []string{"203.0.113.7", "203.0.113.7/24"})
		if everflow.StatusOf(err) != 400 || everflow.IsInDoubt(err) || len(a.mock.Whitelist()) != 0 {
			t.Errorf("got %v, the list is %q", err, a.mock.Whitelist())
		}
	})
}
