package doctor

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// filter is one way to narrow a search.
type filter struct {
	field string
	// finds and misses are the same filter, so that a certain key is found, and so
	// that it is not.
	finds, misses search
}

type search struct {
	filters object
	terms   []object
}

func (d *doctor) narrowed(ctx context.Context, s search) answer {
	return d.search(ctx, d.findings.table, 1, s.filters, s.terms)
}

// askFilters asks for a listed key by its status, employee and name, and, if it is
// not found by all of them, by each. Then it asks so that it must not be found.
func (d *doctor) askFilters(ctx context.Context, result *Operation) {
	key, id := d.findings.table.anyKey(false)
	filters := filtersFor(key)
	if len(filters) == 0 {
		return
	}
	d.askNarrowed(ctx, result, filters, id)
	for _, one := range filters {
		if a := d.narrowed(ctx, one.misses); lists(a, id) {
			result.differ(one.field, "only keys that match are listed", "others are listed, too")
		}
	}
}

func (d *doctor) askNarrowed(ctx context.Context, result *Operation, filters []filter, id string) {
	all := search{filters: object{}}
	for _, one := range filters {
		maps.Copy(all.filters, one.finds.filters)
		all.terms = append(all.terms, one.finds.terms...)
	}
	if a := d.narrowed(ctx, all); !a.isTelling() || lists(a, id) {
		return
	}
	found := len(result.Differences)
	for _, one := range filters {
		switch alone := d.narrowed(ctx, one.finds); {
		case !alone.isTelling():
			return
		case !alone.isSuccess():
			result.differ(one.field, "accepted", alone.says())
		case !lists(alone, id):
			result.differ(one.field, "a key that matches is listed", "it is not listed")
		}
	}
	if len(result.Differences) == found {
		result.differ("filters and search_terms", "a key that matches all of them is listed", "it is listed for each of them only")
	}
}

// filtersFor are the filters of the contract, in its own words for a status: that the
// key has another one was said before.
func filtersFor(key object) (filters []filter) {
	byStatus := func(status string) search { return search{filters: object{"status": status}} }
	byEmployee := func(id int64) search { return search{filters: object{"network_employee_id": id}} }
	byName := func(text string) search { return search{terms: []object{{"search_type": "name", "value": text}}} }
	if _, ok := key["status"].(string); ok {
		filters = append(filters, filter{"filters.status", byStatus("active"), byStatus("revoked")})
	}
	if employee, ok := integerOf(key["network_employee_id"]); ok {
		nobody, _ := strconv.ParseInt(neverUsed, 10, 64)
		filters = append(filters, filter{"filters.network_employee_id", byEmployee(employee), byEmployee(nobody)})
	}
	if name, ok := key["name"].(string); ok && name != "" {
		filters = append(filters, filter{"search_terms (a part of the name, in upper case)", byName(partOf(name)), byName(keyMark + "-no-such-name")})
	}
	return filters
}

// partOf is a part of a name, in other letters: the contract says that a search
// finds it all the same.
func partOf(name string) string {
	letters := []rune(strings.ToUpper(name))
	if len(letters) > 3 {
		letters = letters[1 : len(letters)-1]
	}
	if part := strings.TrimSpace(string(letters)); part != "" {
		return part
	}
	return name
}

func lists(a answer, id string) bool {
	return a.isSuccess() && slices.ContainsFunc(objectsIn(a.value), func(key object) bool {
		found, ok := keyID(key)
		return ok && found == id
	})
}
