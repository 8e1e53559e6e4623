package everflowmock

import (
	"cmp"
	"fmt"
	"slices"
)

// Role is a named set of permissions, given to employees. Times are Unix seconds.
type Role struct {
	ID          int64    `json:"role_id"`
	NetworkID   int64    `json:"network_id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
	TimeCreated int64    `json:"time_created"`
	TimeSaved   int64    `json:"time_saved"`
}

func (s *Server) listRoles(*request) (any, error) {
	return cloneRoles(s.data.roles), nil
}

// cloneRoles copies roles; their permissions are a list even if there are none.
func cloneRoles(list []Role) []Role {
	roles := append([]Role{}, list...)
	for i := range roles {
		roles[i].Permissions = append([]string{}, roles[i].Permissions...)
	}
	return roles
}

// AddRole adds a role and returns its ID. ID, NetworkID and times get values when
// they are left out. It panics on an ID that another role has.
func (s *Server) AddRole(r Role) (id int64) {
	s.changeData(func(d *data) error {
		if findByID(d.roles, r.ID) != nil {
			return fmt.Errorf("there is a role %d already", r.ID)
		}
		r.ID = cmp.Or(r.ID, nextID(d.roles))
		r.Permissions = slices.Clone(r.Permissions)
		r.setDefaults(d.network.ID, s.now().Unix())
		d.roles = append(d.roles, r)
		sortByID(d.roles)
		return nil
	})
	return r.ID
}

// UpdateRole changes a role. It panics when there is no role with this ID.
func (s *Server) UpdateRole(id int64, change func(*Role)) {
	s.changeData(func(d *data) error {
		r := findByID(d.roles, id)
		if r == nil {
			return fmt.Errorf("there is no role %d", id)
		}
		change(r)
		r.ID = id
		r.Permissions = slices.Clone(r.Permissions)
		return nil
	})
}

func (r *Role) setDefaults(networkID, now int64) {
	r.NetworkID = cmp.Or(r.NetworkID, networkID)
	r.TimeCreated = cmp.Or(r.TimeCreated, now)
	r.TimeSaved = cmp.Or(r.TimeSaved, r.TimeCreated)
}
