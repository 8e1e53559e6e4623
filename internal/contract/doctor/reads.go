package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// get asks an operation that has no parameters.
func (d *doctor) get(ctx context.Context, result *Operation) answer {
	one := d.calls[result.ID]
	return d.ask(ctx, request{method: one.method, path: one.path})
}

// askNetwork is the first call: some of what it is refused for, every other would be.
func (d *doctor) askNetwork(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	d.judge(result, a)
	switch {
	case a.failure != nil:
		d.stop = result.Reason
	case a.isRefusal() && isFinal(a):
		d.stop = "getNetwork was refused for a reason that holds for every call"
	default:
		if id, ok := findInteger(a.value, "network_id"); a.isSuccess() && ok {
			d.findings.networkID = fmt.Sprint(id)
		}
		d.findings.control = d.askControl(ctx)
	}
}

// findInteger returns the integer in the first field of this name, however deep.
func findInteger(value any, name string) (int64, bool) {
	switch v := value.(type) {
	case object:
		if n, ok := integerOf(v[name]); ok {
			return n, true
		}
		for _, inner := range v {
			if n, ok := findInteger(inner, name); ok {
				return n, true
			}
		}
	case []any:
		for _, inner := range v {
			if n, ok := findInteger(inner, name); ok {
				return n, true
			}
		}
	}
	return 0, false
}

// askControl asks for a path that does not exist, below the one that the Security
// section is assumed at. By that its answers can be told from answers to everything.
func (d *doctor) askControl(ctx context.Context) answer {
	return d.caller.send(ctx, request{method: http.MethodGet, path: "/networks/security/everflow-doctor-control"})
}

func (d *doctor) askEmployees(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	if d.judge(result, a) {
		d.findings.employees = objectsIn(a.value)
	}
}

func (d *doctor) askRoles(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	if !d.judge(result, a) {
		return
	}
	d.learnPermissions(objectsIn(a.value))
}

// learnPermissions remembers which permissions there are, from roles or from keys.
func (d *doctor) learnPermissions(holders []object) {
	for _, holder := range holders {
		permissions, _ := holder["permissions"].([]any)
		for _, permission := range permissions {
			if text, ok := permission.(string); ok {
				d.findings.permissions = append(d.findings.permissions, text)
			}
		}
	}
}

// neverUsed is an ID that no key has.
const neverUsed = "999999999999"

// askKey asks for keys that the table listed, so that a 404 can mean only that
// there is no such call: one that is active, one that is revoked, if there are any,
// and one that does not exist.
func (d *doctor) askKey(ctx context.Context, result *Operation) {
	listed := false
	for _, revoked := range []bool{false, true} {
		key, id := d.findings.table.anyKey(revoked)
		if key == nil {
			continue
		}
		a := d.askKeyWithID(ctx, id)
		switch {
		case listed && !a.isTelling():
			continue
		case listed && a.isMissing():
			result.differ("a revoked key", "200, with its status", a.says())
			continue
		}
		listed = true
		if !d.judge(result, a) {
			if a.isMissing() {
				result.Reason = fmt.Sprintf("%s, for a key that the table listed: there is no such call", a.says())
			}
			return
		}
		d.checkKey(result, a, id)
	}
	if !listed {
		d.askUnlistedKey(ctx, result)
		return
	}
	a := d.askKeyWithID(ctx, neverUsed)
	d.errors.see(a)
	if a.isTelling() && a.status != http.StatusNotFound {
		result.differ("status for an ID that no key has", "404", a.says())
	}
}

func (d *doctor) checkKey(result *Operation, a answer, id string) {
	found, _ := a.value.(object)
	if got, ok := keyID(found); ok && got != id {
		result.differ("network_api_key_id", "the ID that was asked for", "another ID")
	}
	d.expectNetwork(result, "network_id", found)
}

// askUnlistedKey asks for some key where none was listed. Only what is not a 404
// tells something.
func (d *doctor) askUnlistedKey(ctx context.Context, result *Operation) {
	a := d.askKeyWithID(ctx, "1")
	if a.failure == nil && a.status == http.StatusNotFound {
		result.notAsked("the table listed no key to ask for, and a 404 for another would not tell whether the key or the call does not exist")
		return
	}
	d.judge(result, a)
}

func (d *doctor) askKeyWithID(ctx context.Context, id string) answer {
	one := d.calls["getApiKey"]
	return d.ask(ctx, request{method: one.method, path: withID(one.path, id)})
}

func withID(path, id string) string {
	return strings.ReplaceAll(path, "{network_api_key_id}", id)
}

// expectNetwork checks that an object belongs to the network that the key belongs to.
func (d *doctor) expectNetwork(result *Operation, field string, found object) {
	id, ok := integerOf(found["network_id"])
	if ok && d.findings.networkID != "" && fmt.Sprint(id) != d.findings.networkID {
		result.differ(field, "the ID that getNetwork answers", "another ID")
	}
}

// whitelistFinding is a whitelist that was answered as the contract has it.
type whitelistFinding struct {
	entries []any
	saved   any
}

func (d *doctor) askWhitelist(ctx context.Context, result *Operation) {
	d.findings.whitelist = d.readWhitelist(ctx, result)
}

// readWhitelist returns nil unless the answer fits: only then is it known what
// writing the list would do.
func (d *doctor) readWhitelist(ctx context.Context, result *Operation) *whitelistFinding {
	a := d.get(ctx, result)
	if !d.judge(result, a) {
		return nil
	}
	found, _ := a.value.(object)
	d.expectNetwork(result, "network_id", found)
	if result.Verdict != Fits {
		return nil
	}
	entries, _ := found["ip_addresses"].([]any)
	return &whitelistFinding{entries: entries, saved: found["time_saved"]}
}
