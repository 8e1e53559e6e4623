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

// readPaging reads which page a call wants.
func (r *request) readPaging() (paging, error) {
	var p paging
	var body struct {
		Page     *int `json:"page"`
		PageSize *int `json:"page_size"`
	}
	if err := r.decode(&body); err != nil {
		return p, err
	}
	var err error
	if p.Page, err = r.pagingNumber("page", body.Page, 1); err != nil {
		return p, err
	}
	if p.PageSize, err = r.pagingNumber("page_size", body.PageSize, defaultPageSize); err != nil {
		return p, err
	}
	if p.PageSize > maxPageSize {
		return p, badRequest("page_size must be at most %d", maxPageSize)
	}
	if most := r.differences.number(DifferencePageSizeCapped); most != 0 {
		p.PageSize = min(p.PageSize, most)
	}
	return p, nil
}

// pagingNumber reads a number from the query, or else from the body. It is n if
// neither has it.
func (r *request) pagingNumber(name string, inBody *int, n int) (int, error) {
	place, _ := r.differences.value(DifferencePagingIn)
	switch {
	case place == "nowhere":
	case place != "body" && r.query.Has(name):
		n, _ = strconv.Atoi(r.query.Get(name)) // 0 for what is not a number
	case place != "query" && inBody != nil:
		n = *inBody
	}
	if n < 1 {
		return 0, badRequest("%s must be a positive integer", name)
	}
	return n, nil
}

// pageOf is one page of a list. It is empty if the list ends before it.
func pageOf[T any](list []T, p paging) []T {
	if p.Page-1 > len(list)/p.PageSize {
		return []T{}
	}
	start := min((p.Page-1)*p.PageSize, len(list))
	return list[start:min(start+p.PageSize, len(list))]
}
