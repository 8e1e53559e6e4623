package everflowmock

import (
	"net/url"
	"strconv"
)

const (
	defaultPageSize = 50
	maxPageSize     = 2000
)

type paging struct {
	Page       int `json:"page"`
	PageSize   int `json:"page_size"`
	TotalCount int `json:"total_count"`
}

func parsePaging(query url.Values) (paging, error) {
	p := paging{Page: 1, PageSize: defaultPageSize}
	for name, value := range map[string]*int{"page": &p.Page, "page_size": &p.PageSize} {
		if !query.Has(name) {
			continue
		}
		n, err := strconv.Atoi(query.Get(name))
		if err != nil || n < 1 {
			return p, badRequest("%s must be a positive integer", name)
		}
		*value = n
	}
	if p.PageSize > maxPageSize {
		return p, badRequest("page_size must be at most %d", maxPageSize)
	}
	return p, nil
}

// cut is one page of a list; a page behind the end is empty.
func cut[T any](list []T, p paging) []T {
	if p.Page-1 > len(list)/p.PageSize {
		return []T{}
	}
	start := min((p.Page-1)*p.PageSize, len(list))
	return list[start:min(start+p.PageSize, len(list))]
}
