package everflow_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// seeded is when everything in the mock's seed was created.
const seeded = 1672531200

func TestCalls_areThoseOfTheContract(t *testing.T) {
	t.Parallel()
	legacy := everflow.APIKey{
		ID: 2, NetworkID: 1001, Name: "Legacy API Key (Mia Manager)", EmployeeID: 3, Permissions: []string{"Affiliates", "Offers"},
		Status: "active", CreatedAt: seeded, SavedAt: seeded,
	}
	for name, test := range map[string]struct {
		call      func(t *testing.T, a *account) (any, error)
		operation string
		method    string
		path      string
		query     string
		body      string
		want      any
	}{
		"Network": {
			call:      func(t *testing.T, a *account) (any, error) { return a.Client.Network(t.Context()) },
			operation: "getNetwork", method: "GET", path: "/v1/networks",
			want: everflow.Network{
				ID: 1001, Name: "Example Network", Status: "active", DefaultCurrencyID: "USD",
				ReportingTimezone: 67, CreatedAt: seeded, SavedAt: seeded,
			},
		},
		"NetworkID": {
			call:      func(t *testing.T, a *account) (any, error) { return a.NetworkID(t.Context()) },
			operation: "getNetwork", method: "GET", path: "/v1/networks",
			want: int64(1001),
		},
		"Employees": {
			call: func(t *testing.T, a *account) (any, error) {
				employees, err := a.Client.Employees(t.Context())
				return employees[1:2], err
			},
			operation: "listEmployees", method: "GET", path: "/v1/networks/employees",
			want: []everflow.Employee{{
				ID: 2, NetworkID: 1001, FirstName: "Pat", LastName: "Platform", FullName: "Pat Platform",
				Email: "pat.platform@example.com", AccountStatus: "active", RoleID: 2,
			}},
		},
		"Roles": {
			call: func(t *testing.T, a *account) (any, error) {
				roles, err := a.Client.Roles(t.Context())
				return roles[1:2], err
			},
			operation: "listRoles", method: "GET", path: "/v1/networks/roles",
			want: []everflow.Role{{
				ID: 2, NetworkID: 1001, Name: "Platform Engineering", Description: "Integrations and their API keys",
				Permissions: []string{"Employees", "Reporting", "Roles", "Security"}, CreatedAt: seeded, SavedAt: seeded,
			}},
		},
		"APIKey": {
			call:      func(t *testing.T, a *account) (any, error) { return a.APIKey(t.Context(), 2) },
			operation: "getApiKey", method: "GET", path: "/v1/networks/security/apikeys/2",
			want: legacy,
		},
		"APIKeys, all of them": {
			call: func(t *testing.T, a *account) (any, error) {
				keys, err := a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{})
				return ids(keys), err
			},
			operation: "searchApiKeys", method: "POST", path: "/v1/networks/security/apikeystable",
			query: "page=1&page_size=2000", body: `{"page":1,"page_size":2000}`,
			want: []int64{1, 2, 3, 4},
		},
		"APIKeys, filtered": {
			call: func(t *testing.T, a *account) (any, error) {
				return a.Client.APIKeys(t.Context(), everflow.APIKeyFilter{Status: "active", EmployeeID: 3, NameContains: "legacy <api>"[:6]})
			},
			operation: "searchApiKeys", method: "POST", path: "/v1/networks/security/apikeystable",
			query: "page=1&page_size=2000",
			body:  `{"page":1,"page_size":2000,"filters":{"network_employee_id":3,"status":"active"},"search_terms":[{"search_type":"name","value":"legacy"}]}`,
			want:  []everflow.APIKey{legacy},
		},
		"CreateAPIKey": {
			call: func(t *testing.T, a *account) (any, error) {
				created, err := a.CreateAPIKey(t.Context(), 3, everflow.APIKeySettings{Name: `ci <"&">`, Permissions: []string{"Reporting", "Offers", "Reporting"}})
				if stored, _ := a.mock.Key(created.ID); created.Secret.SHA256() != stored.SHA256 || created.Secret.IsEmpty() {
					t.Error("the secret is not that of the key")
				}
				return created.APIKey, err
			},
			operation: "createApiKey", method: "POST", path: "/v1/networks/security/apikeys",
			body: `{"name":"ci <\"&\">","network_employee_id":3,"permissions":["Offers","Reporting"],"is_all_permissions":false}`,
			want: everflow.APIKey{
				ID: 5, NetworkID: 1001, Name: `ci <"&">`, EmployeeID: 3, Permissions: []string{"Offers", "Reporting"},
				Status: "active", CreatedAt: epoch, SavedAt: epoch,
			},
		},
		"CreateAPIKey, all permissions": {
			call: func(t *testing.T, a *account) (any, error) {
				created, err := a.CreateAPIKey(t.Context(), 1, everflow.APIKeySettings{Name: "ci", AllPermissions: true})
				return created.APIKey, err
			},
			operation: "createApiKey", method: "POST", path: "/v1/networks/security/apikeys",
			body: `{"name":"ci","network_employee_id":1,"permissions":[],"is_all_permissions":true}`,
			want: everflow.APIKey{
				ID: 5, NetworkID: 1001, Name: "ci", EmployeeID: 1, AllPermissions: true,
				Status: "active", CreatedAt: epoch, SavedAt: epoch,
			},
		},
		"UpdateAPIKey": {
			call: func(t *testing.T, a *account) (any, error) {
				return a.UpdateAPIKey(t.Context(), everflow.APIKeyIdentity{ID: 2}, everflow.APIKeySettings{Name: "new name", AllPermissions: true})
			},
			operation: "updateApiKey", method: "PUT", path: "/v1/networks/security/apikeys/2",
			body: `{"name":"new name","permissions":[],"is_all_permissions":true}`,
			want: everflow.APIKey{
				ID: 2, NetworkID: 1001, Name: "new name", EmployeeID: 3, AllPermissions: true,
				Status: "active", CreatedAt: seeded, SavedAt: epoch,
			},
		},
		"RevokeAPIKey": {
			call:      func(t *testing.T, a *account) (any, error) { return a.Client.RevokeAPIKey(t.Context(), 2) },
			operation: "revokeApiKey", method: "POST", path: "/v1/networks/security/apikeys/2/revoke",
			want: everflow.APIKey{
				ID: 2, NetworkID: 1001, Name: "Legacy API Key (Mia Manager)", EmployeeID: 3, Permissions: []string{"Affiliates", "Offers"},
				Status: "revoked", CreatedAt: seeded, SavedAt: epoch, RevokedAt: epoch,
			},
		},
		"Whitelist": {
			call:      func(t *testing.T, a *account) (any, error) { return a.Whitelist(t.Context()) },
			operation: "getApiWhitelist", method: "GET", path: "/v1/networks/security/apiwhitelist",
			want: everflow.Whitelist{NetworkID: 1001, IPAddresses: []string{}},
		},
		"ReplaceWhitelist": {
			call: func(t *testing.T, a *account) (any, error) {
				return a.ReplaceWhitelist(t.Context(), []string{"203.0.113.7/32", "2001:db8::/32"})
			},
			operation: "replaceApiWhitelist", method: "PUT", path: "/v1/networks/security/apiwhitelist",
			body: `{"ip_addresses":["203.0.113.7/32","2001:db8::/32"]}`,
			want: everflow.Whitelist{NetworkID: 1001, IPAddresses: []string{"203.0.113.7", "2001:db8::/32"}, SavedAt: epoch},
		},
		"ReplaceWhitelist, with none": {
			call:      func(t *testing.T, a *account) (any, error) { return a.ReplaceWhitelist(t.Context(), nil) },
			operation: "replaceApiWhitelist", method: "PUT", path: "/v1/networks/security/apiwhitelist",
			body: `{"ip_addresses":[]}`,
			want: everflow.Whitelist{NetworkID: 1001, IPAddresses: []string{}, SavedAt: epoch},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				got, err := test.call(t, a)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, test.want) {
					t.Errorf("got  %+v\nwant %+v", got, test.want)
				}
				calls := a.calls(test.operation)
				if len(calls) != 1 {
					t.Fatalf("%d calls of %s, want 1", len(calls), test.operation)
				}
				sent := calls[0]
				if sent.Method != test.method || sent.Path != test.path || sent.Query.Encode() != test.query {
					t.Errorf("sent %s %s?%s", sent.Method, sent.Path, sent.Query.Encode())
				}
				if body := strings.TrimSpace(string(sent.RequestBody)); body != test.body {
					t.Errorf("sent %s\nwant %s", body, test.body)
				}
				contentType := ""
				if test.body != "" {
					contentType = "application/json"
				}
				for name, want := range map[string]string{
					"User-Agent": "everflow-test/1.0", "Accept": "application/json", "Content-Type": contentType,
					"Idempotency-Key": "", "X-Idempotency-Key": "", "Authorization": "", "Cookie": "", "Referer": "",
				} {
					if got := sent.Header.Get(name); got != want {
						t.Errorf("%s: got %q, want %q", name, got, want)
					}
				}
			})
		})
	}
}

func ids(keys []everflow.APIKey) []int64 {
	list := make([]int64, len(keys))
	for i, key := range keys {
		list[i] = key.ID
	}
	return list
}

func TestCalls_carryTheKeyOnceInItsHeader(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Values("X-Eflow-API-Key"); !slices.Equal(got, []string{ownKey}) {
				t.Errorf("X-Eflow-API-Key: got %q", got)
			}
			if strings.Contains(r.URL.String(), ownKey) {
				t.Error("the key is in the URL")
			}
			answering(200, `{"network_id": 1}`)(w, r)
		}))
		if _, err := a.Client.Network(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestNetworkID_isAskedForOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Operation: "getNetwork", Times: 1, Kind: everflowmock.FaultStatus, Status: 403})
		if _, err := a.NetworkID(t.Context()); everflow.StatusOf(err) != 403 {
			t.Fatalf("got %v, want the 403", err)
		}
		for range 3 {
			if id, err := a.NetworkID(t.Context()); id != 1001 || err != nil {
				t.Fatalf("got %d, %v", id, err)
			}
		}
		if got := len(a.calls("getNetwork")); got != 2 {
			t.Errorf("%d calls, want 2: a failure is not kept, an answer is", got)
		}
	})
}

func TestCalls_tolerateFieldsTheyDoNotKnow(t *testing.T) {
	for _, operation := range everyOperation {
		t.Run(operation.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				plain, extra := onMock(t, everflowmock.Options{}), onMock(t, everflowmock.Options{})
				extra.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultExtraFields})
				want, err := operation.call(t.Context(), plain.Run)
				if err != nil {
					t.Fatal(err)
				}
				got, err := operation.call(t.Context(), extra.Run)
				if err != nil {
					t.Fatal(err)
				}
				if created, ok := got.(everflow.CreatedAPIKey); ok { // each with a secret of its own
					got, want = created.APIKey, want.(everflow.CreatedAPIKey).APIKey
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
			})
		})
	}
}
