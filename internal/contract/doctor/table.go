package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// largestPage is what the provider asks for.
	largestPage = 2000
	// smallerPage is tried where the largest page is refused.
	smallerPage = 50
)

// table is the table of keys, as the account turned out to have it.
type table struct {
	path   string
	paging paging
	size   int
	// keys are those of the first page, total is how many there are by its word.
	keys  []object
	total int64
}

// paging is where a search takes page and page_size from.
type paging string

const (
	inQuery paging = "query"
	inBody  paging = "body"
	inBoth  paging = "query and body"
)

// anyKey is a listed key with its ID that is revoked or is not; the first one, for
// there is no other.
func (t table) anyKey(revoked bool) (key object, id string) {
	for _, listed := range t.keys {
		if found, ok := keyID(listed); ok && isRevoked(listed) == revoked {
			return listed, found
		}
	}
	return nil, ""
}

// search asks for a page of the table.
func (d *doctor) search(ctx context.Context, t table, page int, filters object, terms []object) answer {
	body, query := object{}, url.Values{}
	if filters != nil {
		body["filters"] = filters
	}
	if terms != nil {
		body["search_terms"] = terms
	}
	if t.paging != inBody {
		query = url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(t.size)}}
	}
	if t.paging != inQuery {
		body["page"], body["page_size"] = page, t.size
	}
	return d.ask(ctx, request{method: http.MethodPost, path: t.path, query: query, body: body})
}

// contractPaging is how the contract has a client page: in the query, and in the
// body too if its schema says so.
func (d *doctor) contractPaging() paging {
	if schema := d.calls["searchApiKeys"].request; schema != nil && schema.Properties["page"] != nil {
		return inBoth
	}
	return inQuery
}

func (d *doctor) askTable(ctx context.Context, result *Operation) {
	one := d.calls["searchApiKeys"]
	t := table{path: one.path, paging: d.contractPaging(), size: largestPage}
	first := d.search(ctx, t, 1, nil, nil)
	a := first
	for _, path := range one.alternatives {
		if !isElsewhere(a) {
			break
		}
		t.path = path
		a = d.search(ctx, t, 1, nil, nil)
	}
	switch {
	case isElsewhere(a):
		d.judge(result, first)
		if first.isMissing() {
			result.Reason = fmt.Sprintf("%s: there is no such call, and none at %s either", first.says(), strings.Join(one.alternatives, " or "))
		}
		return
	case a.status == http.StatusBadRequest:
		t, a = d.searchOtherwise(ctx, result, t, a)
	}
	if !d.judge(result, a) {
		return
	}
	if t.path != one.path {
		result.differ("path", one.path, t.path)
	}
	d.report.Follows.TablePath = t.path
	t.keys = objectsIn(a.value)
	t.total, _ = totalOf(a.value)
	d.findings.table = t
	d.learnPermissions(t.keys)
	d.checkTable(result, a)
	d.askPaging(ctx, result)
	d.askFilters(ctx, result)
}

// isElsewhere reports whether the table may have another path: an answer that is no
// table, and no refusal.
func isElsewhere(a answer) bool {
	return a.isMissing() || a.isRedirect() || a.isSuccess() && a.form != formJSON
}

// searchOtherwise asks again with less of what a server may not like.
func (d *doctor) searchOtherwise(ctx context.Context, result *Operation, t table, refused answer) (table, answer) {
	for _, other := range []struct {
		table table
		field string
		want  string
	}{
		{table{path: t.path, paging: t.paging, size: smallerPage}, "page_size", fmt.Sprintf("%d is accepted", largestPage)},
		{table{path: t.path, paging: inBody, size: largestPage}, "page and page_size", "accepted in the " + string(t.paging)},
		{table{path: t.path, paging: inQuery, size: largestPage}, "page and page_size", "accepted in the " + string(t.paging)},
	} {
		if other.table.paging == t.paging && other.table.size == t.size {
			continue
		}
		if a := d.search(ctx, other.table, 1, nil, nil); a.isSuccess() {
			result.differ(other.field, other.want, fmt.Sprintf("400; accepted: %d in the %s", other.table.size, other.table.paging))
			return other.table, a
		}
	}
	return t, refused
}

// checkTable checks what the contract says of a page beyond its fields.
func (d *doctor) checkTable(result *Operation, a answer) {
	keys := d.findings.table.keys
	total, hasTotal := totalOf(a.value)
	size, hasSize := findInteger(a.value, "page_size")
	if hasSize {
		d.report.Follows.LargestPage = size
	}
	if hasTotal && hasSize && total <= size && total != int64(len(keys)) {
		result.differ("paging.total_count", "how many keys there are on all pages", "another number")
	}
	var ids []int64
	for _, key := range keys {
		if id, isInteger := integerOf(key["network_api_key_id"]); isInteger {
			ids = append(ids, id)
		}
		d.expectNetwork(result, "api_keys[].network_id", key)
	}
	if !slices.IsSorted(ids) {
		result.differ("api_keys", "in ascending order of network_api_key_id", "in another order")
	}
}
