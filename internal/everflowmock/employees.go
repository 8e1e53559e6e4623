package everflowmock

import (
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

func employeeID(e Employee) int64 { return e.ID }

func (s *Server) listEmployees(*request) (any, error) {
	return s.data.employees, nil // never empty: the seed has a key, and the key an employee
}

// AddEmployee adds an employee and returns its ID. ID, NetworkID, FullName and
// AccountStatus are filled in when they are left out. It panics on an ID that is taken.
func (s *Server) AddEmployee(e Employee) (id int64) {
	s.change(func(d *data) error {
		if e.ID == 0 {
			e.ID = nextID(d.employees, employeeID)
		}
		if d.employee(e.ID) != nil {
			return fmt.Errorf("there is an employee %d already", e.ID)
		}
		e.fillIn(d.network.ID)
		d.employees = append(d.employees, e)
		sortByID(d.employees, employeeID)
		return nil
	})
	return e.ID
}

// UpdateEmployee changes an employee. It panics when there is none with this ID.
func (s *Server) UpdateEmployee(id int64, change func(*Employee)) {
	s.change(func(d *data) error {
		e := d.employee(id)
		if e == nil {
			return fmt.Errorf("there is no employee %d", id)
		}
		change(e)
		e.ID = id
		return nil
	})
}

func (e *Employee) fillIn(networkID int64) {
	if e.NetworkID == 0 {
		e.NetworkID = networkID
	}
	if e.AccountStatus == "" {
		e.AccountStatus = statusActive
	}
	if e.FullName == "" {
		e.FullName = strings.TrimSpace(e.FirstName + " " + e.LastName)
	}
}
