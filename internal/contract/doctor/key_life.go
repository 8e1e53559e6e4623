package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// keyMark begins the name of every key that the doctor makes.
const keyMark = "everflow-doctor"

// keyLife is the key that the doctor makes, from its creation to its end.
type keyLife struct {
	*doctor
	// mark is in the name of the key, and in no other name.
	mark        string
	name        string
	employee    int64
	permissions []string
	// before are the IDs of the keys that were there.
	before map[string]bool
	// isMade is true once Everflow answered that the key was made.
	isMade bool
	id     string
	secret everflow.Secret
	// accepted is true once a call with the secret was not answered 401: only then
	// does a 401 prove anything.
	accepted bool
	// gone is true once it is proved that the key is revoked or deleted.
	gone bool
}

// askKeyLife makes a key, tries it, renames it, revokes it, and tries it again.
// Whatever happens, and also when the run is interrupted, it ends with a search for
// what was made.
func (d *doctor) askKeyLife(ctx context.Context) {
	life := &keyLife{doctor: d, mark: keyMark + "-" + strings.ToLower(rand.Text()[:12]), before: map[string]bool{}}
	life.name = life.mark
	if reason := life.prepare(ctx); reason != "" {
		for _, id := range []string{"createApiKey", "updateApiKey", "revokeApiKey"} {
			d.report.operation(id).notAsked(reason)
		}
		return
	}
	d.config.Progress(fmt.Sprintf("Making an API key named %s, which is revoked before this command ends.", life.mark))
	defer life.end(ctx)
	life.create(ctx, d.report.operation("createApiKey"))
	for _, step := range []struct {
		operation string
		ask       func(context.Context, *Operation)
	}{
		{"updateApiKey", life.update},
		{"revokeApiKey", life.revoke},
	} {
		result := d.report.operation(step.operation)
		switch {
		case life.id == "":
			result.notAsked("no key was made whose ID is known")
		case ctx.Err() != nil:
			result.notAsked(interrupted)
		default:
			step.ask(ctx, result)
		}
	}
}

// prepare says why no key is made. A key whose answer is lost must be found again,
// and it must belong to someone.
func (l *keyLife) prepare(ctx context.Context) (reason string) {
	keys, known := l.allKeys(ctx)
	if !known {
		return "the table of keys cannot be read to its end, so that a key whose answer is lost could not be found again"
	}
	for _, key := range keys {
		if id, ok := keyID(key); ok {
			l.before[id] = true
		}
	}
	l.employee = l.config.EmployeeID
	if l.employee == 0 {
		l.employee = lowestActive(l.findings.employees)
	}
	if l.employee == 0 {
		return "no employee is known whom the key could belong to: give -employee-id"
	}
	if ctx.Err() != nil {
		return interrupted
	}
	return ""
}

func lowestActive(employees []object) (lowest int64) {
	for _, employee := range employees {
		id, ok := integerOf(employee["network_employee_id"])
		status, _ := employee["account_status"].(string)
		if ok && strings.EqualFold(status, "active") && (lowest == 0 || id < lowest) {
			lowest = id
		}
	}
	return lowest
}

func (l *keyLife) checkSettings(result *Operation, key object) {
	if got, ok := key["name"].(string); ok && got != l.name {
		result.differ("name", "the name that was sent", l.nameKept(got))
	}
	if all, ok := key["is_all_permissions"].(bool); ok && all {
		result.differ("is_all_permissions", "false, as it was sent", "true")
	}
	permissions, ok := key["permissions"].([]any)
	if ok && !slices.EqualFunc(permissions, l.permissions, func(got any, want string) bool { return got == want }) {
		result.differ("permissions", "the permissions that were sent", "others")
	}
}

// nameKept says what became of the name.
func (l *keyLife) nameKept(got string) string {
	switch {
	case got == strings.TrimSpace(l.name):
		return "the name without the blanks around it"
	case got == html.EscapeString(l.name), html.UnescapeString(got) == l.name:
		return "the name with HTML escapes"
	case strings.HasPrefix(strings.TrimSpace(l.name), got), strings.HasPrefix(l.name, got):
		return fmt.Sprintf("the first %d of its %d characters", len([]rune(got)), len([]rune(l.name)))
	}
	return "another name"
}

// update renames the key: once plainly, and once to a name of which servers make
// something else.
func (l *keyLife) update(ctx context.Context, result *Operation) {
	one := l.calls["updateApiKey"]
	path := withID(one.path, l.id)
	l.caller.guard.allow(one.method, path)
	for i, name := range []string{
		l.mark + " renamed",
		" " + l.mark + ` renamed to a name of a hundred characters with "quotes", <b>signs</b> & ümläuts `,
	} {
		before := l.name
		l.name = name
		a := l.ask(ctx, request{method: one.method, path: path, body: l.settings(false), writes: true})
		if i > 0 && a.isRejection() {
			result.differ("name", "blanks, quotes, signs and umlauts are accepted", a.says())
			l.name = before
			return
		}
		if !l.judge(result, a) {
			l.name = before
			return
		}
		l.checkSettings(result, l.keyIn(a))
		l.checkReadBack(ctx, result)
	}
}

// checkReadBack reads the key after an update. What the answer to the update showed
// too is not said twice.
func (l *keyLife) checkReadBack(ctx context.Context, result *Operation) {
	live := l.askKeyWithID(ctx, l.id)
	got, ok := l.keyIn(live)["name"].(string)
	said := slices.ContainsFunc(result.Differences, func(d Difference) bool { return d.Field == "name" })
	if live.isSuccess() && ok && got != l.name && !said {
		result.differ("name, read back with getApiKey", "the name that was sent", l.nameKept(got))
	}
}

// statusWith is how a call with this key ends; 0 is without an answer. While it is
// the status that is not wanted, it is asked again for some seconds: what becomes of
// a key may be known late.
func (l *keyLife) statusWith(ctx context.Context, key everflow.Secret, unwanted int) int {
	one := l.calls["getNetwork"]
	status := 0
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second} {
		select {
		case <-ctx.Done():
			return status
		case <-time.After(pause):
		}
		a := l.caller.send(ctx, request{method: one.method, path: one.path, key: key})
		if status = a.status; status != unwanted {
			break
		}
	}
	return status
}

// revoke revokes the key, once more, and tries it.
func (l *keyLife) revoke(ctx context.Context, result *Operation) {
	one := l.calls["revokeApiKey"]
	path := withID(one.path, l.id)
	l.caller.guard.allow(one.method, path)
	a := l.post(ctx, path, nil)
	readable := l.judge(result, a)
	if a.isMissing() {
		result.Reason = a.says() + ", for a key that was just made: there is no such call"
	}
	if !readable {
		return
	}
	key := l.keyIn(a)
	l.gone = isRevoked(key)
	if key["status"] == "active" {
		result.differ("status", `string "revoked"`, `string "active"`)
	}
	if revoked, ok := integerOf(key["time_revoked"]); ok && revoked == 0 {
		result.differ("time_revoked", "when it was revoked", "0, which is never")
	}
	if again := l.post(ctx, path, nil); again.isTelling() && !again.isSuccess() {
		result.differ("status for a key that is revoked already", "200", again.says())
	}
	if live := l.askKeyWithID(ctx, l.id); live.isMissing() && l.report.operation("getApiKey").Verdict != Missing {
		l.report.operation("getApiKey").differ("a revoked key", "200, with its status", live.says())
	}
	if everflow.CheckAPIKey(l.secret.Reveal()) == nil {
		l.tryRevoked(ctx, result)
	}
}

func (l *keyLife) tryRevoked(ctx context.Context, result *Operation) {
	switch status := l.statusWith(ctx, l.secret, http.StatusOK); status {
	case http.StatusUnauthorized:
		l.gone = l.gone || l.accepted
	case 0:
	case http.StatusOK:
		l.gone = false
		result.differ("a call with the revoked key", "401", "200: the key still works")
	default:
		result.differ("a call with the revoked key", "401", fmt.Sprint(status))
	}
}
