package everflowmock

import (
	"html"
	"strings"
)

// apiKeyAnswer is an API key in an answer. Only the answer to a create has APIKey.
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
			return badRequest("permissions must not contain an empty name")
		}
		if seen[p] {
			return badRequest("permissions contains %q twice", p)
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
	if findByID(s.data.employees, *body.EmployeeID) == nil {
		return nil, badRequest("network_employee_id %d does not exist", *body.EmployeeID)
	}
	secret := newSecret()
	key := s.data.addKey(Key{
		Name: r.storedName(body.Name), EmployeeID: *body.EmployeeID,
		Permissions: body.Permissions, IsAllPermissions: body.IsAllPermissions,
		SHA256: HashAPIKey(secret),
	}, s.now())
	answer := key.answer()
	answer.APIKey = secret
	return answer, nil
}

// pathKey is the key that the path names.
func (s *Server) pathKey(r *request) (*Key, error) {
	k := findByID(s.data.keys, r.id)
	if k == nil || r.isHidden(*k) {
		return nil, notFound("API key %d not found", r.id)
	}
	return k, nil
}

func (s *Server) getAPIKey(r *request) (any, error) {
	k, err := s.pathKey(r)
	if err != nil {
		return nil, err
	}
	return k.answer(), nil
}

func (s *Server) updateAPIKey(r *request) (any, error) {
	k, err := s.pathKey(r)
	if err != nil {
		return nil, err
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
	k.Name, k.IsAllPermissions = r.storedName(body.Name), body.IsAllPermissions
	k.Permissions = sortedCopy(body.Permissions)
	k.TimeSaved = s.now().Unix()
	return k.answer(), nil
}

func (s *Server) revokeAPIKey(r *request) (any, error) {
	k, err := s.pathKey(r)
	if err != nil {
		return nil, err
	}
	k.revoke(s.now().Unix())
	return k.answer(), nil
}

// isHidden reports whether the call cannot find a key because it is revoked.
func (r *request) isHidden(k Key) bool {
	return k.Revoked() && r.differences.has(DifferenceRevokedNotFound)
}

// storedName is the name that the API stores for a key.
func (r *request) storedName(name string) string {
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
