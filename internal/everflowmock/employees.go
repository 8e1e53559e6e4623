package everflowmock

import (
	"cmp"
	"fmt"
	"strings"
)

// Employee is a user of the network. An employee with IsAdmin has every
// permission, with or without a role. An inactive employee's keys still work.
type Employee struct {
	ID            int64  `json:"network_employee_id"`
	NetworkID     int64  `json:"network_id"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	FullName      string `json:"full_name"`
	Email         string `json:"email"`
	AccountStatus string `json:"account_status"`
	IsAdmin       bool   `json:"is_admin"`
	RoleID        int64  `json:"network_role_id"`
}

func (s *Server) listEmployees(*request) (any, error) {
	return s.data.employees, nil // never empty: a seed has at least one key, and each key has an employee
}

// AddEmployee adds an employee and returns its ID. ID, NetworkID, FullName and
// AccountStatus get values when they are left out. It panics on an ID that another
// employee has.
func (s *Server) AddEmployee(e Employee) (id int64) {
	s.changeData(func(d *data) error {
		if findByID(d.employees, e.ID) != nil {
			return fmt.Errorf("there is an employee %d already", e.ID)
		}
		e.ID = cmp.Or(e.ID, nextID(d.employees))
		e.setDefaults(d.network.ID)
		d.employees = append(d.employees, e)
		sortByID(d.employees)
		return nil
	})
	return e.ID
}

// UpdateEmployee changes an employee. It panics when there is no employee with this ID.
func (s *Server) UpdateEmployee(id int64, change func(*Employee)) {
	s.changeData(func(d *data) error {
		e := findByID(d.employees, id)
		if e == nil {
			return fmt.Errorf("there is no employee %d", id)
		}
		change(e)
		e.ID = id
		return nil
	})
}

func (e *Employee) setDefaults(networkID int64) {
	e.NetworkID = cmp.Or(e.NetworkID, networkID)
	e.AccountStatus = cmp.Or(e.AccountStatus, statusActive)
	e.FullName = cmp.Or(e.FullName, strings.TrimSpace(e.FirstName+" "+e.LastName))
}
