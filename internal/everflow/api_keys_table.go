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

	// pageSize is the largest page that Everflow's table calls usually give.
	pageSize = 2000
	// readings is how often a table is read whose pages do not add up: keys that
	// come or go between two pages shift the later ones.
	readings = 3
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
	// NotUsedSince takes keys without a use at or after this time, those never
	// used included; its zero value takes all. Everflow has no such filter.
	NotUsedSince time.Time
	// AtMost is how many keys are wanted, whichever Everflow's table has first;
	// 0 means all of them.
	AtMost int64
}

type (
	tableRequest struct {
		Filters     map[string]any `json:"filters,omitempty"`
		SearchTerms []searchTerm   `json:"search_terms,omitempty"`
	}
	searchTerm struct {
		SearchType string `json:"search_type"`
		Value      string `json:"value"`
	}
	apiKeysPage struct {
		APIKeys []apiKeyAnswer `json:"api_keys"`
		Paging  struct {
			Page       int  `json:"page"` // 0: not said
			TotalCount *int `json:"total_count"`
		} `json:"paging"`
	}
)

func (apiKeysPage) sign() string { return "api_keys" }

func (p apiKeysPage) missing() string {
	switch {
	case p.APIKeys == nil:
		return "api_keys"
	case p.Paging.TotalCount == nil:
		return "paging.total_count"
	}
	for _, key := range p.APIKeys {
		if field := key.missing(); field != "" {
			return "api_keys." + field
		}
	}
	return ""
}

func (f APIKeyFilter) request() tableRequest {
	request := tableRequest{Filters: map[string]any{}}
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

// matches repeats Everflow's filters, so that a server that ignored one of them
// cannot slip in keys that were not asked for.
func (f APIKeyFilter) matches(key APIKey) bool {
	return f.matchesStatus(key) &&
		(f.EmployeeID == 0 || f.EmployeeID == key.EmployeeID) &&
		(f.NotUsedSince.IsZero() || key.LastUsedAt == 0 || int64(key.LastUsedAt) < f.NotUsedSince.Unix()) &&
		strings.Contains(strings.ToLower(key.Name), strings.ToLower(f.NameContains))
}

// matchesStatus counts a status that is not known as live.
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
	var found map[APIKeyIdentity]APIKey
	var err error
	for range readings {
		if found, err = c.readAPIKeys(ctx, filter); !errors.Is(err, errIncomplete) {
			break
		}
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

func compareAPIKeys(a, b APIKey) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.NetworkID, b.NetworkID))
}

// readAPIKeys reads the table once, page by page. The error is errIncomplete when
// the table changed underneath or was shorter than it says.
func (c *Client) readAPIKeys(ctx context.Context, filter APIKeyFilter) (map[APIKeyIdentity]APIKey, error) {
	found := map[APIKeyIdentity]APIKey{}
	total := 0
	for number := 1; ; number++ {
		answer, err := c.do(ctx, call{
			method: http.MethodPost, path: keysTablePath,
			query: url.Values{"page": {strconv.Itoa(number)}, "page_size": {strconv.Itoa(pageSize)}},
			body:  filter.request(), expects: "an object with the fields api_keys (list of API keys), paging (object with total_count)",
		})
		if err != nil {
			return nil, err
		}
		page, err := decode[apiKeysPage](answer)
		if err != nil {
			return nil, err
		}
		if page.Paging.Page != 0 && page.Paging.Page != number {
			return nil, answer.malformed(fmt.Sprintf("the answer was page %d of the table, not %d", page.Paging.Page, number))
		}
		if number == 1 {
			total = *page.Paging.TotalCount
		}
		before := len(found)
		for _, key := range page.APIKeys {
			key := key.key()
			found[key.Identity()] = key
		}
		switch {
		case total != *page.Paging.TotalCount, len(found) > total, len(found) == before && len(found) < total:
			incomplete := answer.malformed(fmt.Sprintf("the pages did not add up: %d keys of %d", len(found), *page.Paging.TotalCount))
			incomplete.Cause = errIncomplete
			return nil, incomplete
		case len(found) == total, filter.hasEnough(found):
			return found, nil
		}
	}
}
