package everflowmock

import (
	"net/http"
	"slices"
)

// keyHeader is where a call carries its key.
const keyHeader = "X-Eflow-Api-Key"

// authenticate finds the key that a call carries, and checks where the call
// comes from. The key's time of last use changes as soon as the key is known to
// be valid, also when the call is then refused.
func (s *Server) authenticate(c *Call, secret string) (*Key, error) {
	if secret == "" {
		return nil, &apiError{http.StatusUnauthorized, "No Authentication Method Found"}
	}
	hash := HashAPIKey(secret)
	for _, n := range s.data.otherNetworks {
		if slices.ContainsFunc(n.Keys, func(k OtherNetworkKey) bool { return k.SHA256 == hash }) {
			return nil, forbidden("Out of realm")
		}
	}
	i := slices.IndexFunc(s.data.keys, func(k Key) bool { return k.SHA256 == hash })
	if i < 0 {
		return nil, errInvalidKey
	}
	key := &s.data.keys[i]
	s.updateCall(c, func(c *Call) { c.KeyID, c.KeyName = key.ID, key.Name })
	if key.Revoked() {
		return nil, errInvalidKey
	}
	key.TimeLastUsed = s.now().Unix()
	if !s.data.admits(c.Caller) {
		return nil, forbidden("IP address %s is not in the API whitelist", c.Caller)
	}
	return key, nil
}

var errInvalidKey = &apiError{http.StatusUnauthorized, "Invalid API key"}

// authorize checks the key's permissions and, for the Security section, the
// role of the key's employee.
func (s *Server) authorize(key *Key, permission string) error {
	switch {
	case permission == "":
		return nil
	case permission == permissionSecurity && !s.employeeHasPermission(key.EmployeeID, permission):
		return forbidden("Missing permission %q: the role of the API key's employee does not have it", permission)
	case !key.IsAllPermissions && !slices.Contains(key.Permissions, permission):
		return forbidden("Missing permission %q: the API key does not have it", permission)
	}
	return nil
}

func (s *Server) employeeHasPermission(id int64, permission string) bool {
	e := findByID(s.data.employees, id)
	if e == nil {
		return false
	}
	if e.IsAdmin {
		return true
	}
	role := findByID(s.data.roles, e.RoleID)
	return role != nil && slices.Contains(role.Permissions, permission)
}
