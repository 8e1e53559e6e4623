package provider_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const shortLived = "everflow_api_key"

// theirTime is a server's clock that a test can move on.
type theirTime struct{ ahead atomic.Int64 }

func (c *theirTime) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *theirTime) moveOn(by time.Duration) { c.ahead.Add(int64(by)) }

// yearsAhead is a server whose clock has nothing to do with the machine's.
func yearsAhead() *theirTime {
	c := &theirTime{}
	c.moveOn(5 * 365 * 24 * time.Hour)
	return c
}

func shortLivedConfig(changes attributes) attributes {
	config := attributes{"name": "nightly check", "network_employee_id": 2, "permissions": []string{"Reporting"}}
	for name, value := range changes {
		config[name] = value
	}
	return config
}

// until is the end of the name of a key that is meant to be used until then.
func until(end time.Time) string {
	return " (Terraform, short-lived, until " + end.UTC().Format(time.RFC3339) + ", 0123456789ab)"
}

// cutMark takes the mark of its own, 12 hexadecimal digits, off a short-lived key's name.
func cutMark(name string) (start string, isMarked bool) {
	mark := regexp.MustCompile(`[0-9a-f]{12}\)$`).FindStringIndex(name)
	if mark == nil {
		return name, false
	}
	return name[:mark[0]], true
}

func TestShortLivedKey_worksFromOpenToClose(t *testing.T) {
	t.Parallel()
	clock := yearsAhead()
	a := newMockAccount(t, everflowmock.Options{Now: clock.now})
	p := a.configured(nil)
	key, said := p.open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said)
	id := idOf(t, key)
	live, _ := a.mock.Key(id)
	start, isMarked := cutMark(live.Name)
	if earliest, latest := "nightly check"+until(clock.now().Add(time.Hour-5*time.Second)), "nightly check"+until(clock.now().Add(time.Hour)); !isMarked || start+"0123456789ab)" < earliest || start+"0123456789ab)" > latest {
		t.Errorf("the key is named %q, want it to be meant for an hour, with a mark", live.Name)
	}
	if live.Revoked() || live.EmployeeID != 2 || len(live.Permissions) != 1 || live.Permissions[0] != "Reporting" {
		t.Errorf("it is not as configured: %+v", live)
	}
	works, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(key.text(t, "key")), BaseURL: a.baseURL})
	a.ok(err)
	if _, err := works.Network(t.Context()); everflow.StatusOf(err) == http.StatusUnauthorized {
		t.Error("the key does not work:", err)
	}
	if part := leaked(key.private, key.text(t, "key")); part != "" {
		t.Errorf("%q of the secret is in the private data", part)
	}
	expectSaid(t, p.close(shortLived, key))
	if a.isLive(id) {
		t.Error("the key is still live after close")
	}
	expectSaid(t, p.close(shortLived, key)) // again: revoked already
}

func TestShortLivedKey_leftOverOnesAreRevokedAndNoOthers(t *testing.T) {
	t.Parallel()
	clock := yearsAhead()
	seed := everflowmock.DefaultSeed()
	a := newMockAccount(t, everflowmock.Options{Seed: seed, Now: clock.now})
	config := shortLivedConfig(attributes{"ttl": "10m"})
	leftOver, said := a.configured(nil).open(shortLived, config)
	expectSaid(t, said)

	past, future := until(clock.now().Add(-time.Hour)), until(clock.now().Add(time.Hour))
	others := map[string]int64{}
	for name, employee := range map[string]int64{
		"nightly check":              2, // the same name, but no mark
		"nightly check" + future:     2, // another run's, in use
		"nightly check" + past:       1, // another employee's
		"Nightly check" + past:       2, // another name
		"my nightly check" + past:    2,
		"nightly check 2" + past:     2,
		"nightly check" + past + "!": 2,
		"nightly check (Terraform, short-lived, until yesterday, 0123456789ab)":           2,
		"nightly check (Terraform, short-lived, until 2020-01-01T00:00:00Z)":              2, // without a mark
		"nightly check (Terraform, short-lived, until 2020-01-01T00:00:00Z, by somebody)": 2,
	} {
		others[name] = a.addKey(name, employee)
	}
	open := func() opened {
		t.Helper()
		key, said := a.configured(nil).open(shortLived, config)
		expectSaid(t, said)
		return key
	}
	clock.moveOn(9 * time.Minute)
	inUse := open()
	if !a.isLive(idOf(t, leftOver)) {
		t.Error("a key was revoked before its time was over: it can be another run's that is under way")
	}
	clock.moveOn(2 * time.Minute)
	open()
	if a.isLive(idOf(t, leftOver)) {
		t.Error("the left-over key is still live, a minute after its time")
	}
	if !a.isLive(idOf(t, inUse)) {
		t.Error("a key was revoked that is 2 minutes old and meant for 10")
	}
	for name, id := range others {
		if !a.isLive(id) {
			t.Errorf("%q was revoked, which is someone else's", name)
		}
	}
}

func TestShortLivedKey_renewalKeepsItFromOtherRuns(t *testing.T) {
	t.Parallel()
	clock := yearsAhead()
	a := newMockAccount(t, everflowmock.Options{Now: clock.now})
	p := a.configured(nil)
	config := shortLivedConfig(attributes{"ttl": "10m"})
	key, said := p.open(shortLived, config)
	expectSaid(t, said)
	before, _ := a.mock.Key(idOf(t, key))
	for range 3 {
		clock.moveOn(8 * time.Minute)
		renewed, err := p.server.RenewEphemeralResource(t.Context(), &tfprotov6.RenewEphemeralResourceRequest{TypeName: shortLived, Private: key.private})
		a.ok(err)
		expectSaid(t, complaints(renewed.Diagnostics))
		if wait := time.Until(renewed.RenewAt); wait < 3*time.Minute || wait > 200*time.Second {
			t.Errorf("the next renewal is in %s, want in a third of 10 minutes", wait)
		}
		key.private = renewed.Private
		_, said = a.configured(nil).open(shortLived, config)
		expectSaid(t, said)
		if !a.isLive(idOf(t, key)) {
			t.Fatal("a key in use was revoked by another run")
		}
	}
	after, _ := a.mock.Key(idOf(t, key))
	if after.Name == before.Name || len(after.Permissions) != 1 || after.Permissions[0] != "Reporting" {
		t.Errorf("the renewal made of %+v this: %+v", before, after)
	}
	a.mock.AddFault(everflowmock.Fault{Operation: "updateApiKey", Kind: everflowmock.FaultStatus, Status: 400, Body: `{"error":"no"}`})
	renewed, err := p.server.RenewEphemeralResource(t.Context(), &tfprotov6.RenewEphemeralResourceRequest{TypeName: shortLived, Private: key.private})
	a.ok(err)
	expectSaid(t, complaints(renewed.Diagnostics), []string{"warning: The time in the name of the short-lived API key 5", "was not renewed", "The key still works"})
	expectSaid(t, p.close(shortLived, key))
	if a.isLive(idOf(t, key)) {
		t.Error("the key is still live after close")
	}
}

func TestShortLivedKey_createInDoubtLeavesNone(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	p := a.configured(attributes{"max_retries": 0})
	a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Times: 1, Kind: everflowmock.FaultReset})
	_, said := p.open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said, []string{`error: The short-lived API key "nightly check" was created, but its secret was lost`, "API key 5 was created", "API key 5 was revoked at once"})
	if a.isLive(5) {
		t.Error("the key whose secret was lost is still live")
	}

	a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Times: 1, Kind: everflowmock.FaultReset})
	a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"missing permission"}`})
	_, said = a.configured(attributes{"max_retries": 0}).open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said,
		[]string{"error: The short-lived API key 6", "was not revoked", "missing permission", "The first run after the time in its name revokes it", "Control Center"},
		[]string{"error: It is not known whether the short-lived API key", `it is named "nightly check (Terraform, short-lived, until `, "The first run after the time in its name revokes it"})

	a.mock.ClearFaults()
	a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 400, Body: `{"error":"unknown permission"}`})
	_, said = a.configured(nil).open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said, []string{`error: The short-lived API key "nightly check" was not created`, "unknown permission"})
}

func TestShortLivedKey_closeSaysWhatIsStillLive(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	p := a.configured(attributes{"max_retries": 0})
	open := func() opened {
		t.Helper()
		key, said := p.open(shortLived, shortLivedConfig(nil))
		expectSaid(t, said)
		return key
	}
	key := open()
	a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Times: 1, Kind: everflowmock.FaultReset})
	expectSaid(t, p.close(shortLived, key), []string{"error: The short-lived API key 5 (\"nightly check (Terraform, short-lived, until ", "was not revoked", "The first run after the time in its name revokes it"})

	key = open()
	a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", AfterActing: true, Times: 1, Kind: everflowmock.FaultReset})
	expectSaid(t, p.close(shortLived, key)) // the answer was lost, the work was done
	if a.isLive(idOf(t, key)) {
		t.Error("the key is still live")
	}

	key = open()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	response, err := p.server.CloseEphemeralResource(cancelled, &tfprotov6.CloseEphemeralResourceRequest{TypeName: shortLived, Private: key.private})
	a.ok(err)
	expectSaid(t, complaints(response.Diagnostics))
	if a.isLive(idOf(t, key)) {
		t.Error("the end of a cancelled run left its key live")
	}
}

func TestShortLivedKey_leftOversThatStayAreNoReasonToFail(t *testing.T) {
	t.Parallel()
	clock := yearsAhead()
	a := newMockAccount(t, everflowmock.Options{Now: clock.now})
	leftOver := a.addKey("nightly check"+until(clock.now().Add(-time.Minute)), 2)
	a.mock.AddFault(everflowmock.Fault{Operation: "revokeApiKey", Times: 1, Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`})
	_, said := a.configured(nil).open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said, []string{"warning: The left-over short-lived API key 5 was not revoked", "The next run tries again"})
	_, said = a.configured(nil).open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said)
	if a.isLive(leftOver) {
		t.Error("the next run did not try again")
	}
}

func TestShortLivedKey_badInputIsRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	p := a.configured(nil)
	for said, changes := range map[string]attributes{
		"error: Empty text":                                   {"name": " "},
		"error: White space around the text":                  {"name": "x "},
		"error: Unusable ID: 0 is not":                        {"network_employee_id": 0},
		"error: No permissions are set":                       {"permissions": nil},
		"error: Both permissions and all_permissions are set": {"all_permissions": true},
		`error: Unusable duration: "an hour" is not a duration from 1m to 24h. Write a number`: {"ttl": "an hour"},
		`error: Unusable duration: "59s" is not a duration from 1m to 24h`:                     {"ttl": "59s"},
		`error: Unusable duration: "25h" is not a duration from 1m to 24h`:                     {"ttl": "25h"},
		`error: Unusable duration: "-1h" is not a duration from 1m to 24h`:                     {"ttl": "-1h"},
	} {
		_, got := p.open(shortLived, shortLivedConfig(changes))
		expectSaid(t, got, []string{said})
	}
	if calls := a.mock.Calls(); len(calls) > 0 {
		t.Errorf("%d calls were made", len(calls))
	}
}

func TestShortLivedKey_emptyPermissionsBesideAllPermissionsAreNone(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	_, said := a.configured(nil).open(shortLived, shortLivedConfig(attributes{"permissions": []string{}, "all_permissions": true}))
	expectSaid(t, said)
	keys := a.mock.Keys()
	if last := keys[len(keys)-1]; !last.IsAllPermissions {
		t.Errorf("the key has only %q", last.Permissions)
	}
}

const usingShortLivedHCL = `
ephemeral "everflow_api_key" "run" {
  name                = "short run"
  network_employee_id = 2
  all_permissions     = true
}
provider "everflow" {
  alias   = "run"
  api_key = ephemeral.everflow_api_key.run.key
}
data "everflow_network" "seen" { provider = everflow.run }
resource "everflow_api_key" "made" {
  provider            = everflow.run
  name                = "made by a short-lived key"
  network_employee_id = 2
  all_permissions     = true
  store_key_in_state  = false
}
`

func TestShortLivedKey_authenticatesARunAndIsInNoFile(t *testing.T) {
	t.Parallel()
	needCLI(t)
	w := newWorkspace(t, builtProvider(t))
	w.write(usingShortLivedHCL)
	w.do(false, "plan", "-out=made.plan")
	w.do(false, "apply", "made.plan")
	w.do(false, "plan", "-detailed-exitcode")
	w.do(false, "destroy", "-auto-approve")
	if live := len(w.liveKeys("^short run")); live > 0 {
		t.Errorf("%d short-lived keys are still live", live)
	}
	for _, leak := range w.leaks(func(string) bool { return false }) {
		t.Error(leak)
	}
}

// ageShortLived has the time of every short-lived key be over.
func (a *account) ageShortLived() {
	until := regexp.MustCompile(`until [0-9TZ:-]+`)
	for _, key := range a.mock.Keys() {
		a.mock.UpdateKey(key.ID, func(key *everflowmock.Key) { key.Name = until.ReplaceAllString(key.Name, "until 2026-01-01T00:00:00Z") })
	}
}

// A run is ended while it waits for an answer: by Ctrl-C, after which Terraform
// still closes what is open, or by force, after which the next run cleans up.
func TestShortLivedKey_runThatIsEnded(t *testing.T) {
	t.Parallel()
	needCLI(t)
	provider := builtProvider(t)
	for name, end := range map[string]os.Signal{"interrupted": os.Interrupt, "killed": os.Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, provider)
			w.write(strings.Replace(usingShortLivedHCL, `name                = "made`, `name                = "never made`, 1))
			// The key is made, and its data source is being read.
			w.mock.AddFault(everflowmock.Fault{Operation: "getNetwork", Kind: everflowmock.FaultHang, AfterActing: true})
			var isMade atomic.Bool
			reading := make(chan bool, 1)
			told := func(r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/apikeys"):
					isMade.Store(true)
				case strings.HasSuffix(r.URL.Path, "/networks") && isMade.Load():
					select {
					case reading <- true:
					default:
					}
				}
			}
			w.acted.Store(&told)
			run := exec.CommandContext(t.Context(), cli, "plan", "-input=false")
			run.Dir, run.Env = w.dir, w.env
			endWithTest(t, run)
			var printed bytes.Buffer
			run.Stdout, run.Stderr = &printed, &printed
			w.ok(run.Start())
			<-reading
			w.ok(run.Process.Signal(end))
			_ = run.Wait()
			want := map[os.Signal]int{os.Interrupt: 0, os.Kill: 1}[end]
			if live := len(w.liveKeys("^short run")); live != want {
				t.Errorf("%d short-lived keys are live after the end of the run, want %d\n%s", live, want, &printed)
			}
			w.mock.ClearFaults()
			w.ageShortLived()
			w.do(false, "plan")
			if live := len(w.liveKeys("^short run")); live > 0 {
				t.Errorf("%d short-lived keys are live after the next run", live)
			}
		})
	}
}
