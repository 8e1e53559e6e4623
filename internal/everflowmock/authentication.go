package everflowmock

import (
	"fmt"
	"net/http"
	"slices"
)

// keyHeader is where a call carries its key.
const keyHeader = "X-Eflow-Api-Key"

// authenticate finds the key that a call carries, and checks where the call
// comes from. The key's time of last use moves as soon as the key is known to
// be valid, also when the call is then refused.
func (s *Server) authenticate(a *arrival, secret string) error {
	if secret == "" {
		return &apiError{http.StatusUnauthorized, "No Authentication Method Found"}
	}
	hash := HashAPIKey(secret)
	for _, n := range s.data.others {
		if slices.ContainsFunc(n.Keys, func(k OtherNetworkKey) bool { return k.SHA256 == hash }) {
			return errOutOfRealm
		}
	}
	i := slices.IndexFunc(s.data.keys, func(k Key) bool { return k.SHA256 == hash })
	if i < 0 {
		return &apiError{http.StatusUnauthorized, "Invalid API key"}
	}
	key := &s.data.keys[i]
	a.keyID, a.keyName = key.ID, key.Name
	if key.Revoked() {
		return &apiError{http.StatusUnauthorized, "Invalid API key"}
	}
	key.TimeLastUsed = s.now().Unix()
	if !s.data.admits(a.caller) {
		return notWhitelisted(a.caller)
	}
	return nil
}

// authorize checks the key's own permission and, for the Security section, the
// gate on the role of the key's employee.
func (s *Server) authorize(keyID int64, permission string) error {
	if permission == "" {
		return nil
	}
	key := s.data.key(keyID)
	if permission == permissionSecurity && !s.employeeHas(key.EmployeeID, permission) {
		return &apiError{
			http.StatusForbidden,
			fmt.Sprintf("Missing permission %q: the role of the API key's employee does not have it", permission),
		}
	}
	if !key.IsAllPermissions && !slices.Contains(key.Permissions, permission) {
		return &apiError{
			http.StatusForbidden,
			fmt.Sprintf("Missing permission %q: the API key does not have it", permission),
		}
	}
	return nil
}

func (s *Server) employeeHas(id int64, permission string) bool {
	e := s.data.employee(id)
	if e == nil {
		return false
	}
	if e.IsAdmin {
		return true
	}
	role := s.data.role(e.RoleID)
	return role != nil && slices.Contains(role.Permissions, permission)
}
