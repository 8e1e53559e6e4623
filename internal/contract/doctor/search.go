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
	// largestPage is the page size that the provider requests.
	largestPage = 2000
	// smallPage is used if the account refuses largestPage.
	smallPage = 50
)

// table is how searchApiKeys works on the account, and its first page.
type table struct {
	path   string
	paging paging
	size   int
	keys   []object
	total  int64 // paging.total_count
}

// paging is where page and page_size are sent.
type paging string

const (
	pagingInQuery paging = "query"
	pagingInBody  paging = "body"
	pagingInBoth  paging = "query and body"
)

// firstKey returns the first listed key that is, or is not, revoked.
func (t table) firstKey(revoked bool) (key object, id string) {
	for _, listed := range t.keys {
		if found, ok := keyID(listed); ok && isRevoked(listed) == revoked {
			return listed, found
		}
	}
	return nil, ""
}

// criteria narrow a search.
type criteria struct {
	filters object
	terms   []object
}

// search requests a page of the table.
func (d *doctor) search(ctx context.Context, t table, page int, c criteria) answer {
	body, query := object{}, url.Values{}
	if c.filters != nil {
		body["filters"] = c.filters
	}
	if c.terms != nil {
		body["search_terms"] = c.terms
	}
	if t.paging != pagingInBody {
		query = url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(t.size)}}
	}
	if t.paging != pagingInQuery {
		body["page"], body["page_size"] = page, t.size
	}
	return d.send(ctx, request{method: http.MethodPost, path: t.path, query: query, body: body})
}

// contractPaging is the paging of the contract: in the query, and in the body, too, if
// its schema has the fields.
func (d *doctor) contractPaging() paging {
	if schema := d.operations["searchApiKeys"].request; schema != nil && schema.Properties["page"] != nil {
		return pagingInBoth
	}
	return pagingInQuery
}

func (d *doctor) checkSearchAPIKeys(ctx context.Context, result *Operation) {
	op := d.operations["searchApiKeys"]
	t := table{path: op.path, paging: d.contractPaging(), size: largestPage}
	first := d.search(ctx, t, 1, criteria{})
	a := first
	for _, path := range op.alternativePaths {
		if !mayHaveOtherPath(a) {
			break
		}
		t.path = path
		a = d.search(ctx, t, 1, criteria{})
	}
	switch {
	case mayHaveOtherPath(a):
		d.evaluate(result, first)
		if first.isMissing() {
			result.Reason = fmt.Sprintf("%s: the call does not exist, neither at %s nor at %s", first.statusText(), op.path, strings.Join(op.alternativePaths, " or "))
		}
		return
	case a.status == http.StatusBadRequest:
		t, a = d.retrySearch(ctx, result, t, a)
	}
	isReadable := d.evaluate(result, a)
	if !isReadable {
		return
	}
	if t.path != op.path {
		result.addDifference("path", op.path, t.path)
	}
	d.report.Search.Path = t.path
	t.keys = listIn(a.value)
	t.total, _ = totalOf(a.value)
	d.findings.table = t
	d.addPermissions(t.keys)
	d.checkFirstPage(result, a)
	d.checkPaging(ctx, result)
	d.checkFilters(ctx, result)
}

// mayHaveOtherPath reports whether the answer is neither a table nor a refusal.
func mayHaveOtherPath(a answer) bool {
	return a.isMissing() || a.isRedirect() || a.isSuccess() && a.form != formJSON
}

// retrySearch repeats a refused search with a smaller page, or with page and page_size
// in one place only.
func (d *doctor) retrySearch(ctx context.Context, result *Operation, t table, refused answer) (table, answer) {
	for _, other := range []struct {
		table table
		field string
		want  string
	}{
		{table: table{path: t.path, paging: t.paging, size: smallPage}, field: "page_size", want: "2000 is accepted"},
		{table: table{path: t.path, paging: pagingInBody, size: largestPage}, field: "page and page_size", want: "accepted in the " + string(t.paging)},
		{table: table{path: t.path, paging: pagingInQuery, size: largestPage}, field: "page and page_size", want: "accepted in the " + string(t.paging)},
	} {
		if other.table.paging == t.paging && other.table.size == t.size {
			continue
		}
		if a := d.search(ctx, other.table, 1, criteria{}); a.isSuccess() {
			result.addDifference(other.field, other.want, fmt.Sprintf("400 Bad Request; page_size %d in the %s is accepted", other.table.size, other.table.paging))
			return other.table, a
		}
	}
	return t, refused
}

// checkFirstPage checks the total, the networks and the order of the first page.
func (d *doctor) checkFirstPage(result *Operation, a answer) {
	keys := d.findings.table.keys
	total, hasTotal := totalOf(a.value)
	size, hasSize := findInteger(a.value, "page_size")
	if hasSize {
		d.report.Search.LargestPage = size
	}
	if hasTotal && hasSize && total <= size && total != int64(len(keys)) {
		result.addDifference("paging.total_count", "number of keys on all pages", "another number")
	}
	var ids []int64
	for _, key := range keys {
		if id, isInteger := integerOf(key["network_api_key_id"]); isInteger {
			ids = append(ids, id)
		}
		d.expectNetwork(result, "api_keys[].network_id", key)
	}
	if !slices.IsSorted(ids) {
		result.addDifference("api_keys", "ascending order of network_api_key_id", "another order")
	}
}
