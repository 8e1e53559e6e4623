package everflowmock

import "strconv"

const (
	defaultPageSize = 50
	maxPageSize     = 2000
)

type paging struct {
	Page       int `json:"page"`
	PageSize   int `json:"page_size"`
	TotalCount int `json:"total_count"`
}

// readPaging reads which page a call wants, from the query or else from the body.
func (r *request) readPaging() (paging, error) {
	p := paging{Page: 1, PageSize: defaultPageSize}
	var body struct {
		Page     *int `json:"page"`
		PageSize *int `json:"page_size"`
	}
	if err := r.decode(&body); err != nil {
		return p, err
	}
	place, _ := r.differences.value(DifferencePagingIn)
	for _, number := range []struct {
		name        string
		value, body *int
	}{{"page", &p.Page, body.Page}, {"page_size", &p.PageSize, body.PageSize}} {
		n := *number.value
		switch {
		case place == "nowhere":
		case place != "body" && r.query.Has(number.name):
			n, _ = strconv.Atoi(r.query.Get(number.name)) // 0 for what is not a number
		case place != "query" && number.body != nil:
			n = *number.body
		}
		if n < 1 {
			return p, badRequest("%s must be a positive integer", number.name)
		}
		*number.value = n
	}
	if p.PageSize > maxPageSize {
		return p, badRequest("page_size must be at most %d", maxPageSize)
	}
	if most := r.differences.number(DifferencePageSizeCapped); most != 0 {
		p.PageSize = min(p.PageSize, most)
	}
	return p, nil
}

// pageOf is one page of a list. It is empty if the list ends before it.
func pageOf[T any](list []T, p paging) []T {
	if p.Page-1 > len(list)/p.PageSize {
		return []T{}
	}
	start := min((p.Page-1)*p.PageSize, len(list))
	return list[start:min(start+p.PageSize, len(list))]
}
