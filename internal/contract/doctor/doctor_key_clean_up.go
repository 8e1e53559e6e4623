package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cleanUpTimeout limits the time after an interruption.
const cleanUpTimeout = 90 * time.Second

// cleanUpContext returns a context that an interruption does not cancel.
func cleanUpContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
}

// cleanUp revokes the created keys, and adds them to the report.
func (k *doctorKey) cleanUp(ctx context.Context) {
	if ctx.Err() != nil {
		k.config.Progress("Interrupted. Looking for the created API key to revoke it. This takes at most 90 seconds.")
	}
	ctx, cancel := cleanUpContext(ctx)
	defer cancel()
	ids, complete := k.createdIDs(ctx)
	if k.id != "" && !slices.Contains(ids, k.id) {
		ids = append(ids, k.id)
	}
	for _, id := range ids {
		k.report.addWritten(k.revokeAndVerify(ctx, id))
	}
	if len(ids) > 0 {
		return
	}
	switch create := k.report.operation("createApiKey").Verdict; {
	case k.isCreated:
		k.report.addWritten(Written{Object: "API key", NeedsAction: true, Outcome: fmt.Sprintf(
			"created according to the answer, but not found. Look in Everflow for a key named %s, and revoke it", k.mark)})
	case !complete:
		k.report.addWritten(Written{Object: "API key", NeedsAction: true, Outcome: fmt.Sprintf(
			"unknown, because searchApiKeys does not list all keys. Look in Everflow for a key named %s, and revoke it", k.mark)})
	case create == NotChecked || create == Differs:
		k.report.addWritten(Written{Object: "API key", Outcome: fmt.Sprintf(
			"none was created, as far as searchApiKeys shows. To be sure, look in Everflow for a key named %s", k.mark)})
	}
}

// revokeAndVerify makes sure that a created key is revoked. If revokeApiKey does not
// work, it tries the two other usual calls.
func (k *doctorKey) revokeAndVerify(ctx context.Context, id string) Written {
	object := "API key " + id
	if id == k.id && k.isEnded {
		return Written{Object: object, Outcome: "revoked"}
	}
	op := k.operations["revokeApiKey"]
	revoke := request{method: op.method, path: keyPath(op.path, id), writes: true}
	path := keyPath(k.operations["getApiKey"].path, id)
	for _, call := range []request{
		revoke,
		{method: http.MethodDelete, path: path, writes: true},
		{method: http.MethodPut, path: path, writes: true, body: k.revokedSettings()},
	} {
		k.client.guard.allow(call.method, call.path)
		a := k.send(ctx, call)
		if !k.isRevokedOrDeleted(ctx, id, a) {
			continue
		}
		if call.path != revoke.path {
			k.report.operation("revokeApiKey").addDifference("call", "POST …/apikeys/{id}/revoke", call.method+" …/apikeys/{id}")
		}
		return Written{Object: object, Outcome: "revoked"}
	}
	return Written{Object: object, NeedsAction: true, Outcome: fmt.Sprintf("probably still active. Revoke the key named %s in Everflow", k.mark)}
}

func (k *doctorKey) revokedSettings() object {
	body := k.updateBody()
	body["status"] = "revoked"
	return body
}

// isRevokedOrDeleted reports whether it is proved that the key is revoked or deleted: a
// call with its secret is answered 401, its status is "revoked", or getApiKey and
// searchApiKeys do not have it any more.
func (k *doctorKey) isRevokedOrDeleted(ctx context.Context, id string, a answer) bool {
	if id == k.id && k.wasAccepted {
		switch k.statusWithKey(ctx, k.secret, http.StatusOK) {
		case http.StatusUnauthorized:
			return true
		case http.StatusOK:
			return false
		}
	}
	if a.isSuccess() && isRevoked(k.keyOf(a)) {
		return true
	}
	current := k.getKey(ctx, id)
	if current.isSuccess() {
		return isRevoked(k.keyOf(current))
	}
	ids, complete := k.createdIDs(ctx)
	return a.isSuccess() && current.isMissing() && k.report.operation("getApiKey").answered && complete && !slices.Contains(ids, id)
}

// addKeysOfEarlierRuns reports active keys that an earlier run created: one that was
// killed before it revoked its key.
func (d *doctor) addKeysOfEarlierRuns() {
	for _, key := range d.findings.table.keys {
		name, _ := key["name"].(string)
		id, ok := keyID(key)
		if ok && key["status"] == "active" && strings.HasPrefix(strings.TrimSpace(name), namePrefix+"-") {
			d.report.addWritten(Written{
				Object: fmt.Sprintf("API key %s of an earlier run", id), Outcome: "still active. Revoke it in Everflow", NeedsAction: true,
			})
		}
	}
}
