package everflowmock

import (
	"encoding/json"
	"strings"
)

type apiKeysTable struct {
	APIKeys []apiKeyAnswer `json:"api_keys"`
	Paging  paging         `json:"paging"`
}

type apiKeysSearch struct {
	Filters     map[string]json.RawMessage `json:"filters"`
	SearchTerms []struct {
		SearchType string `json:"search_type"`
		Value      string `json:"value"`
	} `json:"search_terms"`
}

func (s *Server) searchAPIKeys(r *request) (any, error) {
	page, err := r.readPaging()
	if err != nil {
		return nil, err
	}
	var search apiKeysSearch
	if err := r.decode(&search); err != nil {
		return nil, err
	}
	matches, err := search.matcher(r.differences)
	if err != nil {
		return nil, err
	}
	if page.Page > 1 && r.differences.has(DifferenceKeyAddedBetweenPages) {
		s.data.addKey(Key{
			Name: "Somebody's key", EmployeeID: s.data.employees[0].ID,
			IsAllPermissions: true, SHA256: HashAPIKey(newSecret()),
		}, s.now())
	}
	found := []apiKeyAnswer{}
	for _, k := range s.data.keys {
		if matches(k) && !r.isHidden(k) {
			found = append(found, k.answer())
		}
	}
	page.TotalCount = len(found)
	return apiKeysTable{APIKeys: pageOf(found, page), Paging: page}, nil
}

// matcher returns whether a key matches all filters and all search terms. A null
// filter matches every key. An unknown filter is refused: without it the answer
// would have more keys than the caller wants.
func (search apiKeysSearch) matcher(differences differences) (func(Key) bool, error) {
	var status *string
	var employee *int64
	for name, value := range search.Filters {
		var err error
		switch name {
		case "status":
			err = json.Unmarshal(value, &status)
		case "network_employee_id":
			err = json.Unmarshal(value, &employee)
		default:
			return nil, badRequest("filters: unknown filter %q", name)
		}
		if err != nil {
			return nil, badRequest("filters.%s: wrong type", name)
		}
	}
	if status != nil && *status != statusActive && *status != statusRevoked {
		return nil, badRequest("filters.status must be active or revoked")
	}
	if employee != nil && *employee <= 0 {
		return nil, badRequest("filters.network_employee_id must be positive")
	}
	for _, t := range search.SearchTerms {
		if t.SearchType != "name" {
			return nil, badRequest("search_terms: unknown search_type %q", t.SearchType)
		}
	}
	switch value, _ := differences.value(DifferenceStatusFilter); {
	case value == "ignored":
		status = nil
	case value == "nothing" && status != nil:
		return func(Key) bool { return false }, nil
	}
	return func(k Key) bool {
		if status != nil && k.Status != *status || employee != nil && k.EmployeeID != *employee {
			return false
		}
		for _, t := range search.SearchTerms {
			if !strings.Contains(strings.ToLower(k.Name), strings.ToLower(t.Value)) {
				return false
			}
		}
		return true
	}, nil
}
