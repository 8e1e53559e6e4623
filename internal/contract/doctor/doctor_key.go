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

// namePrefix begins the name of every key that the doctor creates.
const namePrefix = "everflow-doctor"

// doctorKey is the API key that the doctor creates, updates and revokes.
type doctorKey struct {
	*doctor
	// mark is random, and a part of every name that the key gets.
	mark        string
	name        string
	employee    int64
	permissions []string
	// before are the IDs of the keys that existed before the create.
	before map[string]bool
	// isCreated: the create was answered with a success.
	isCreated bool
	id        string // empty if unknown
	secret    everflow.Secret
	// wasAccepted: a call with the secret was not answered 401. Only then does a later
	// 401 prove that the key is revoked.
	wasAccepted bool
	// isEnded: it is proved that the key is revoked or deleted.
	isEnded bool
}

// checkKeyWrites creates a key, uses it, renames it, revokes it, and uses it again. In
// any case, an interruption included, it then looks for the key and revokes it.
func (d *doctor) checkKeyWrites(ctx context.Context) {
	k := &doctorKey{doctor: d, mark: namePrefix + "-" + strings.ToLower(rand.Text()[:12]), before: map[string]bool{}}
	k.name = k.mark
	if reason := k.prepare(ctx); reason != "" {
		for _, id := range []string{"createApiKey", "updateApiKey", "revokeApiKey"} {
			d.report.operation(id).setNotChecked(reason)
		}
		return
	}
	d.config.Progress(fmt.Sprintf("Creating an API key named %s. It is revoked before this command ends.", k.mark))
	defer k.cleanUp(ctx)
	k.checkCreate(ctx, d.report.operation("createApiKey"))
	for _, s := range []step{
		{operation: "updateApiKey", check: k.checkUpdate},
		{operation: "revokeApiKey", check: k.checkRevoke},
	} {
		result := d.report.operation(s.operation)
		switch {
		case k.id == "":
			result.setNotChecked("createApiKey created no key whose ID is known")
		case ctx.Err() != nil:
			result.setNotChecked(interrupted)
		default:
			s.check(ctx, result)
		}
	}
}

// prepare lists the existing keys and chooses the employee. It returns the reason why
// no key can be created, or "".
func (k *doctorKey) prepare(ctx context.Context) (reason string) {
	keys, complete := k.allKeys(ctx)
	if !complete {
		return "searchApiKeys does not list all keys, so a created key could not be found again if the answer is lost"
	}
	for _, key := range keys {
		if id, ok := keyID(key); ok {
			k.before[id] = true
		}
	}
	k.employee = k.config.EmployeeID
	if k.employee == 0 {
		k.employee = firstActiveEmployee(k.findings.employees)
	}
	if k.employee == 0 {
		return "no active employee is known that the key could belong to: set -employee-id"
	}
	if ctx.Err() != nil {
		return interrupted
	}
	return ""
}

// firstActiveEmployee returns the lowest ID of an active employee, or 0.
func firstActiveEmployee(employees []object) (lowest int64) {
	for _, employee := range employees {
		id, ok := integerOf(employee["network_employee_id"])
		status, _ := employee["account_status"].(string)
		if ok && strings.EqualFold(status, "active") && (lowest == 0 || id < lowest) {
			lowest = id
		}
	}
	return lowest
}

// checkSettings compares an answer with the settings that were sent.
func (k *doctorKey) checkSettings(result *Operation, key object) {
	if got, ok := key["name"].(string); ok && got != k.name {
		result.addDifference("name", "the name that was sent", k.describeName(got))
	}
	if all, ok := key["is_all_permissions"].(bool); ok && all {
		result.addDifference("is_all_permissions", "false, as sent", "true")
	}
	permissions, ok := key["permissions"].([]any)
	if ok && !slices.EqualFunc(permissions, k.permissions, func(got any, want string) bool { return got == want }) {
		result.addDifference("permissions", "the permissions that were sent", "other permissions")
	}
}

// describeName describes how the name in an answer differs from the one that was sent.
func (k *doctorKey) describeName(got string) string {
	switch {
	case got == strings.TrimSpace(k.name):
		return "the name without leading and trailing spaces"
	case got == html.EscapeString(k.name), html.UnescapeString(got) == k.name:
		return "the name with HTML escapes"
	case strings.HasPrefix(strings.TrimSpace(k.name), got), strings.HasPrefix(k.name, got):
		return fmt.Sprintf("the first %d of its %d characters", len([]rune(got)), len([]rune(k.name)))
	}
	return "another name"
}

// checkUpdate renames the key twice: the second name is one that servers often change.
func (k *doctorKey) checkUpdate(ctx context.Context, result *Operation) {
	op := k.operations["updateApiKey"]
	path := keyPath(op.path, k.id)
	k.client.guard.allow(op.method, path)
	for i, name := range []string{
		k.mark + " renamed",
		" " + k.mark + ` renamed to a name of a hundred characters with "quotes", <b>signs</b> & ümläuts `,
	} {
		before := k.name
		k.name = name
		a := k.send(ctx, request{method: op.method, path: path, body: k.updateBody(), writes: true})
		if i > 0 && a.rejectsBody() {
			result.addDifference("name", "spaces, quotes, HTML and umlauts are accepted", a.statusText())
			k.name = before
			return
		}
		isReadable := k.evaluate(result, a)
		if !isReadable {
			k.name = before
			return
		}
		k.checkSettings(result, k.keyOf(a))
		k.checkReadBack(ctx, result)
	}
}

// checkReadBack reads the key after an update, unless the answer to the update has
// shown a wrong name already.
func (k *doctorKey) checkReadBack(ctx context.Context, result *Operation) {
	current := k.getKey(ctx, k.id)
	got, ok := k.keyOf(current)["name"].(string)
	isReported := slices.ContainsFunc(result.Differences, func(d Difference) bool { return d.Field == "name" })
	if current.isSuccess() && ok && got != k.name && !isReported {
		result.addDifference("name, read back with getApiKey", "the name that was sent", k.describeName(got))
	}
}

// statusWithKey returns the status of a call with this key, or 0 without an answer. The
// call is repeated for some seconds while it has the unwanted status: a change of a key
// may take effect late.
func (k *doctorKey) statusWithKey(ctx context.Context, key everflow.Secret, unwanted int) int {
	op := k.operations["getNetwork"]
	status := 0
	for _, pause := range []time.Duration{0, time.Second, 3 * time.Second} {
		select {
		case <-ctx.Done():
			return status
		case <-time.After(pause):
		}
		a := k.client.send(ctx, request{method: op.method, path: op.path, key: key})
		if status = a.status; status != unwanted {
			break
		}
	}
	return status
}

// checkRevoke revokes the key twice, reads it, and uses it.
func (k *doctorKey) checkRevoke(ctx context.Context, result *Operation) {
	op := k.operations["revokeApiKey"]
	path := keyPath(op.path, k.id)
	k.client.guard.allow(op.method, path)
	a := k.post(ctx, path, nil)
	readable := k.evaluate(result, a)
	if a.isMissing() {
		result.Reason = a.statusText() + " for a key that was just created: the call does not exist"
	}
	if !readable {
		return
	}
	key := k.keyOf(a)
	k.isEnded = isRevoked(key)
	if key["status"] == "active" {
		result.addDifference("status", `string "revoked"`, `string "active"`)
	}
	if revoked, ok := integerOf(key["time_revoked"]); ok && revoked == 0 {
		result.addDifference("time_revoked", "time of the call", "0, which means never")
	}
	if again := k.post(ctx, path, nil); again.isConclusive() && !again.isSuccess() {
		result.addDifference("status for a key that is already revoked", "200", again.statusText())
	}
	if current := k.getKey(ctx, k.id); current.isMissing() && k.report.operation("getApiKey").Verdict != Missing {
		k.report.operation("getApiKey").addDifference("status for a revoked key", "200", current.statusText())
	}
	if everflow.CheckAPIKey(k.secret.Reveal()) == nil {
		k.checkRevokedSecret(ctx, result)
	}
}

func (k *doctorKey) checkRevokedSecret(ctx context.Context, result *Operation) {
	switch status := k.statusWithKey(ctx, k.secret, http.StatusOK); status {
	case http.StatusUnauthorized:
		k.isEnded = k.isEnded || k.wasAccepted
	case 0:
	case http.StatusOK:
		k.isEnded = false
		result.addDifference("status of a call with the revoked key", "401", "200: the key still works")
	default:
		result.addDifference("status of a call with the revoked key", "401", fmt.Sprint(status))
	}
}
