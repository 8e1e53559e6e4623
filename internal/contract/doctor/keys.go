package doctor

import (
	"context"
	"fmt"
	"maps"
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
		a := d.search(ctx, t, page+1, nil, nil)
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
