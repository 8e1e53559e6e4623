package everflowmock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

const apiKeys = "/networks/security/apikeys"

func TestAPIKeys_secretIsShownOnceAndKeptAsAHash(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	g := s.call("POST", apiKeys, `{"name":"CI","network_employee_id":2,"permissions":["Roles","Employees"]}`)
	var created struct {
		ID     int64  `json:"network_api_key_id"`
		Secret string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(g.body), &created); err != nil || g.status != 200 {
		t.Fatal(g, err)
	}
	if !regexp.MustCompile(`^everflow-mock-[A-Z2-7]{26}$`).MatchString(created.Secret) {
		t.Errorf("secret %q", created.Secret)
	}
	object := `{"network_api_key_id":5,"network_id":1001,"name":"CI","network_employee_id":2,` +
		`"permissions":["Employees","Roles"],"is_all_permissions":false,"status":"active",` +
		`"time_created":1767225600,"time_saved":1767225600,"time_last_used":0,"time_revoked":0`
	s.wantAnswer(g, 200, object+`,"api_key":"`+created.Secret+`"}`)
	s.wantAnswer(s.call("GET", apiKeys+"/5", ""), 200, object+`}`)
	key, ok := s.Key(5)
	if !ok || key.SHA256 != HashAPIKey(created.Secret) {
		t.Errorf("kept as %+v", key)
	}
	if text := fmt.Sprintf("%+v", s.Server.data); strings.Contains(text, created.Secret) {
		t.Error("the server remembers the secret")
	}
	if g := s.withSecret(created.Secret).call("GET", "/networks/employees", ""); g.status != 200 {
		t.Errorf("the new key is answered %d %s", g.status, g.body)
	}
}

func TestAPIKeys_everySecretIsNew(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		seen[newSecret()] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d different secrets of 1000", len(seen))
	}
}

func TestHashAPIKey_isHexSHA256(t *testing.T) {
	t.Parallel()
	// printf abc | sha256sum
	if h := HashAPIKey("abc"); h != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(h)
	}
}

func TestAPIKeys_createIsValidated(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	for body, message := range map[string]string{
		``:         malformed("EOF"),
		`{`:        malformed("unexpected EOF"),
		`nonsense`: malformed("invalid character 'o' in literal null (expecting 'u')"),
		`[]`:       malformed("want an object"),
		`null`:     "name is required",
		`{} {}`:    malformed("more than one value"),
		`{}`:       "name is required",
		`{"name":" ","is_all_permissions":true,"network_employee_id":1}`:                     "name is required",
		`{"name":7,"is_all_permissions":true,"network_employee_id":1}`:                       "name: wrong type: number",
		`{"name":"x","is_all_permissions":true}`:                                             "network_employee_id is required and must be positive",
		`{"name":"x","is_all_permissions":true,"network_employee_id":0}`:                     "network_employee_id is required and must be positive",
		`{"name":"x","is_all_permissions":true,"network_employee_id":-1}`:                    "network_employee_id is required and must be positive",
		`{"name":"x","is_all_permissions":true,"network_employee_id":"1"}`:                   "network_employee_id: wrong type: string",
		`{"name":"x","is_all_permissions":true,"network_employee_id":99}`:                    "network_employee_id 99 does not exist",
		`{"name":"x","network_employee_id":1}`:                                               "permissions is required unless is_all_permissions is true",
		`{"name":"x","network_employee_id":1,"permissions":[]}`:                              "permissions is required unless is_all_permissions is true",
		`{"name":"x","network_employee_id":1,"permissions":["a"],"is_all_permissions":true}`: "permissions must be empty when is_all_permissions is true",
		`{"name":"x","network_employee_id":1,"permissions":["a",""]}`:                        "permissions must not contain an empty name",
		`{"name":"x","network_employee_id":1,"permissions":[null]}`:                          "permissions must not contain an empty name",
		`{"name":"x","network_employee_id":1,"permissions":["a","b","a"]}`:                   `permissions contains "a" twice`,
	} {
		text, _ := json.Marshal(map[string]string{"error": message})
		t.Log(body)
		s.wantAnswer(s.call("POST", apiKeys, body), 400, string(text))
	}
	if n := len(s.Keys()); n != 4 {
		t.Errorf("%d keys after refused creates, want the 4 of the seed", n)
	}
}

func malformed(detail string) string { return "malformed JSON: " + detail }

func TestAPIKeys_namesNeedNotBeUnique(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	for id := int64(5); id <= 6; id++ {
		g := s.call("POST", apiKeys, `{"name":"twin","network_employee_id":4,"permissions":[],"is_all_permissions":true}`)
		if k, ok := s.Key(id); g.status != 200 || !ok || k.Name != "twin" {
			t.Errorf("%d %s: key %d: %+v", g.status, g.body, id, k)
		}
	}
}

func TestAPIKeys_updateReplacesEverythingButTheEmployee(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.clock.advance(time.Minute)
	s.wantAnswer(s.call("PUT", apiKeys+"/2", `{"name":"new","is_all_permissions":true,"colour":"unknown fields are ignored"}`), 200,
		`{"network_api_key_id":2,"network_id":1001,"name":"new","network_employee_id":3,"permissions":[],`+
			`"is_all_permissions":true,"status":"active","time_created":1672531200,"time_saved":1767225660,`+
			`"time_last_used":0,"time_revoked":0}`)
	s.wantAnswer(s.call("PUT", apiKeys+"/2", `{"name":"new","permissions":["b","a"],"network_employee_id":3}`), 200,
		`{"network_api_key_id":2,"network_id":1001,"name":"new","network_employee_id":3,"permissions":["a","b"],`+
			`"is_all_permissions":false,"status":"active","time_created":1672531200,"time_saved":1767225660,`+
			`"time_last_used":0,"time_revoked":0}`)
}

func TestAPIKeys_updateIsValidated(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	before := s.Keys()
	s.wantAnswer(s.call("PUT", apiKeys+"/2", `{"permissions":["a"]}`), 400, `{"error":"name is required"}`)
	s.wantAnswer(s.call("PUT", apiKeys+"/2", `{"name":"x"}`), 400,
		`{"error":"permissions is required unless is_all_permissions is true"}`)
	s.wantAnswer(s.call("PUT", apiKeys+"/2", `{"name":"x","permissions":["a"],"network_employee_id":1}`), 400,
		`{"error":"network_employee_id cannot be changed"}`)
	s.wantAnswer(s.call("PUT", apiKeys+"/2", `{"name"`), 400, `{"error":"malformed JSON: unexpected EOF"}`)
	s.wantAnswer(s.call("PUT", apiKeys+"/99", `{"name":"x","permissions":["a"]}`), 404, `{"error":"API key 99 not found"}`)
	after := s.Keys()
	after[3].TimeLastUsed = before[3].TimeLastUsed
	if !reflect.DeepEqual(before, after) {
		t.Errorf("refused updates changed the keys:\n%+v\n%+v", before, after)
	}
}

func TestAPIKeys_idsAreOnlyPositiveIntegers(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	for _, id := range []string{"0", "-1", "x", "4.0", "9223372036854775808", "%34%20", "1%2Frevoke"} {
		s.wantAnswer(s.call("GET", apiKeys+"/"+id, ""), 400, `{"error":"the ID in the path must be a positive integer"}`)
	}
	if g := s.call("GET", apiKeys+"/%34", ""); g.status != 200 {
		t.Errorf("an escaped 4: %d %s", g.status, g.body)
	}
	s.wantAnswer(s.call("GET", apiKeys+"/99", ""), 404, `{"error":"API key 99 not found"}`)
	s.wantAnswer(s.call("POST", apiKeys+"/99/revoke", ""), 404, `{"error":"API key 99 not found"}`)
}

func TestAPIKeys_revokeIsPermanentAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	_, revoked := s.newKey("secret-of-key-5", Key{Name: "CI", EmployeeID: 1, IsAllPermissions: true})
	if g := revoked.call("GET", "/networks", ""); g.status != 200 {
		t.Fatal(g)
	}
	s.clock.advance(time.Minute)
	object := `{"network_api_key_id":5,"network_id":1001,"name":"CI","network_employee_id":1,"permissions":[],` +
		`"is_all_permissions":true,"status":"revoked","time_created":1767225600,"time_saved":1767225660,` +
		`"time_last_used":1767225600,"time_revoked":1767225660}`
	s.wantAnswer(s.call("POST", apiKeys+"/5/revoke", ""), 200, object)
	s.clock.advance(time.Minute)
	s.wantAnswer(s.call("POST", apiKeys+"/5/revoke", "{}"), 200, object)
	s.wantAnswer(s.call("GET", apiKeys+"/5", ""), 200, object)
	s.wantAnswer(revoked.call("GET", "/networks", ""), 401, `{"error":"Invalid API key"}`)
	s.wantAnswer(s.call("PUT", apiKeys+"/5", `{"name":"x","permissions":["a"],"status":"active"}`), 400,
		`{"error":"API key 5 is revoked"}`)
	s.wantAnswer(s.call("GET", apiKeys+"/5", ""), 200, object)
}

func TestAPIKeys_aKeyCanRevokeItself(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	if g := s.call("POST", apiKeys+"/4/revoke", ""); g.status != 200 {
		t.Error(g)
	}
	s.wantAnswer(s.call("GET", apiKeys+"/4", ""), 401, `{"error":"Invalid API key"}`)
}

func TestServer_keysCanBeChangedBehindTheClientsBacks(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	s.clock.advance(time.Minute)
	s.RenameKey(1, "renamed")
	s.UpdateKey(2, func(k *Key) { k.Permissions = []string{"z", "y"}; k.ID = 77 })
	s.RevokeKey(3)
	s.clock.advance(time.Minute)
	s.RevokeKey(3)
	keys := s.Keys()
	if k := keys[0]; k.Name != "renamed" || k.TimeSaved != 1767225660 {
		t.Errorf("%+v", k)
	}
	if k := keys[1]; k.ID != 2 || !reflect.DeepEqual(k.Permissions, []string{"y", "z"}) {
		t.Errorf("%+v", k)
	}
	if k := keys[2]; !k.Revoked() || k.TimeRevoked != 1767225660 {
		t.Errorf("%+v", k)
	}
	keys[1].Permissions[0] = "changed"
	if k, _ := s.Key(2); k.Permissions[0] != "y" {
		t.Error("Keys() does not hand out copies")
	}
	if id := s.AddKey(Key{ID: 40, Name: "x", EmployeeID: 1, IsAllPermissions: true}); id != 40 {
		t.Errorf("AddKey returned %d", id)
	}
	if k, ok := s.Key(40); !ok || k.Status != "active" || k.NetworkID != 1001 || len(k.SHA256) != 64 {
		t.Errorf("%+v", k)
	}
	if _, ok := s.Key(41); ok {
		t.Error("there is a key 41")
	}
}

func TestServer_typedCallsPanicOnATestsMistake(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{})
	for want, f := range map[string]func(){
		"everflowmock: there is no API key 99":                                      func() { s.RevokeKey(99) },
		"everflowmock: there is no API key 98":                                      func() { s.RenameKey(98, "x") },
		"everflowmock: there is an API key 4 already":                               func() { s.AddKey(Key{ID: 4}) },
		"everflowmock: there is an employee 1 already":                              func() { s.AddEmployee(Employee{ID: 1}) },
		"everflowmock: there is a role 1 already":                                   func() { s.AddRole(Role{ID: 1}) },
		"everflowmock: there is no employee 9":                                      func() { s.UpdateEmployee(9, func(*Employee) {}) },
		"everflowmock: there is no role 9":                                          func() { s.UpdateRole(9, func(*Role) {}) },
		`everflowmock: ip_addresses: "x" is neither an IP address nor a CIDR range`: func() { s.SetWhitelist("x") },
		`everflowmock: fault "* ": no kind: use one of ` + faultKindNames():         func() { s.AddFault(Fault{}) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("got %v, want %q", got, want)
				}
			}()
			f()
		}()
	}
	if s.call("GET", "/networks", "").status != 200 {
		t.Error("the server is stuck after a panic")
	}
}
