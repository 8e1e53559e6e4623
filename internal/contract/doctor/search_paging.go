package doctor

import "context"

// pagingOutcome is whether an answer shows that page and page_size were used.
type pagingOutcome int

const (
	pagingUnknown pagingOutcome = iota
	pagingIgnored
	pagingUsed
	pagingWrongPage // neither the first page nor the second
)

// checkPaging requests page 2 with page_size 1, once in the query and once in the body,
// to see where the account reads them from.
func (d *doctor) checkPaging(ctx context.Context, result *Operation) {
	seen := map[paging]pagingOutcome{}
	for _, place := range []paging{pagingInQuery, pagingInBody} {
		a := d.search(ctx, table{path: d.findings.table.path, paging: place, size: 1}, 2, criteria{})
		d.checkTotal(result, a)
		seen[place] = d.pagingOutcomeOf(a)
		if seen[place] == pagingWrongPage {
			result.addDifference("page", "page 2 with page_size 1 holds the second key", "it holds another key")
			seen[place] = pagingUsed
		}
	}
	query, body := seen[pagingInQuery], seen[pagingInBody]
	switch {
	case query == pagingUsed && body == pagingUsed:
		d.report.Search.Paging = string(pagingInBoth)
	case query == pagingUsed:
		d.report.Search.Paging = string(pagingInQuery)
	case body == pagingUsed:
		d.report.Search.Paging = string(pagingInBody)
		d.findings.table.paging = pagingInBody
		if d.contractPaging() == pagingInQuery {
			result.addDifference("page and page_size", "read from the query", "read from the body")
		}
	case query == pagingIgnored && body == pagingIgnored:
		d.report.Search.Paging = "neither query nor body"
		result.addDifference("page and page_size", "read from the query or the body", "read from neither")
	}
}

// checkTotal checks that another page has the same total as the first one.
func (d *doctor) checkTotal(result *Operation, a answer) {
	total, ok := totalOf(a.value)
	if ok && a.isSuccess() && d.findings.table.total != 0 && total != d.findings.table.total {
		result.addDifference("paging.total_count", "the same on every page", "another number on page 2; the reason can also be a key that was created meanwhile")
	}
}

// pagingOutcomeOf compares an answer with the second key of the first page.
func (d *doctor) pagingOutcomeOf(a answer) pagingOutcome {
	switch {
	case !a.isConclusive():
		return pagingUnknown
	case !a.isSuccess():
		return pagingIgnored
	}
	all, found := d.findings.table.keys, listIn(a.value)
	if len(all) < 2 {
		return outcomeFromPageField(a)
	}
	if len(found) != 1 {
		return pagingIgnored
	}
	first, _ := keyID(all[0])
	want, wantOK := keyID(all[1])
	got, gotOK := keyID(found[0])
	switch {
	case !wantOK || !gotOK || got == want:
		return pagingUsed
	case got == first:
		return pagingIgnored
	}
	return pagingWrongPage
}

// outcomeFromPageField uses the field "page", for a table without a second key.
func outcomeFromPageField(a answer) pagingOutcome {
	page, isInteger := findInteger(a.value, "page")
	switch {
	case !isInteger:
		return pagingUnknown
	case page == 2:
		return pagingUsed
	}
	return pagingIgnored
}
