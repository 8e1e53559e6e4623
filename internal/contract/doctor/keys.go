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
	// otherKeyID are names that can mean nothing but the ID of a key; anyID are
	// names of IDs, of which elsesID are those of something else.
	otherKeyID = regexp.MustCompile(`(?i)^(network_?)?(api_?)?(key_?)?id$`)
	anyID      = regexp.MustCompile(`(?i)id$`)
	elsesID    = regexp.MustCompile(`(?i)^network_?id$|employee|role|user|account|creator|owner|affiliate|advertiser|currency|timezone`)
	plainID    = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)
)

// keyID reads the ID of a key: by the contract's name, or else by the name that
// is most like one.
func keyID(key object) (id string, ok bool) {
	fields := slices.Sorted(maps.Keys(key))
	for _, isID := range []func(string) bool{
		func(name string) bool { return name == "network_api_key_id" },
		func(name string) bool { return otherKeyID.MatchString(name) && !elsesID.MatchString(name) },
		func(name string) bool { return anyID.MatchString(name) && !elsesID.MatchString(name) },
	} {
		for _, name := range fields {
			if !isID(name) {
				continue
			}
			if n, isInteger := integerOf(key[name]); isInteger && n > 0 {
				return strconv.FormatInt(n, 10), true
			}
			if text, isText := key[name].(string); isText && plainID.MatchString(text) {
				return text, true
			}
		}
	}
	return "", false
}

// isRevoked reports whether a key says of itself that it is revoked.
func isRevoked(key object) bool {
	status, _ := key["status"].(string)
	return strings.EqualFold(status, "revoked")
}

// allKeys reads the table to its end. Known is false when that was not possible.
func (d *doctor) allKeys(ctx context.Context) (all []object, known bool) {
	t := d.findings.table
	if t.path == "" {
		return nil, false
	}
	const mostPages = 200
	seen := map[string]bool{}
	for page := range mostPages {
		a := d.search(ctx, t, page+1, nil, nil)
		if !a.isSuccess() || a.form != formJSON {
			return all, false
		}
		fresh := 0
		for _, key := range objectsIn(a.value) {
			id, ok := keyID(key)
			if !ok {
				id = fmt.Sprint(key)
			}
			if !seen[id] {
				seen[id], fresh, all = true, fresh+1, append(all, key)
			}
		}
		total, isKnown := totalOf(a.value)
		if fresh == 0 {
			return all, !isKnown || int64(len(seen)) >= total
		}
		if isKnown && int64(len(seen)) >= total {
			return all, true
		}
	}
	return all, false
}

func totalOf(value any) (int64, bool) { return findInteger(value, "total_count") }
