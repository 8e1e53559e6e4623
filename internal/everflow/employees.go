package everflow

import (
	"context"
	"net/http"
)

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

// Employees returns every employee of the network.
// Errors are *Error. Source: GET /networks/employees, published.
func (c *Client) Employees(ctx context.Context) ([]Employee, error) {
	return list(ctx, c, "/networks/employees", func(e Employee) int64 { return e.ID })
}

// list fetches one of the published endpoints that answer with a plain array.
func list[T any](ctx context.Context, c *Client, path string, id func(T) int64) ([]T, error) {
	call := call{method: http.MethodGet, path: path}
	body, err := c.do(ctx, call)
	if err != nil {
		return nil, err
	}
	things, err := decode[*[]T](call, body)
	if err != nil {
		return nil, err
	}
	if things == nil {
		return nil, malformed(call, "the answer was null where a list belongs")
	}
	for _, thing := range *things {
		if id(thing) <= 0 {
			return nil, malformed(call, "the answer had an entry without an ID")
		}
	}
	return *things, nil
}
