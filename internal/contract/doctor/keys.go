package doctor

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// keyIDName matches names that mean the ID of a key. idName matches all names of
	// IDs, and otherIDName those of other objects.
	keyIDName   = regexp.MustCompile(`(?i)^(network_?)?(api_?)?(key_?)?id$`)
	idName      = regexp.MustCompile(`(?i)id$`)
	otherIDName = regexp.MustCompile(`(?i)^network_?id$|employee|role|user|account|creator|owner|affiliate|advertiser|currency|timezone`)
	idValue     = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)
)

// keyID returns the ID of a key, from the field of the contract or else from the field
// whose name is most similar.
func keyID(key object) (id string, ok bool) {
	fields := slices.Sorted(maps.Keys(key))
	for _, isID := range []func(string) bool{
		func(name string) bool { return name == "network_api_key_id" },
		func(name string) bool { return keyIDName.MatchString(name) && !otherIDName.MatchString(name) },
		func(name string) bool { return idName.MatchString(name) && !otherIDName.MatchString(name) },
	} {
		for _, name := range fields {
			if !isID(name) {
				continue
			}
			if n, isInteger := integerOf(key[name]); isInteger && n > 0 {
				return strconv.FormatInt(n, 10), true
			}
			if text, isText := key[name].(string); isText && idValue.MatchString(text) {
				return text, true
			}
		}
	}
	return "", false
}

// isRevoked reports whether the status of a key is "revoked".
func isRevoked(key object) bool {
	status, _ := key["status"].(string)
	return strings.EqualFold(status, "revoked")
}

// allKeys reads all pages of searchApiKeys. complete is false if it could not.
func (d *doctor) allKeys(ctx context.Context) (all []object, complete bool) {
	t := d.findings.table
	if t.path == "" {
		return nil, false
	}
	const maxPages = 200
	seen := map[string]bool{}
	for page := range maxPages {
		a := d.search(ctx, t, page+1, criteria{})
		if !a.isSuccess() || a.form != formJSON {
			return all, false
		}
		added := 0
		for _, key := range listIn(a.value) {
			id, ok := keyID(key)
			if !ok {
				id = fmt.Sprint(key)
			}
			if !seen[id] {
				seen[id], added, all = true, added+1, append(all, key)
			}
		}
		total, hasTotal := totalOf(a.value)
		if added == 0 {
			return all, !hasTotal || int64(len(seen)) >= total
		}
		if hasTotal && int64(len(seen)) >= total {
			return all, true
		}
	}
	return all, false
}

func totalOf(value any) (int64, bool) { return findInteger(value, "total_count") }

// unusedID is an ID that no key and no employee has.
const unusedID = "999999999999"

// checkGetAPIKey reads an active and a revoked key, if searchApiKeys listed one, and a
// key that does not exist. A 404 for a listed key shows that the call does not exist.
func (d *doctor) checkGetAPIKey(ctx context.Context, result *Operation) {
	var ids []string
	for _, revoked := range []bool{false, true} {
		if key, id := d.findings.table.firstKey(revoked); key != nil {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		d.checkUnlistedKey(ctx, result)
		return
	}
	for i, id := range ids {
		a := d.getKey(ctx, id)
		isSecond := i > 0 // the call exists, and the key is revoked
		switch {
		case isSecond && !a.isConclusive():
			continue
		case isSecond && a.isMissing():
			result.addDifference("status for a revoked key", "200", a.statusText())
			continue
		}
		isReadable := d.evaluate(result, a)
		if a.isMissing() {
			result.Reason = a.statusText() + " for a key that searchApiKeys lists: the call does not exist"
		}
		if !isReadable {
			return
		}
		found, _ := a.value.(object)
		if got, ok := keyID(found); ok && got != id {
			result.addDifference("network_api_key_id", "the requested ID", "another ID")
		}
		d.expectNetwork(result, "network_id", found)
	}
	a := d.getKey(ctx, unusedID)
	d.errors.add(a) // send does not add a 404, which may be about the call; this one is about the key
	if a.isConclusive() && a.status != http.StatusNotFound {
		result.addDifference("status for an unknown ID", "404", a.statusText())
	}
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
