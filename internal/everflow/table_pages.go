package everflow

import (
	"fmt"
	"net/http"
	"slices"
)

// tablePages are the pages of one reading of a table, and decide when it is whole.
// Keys may come while it is read: it is whole when it has all that were there at its
// start. A key that goes may hide another one: then it has to be read again.
type tablePages struct {
	found map[APIKeyIdentity]APIKey
	read  int
	// size is the page size that is asked for.
	size int
	// isChecking: the first page was full, smaller than asked for, and its total was
	// its own length. Such a total may count the page and not the table.
	isChecking bool
	// first and latest are the table's own total, on the first page and on the last
	// one that had one; isCounted is false while none had.
	first, latest int
	isCounted     bool
	// enough is on which page there were as many keys as at the start.
	enough int
}

// add takes over a page. An error of which errIncomplete is the cause goes away
// when the table is read again.
func (t *tablePages) add(answer answer, page apiKeysPage) (isWhole bool, err error) {
	t.read++
	before := len(t.found)
	for _, row := range page.APIKeys {
		key := row.key()
		if row.problem != "" {
			key.unreadable = answer.malformed(row.problem)
		}
		t.found[key.Identity()] = key
	}
	hasNew := len(t.found) > before
	if page.Paging.TotalCount == nil {
		return t.addUncounted(answer, len(page.APIKeys), hasNew)
	}
	total := int(*page.Paging.TotalCount)
	shrank := t.isCounted && total < t.latest
	if !t.isCounted {
		t.first, t.isCounted = total, true
	}
	t.latest = total
	if t.enough == 0 && len(t.found) >= t.first {
		t.enough = t.read
	}
	switch grew := total > t.first; {
	case shrank, len(t.found) > total:
		return false, t.incomplete(answer)
	case len(t.found) == total:
		t.isChecking = t.read == 1 && total > 0 && total == int(page.Paging.PageSize) && total < t.size
		return !t.isChecking, nil
	case grew && t.enough > 0 && (!hasNew || t.read >= t.enough+pagesBeyond):
		return true, nil
	case !hasNew:
		return false, t.incomplete(answer)
	}
	return false, nil
}

// addUncounted decides for a page without a total: the table ends with an empty page.
func (t *tablePages) addUncounted(answer answer, rows int, hasNew bool) (isWhole bool, err error) {
	switch {
	case t.isCounted:
		return false, answer.malformed(`the answer had no usable "paging.total_count"`)
	case hasNew:
		return false, nil
	case rows == 0, t.read == 2 && !slices.Contains(usualPageSizes, rows):
		return true, nil
	}
	return false, answer.malformed(fmt.Sprintf("page %d of the table repeats an earlier one, and no total says whether %d keys are all", t.read, len(t.found)))
}

// usualPageSizes are how many entries a page may have if a server does not heed the
// page that is asked for. Any other number of entries, given twice, is all there are.
var usualPageSizes = []int{10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000}

// isBeyondTheEnd reports whether an error is the answer to a page that does not exist.
func isBeyondTheEnd(err error) bool {
	status := StatusOf(err)
	return status == http.StatusBadRequest || status == http.StatusNotFound
}

func (t *tablePages) incomplete(answer answer) error {
	incomplete := answer.malformed(fmt.Sprintf("the pages did not add up: %d keys of %d", len(t.found), t.latest))
	incomplete.Cause = errIncomplete
	return incomplete
}
