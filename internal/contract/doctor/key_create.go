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

// create asks for a key without any permission, and where that is refused, as the
// contract has it, for one with a single permission.
func (l *keyLife) create(ctx context.Context, result *Operation) {
	one := l.calls["createApiKey"]
	l.caller.guard.allow(one.method, one.path)
	a := l.post(ctx, one.path, l.settings(true))
	if a.isRejection() {
		permission := leastPermission(l.findings.permissions)
		if permission == "" {
			result.notAsked(a.says() + " for a key without permissions, as the contract has it, and no permission is known that it could have")
			return
		}
		if a.status != http.StatusBadRequest {
			result.differ("status for a key without permissions", "400", a.says())
		}
		l.permissions = []string{permission}
		a = l.post(ctx, one.path, l.settings(true))
	}
	l.isMade = a.isSuccess()
	l.learnSecret(a)
	if l.judge(result, a) {
		l.checkCreated(result, a)
	}
	if l.id == "" && (a.isInDoubt() || a.isSuccess()) {
		l.find(ctx)
	}
	if l.id != "" {
		l.config.Progress(fmt.Sprintf("API key %s was made.", l.id))
		l.use(ctx, result)
	}
}

// leastPermission is a permission that lets its holder do as little as possible.
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

// settings are the body of a create, or without the employee that of an update.
func (l *keyLife) settings(withEmployee bool) object {
	body := object{"name": l.name, "permissions": append([]string{}, l.permissions...), "is_all_permissions": false}
	if withEmployee {
		body["network_employee_id"] = l.employee
	}
	return body
}

func (l *keyLife) post(ctx context.Context, path string, body any) answer {
	return l.ask(ctx, request{method: http.MethodPost, path: path, body: body, writes: true})
}

// keyIn is the object in an answer that is about the key: the one with its name, or
// else the first with an ID, or else the whole.
func (l *keyLife) keyIn(a answer) object {
	all := objectsWithin(a.value)
	for _, found := range all {
		if hasText(found, l.mark) {
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

var secretName = regexp.MustCompile(`(?i)secret|token|key$|value$`)

// learnSecret takes the secret out of an answer: by the contract's name, or by one
// of those that others give to a secret.
func (l *keyLife) learnSecret(a answer) {
	const shortest = 16
	for _, found := range objectsWithin(a.value) {
		for _, field := range slices.Sorted(maps.Keys(found)) {
			text, ok := found[field].(string)
			isNamed := field == "api_key" || secretName.MatchString(field) && len(text) >= shortest && !strings.Contains(text, l.mark)
			if !ok || text == "" || !isNamed {
				continue
			}
			l.names.learnSecret(everflow.NewSecret(text))
			if l.secret.IsEmpty() || field == "api_key" {
				l.secret = everflow.NewSecret(text)
			}
		}
	}
}

// checkCreated checks what the contract says of a new key beyond its fields.
func (l *keyLife) checkCreated(result *Operation, a answer) {
	key := l.keyIn(a)
	if id, ok := keyID(key); ok && l.isAnswered(id, key) {
		l.id = id
	}
	l.checkSettings(result, key)
	if employee, ok := integerOf(key["network_employee_id"]); ok && employee != l.employee {
		result.differ("network_employee_id", "the employee that was sent", "another employee")
	}
	if isRevoked(key) {
		result.differ("status", `string "active" of a new key`, `string "revoked"`)
	}
	l.expectNetwork(result, "network_id", key)
}

// isAnswered reports whether the answer to the create is about a new key: its ID is
// new, and its name is the one that was sent, or what a server may have cut it to.
func (l *keyLife) isAnswered(id string, key object) bool {
	const shortest = 4
	name, _ := key["name"].(string)
	name = strings.TrimSpace(name)
	return l.isOurs(id, key) || !l.before[id] && len(name) >= shortest && strings.HasPrefix(l.mark, name)
}

// isOurs reports whether a key in the table is one that was made: others may make
// keys meanwhile, but none with the mark in its name.
func (l *keyLife) isOurs(id string, key object) bool { return !l.before[id] && hasText(key, l.mark) }

// find looks in the table for a key whose creation did not tell its ID.
func (l *keyLife) find(ctx context.Context) {
	ctx, cancel := cleanUp(ctx)
	defer cancel()
	for _, pause := range []time.Duration{0, 2 * time.Second, 4 * time.Second} {
		time.Sleep(pause)
		if ours, _ := l.ours(ctx); len(ours) > 0 {
			l.id = ours[0]
			return
		}
	}
}

// ours are the IDs of the keys that were made. Known is false when the table could
// not be read, or holds one whose ID could not.
func (l *keyLife) ours(ctx context.Context) (ids []string, known bool) {
	keys, known := l.allKeys(ctx)
	for _, key := range keys {
		id, ok := keyID(key)
		switch {
		case ok && l.isOurs(id, key):
			ids = append(ids, id)
		case !ok && hasText(key, l.mark):
			known = false
		}
	}
	return ids, known
}

// use makes a call with the new key. A refusal for a lack of permission still says
// that the key is known.
func (l *keyLife) use(ctx context.Context, result *Operation) {
	if everflow.CheckAPIKey(l.secret.Reveal()) != nil {
		return // said already: the secret is a field of the contract
	}
	switch l.statusWith(ctx, l.secret, http.StatusUnauthorized) {
	case 0:
	case http.StatusUnauthorized:
		result.differ("api_key", "a key that Everflow accepts", "a key that is answered 401")
	default:
		l.accepted = true
	}
}
