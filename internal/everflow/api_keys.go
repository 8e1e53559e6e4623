package everflow

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Statuses of an API key.
const (
	StatusActive  = "active"
	StatusRevoked = "revoked"
)

// pageSize is the largest page that Everflow's table calls usually give.
const pageSize = 2000

// APIKey is an API key of the network, without its secret: Everflow keeps only
// a hash of that.
type APIKey struct {
	ID         int64
	NetworkID  int64
	Name       string
	EmployeeID int64
	// Permissions are the key's own, sorted; empty when AllPermissions is true.
	Permissions    []string
	AllPermissions bool
	Status         string
	CreatedAt      Time
	SavedAt        Time
	LastUsedAt     Time
	RevokedAt      Time
}

// IsRevoked reports whether the key is revoked, which is for ever.
func (k APIKey) IsRevoked() bool { return k.Status == StatusRevoked }

// apiKeyAnswer holds pointers where a field left out must not pass for an empty one.
type apiKeyAnswer struct {
	ID             int64     `json:"network_api_key_id"`
	NetworkID      int64     `json:"network_id"`
	Name           *string   `json:"name"`
	EmployeeID     int64     `json:"network_employee_id"`
	Permissions    []*string `json:"permissions"`
	AllPermissions *bool     `json:"is_all_permissions"`
	Status         string    `json:"status"`
	CreatedAt      Time      `json:"time_created"`
	SavedAt        Time      `json:"time_saved"`
	LastUsedAt     Time      `json:"time_last_used"`
	RevokedAt      Time      `json:"time_revoked"`
	Secret         Secret    `json:"api_key"`
}

// key checks an answer's object and returns it as an APIKey, or what is missing.
func (a apiKeyAnswer) key() (APIKey, string) {
	switch {
	case a.ID <= 0:
		return APIKey{}, "network_api_key_id"
	case a.Name == nil:
		return APIKey{}, "name"
	case a.EmployeeID <= 0:
		return APIKey{}, "network_employee_id"
	case a.Status == "":
		return APIKey{}, "status"
	case a.AllPermissions == nil:
		return APIKey{}, "is_all_permissions"
	case a.Permissions == nil && !*a.AllPermissions, slices.Contains(a.Permissions, nil):
		return APIKey{}, "permissions"
	}
	key := APIKey{
		ID: a.ID, NetworkID: a.NetworkID, Name: *a.Name, EmployeeID: a.EmployeeID,
		AllPermissions: *a.AllPermissions, Status: a.Status,
		CreatedAt: a.CreatedAt, SavedAt: a.SavedAt, LastUsedAt: a.LastUsedAt, RevokedAt: a.RevokedAt,
	}
	if !key.AllPermissions {
		for _, permission := range a.Permissions {
			key.Permissions = append(key.Permissions, *permission)
		}
		slices.Sort(key.Permissions)
		key.Permissions = slices.Compact(key.Permissions)
	}
	return key, ""
}

func decodeAPIKey(call call, body []byte) (APIKey, error) {
	answer, err := decode[apiKeyAnswer](call, body)
	if err != nil {
		return APIKey{}, err
	}
	key, missing := answer.key()
	if missing != "" {
		return APIKey{}, malformed(call, fmt.Sprintf("the answer's API key had no usable %q", missing))
	}
	return key, nil
}

func apiKeyPath(id int64) string {
	return "/networks/security/apikeys/" + url.PathEscape(strconv.FormatInt(id, 10))
}

// oneAPIKey sends a call about one key and checks that the answer is about it.
func (c *Client) oneAPIKey(ctx context.Context, id int64, call call) (APIKey, error) {
	body, err := c.do(ctx, call)
	if err != nil {
		return APIKey{}, err
	}
	key, err := decodeAPIKey(call, body)
	if err != nil {
		return APIKey{}, err
	}
	if key.ID != id {
		return APIKey{}, malformed(call, fmt.Sprintf("the answer was about API key %d, not %d", key.ID, id))
	}
	return key, nil
}

// APIKey returns one key, active or revoked. [IsNotFound] tells whether there
// never was such a key in the network; other errors are *Error too.
// Source: GET /networks/security/apikeys/{id}, assumed.
func (c *Client) APIKey(ctx context.Context, id int64) (APIKey, error) {
	return c.oneAPIKey(ctx, id, call{method: http.MethodGet, path: apiKeyPath(id)})
}

// APIKeySettings is what may change in a key's life. A permission is an open
// string, as the network's roles list them.
type APIKeySettings struct {
	Name string
	// Permissions is left empty when AllPermissions is true.
	Permissions    []string
	AllPermissions bool
}

// Equal reports whether both ask for the same key, permissions in any order.
func (s APIKeySettings) Equal(other APIKeySettings) bool {
	return s.Name == other.Name && s.AllPermissions == other.AllPermissions &&
		slices.Equal(s.sortedPermissions(), other.sortedPermissions())
}

func (s APIKeySettings) sortedPermissions() []string {
	permissions := slices.Clone(s.Permissions)
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

type apiKeyRequest struct {
	Name           string   `json:"name"`
	EmployeeID     int64    `json:"network_employee_id,omitempty"`
	Permissions    []string `json:"permissions"`
	AllPermissions bool     `json:"is_all_permissions"`
}

func (s APIKeySettings) request(employeeID int64) apiKeyRequest {
	permissions := s.sortedPermissions()
	if permissions == nil {
		permissions = []string{} // Everflow writes lists, never null
	}
	return apiKeyRequest{Name: s.Name, EmployeeID: employeeID, Permissions: permissions, AllPermissions: s.AllPermissions}
}

// UpdateAPIKey replaces the name and the permissions of a key. A revoked key is
// refused with status 400. Errors are *Error.
// Source: PUT /networks/security/apikeys/{id}, assumed.
func (c *Client) UpdateAPIKey(ctx context.Context, id int64, settings APIKeySettings) (APIKey, error) {
	return c.oneAPIKey(ctx, id, call{method: http.MethodPut, path: apiKeyPath(id), body: settings.request(0)})
}

// RevokeAPIKey ends a key for ever. Revoking it again is no error. Errors are
// *Error, among them an answer in which the key is not revoked.
// Source: POST /networks/security/apikeys/{id}/revoke, assumed.
func (c *Client) RevokeAPIKey(ctx context.Context, id int64) (APIKey, error) {
	call := call{method: http.MethodPost, path: apiKeyPath(id) + "/revoke"}
	key, err := c.oneAPIKey(ctx, id, call)
	if err != nil {
		return APIKey{}, err
	}
	if !key.IsRevoked() {
		return APIKey{}, malformed(call, fmt.Sprintf("after the call the key's status is %q, not %q", key.Status, StatusRevoked))
	}
	return key, nil
}

// APIKeyFilter narrows a list of keys; its zero value takes all of them.
type APIKeyFilter struct {
	// Status is StatusActive, StatusRevoked or empty for both.
	Status string
	// EmployeeID is 0 for every employee.
	EmployeeID int64
	// NameContains is part of the name, upper and lower case alike.
	NameContains string
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
	paging struct {
		Page       int `json:"page"`
		PageSize   int `json:"page_size"`
		TotalCount int `json:"total_count"`
	}
	apiKeyTable struct {
		APIKeys *[]apiKeyAnswer `json:"api_keys"`
		Paging  *paging         `json:"paging"`
	}
)

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
	return (f.Status == "" || f.Status == key.Status) &&
		(f.EmployeeID == 0 || f.EmployeeID == key.EmployeeID) &&
		strings.Contains(strings.ToLower(key.Name), strings.ToLower(f.NameContains))
}

// APIKeys returns every key that the filter takes, in order of ID, paging through
// all of them. A table that does not add up to its own total is an *Error, never a
// shorter list. Source: POST /networks/security/apikeystable, assumed.
func (c *Client) APIKeys(ctx context.Context, filter APIKeyFilter) ([]APIKey, error) {
	// Keys that come or go between two pages shift the later ones: read again.
	const readings = 3
	var last error
	for range readings {
		keys, complete, err := c.readAPIKeys(ctx, filter)
		if err != nil {
			return nil, err
		}
		if complete {
			keys = slices.DeleteFunc(keys, func(key APIKey) bool { return !filter.matches(key) })
			slices.SortFunc(keys, func(a, b APIKey) int { return int(min(1, max(-1, a.ID-b.ID))) })
			return keys, nil
		}
		last = malformed(apiKeysCall(filter, 1), "the pages did not add up to the total that the answer names")
	}
	return nil, last
}

func apiKeysCall(filter APIKeyFilter, page int) call {
	return call{
		method: http.MethodPost, path: "/networks/security/apikeystable",
		query: url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(pageSize)}},
		body:  filter.request(),
	}
}

// readAPIKeys reads the table once, page by page; complete is false when it
// changed underneath or a page was short.
func (c *Client) readAPIKeys(ctx context.Context, filter APIKeyFilter) (keys []APIKey, complete bool, err error) {
	seen := map[int64]bool{}
	for page := 1; ; page++ {
		call := apiKeysCall(filter, page)
		body, err := c.do(ctx, call)
		if err != nil {
			return nil, false, err
		}
		table, err := decode[apiKeyTable](call, body)
		if err != nil {
			return nil, false, err
		}
		if table.APIKeys == nil || table.Paging == nil {
			return nil, false, malformed(call, `the answer had no "api_keys" or no "paging"`)
		}
		for _, answer := range *table.APIKeys {
			key, missing := answer.key()
			if missing != "" {
				return nil, false, malformed(call, fmt.Sprintf("an API key in the answer had no usable %q", missing))
			}
			if !seen[key.ID] {
				seen[key.ID] = true
				keys = append(keys, key)
			}
		}
		switch {
		case len(keys) == table.Paging.TotalCount:
			return keys, true, nil
		case len(keys) > table.Paging.TotalCount, len(*table.APIKeys) == 0:
			return nil, false, nil
		}
	}
}
