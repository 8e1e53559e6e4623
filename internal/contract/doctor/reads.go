package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// get calls an operation that has no parameters.
func (d *doctor) get(ctx context.Context, result *Operation) answer {
	op := d.operations[result.ID]
	return d.send(ctx, request{method: op.method, path: op.path})
}

// checkGetNetwork makes the first call. It stops the run if no other call can succeed.
func (d *doctor) checkGetNetwork(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	d.evaluate(result, a)
	switch {
	case a.failure != nil:
		d.stopReason = result.Reason
	case a.isRefusal() && refusesEveryCall(a):
		d.stopReason = "getNetwork was refused for a reason that applies to every call"
	default:
		if id, ok := findInteger(a.value, "network_id"); a.isSuccess() && ok {
			d.findings.networkID = fmt.Sprint(id)
		}
		// Other answers are compared with the one to a path that does not exist.
		d.findings.unknownPath = d.client.send(ctx, request{method: http.MethodGet, path: "/networks/security/everflow-doctor-control"})
	}
}

// findInteger returns an integer field with this name, at any depth.
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

func (d *doctor) checkListEmployees(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	if d.evaluate(result, a) {
		d.findings.employees = listIn(a.value)
	}
}

func (d *doctor) checkListRoles(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	if d.evaluate(result, a) {
		d.addPermissions(listIn(a.value))
	}
}

// addPermissions remembers the permissions of roles or keys.
func (d *doctor) addPermissions(holders []object) {
	for _, holder := range holders {
		permissions, _ := holder["permissions"].([]any)
		for _, permission := range permissions {
			if text, ok := permission.(string); ok {
				d.findings.permissions = append(d.findings.permissions, text)
			}
		}
	}
}

// unusedID is an ID that no key and no employee has.
const unusedID = "999999999999"

// checkGetAPIKey reads an active and a revoked key, if searchApiKeys listed one, and a
// key that does not exist. A 404 for a listed key shows that the call does not exist.
func (d *doctor) checkGetAPIKey(ctx context.Context, result *Operation) {
	listed := false
	for _, revoked := range []bool{false, true} {
		key, id := d.findings.table.firstKey(revoked)
		if key == nil {
			continue
		}
		a := d.getKey(ctx, id)
		switch {
		case listed && !a.isConclusive():
			continue
		case listed && a.isMissing():
			result.addDifference("status for a revoked key", "200", a.statusText())
			continue
		}
		listed = true
		if !d.evaluate(result, a) {
			if a.isMissing() {
				result.Reason = a.statusText() + " for a key that searchApiKeys lists: the call does not exist"
			}
			return
		}
		d.checkKey(result, a, id)
	}
	if !listed {
		d.checkUnlistedKey(ctx, result)
		return
	}
	a := d.getKey(ctx, unusedID)
	d.errors.add(a)
	if a.isConclusive() && a.status != http.StatusNotFound {
		result.addDifference("status for an unknown ID", "404", a.statusText())
	}
}

func (d *doctor) checkKey(result *Operation, a answer, id string) {
	found, _ := a.value.(object)
	if got, ok := keyID(found); ok && got != id {
		result.addDifference("network_api_key_id", "the requested ID", "another ID")
	}
	d.expectNetwork(result, "network_id", found)
}

// checkUnlistedKey reads key 1 if no key was listed. A 404 shows nothing then.
func (d *doctor) checkUnlistedKey(ctx context.Context, result *Operation) {
	a := d.getKey(ctx, "1")
	if a.failure == nil && a.status == http.StatusNotFound {
		result.setNotChecked("searchApiKeys listed no key, and a 404 for another ID does not show whether the key or the call is missing")
		return
	}
	d.evaluate(result, a)
}

func (d *doctor) getKey(ctx context.Context, id string) answer {
	op := d.operations["getApiKey"]
	return d.send(ctx, request{method: op.method, path: keyPath(op.path, id)})
}

func keyPath(path, id string) string {
	return strings.ReplaceAll(path, "{network_api_key_id}", id)
}

// expectNetwork checks that an object belongs to the network of the API key.
func (d *doctor) expectNetwork(result *Operation, field string, found object) {
	id, ok := integerOf(found["network_id"])
	if ok && d.findings.networkID != "" && fmt.Sprint(id) != d.findings.networkID {
		result.addDifference(field, "the ID from getNetwork", "another ID")
	}
}

// whitelist is a whitelist from an answer that matches the contract.
type whitelist struct {
	entries   []any
	timeSaved any
}

func (d *doctor) checkGetAPIWhitelist(ctx context.Context, result *Operation) {
	d.findings.whitelist = d.readWhitelist(ctx, result)
}

// readWhitelist returns nil if the answer does not match the contract: the effect of a
// write would not be known.
func (d *doctor) readWhitelist(ctx context.Context, result *Operation) *whitelist {
	a := d.get(ctx, result)
	if !d.evaluate(result, a) {
		return nil
	}
	found, _ := a.value.(object)
	d.expectNetwork(result, "network_id", found)
	if result.Verdict != Matches {
		return nil
	}
	entries, _ := found["ip_addresses"].([]any)
	return &whitelist{entries: entries, timeSaved: found["time_saved"]}
}
