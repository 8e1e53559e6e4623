package everflow

import (
	"context"
	"encoding/json"
)

const employeesPath = "/networks/employees"

// Employee is a user of the network. An API key belongs to one.
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

// UnmarshalJSON implements [json.Unmarshaler]: an ID may be a text.
func (e *Employee) UnmarshalJSON(raw []byte) error {
	type plain Employee
	found := struct {
		*plain
		ID        entityID `json:"network_employee_id"`
		NetworkID entityID `json:"network_id"`
		RoleID    entityID `json:"network_role_id"`
	}{plain: (*plain)(e)}
	err := json.Unmarshal(raw, &found)
	e.ID, e.NetworkID, e.RoleID = int64(found.ID), int64(found.NetworkID), int64(found.RoleID)
	return err
}

func (e Employee) missingField() string {
	if e.ID <= 0 {
		return "network_employee_id"
	}
	return ""
}

// Employees returns every employee of the network.
// Errors are *Error. Source: GET /networks/employees, published.
func (c *Client) Employees(ctx context.Context) ([]Employee, error) {
	return list[Employee](ctx, c, employeesPath)
}
