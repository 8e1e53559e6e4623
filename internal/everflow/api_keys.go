package everflow

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Statuses of an API key.
const (
	StatusActive  = "active"
	StatusRevoked = "revoked"
)

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
	// LastUsedAt is 0 for a key that was never used, and where Everflow does not say
	// it: then LastUseUnknown is true.
	LastUsedAt     Time
	LastUseUnknown bool
	RevokedAt      Time

	// unreadable is why the table's entry of the key cannot be read; otherwise nil.
	unreadable error
}

// IsRevoked reports whether the key is revoked, which is for ever. A status that
// is not known counts as live, so that no live key passes for a revoked one.
func (k APIKey) IsRevoked() bool { return isStatus(k.Status, StatusRevoked) }

// HasKnownStatus reports whether the status is one of the two that are assumed,
// in upper or lower case.
func (k APIKey) HasKnownStatus() bool { return isStatus(k.Status, StatusActive) || k.IsRevoked() }

// normalizedStatus returns the constant for a status in any case, and an unknown status
// unchanged.
func normalizedStatus(word string) string {
	for _, known := range []string{StatusActive, StatusRevoked} {
		if isStatus(word, known) {
			return known
		}
	}
	return word
}

func isStatus(status, want string) bool { return strings.EqualFold(strings.TrimSpace(status), want) }

// WasUsed reports whether a call was made with the key. A server may note its creation
// as a use.
func (k APIKey) WasUsed() bool { return k.LastUsedAt > k.CreatedAt }

// Settings returns what can be changed of the key.
func (k APIKey) Settings() APIKeySettings {
	return APIKeySettings{Name: k.Name, Permissions: k.Permissions, AllPermissions: k.AllPermissions}
}

// apiKeyAnswer holds pointers where a field left out must not pass for an empty one.
type apiKeyAnswer struct {
	ID             entityID `json:"network_api_key_id"`
	NetworkID      entityID `json:"network_id"`
	Name           *string  `json:"name"`
	EmployeeID     entityID `json:"network_employee_id"`
	Permissions    []string `json:"permissions"`
	AllPermissions *bool    `json:"is_all_permissions"`
	Status         string   `json:"status"`
	CreatedAt      Time     `json:"time_created"`
	SavedAt        Time     `json:"time_saved"`
	LastUsedAt     lastUse  `json:"time_last_used"`
	RevokedAt      Time     `json:"time_revoked"`
}

// lastUse distinguishes a key that was never used from an answer without the field.
type lastUse struct {
	moment Time
	isSaid bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (l *lastUse) UnmarshalJSON(raw []byte) error {
	l.isSaid = true
	return l.moment.UnmarshalJSON(raw)
}

func (apiKeyAnswer) keyField() string { return "network_api_key_id" }

// missingField accepts a missing time, which means never, and a missing network, which
// is that of the client's own key.
func (a apiKeyAnswer) missingField() string {
	switch {
	case a.ID <= 0:
		return "network_api_key_id"
	case a.Name == nil:
		return "name"
	case a.EmployeeID <= 0:
		return "network_employee_id"
	case a.AllPermissions == nil:
		return "is_all_permissions"
	case !a.hasPermissions():
		return "permissions"
	case a.Status == "":
		return "status"
	}
	return ""
}

// hasPermissions reports whether the list is usable, or not needed.
func (a apiKeyAnswer) hasPermissions() bool {
	isEvery := a.AllPermissions != nil && *a.AllPermissions
	return (a.Permissions != nil || isEvery) && !slices.Contains(a.Permissions, "")
}

// key is the answer as an APIKey, as far as nothing in it is missing.
func (a apiKeyAnswer) key() APIKey {
	key := APIKey{
		ID: int64(a.ID), NetworkID: int64(a.NetworkID), EmployeeID: int64(a.EmployeeID), Status: normalizedStatus(a.Status),
		CreatedAt: a.CreatedAt, SavedAt: a.SavedAt, LastUsedAt: a.LastUsedAt.moment, LastUseUnknown: !a.LastUsedAt.isSaid, RevokedAt: a.RevokedAt,
	}
	if a.Name != nil {
		key.Name = *a.Name
	}
	if a.AllPermissions != nil {
		key.AllPermissions = *a.AllPermissions
	}
	if !key.AllPermissions {
		key.Permissions = sortedPermissions(a.Permissions)
	}
	return key
}

func sortedPermissions(permissions []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(permissions)))
}

const expectsAPIKey = "an object with the fields network_api_key_id (number), name (text), network_employee_id (number), permissions (list of texts), is_all_permissions (boolean), status (text)"

const (
	keysPath   = "/networks/security/apikeys"
	createCall = "POST " + keysPath
)

func apiKeyPath(id int64) string { return keysPath + "/" + strconv.FormatInt(id, 10) }

// apiKey reads an answer that must be about the key with this ID.
func (a answer) apiKey(id int64) (APIKey, error) {
	found, err := decode[apiKeyAnswer](a)
	if err != nil {
		return APIKey{}, err
	}
	if int64(found.ID) != id {
		return APIKey{}, a.malformedError(fmt.Sprintf("the answer was about API key %d, not %d", found.ID, id))
	}
	return found.key(), nil
}

// APIKey returns one key, active or revoked. An error that [IsAbsent] does not prove that
// there is no such key: see [Run.ProveAPIKey]. Errors are *Error.
// Source: GET /networks/security/apikeys/{id}, assumed.
func (c *Client) APIKey(ctx context.Context, id int64) (APIKey, error) {
	answer, err := c.do(ctx, call{method: http.MethodGet, path: apiKeyPath(id), expects: expectsAPIKey})
	if err != nil {
		return APIKey{}, err
	}
	return answer.apiKey(id)
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
		slices.Equal(sortedPermissions(s.Permissions), sortedPermissions(other.Permissions))
}

type apiKeyRequest struct {
	Name           string   `json:"name"`
	EmployeeID     int64    `json:"network_employee_id,omitempty"`
	Permissions    []string `json:"permissions"`
	AllPermissions bool     `json:"is_all_permissions"`
}

func (s APIKeySettings) updateRequest() apiKeyRequest {
	permissions := append([]string{}, sortedPermissions(s.Permissions)...) // a list, never null
	return apiKeyRequest{Name: s.Name, Permissions: permissions, AllPermissions: s.AllPermissions}
}

// createRequest names the employee as well, whom an update cannot change.
func (s APIKeySettings) createRequest(employeeID int64) apiKeyRequest {
	request := s.updateRequest()
	request.EmployeeID = employeeID
	return request
}

// UpdateAPIKey replaces the name and the permissions of a key. A revoked key is
// refused with status 400. Errors are *[OtherNetworkError] before anything is
// sent, and *Error. Source: PUT /networks/security/apikeys/{id}, assumed.
func (r *Run) UpdateAPIKey(ctx context.Context, key APIKeyIdentity, settings APIKeySettings) (APIKey, error) {
	if err := r.checkNetwork(ctx, key); err != nil {
		return APIKey{}, err
	}
	answer, err := r.do(ctx, call{effect: effectWrite, method: http.MethodPut, path: apiKeyPath(key.ID), body: settings.updateRequest(), expects: expectsAPIKey})
	r.forgetKeys()
	if err != nil {
		return APIKey{}, err
	}
	updated, err := answer.apiKey(key.ID)
	if err != nil {
		return APIKey{}, err
	}
	return updated.withNetworkOf("PUT "+apiKeyPath(key.ID), key)
}
