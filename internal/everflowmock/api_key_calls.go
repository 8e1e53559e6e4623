package everflowmock

import (
	"fmt"
	"html"
	"net/http"
	"strings"
)

// apiKeyAnswer is an API key on the wire. Only the answer to a create has APIKey.
type apiKeyAnswer struct {
	ID               int64    `json:"network_api_key_id"`
	NetworkID        int64    `json:"network_id"`
	Name             string   `json:"name"`
	EmployeeID       int64    `json:"network_employee_id"`
	Permissions      []string `json:"permissions"`
	IsAllPermissions bool     `json:"is_all_permissions"`
	Status           string   `json:"status"`
	TimeCreated      int64    `json:"time_created"`
	TimeSaved        int64    `json:"time_saved"`
	TimeLastUsed     int64    `json:"time_last_used"`
	TimeRevoked      int64    `json:"time_revoked"`
	APIKey           string   `json:"api_key,omitempty"`
}

func (k Key) answer() apiKeyAnswer {
	return apiKeyAnswer{
		ID: k.ID, NetworkID: k.NetworkID, Name: k.Name, EmployeeID: k.EmployeeID,
		Permissions: append([]string{}, k.Permissions...), IsAllPermissions: k.IsAllPermissions,
		Status: k.Status, TimeCreated: k.TimeCreated, TimeSaved: k.TimeSaved,
		TimeLastUsed: k.TimeLastUsed, TimeRevoked: k.TimeRevoked,
	}
}

// apiKeyBody is what a create and an update may set. EmployeeID is a pointer
// because an update may leave it out.
type apiKeyBody struct {
	Name             string   `json:"name"`
	EmployeeID       *int64   `json:"network_employee_id"`
	Permissions      []string `json:"permissions"`
	IsAllPermissions bool     `json:"is_all_permissions"`
}

func (b apiKeyBody) check() error {
	if strings.TrimSpace(b.Name) == "" {
		return badRequest("name is required")
	}
	return checkPermissions(b.Permissions, b.IsAllPermissions)
}

func checkPermissions(permissions []string, all bool) error {
	switch {
	case all && len(permissions) > 0:
		return badRequest("permissions must be empty when is_all_permissions is true")
	case !all && len(permissions) == 0:
		return badRequest("permissions is required unless is_all_permissions is true")
	}
	seen := map[string]bool{}
	for _, p := range permissions {
		if strings.TrimSpace(p) == "" {
			return badRequest("permissions must not hold an empty one")
		}
		if seen[p] {
			return badRequest("permissions holds %q twice", p)
		}
		seen[p] = true
	}
	return nil
}

func (s *Server) createAPIKey(r *request) (any, error) {
	var body apiKeyBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if err := body.check(); err != nil {
		return nil, err
	}
	if body.EmployeeID == nil || *body.EmployeeID <= 0 {
		return nil, badRequest("network_employee_id is required and must be positive")
	}
	if s.data.employee(*body.EmployeeID) == nil {
		return nil, badRequest("network_employee_id %d does not exist", *body.EmployeeID)
	}
	secret := newSecret()
	key := Key{
		Name: r.nameKept(body.Name), EmployeeID: *body.EmployeeID,
		Permissions: body.Permissions, IsAllPermissions: body.IsAllPermissions,
		SHA256: HashAPIKey(secret),
	}
	key.ID = nextID(s.data.keys, keyID)
	key.fillIn(s.data.network.ID, s.now().Unix())
	s.data.keys = append(s.data.keys, key)
	answer := key.answer()
	answer.APIKey = secret
	return answer, nil
}

func (s *Server) getAPIKey(r *request) (any, error) {
	k := s.data.key(r.id)
	if k == nil || r.vanished(k) {
		return nil, noSuchKey(r.id)
	}
	return k.answer(), nil
}

func (s *Server) updateAPIKey(r *request) (any, error) {
	k := s.data.key(r.id)
	if k == nil || r.vanished(k) {
		return nil, noSuchKey(r.id)
	}
	var body apiKeyBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if k.Revoked() {
		return nil, badRequest("API key %d is revoked", r.id)
	}
	if err := body.check(); err != nil {
		return nil, err
	}
	if body.EmployeeID != nil && *body.EmployeeID != k.EmployeeID {
		return nil, badRequest("network_employee_id cannot be changed")
	}
	k.Name, k.IsAllPermissions = r.nameKept(body.Name), body.IsAllPermissions
	k.Permissions = sorted(body.Permissions)
	k.TimeSaved = s.now().Unix()
	return k.answer(), nil
}

func (s *Server) revokeAPIKey(r *request) (any, error) {
	k := s.data.key(r.id)
	if k == nil || r.vanished(k) {
		return nil, noSuchKey(r.id)
	}
	k.revoke(s.now().Unix())
	return k.answer(), nil
}

// vanished tells a revoked key that the API is to know nothing of.
func (r *request) vanished(k *Key) bool {
	return k.Revoked() && r.differences.has(DifferenceRevokedNotFound)
}

// nameKept is what becomes of a key's name.
func (r *request) nameKept(name string) string {
	if r.differences.has(DifferenceNameTrimmed) {
		name = strings.TrimSpace(name)
	}
	if most := r.differences.number(DifferenceNameTruncated); most != 0 {
		letters := []rune(name)
		name = string(letters[:min(most, len(letters))])
	}
	if r.differences.has(DifferenceNameEscaped) {
		name = html.EscapeString(name)
	}
	return name
}

func noSuchKey(id int64) error {
	return &apiError{http.StatusNotFound, fmt.Sprintf("API key %d not found", id)}
}
