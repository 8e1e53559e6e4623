package everflowmock

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func statePath(t *testing.T) string { return filepath.Join(t.TempDir(), "state.json") }

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestStateFile_survivesARestartWithoutASecret(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	s := start(t, Options{StateFile: path, LoopbackAs: netip.MustParseAddr("203.0.113.7")})
	if s.Restored() {
		t.Error("Restored() without a state file")
	}
	var created struct {
		Secret string `json:"api_key"`
	}
	g := s.call("POST", apiKeys, `{"name":"CI","network_employee_id":1,"permissions":["Security"]}`)
	if err := json.Unmarshal([]byte(g.body), &created); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(time.Minute)
	s.call("POST", apiKeys+"/2/revoke", "")
	s.call("PUT", apiWhitelist, `{"ip_addresses":["203.0.113.0/24","2001:db8::1"]}`)
	role := s.AddRole(Role{Name: "New", Permissions: []string{"x"}})
	employee := s.AddEmployee(Employee{FirstName: "New", Email: "new@example.com", RoleID: role})

	content := readFile(t, path)
	for _, secret := range []string{created.Secret, DemoAPIKey, DemoOtherNetworkAPIKey} {
		if strings.Contains(content, secret) {
			t.Errorf("the state file has the secret %s", secret)
		}
		if !strings.Contains(content, HashAPIKey(secret)) {
			t.Errorf("the state file lacks the hash of %s", secret)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	other, err := ParseSeed([]byte(minimalSeed))
	if err != nil {
		t.Fatal(err)
	}
	again := start(t, Options{StateFile: path, Seed: other, LoopbackAs: netip.MustParseAddr("203.0.113.8")})
	if !again.Restored() {
		t.Error("not Restored()")
	}
	if !reflect.DeepEqual(s.data, again.data) {
		t.Errorf("before the restart\n%+v\nafter it\n%+v", s.data, again.data)
	}
	if again.data.employee(employee).RoleID != role {
		t.Errorf("%+v", again.data.employees)
	}
	again.want(again.as(created.Secret).call("GET", apiWhitelist, ""), 200,
		`{"network_id":1001,"ip_addresses":["203.0.113.0/24","2001:db8::1"],"time_saved":1767225660}`)
	again.want(again.as(DemoOtherNetworkAPIKey).call("GET", "/networks", ""), 403, `{"error":"Out of realm"}`)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

func TestStateFile_isWrittenBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	s := start(t, Options{StateFile: path})
	s.AddFault(Fault{Operation: "createApiKey", Kind: FaultReset, After: true})
	if _, err := s.try("POST", apiKeys, createBody); err == nil {
		t.Error("no reset")
	}
	if !strings.Contains(readFile(t, path), `"name": "CI"`) {
		t.Error("the key of a lost answer is not in the state file")
	}
	s.clock.advance(time.Second)
	s.call("GET", "/networks", "")
	if !strings.Contains(readFile(t, path), `"time_last_used": 1767225601`) {
		t.Error("the time of last use is not in the state file")
	}
}

func TestStateFile_isMadePrivateAtTheStart(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no file modes")
	}
	path := statePath(t)
	start(t, Options{StateFile: path})
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, Options{StateFile: path})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestStateFile_restoresWithoutAnyActiveKey(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	s := start(t, Options{StateFile: path})
	for _, k := range s.Keys() {
		s.RevokeKey(k.ID)
	}
	again := start(t, Options{StateFile: path})
	again.want(again.call("GET", "/networks", ""), 401, `{"error":"Invalid API key"}`)
}

func TestStateFile_whatCannotBeUnderstoodIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	whole := statePath(t)
	start(t, Options{StateFile: whole})
	valid := readFile(t, whole)
	const advice = "; it was left as it is: move it away to start afresh"
	for content, want := range map[string]string{
		"":                   "not a state file of this mock" + advice,
		"hello":              "not a state file of this mock" + advice,
		`{"version":4}`:      "not a state file of this mock" + advice,
		valid[:len(valid)/2]: "not a state file of this mock" + advice,
		replace(t, valid, `"version": 1`, `"version": 2`):                 "version 2 of the format is not known here" + advice,
		replace(t, valid, `"employees"`, `"staff"`):                       `data: unknown field "staff"` + advice,
		replace(t, valid, `"data"`, `"date"`):                             `unknown field "date"` + advice,
		replace(t, valid, `"Mia"`, `7`):                                   "employees[2]: first_name: want a string, not number" + advice,
		replace(t, valid, `"network_role_id": 2`, `"network_role_id": 9`): "employees[1].network_role_id: there is no role 9: use one of 1, 2, 3, or 0 for no role" + advice,
		replace(t, valid, `"api_key_sha256": "adcf`, `"api_key": "adcf`):  "api_keys[0].api_key: a state file has hashes only: use api_key_sha256" + advice,
	} {
		path := statePath(t)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := New(Options{StateFile: path})
		if err == nil || err.Error() != "state file "+path+": "+want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if readFile(t, path) != content {
			t.Errorf("%s: the file was changed", want)
		}
	}
}

func replace(t *testing.T, s, old, replacement string) string {
	t.Helper()
	if !strings.Contains(s, old) {
		t.Fatalf("%s is not in the state file:\n%s", old, s)
	}
	return strings.Replace(s, old, replacement, 1)
}

func TestStateFile_isUntouchedByABadSeed(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	start(t, Options{StateFile: path})
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{StateFile: path, Seed: &Seed{}}); err == nil {
		t.Error("a bad seed is accepted next to a state file")
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the state file was written again: %v", err)
	}
	fresh := statePath(t)
	if _, err := New(Options{StateFile: fresh, Seed: &Seed{}}); err == nil {
		t.Error("a bad seed is accepted")
	}
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("a bad seed made a state file: %v", err)
	}
}

func TestStateFile_unusablePathsAreErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "such", "dir", "state.json")} {
		if _, err := New(Options{StateFile: path}); err == nil || !strings.HasPrefix(err.Error(), "state file "+path+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestStateFile_failedSaveIs500AndChangesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{StateFile: filepath.Join(dir, "state.json")})
	s.call("GET", "/networks", "") // the time of last use is saved, so that the create is the first to fail
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	g := s.call("POST", apiKeys, createBody)
	if g.status != 500 || !strings.HasPrefix(g.body, `{"error":"state file `) || strings.Contains(g.body, "everflow-mock-") {
		t.Errorf("%d %s", g.status, g.body)
	}
	s.wantKeys(4)
	g = s.call("POST", apiKeys+"/1/revoke", "")
	if k, _ := s.Key(1); g.status != 500 || k.Revoked() {
		t.Errorf("%d %s: %+v", g.status, g.body, k)
	}
	if err := os.MkdirAll(filepath.Join(dir, "state.json", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if g = s.call("POST", apiKeys, createBody); g.status != 500 {
		t.Errorf("%d %s", g.status, g.body)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}
