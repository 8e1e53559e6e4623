package everflowmock

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestDefaultSeed_hasWhatTheProviderNeeds(t *testing.T) {
	t.Parallel()
	seed := DefaultSeed()
	var legacy, inactive, withoutSecurity int
	for _, k := range seed.Keys {
		if strings.HasPrefix(k.Name, "Legacy API Key (") {
			legacy++
		}
	}
	for _, e := range seed.Employees {
		if e.AccountStatus == "inactive" {
			inactive++
		}
		if !e.IsAdmin && e.RoleID == 3 {
			withoutSecurity++
		}
	}
	if len(seed.Employees) != 4 || len(seed.Roles) != 3 || legacy != 3 || inactive != 1 || withoutSecurity != 2 {
		t.Errorf("%d employees (%d inactive, %d without Security), %d roles, %d legacy keys",
			len(seed.Employees), inactive, withoutSecurity, len(seed.Roles), legacy)
	}
	if k := seed.Keys[3]; k.APIKey != "everflow-mock-demo-key-not-a-secret" || k.Name != "Terraform" || !k.IsAllPermissions {
		t.Errorf("%+v", k)
	}
}

func TestDefaultSeed_roundTripsThroughAFile(t *testing.T) {
	t.Parallel()
	content, err := json.MarshalIndent(DefaultSeed(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	seed, err := ReadSeed(path)
	if err != nil || !reflect.DeepEqual(seed, DefaultSeed()) {
		t.Errorf("%v\n%+v", err, seed)
	}
}

func TestNew_leavesTheSeedAlone(t *testing.T) {
	t.Parallel()
	// Neither sorted nor complete: New has both to do.
	unsorted := func() *Seed {
		return &Seed{
			Network: Network{ID: 7, Name: "Small"},
			Roles:   []Role{{ID: 2, Name: "b", Permissions: []string{"z", "y"}}, {ID: 1, Name: "a"}},
			Employees: []Employee{
				{ID: 2, FirstName: "Bob", Email: "bob@example.com"},
				{ID: 1, FirstName: "Ann", Email: "ann@example.com", IsAdmin: true},
			},
			Keys: []SeedKey{{Key: Key{ID: 1, Name: "k", EmployeeID: 1, IsAllPermissions: true}, APIKey: "one"}},
			OtherNetworks: []OtherNetwork{
				{ID: 8, Name: "Other", Keys: []OtherNetworkKey{{Name: "k", APIKey: "two"}}},
			},
		}
	}
	seed := unsorted()
	s := startServer(t, Options{Seed: seed}).withSecret("one")
	s.RenameKey(1, "x")
	s.UpdateEmployee(1, func(e *Employee) { e.FirstName = "x" })
	s.UpdateRole(2, func(r *Role) { r.Permissions[0] = "x" })
	if !reflect.DeepEqual(seed, unsorted()) {
		t.Errorf("%+v", seed)
	}
	s = startServer(t, Options{Seed: seed}).withSecret("one")
	seed.Roles[0].Permissions[0] = "changed"
	if g := s.call("GET", "/networks/roles", ""); strings.Contains(g.body, "changed") {
		t.Errorf("the server uses the seed's own lists: %s", g.body)
	}
}

const minimalSeed = `{
  "network": {"network_id": 7, "name": "Small"},
  "employees": [{"network_employee_id": 3, "first_name": "Ann", "email": "ann@example.com", "is_admin": true}],
  "api_keys": [{"network_api_key_id": 9, "name": "one", "network_employee_id": 3, "is_all_permissions": true, "api_key": "PLAIN-SECRET"}]
}`

func TestSeed_whatMayBeLeftOutIsFilledIn(t *testing.T) {
	t.Parallel()
	seed, err := ParseSeed([]byte(minimalSeed))
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, Options{Seed: seed}).withSecret("PLAIN-SECRET")
	s.wantAnswer(s.call("GET", "/networks", ""), 200, `{"network_id":7,"name":"Small","status":"active",`+
		`"default_currency_id":"USD","reporting_timezone_id":67,"time_created":1767225600,"time_saved":1767225600}`)
	s.wantAnswer(s.call("GET", "/networks/employees", ""), 200, `[{"network_employee_id":3,"network_id":7,"first_name":"Ann",`+
		`"last_name":"","full_name":"Ann","email":"ann@example.com","account_status":"active","is_admin":true,"network_role_id":0}]`)
	s.wantAnswer(s.call("GET", "/networks/roles", ""), 200, `[]`)
	s.wantAnswer(s.call("GET", apiKeys+"/9", ""), 200, `{"network_api_key_id":9,"network_id":7,"name":"one",`+
		`"network_employee_id":3,"permissions":[],"is_all_permissions":true,"status":"active",`+
		`"time_created":1767225600,"time_saved":1767225600,"time_last_used":1767225600,"time_revoked":0}`)
}

func TestSeed_takesHashesAndRevokedKeys(t *testing.T) {
	t.Parallel()
	seed, err := ParseSeed([]byte(strings.Replace(minimalSeed, `"api_keys": [`, `"api_keys": [
		{"network_api_key_id": 2, "name": "old", "network_employee_id": 3, "permissions": ["b", "a"], "status": "revoked",
		 "time_created": 5, "time_revoked": 9,
		 "api_key_sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"network_api_key_id": 10, "name": "hashed", "network_employee_id": 3, "is_all_permissions": true,
		 "api_key_sha256": "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34"},`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, Options{Seed: seed})
	s.wantAnswer(s.withSecret("abc").call("GET", "/networks", ""), 401, `{"error":"Invalid API key"}`)
	s.wantAnswer(s.withSecret("def").call("GET", apiKeys+"/2", ""), 200, `{"network_api_key_id":2,"network_id":7,"name":"old",`+
		`"network_employee_id":3,"permissions":["a","b"],"is_all_permissions":false,"status":"revoked",`+
		`"time_created":5,"time_saved":9,"time_last_used":0,"time_revoked":9}`)
}

func TestSeed_errorsNameThePlaceAndTheFixButNeverASecret(t *testing.T) {
	t.Parallel()
	const key = `{"network_api_key_id": 9, "name": "one", "network_employee_id": 3, "is_all_permissions": true, "api_key": "PLAIN-SECRET"}`
	const employee = `{"network_employee_id": 3, "first_name": "Ann", "email": "ann@example.com", "is_admin": true}`
	for _, c := range []struct{ old, new, want string }{
		{old: minimalSeed, want: "the JSON ends too early"},
		{old: minimalSeed, new: `{"network": "PLAIN-SECRET"`, want: "the JSON ends too early"},
		{old: minimalSeed, new: "{\n\n  PLAIN-SECRET}", want: "line 3 is not valid JSON: invalid character 'P' looking for beginning of object key string"},
		{old: minimalSeed, new: minimalSeed + "{}", want: "there is more than one JSON value: keep the first"},
		{old: minimalSeed, new: `{}`, want: "network: missing; it needs at least network_id and name"},
		{old: minimalSeed, new: `[]`, want: "want an object, not array"},
		{old: `"network_id": 7`, new: `"network_id": "7"`, want: "network: network_id: want an integer, not string"},
		{old: `"network_id": 7`, new: `"network_id": 7.5`, want: "network: network_id: want an integer, not number"},
		{old: `"network_id": 7`, new: `"network_id": 0`, want: "network.network_id: must be positive, not 0"},
		{old: `"Small"`, new: `""`, want: "network.name: give the network a name"},
		{old: `"Small"`, new: `"Small", "time_saved": -1`, want: "network: times are Unix seconds and must not be negative"},
		{old: `"employees"`, new: `"people"`, want: `unknown field "people"`},
		{old: `"first_name"`, new: `"firstname"`, want: `employees[0]: unknown field "firstname"`},
		{old: `"first_name": "Ann", `, want: "employees[0]: give the employee a first_name and a last_name, or a full_name"},
		{old: `"ann@example.com"`, new: `"ann"`, want: `employees[0].email: "ann" is not an e-mail address`},
		{old: `"is_admin": true`, new: `"network_role_id": 4`, want: "employees[0].network_role_id: there is no role 4: use one of (none), or 0 for no role"},
		{old: employee, new: employee + "," + employee, want: "employees[1].network_employee_id: 3 is the ID of employees[0] already: give it another ID"},
		{old: `"first_name"`, new: `"network_id": 8, "first_name"`, want: "employees[0].network_id: 8 is not the network's ID 7: leave it out"},
		{old: `"employees"`, new: `"roles": [{"role_id": 1}], "employees"`, want: "roles[0].name: give the role a name"},
		{old: `"employees"`, new: `"roles": [{"role_id": 1, "name": "r", "permissions": ["a", "a"]}], "employees"`, want: `roles[0].permissions[1]: "a" is empty or a duplicate: remove it`},
		{old: `"employees"`, new: `"roles": [{"role_id": -1, "name": "r"}], "employees"`, want: "roles[0].role_id: must be positive, not -1"},
		{old: `"name": "one"`, new: `"name": " "`, want: "api_keys[0].name: give the API key a name"},
		{old: `"network_employee_id": 3, "is_all`, new: `"network_employee_id": 5, "is_all`, want: "api_keys[0].network_employee_id: there is no employee 5: use one of 3"},
		{old: `"is_all_permissions": true, `, want: "api_keys[0]: permissions is required unless is_all_permissions is true"},
		{old: `"is_all_permissions": true, `, new: `"is_all_permissions": true, "permissions": ["a"], `, want: "api_keys[0]: permissions must be empty when is_all_permissions is true"},
		{old: `"is_all_permissions": true, `, new: `"is_all_permissions": "PLAIN-SECRET", `, want: "api_keys[0]: is_all_permissions: want true or false, not string"},
		{old: `"api_key": "PLAIN-SECRET"`, new: `"status": "gone"`, want: `api_keys[0].status: "gone" must be active or revoked`},
		{old: `"api_key": "PLAIN-SECRET"`, new: `"time_revoked": 5`, want: "api_keys[0].time_revoked: must be 0 unless status is revoked"},
		{old: `"api_key": "PLAIN-SECRET"`, new: `"time_last_used": -5`, want: "api_keys[0]: times are Unix seconds and must not be negative"},
		{old: `"api_key": "PLAIN-SECRET"`, new: `"status": "active"`, want: "api_keys[0]: give the API key either an api_key or an api_key_sha256"},
		{old: `"PLAIN-SECRET"`, new: `"PLAIN-SECRET", "api_key_sha256": "PLAIN-SECRET"`, want: "api_keys[0]: give the API key either an api_key or an api_key_sha256"},
		{old: `"PLAIN-SECRET"`, new: `"PLAIN-SECRET with blanks"`, want: "api_keys[0].api_key: must be visible ASCII without blanks, since it is sent in a header"},
		{old: `"PLAIN-SECRET"`, new: `12345678`, want: "api_keys[0]: api_key: want a string, not number"},
		{old: `"api_key"`, new: `"api_key_sha256"`, want: "api_keys[0].api_key_sha256: must be 64 lower-case hex digits, as sha256sum prints them"},
		{old: key, new: key + "," + strings.Replace(key, "9", "8", 1), want: "api_keys[1]: has the same secret as api_keys[0]: give each API key its own"},
		{old: `"name": "one"`, new: `"status": "revoked", "name": "one"`, want: "api_keys: no key is active, so every call would be refused: add a key with an api_key or an api_key_sha256"},
		{old: `"api_keys"`, new: `"api_whitelist": ["10.0.0.1/8"], "api_keys"`, want: `api_whitelist: ip_addresses: "10.0.0.1/8" has bits set outside its mask; its range is 10.0.0.0/8`},
		{old: `"api_keys"`, new: `"other_networks": [{"network_id": 7}], "api_keys"`, want: "other_networks[0].network_id: 7 is the network itself: give the other one its own ID"},
		{old: `"api_keys"`, new: `"other_networks": [{"network_id": 8, "api_keys": [{"api_key": "PLAIN-SECRET"}]}], "api_keys"`, want: "other_networks[0].api_keys[0]: has the same secret as api_keys[0]: give each API key its own"},
		{old: `"api_keys"`, new: `"other_networks": [{"network_id": 8, "api_keys": [{"key": "PLAIN-SECRET"}]}], "api_keys"`, want: `other_networks[0]: unknown field "key"`},
	} {
		if !strings.Contains(minimalSeed, c.old) {
			t.Fatalf("%s is not in the seed", c.old)
		}
		_, err := ParseSeed([]byte(strings.Replace(minimalSeed, c.old, c.new, 1)))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.new, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "PLAIN-SECRET") || strings.Contains(err.Error(), "12345678")) {
			t.Errorf("the error has the secret: %v", err)
		}
	}
}

func TestReadSeed_namesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seed.json")
	if _, err := ReadSeed(path); err == nil || !strings.HasPrefix(err.Error(), "seed file: open "+path) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "seed file " + path + ": network: missing; it needs at least network_id and name"
	if _, err := ReadSeed(path); err == nil || err.Error() != want {
		t.Error(err)
	}
}
