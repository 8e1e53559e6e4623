package doctor

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// checkCreate creates a key without permissions or, if that is refused as the contract
// says, with one permission.
func (k *doctorKey) checkCreate(ctx context.Context, result *Operation) {
	op := k.operations["createApiKey"]
	k.client.guard.allow(op.method, op.path)
	a := k.post(ctx, op.path, k.createBody())
	if a.rejectsBody() {
		permission := leastPermission(k.findings.permissions)
		if permission == "" {
			result.setNotChecked(a.statusText() + " for a key without permissions, as the contract says, and no permission is known that the key could have")
			return
		}
		if a.status != http.StatusBadRequest {
			result.addDifference("status for a key without permissions", "400", a.statusText())
		}
		k.permissions = []string{permission}
		a = k.post(ctx, op.path, k.createBody())
	}
	k.isCreated = a.isSuccess()
	k.addSecret(a)
	isReadable := k.evaluate(result, a)
	if isReadable {
		k.checkCreated(result, a)
	}
	if k.id == "" && (a.mayHaveTakenEffect() || a.isSuccess()) {
		k.findByMark(ctx)
	}
	if k.id != "" {
		k.config.Progress(fmt.Sprintf("API key %s was created.", k.id))
		k.checkSecret(ctx, result)
	}
}

// leastPermission returns a permission that probably only reads, or else one that is
// not about security.
func leastPermission(permissions []string) string {
	for _, harmless := range []string{"report", "read", "view"} {
		for _, permission := range permissions {
			if strings.Contains(strings.ToLower(permission), harmless) {
				return permission
			}
		}
	}
	for _, permission := range permissions {
		if !strings.Contains(strings.ToLower(permission), "security") {
			return permission
		}
	}
	return ""
}

func (k *doctorKey) updateBody() object {
	return object{"name": k.name, "permissions": append([]string{}, k.permissions...), "is_all_permissions": false}
}

func (k *doctorKey) createBody() object {
	body := k.updateBody()
	body["network_employee_id"] = k.employee
	return body
}

func (k *doctorKey) post(ctx context.Context, path string, body any) answer {
	return k.send(ctx, request{method: http.MethodPost, path: path, body: body, writes: true})
}

// keyOf returns the object in an answer that is the key: the one with its name, or else
// the first one with an ID, or else the whole answer.
func (k *doctorKey) keyOf(a answer) object {
	all := allObjects(a.value)
	for _, found := range all {
		if hasFieldContaining(found, k.mark) {
			return found
		}
	}
	for _, found := range all {
		if _, ok := keyID(found); ok {
			return found
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

var secretFieldName = regexp.MustCompile(`(?i)secret|token|key$|value$`)

// addSecret takes the secret from an answer: from the field of the contract, or from one
// with a usual name of secrets.
func (k *doctorKey) addSecret(a answer) {
	const minLength = 16
	for _, found := range allObjects(a.value) {
		for _, field := range slices.Sorted(maps.Keys(found)) {
			text, ok := found[field].(string)
			isSecret := field == "api_key" || secretFieldName.MatchString(field) && len(text) >= minLength && !strings.Contains(text, k.mark)
			if !ok || text == "" || !isSecret {
				continue
			}
			k.names.addSecret(everflow.NewSecret(text))
			if k.secret.IsEmpty() || field == "api_key" {
				k.secret = everflow.NewSecret(text)
			}
		}
	}
}

// checkCreated checks the values in the answer to the create.
func (k *doctorKey) checkCreated(result *Operation, a answer) {
	key := k.keyOf(a)
	if id, ok := keyID(key); ok && k.isNewKey(id, key) {
		k.id = id
	}
	k.checkSettings(result, key)
	if employee, ok := integerOf(key["network_employee_id"]); ok && employee != k.employee {
		result.addDifference("network_employee_id", "the ID that was sent", "another ID")
	}
	if isRevoked(key) {
		result.addDifference("status", `string "active"`, `string "revoked"`)
	}
	k.expectNetwork(result, "network_id", key)
}

// isNewKey reports whether the answer to the create is about the created key: the ID is
// new, and the name is the one that was sent, or its first characters.
func (k *doctorKey) isNewKey(id string, key object) bool {
	const minLength = 4
	name, _ := key["name"].(string)
	name = strings.TrimSpace(name)
	return k.hasMark(id, key) || !k.before[id] && len(name) >= minLength && strings.HasPrefix(k.mark, name)
}

// hasMark reports whether a listed key was created by this run. Somebody else may create
// keys meanwhile, but not with the mark in the name.
func (k *doctorKey) hasMark(id string, key object) bool {
	return !k.before[id] && hasFieldContaining(key, k.mark)
}

// findByMark looks for the created key in searchApiKeys if the create did not return
// its ID.
func (k *doctorKey) findByMark(ctx context.Context) {
	ctx, cancel := cleanUpContext(ctx)
	defer cancel()
	for _, pause := range []time.Duration{0, 2 * time.Second, 4 * time.Second} {
		time.Sleep(pause)
		if ids, _ := k.createdIDs(ctx); len(ids) > 0 {
			k.id = ids[0]
			return
		}
	}
}

// createdIDs returns the IDs of the listed keys with the mark. complete is false if not
// all keys or not all IDs could be read.
func (k *doctorKey) createdIDs(ctx context.Context) (ids []string, complete bool) {
	keys, complete := k.allKeys(ctx)
	for _, key := range keys {
		id, ok := keyID(key)
		switch {
		case ok && k.hasMark(id, key):
			ids = append(ids, id)
		case !ok && hasFieldContaining(key, k.mark):
			complete = false
		}
	}
	return ids, complete
}

// checkSecret makes a call with the new key. A 403 also shows that the key is accepted.
func (k *doctorKey) checkSecret(ctx context.Context, result *Operation) {
	if everflow.CheckAPIKey(k.secret.Reveal()) != nil {
		return // evaluate has reported that the field is missing or invalid
	}
	switch k.statusWithKey(ctx, k.secret, http.StatusUnauthorized) {
	case 0:
	case http.StatusUnauthorized:
		result.addDifference("api_key", "an API key that Everflow accepts", "a call with it is answered 401")
	default:
		k.wasAccepted = true
	}
}
