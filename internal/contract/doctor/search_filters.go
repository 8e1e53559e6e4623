package doctor

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// filterCheck is a filter with a value that a certain key matches, and with one that it
// does not match.
type filterCheck struct {
	field               string
	matching, excluding criteria
}

// checkFilters searches for a listed key with filters that it matches, and then with
// each filter that it does not match.
func (d *doctor) checkFilters(ctx context.Context, result *Operation) {
	key, id := d.findings.table.firstKey(false)
	filters := filterChecks(key)
	if len(filters) == 0 {
		return
	}
	d.checkMatching(ctx, result, filters, id)
	for _, f := range filters {
		if a := d.search(ctx, d.findings.table, 1, f.excluding); listsKey(a, id) {
			result.addDifference(f.field, "lists only matching keys", "lists other keys, too")
		}
	}
}

// checkMatching searches with all filters at once. If the key is not listed, it searches
// with each filter alone.
func (d *doctor) checkMatching(ctx context.Context, result *Operation, filters []filterCheck, id string) {
	all := criteria{filters: object{}}
	for _, f := range filters {
		maps.Copy(all.filters, f.matching.filters)
		all.terms = append(all.terms, f.matching.terms...)
	}
	if a := d.search(ctx, d.findings.table, 1, all); !a.isConclusive() || listsKey(a, id) {
		return
	}
	before := len(result.Differences)
	for _, f := range filters {
		switch alone := d.search(ctx, d.findings.table, 1, f.matching); {
		case !alone.isConclusive():
			return
		case !alone.isSuccess():
			result.addDifference(f.field, "accepted", alone.statusText())
		case !listsKey(alone, id):
			result.addDifference(f.field, "lists a matching key", "does not list it")
		}
	}
	if len(result.Differences) == before {
		result.addDifference("filters and search_terms", "list a key that matches all of them", "list it for each of them alone, but not for all together")
	}
}

// filterChecks returns the filters of the contract for a key. The status is "active"
// even if the account has another word: evaluate has reported that already.
func filterChecks(key object) (filters []filterCheck) {
	byStatus := func(status string) criteria { return criteria{filters: object{"status": status}} }
	byEmployee := func(id int64) criteria { return criteria{filters: object{"network_employee_id": id}} }
	byName := func(text string) criteria { return criteria{terms: []object{{"search_type": "name", "value": text}}} }
	if _, ok := key["status"].(string); ok {
		filters = append(filters, filterCheck{field: "filters.status", matching: byStatus("active"), excluding: byStatus("revoked")})
	}
	if employee, ok := integerOf(key["network_employee_id"]); ok {
		nobody, _ := strconv.ParseInt(unusedID, 10, 64)
		filters = append(filters, filterCheck{field: "filters.network_employee_id", matching: byEmployee(employee), excluding: byEmployee(nobody)})
	}
	if name, ok := key["name"].(string); ok && name != "" {
		filters = append(filters, filterCheck{field: "search_terms (a part of the name, in upper case)", matching: byName(partOfName(name)), excluding: byName(namePrefix + "-no-such-name")})
	}
	return filters
}

// partOfName returns a part of a name in upper case. By the contract, a search for it
// finds the key.
func partOfName(name string) string {
	letters := []rune(strings.ToUpper(name))
	if len(letters) > 3 {
		letters = letters[1 : len(letters)-1]
	}
	if part := strings.TrimSpace(string(letters)); part != "" {
		return part
	}
	return name
}

func listsKey(a answer, id string) bool {
	return a.isSuccess() && slices.ContainsFunc(listIn(a.value), func(key object) bool {
		found, ok := keyID(key)
		return ok && found == id
	})
}
