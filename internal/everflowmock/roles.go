package everflowmock

import (
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

func roleID(r Role) int64 { return r.ID }

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

// AddRole adds a role and returns its ID. ID, NetworkID and times are filled
// in when they are left out. It panics on an ID that is taken.
func (s *Server) AddRole(r Role) (id int64) {
	s.change(func(d *data) error {
		if r.ID == 0 {
			r.ID = nextID(d.roles, roleID)
		}
		if d.role(r.ID) != nil {
			return fmt.Errorf("there is a role %d already", r.ID)
		}
		r.Permissions = slices.Clone(r.Permissions)
		r.fillIn(d.network.ID, s.now().Unix())
		d.roles = append(d.roles, r)
		sortByID(d.roles, roleID)
		return nil
	})
	return r.ID
}

// UpdateRole changes a role. It panics when there is none with this ID.
func (s *Server) UpdateRole(id int64, change func(*Role)) {
	s.change(func(d *data) error {
		r := d.role(id)
		if r == nil {
			return fmt.Errorf("there is no role %d", id)
		}
		r.Permissions = slices.Clone(r.Permissions)
		change(r)
		r.ID = id
		r.Permissions = slices.Clone(r.Permissions)
		return nil
	})
}

func (r *Role) fillIn(networkID, now int64) {
	if r.NetworkID == 0 {
		r.NetworkID = networkID
	}
	if r.TimeCreated == 0 {
		r.TimeCreated = now
	}
	if r.TimeSaved == 0 {
		r.TimeSaved = r.TimeCreated
	}
}
