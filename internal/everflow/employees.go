package everflow

import "context"

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

func (e Employee) missing() string {
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
