package doctor

import (
	"context"
)

// pagingOutcome is what an answer shows of whether page and page_size were taken from
// where they were put.
type pagingOutcome int

const (
	notKnown pagingOutcome = iota
	ignored
	followed
	// miscounted: another page than the second was answered.
	miscounted
)

// askPaging finds out where page and page_size are taken from: the second page of
// one key is asked for in each of the ways that Everflow's pages have.
func (d *doctor) askPaging(ctx context.Context, result *Operation) {
	seen := map[paging]pagingOutcome{}
	for _, way := range []paging{inQuery, inBody} {
		a := d.search(ctx, table{path: d.findings.table.path, paging: way, size: 1}, 2, nil, nil)
		d.checkTotal(result, a)
		seen[way] = d.secondPage(a)
		if seen[way] == miscounted {
			result.differ("page", "pages are counted from 1, and in one order", "page 2 of size 1 does not hold the second key")
			seen[way] = followed
		}
	}
	query, body := seen[inQuery], seen[inBody]
	switch {
	case query == followed && body == followed:
		d.report.Follows.Paging = string(inBoth)
	case query == followed:
		d.report.Follows.Paging = string(inQuery)
	case body == followed:
		d.report.Follows.Paging = string(inBody)
		d.findings.table.paging = inBody
		if d.contractPaging() == inQuery {
			result.differ("page and page_size", "taken from the query", "taken from the body")
		}
	case query == ignored && body == ignored:
		d.report.Follows.Paging = "neither query nor body"
		result.differ("page and page_size", "taken from the query or the body", "taken from neither")
	}
}

// checkTotal: a page after the first one has the same total.
func (d *doctor) checkTotal(result *Operation, a answer) {
	total, ok := totalOf(a.value)
	if ok && a.isSuccess() && d.findings.table.total != 0 && total != d.findings.table.total {
		result.differ("paging.total_count", "the same on every page", "another number on page 2, unless somebody made a key meanwhile")
	}
}

// secondPage tells whether an answer is the second page, of one key.
func (d *doctor) secondPage(a answer) pagingOutcome {
	switch {
	case !a.isTelling():
		return notKnown
	case !a.isSuccess():
		return ignored
	}
	all, found := d.findings.table.keys, objectsIn(a.value)
	if len(all) < 2 {
		return secondPageByItsWord(a)
	}
	if len(found) != 1 {
		return ignored
	}
	first, _ := keyID(all[0])
	want, wantOK := keyID(all[1])
	got, gotOK := keyID(found[0])
	switch {
	case !wantOK || !gotOK || got == want:
		return followed
	case got == first:
		return ignored
	}
	return miscounted
}

// secondPageByItsWord is for a table without a second key.
func secondPageByItsWord(a answer) pagingOutcome {
	page, isInteger := findInteger(a.value, "page")
	switch {
	case !isInteger:
		return notKnown
	case page == 2:
		return followed
	}
	return ignored
}
