package everflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	keysTablePath = "/networks/security/apikeystable"
	tableCall     = "POST " + keysTablePath

	// largestPage is the largest page that Everflow's table calls usually give. Where
	// it is refused, or its answer is too large, a quarter of it is asked for, down to
	// smallestPage.
	largestPage  = 2000
	smallestPage = 31
	// maxTableReads limits how often a table is read whose pages do not add up: a key
	// that is revoked between two pages shifts the later ones.
	maxTableReads = 5
	// pagesBeyond limits how many more pages are read of a table that grows with each.
	pagesBeyond = 10
)

var errIncomplete = errors.New("incomplete table")

// APIKeyFilter narrows a list of keys; its zero value takes all of them.
type APIKeyFilter struct {
	// Status is StatusActive, StatusRevoked or empty for both.
	Status string
	// EmployeeID is 0 for every employee.
	EmployeeID int64
	// NameContains is part of the name, upper and lower case alike.
	NameContains string
	// NotUsedSince takes keys without a use at or after this time, those never used
	// included, and not those whose last use is not known; its zero value takes all.
	// Everflow has no such filter.
	NotUsedSince time.Time
	// AtMost is how many keys are wanted, whichever Everflow's table has first;
	// 0 means all of them.
	AtMost int64
}

type (
	// tableRequest has the page in the body, and the call has it in the query as well:
	// Everflow documents either for its other tables.
	tableRequest struct {
		Page        int            `json:"page"`
		PageSize    int            `json:"page_size"`
		Filters     map[string]any `json:"filters,omitempty"`
		SearchTerms []searchTerm   `json:"search_terms,omitempty"`
	}
	searchTerm struct {
		SearchType string `json:"search_type"`
		Value      string `json:"value"`
	}
	apiKeysPage struct {
		APIKeys []apiKeyRow `json:"api_keys"`
		Paging  struct {
			Page       entityID  `json:"page"`      // 0: left out
			PageSize   entityID  `json:"page_size"` // 0: left out
			TotalCount *entityID `json:"total_count"`
		} `json:"paging"`
	}
	// apiKeyRow is a key of the table. One that cannot be read, such as a very old one,
	// does not prevent the others from being read.
	apiKeyRow struct {
		apiKeyAnswer
		problem string
	}
)

// UnmarshalJSON implements [json.Unmarshaler].
func (r *apiKeyRow) UnmarshalJSON(raw []byte) error {
	r.apiKeyAnswer, r.problem = decodeJSON[apiKeyAnswer](raw)
	if r.problem != "" {
		r.problem = strings.Replace(r.problem, `"`, `"api_keys.`, 1)
		r.apiKeyAnswer, _ = readFields(raw)
	}
	return nil
}

func (apiKeysPage) keyField() string { return "api_keys" }

func (p apiKeysPage) missingField() string {
	if p.APIKeys == nil {
		return "api_keys"
	}
	for _, key := range p.APIKeys {
		if key.ID <= 0 {
			return "api_keys.network_api_key_id"
		}
	}
	return ""
}

func (f APIKeyFilter) request(page, size int) tableRequest {
	request := tableRequest{Page: page, PageSize: size, Filters: map[string]any{}}
	if f.Status != "" {
		request.Filters["status"] = f.Status
	}
	if f.EmployeeID != 0 {
		request.Filters["network_employee_id"] = f.EmployeeID
	}
	if f.NameContains != "" {
		request.SearchTerms = []searchTerm{{SearchType: "name", Value: f.NameContains}}
	}
	return request
}

// matches repeats Everflow's filters, in case the server ignored one of them. A key that
// cannot be read whole matches unless its status does not.
func (f APIKeyFilter) matches(key APIKey) bool {
	if key.unreadable != nil {
		return key.Status == "" || f.matchesStatus(key)
	}
	return f.matchesStatus(key) &&
		(f.EmployeeID == 0 || f.EmployeeID == key.EmployeeID) &&
		(f.NotUsedSince.IsZero() || !key.LastUseUnknown && (key.LastUsedAt == 0 || int64(key.LastUsedAt) < f.NotUsedSince.Unix())) &&
		strings.Contains(strings.ToLower(key.Name), strings.ToLower(f.NameContains))
}

// matchesStatus takes an unknown status for a live one.
func (f APIKeyFilter) matchesStatus(key APIKey) bool {
	switch f.Status {
	case StatusActive:
		return !key.IsRevoked()
	case StatusRevoked:
		return key.IsRevoked()
	}
	return f.Status == "" || f.Status == key.Status
}

// hasEnough reports whether no further page needs to be read.
func (f APIKeyFilter) hasEnough(found map[APIKeyIdentity]APIKey) bool {
	matching := int64(0)
	for _, key := range found {
		if f.matches(key) {
			matching++
		}
	}
	return f.AtMost > 0 && matching >= f.AtMost
}

// APIKeys returns every key that the filter takes, in order of ID, paging through
// all of them, or until there are as many as the filter wants. A table that does
// not add up to its own total is an *Error, never a shorter list.
// Source: POST /networks/security/apikeystable, assumed.
func (c *Client) APIKeys(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	keys, err := c.readTable(ctx, filter)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.unreadable != nil {
			return nil, key.unreadable
		}
	}
	return keys, nil
}

// readTable is APIKeys with the keys that cannot be read whole. Where a filter finds
// nothing, the server may understand it differently: the whole table is then read, and
// filtered here.
func (c *Client) readTable(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	found, err := c.readWhole(ctx, filter, filter)
	if err == nil && len(found) == 0 && filter.isNarrow() {
		found, err = c.readWhole(ctx, APIKeyFilter{}, filter)
	}
	if err != nil {
		return nil, err
	}
	keys := slices.SortedFunc(maps.Values(found), compareAPIKeys)
	keys = slices.DeleteFunc(keys, func(key APIKey) bool { return !filter.matches(key) })
	if filter.AtMost > 0 && int64(len(keys)) > filter.AtMost {
		keys = keys[:filter.AtMost]
	}
	return keys, nil
}

// isNarrow reports whether Everflow is asked to filter.
func (f APIKeyFilter) isNarrow() bool {
	return f.Status != "" || f.EmployeeID != 0 || f.NameContains != ""
}

// readWhole reads the table until its pages add up, or until there are as many keys as
// wanted. It sends the filter that is asked for.
func (c *Client) readWhole(ctx context.Context, asked, wanted APIKeyFilter) (map[APIKeyIdentity]APIKey, error) {
	var found map[APIKeyIdentity]APIKey
	var err error
	size := largestPage
	if smaller := c.pageSize.Load(); smaller != 0 {
		size = int(smaller)
	}
	for range maxTableReads {
		found, err = c.readPages(ctx, asked, wanted, size)
		for isPageRefused(err) && size > smallestPage {
			size /= 4
			found, err = c.readPages(ctx, asked, wanted, size)
		}
		if !errors.Is(err, errIncomplete) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if size < largestPage {
		c.pageSize.Store(int64(size))
	}
	return found, nil
}

func compareAPIKeys(a, b APIKey) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.NetworkID, b.NetworkID))
}

// isPageRefused reports whether a smaller page may be answered where this one was not.
func isPageRefused(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	return ok && (errors.Is(err, errAnswerTooLarge) || failed.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(failed.Message), "page"))
}

// readPages reads the table once, page by page. The error is caused by errIncomplete when
// the table shrank meanwhile or was shorter than its total.
func (c *Client) readPages(ctx context.Context, asked, wanted APIKeyFilter, size int) (map[APIKeyIdentity]APIKey, error) {
	pages := tablePages{found: map[APIKeyIdentity]APIKey{}, size: size}
	for number := 1; ; number++ {
		answer, err := c.do(ctx, call{
			method: http.MethodPost, path: keysTablePath,
			query: url.Values{"page": {strconv.Itoa(number)}, "page_size": {strconv.Itoa(size)}},
			body:  asked.request(number, size), expects: "an object with the fields api_keys (list of API keys), paging (object with total_count)",
		})
		if pages.isChecking && isBeyondTheEnd(err) {
			return pages.found, nil
		}
		if err != nil {
			return nil, err
		}
		page, err := decode[apiKeysPage](answer)
		if err != nil {
			return nil, err
		}
		isCounted := page.Paging.TotalCount != nil
		if isCounted && !pages.isChecking && page.Paging.Page != 0 && int(page.Paging.Page) != number {
			return nil, answer.malformedError(fmt.Sprintf("the answer was page %d of the table, not %d", page.Paging.Page, number))
		}
		switch isWhole, problem := pages.add(answer, page); {
		case isWhole, problem == nil && wanted.hasEnough(pages.found):
			return pages.found, nil
		case problem != nil:
			return nil, problem
		}
	}
}
