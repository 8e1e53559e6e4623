package doctor

import (
	"context"
	"fmt"
	"net/http"
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

func (d *doctor) checkListEmployees(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	isReadable := d.evaluate(result, a)
	if isReadable {
		d.findings.employees = listIn(a.value)
	}
}

func (d *doctor) checkListRoles(ctx context.Context, result *Operation) {
	a := d.get(ctx, result)
	isReadable := d.evaluate(result, a)
	if isReadable {
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

// expectNetwork checks that an object belongs to the network of the API key.
func (d *doctor) expectNetwork(result *Operation, field string, found object) {
	id, ok := integerOf(found["network_id"])
	if ok && d.findings.networkID != "" && fmt.Sprint(id) != d.findings.networkID {
		result.addDifference(field, "the ID from getNetwork", "another ID")
	}
}
