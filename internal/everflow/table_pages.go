package everflow

import (
	"fmt"
	"net/http"
	"slices"
)

// tablePages collects the pages of one read of the table, and decides when it is whole:
// when it has as many keys as the table had on its first page. Keys that are created
// meanwhile do no harm. A key that leaves the table shifts the others, so that one may
// be missing: the table is then read again.
type tablePages struct {
	found map[APIKeyIdentity]APIKey
	// pagesRead is how many pages were added.
	pagesRead int
	// size is the page size that is asked for.
	size int
	// isChecking is true when the first page was full, smaller than asked for, and its
	// total its own length. Such a total may count the page and not the table.
	isChecking bool
	// firstTotal and latestTotal are the table's own total, on the first page and on
	// the last that had one; isCounted is false while none had.
	firstTotal, latestTotal int
	isCounted               bool
	// enoughPage is the page on which there were firstTotal keys; 0 before it.
	enoughPage int
}

// add adds a page. An error caused by errIncomplete may go away when the table is read
// again.
func (t *tablePages) add(answer answer, page apiKeysPage) (isWhole bool, err error) {
	t.pagesRead++
	before := len(t.found)
	for _, row := range page.APIKeys {
		key := row.key()
		if row.problem != "" {
			key.unreadable = answer.malformedError(row.problem)
		}
		t.found[key.Identity()] = key
	}
	hasNew := len(t.found) > before
	if page.Paging.TotalCount == nil {
		return t.addUncounted(answer, len(page.APIKeys), hasNew)
	}
	total := int(*page.Paging.TotalCount)
	shrank := t.isCounted && total < t.latestTotal
	if !t.isCounted {
		t.firstTotal, t.isCounted = total, true
	}
	t.latestTotal = total
	if t.enoughPage == 0 && len(t.found) >= t.firstTotal {
		t.enoughPage = t.pagesRead
	}
	switch grew := total > t.firstTotal; {
	case shrank, len(t.found) > total:
		return false, t.incompleteError(answer)
	case len(t.found) == total:
		t.isChecking = t.pagesRead == 1 && total > 0 && total == int(page.Paging.PageSize) && total < t.size
		return !t.isChecking, nil
	case grew && t.enoughPage > 0 && (!hasNew || t.pagesRead >= t.enoughPage+pagesBeyond):
		return true, nil
	case !hasNew:
		return false, t.incompleteError(answer)
	}
	return false, nil
}

// addUncounted decides for a page without a total: an empty page ends the table.
func (t *tablePages) addUncounted(answer answer, rows int, hasNew bool) (isWhole bool, err error) {
	switch {
	case t.isCounted:
		return false, answer.malformedError(`the answer had no usable "paging.total_count"`)
	case hasNew:
		return false, nil
	case rows == 0, t.pagesRead == 2 && !slices.Contains(usualPageSizes, rows):
		return true, nil
	}
	return false, answer.malformedError(fmt.Sprintf("page %d of the table repeats an earlier one, and no total says whether %d keys are all", t.pagesRead, len(t.found)))
}

// usualPageSizes are the numbers of entries at which a page may be cut. A server that
// ignores the page number gives the same page again: with any other number of entries
// that page is the whole table.
var usualPageSizes = []int{10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000}

// isBeyondTheEnd reports whether an error is the answer to a page that does not exist.
func isBeyondTheEnd(err error) bool {
	status := StatusOf(err)
	return status == http.StatusBadRequest || status == http.StatusNotFound
}

func (t *tablePages) incompleteError(answer answer) error {
	incomplete := answer.malformedError(fmt.Sprintf("the pages did not add up: %d keys of %d", len(t.found), t.latestTotal))
	incomplete.Cause = errIncomplete
	return incomplete
}
