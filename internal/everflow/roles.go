package everflow

import (
	"context"
	"encoding/json"
	"slices"
)

const rolesPath = "/networks/roles"

// Role is a named set of permissions that employees are given.
type Role struct {
	ID          int64    `json:"role_id"`
	NetworkID   int64    `json:"network_id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
	CreatedAt   Time     `json:"time_created"`
	SavedAt     Time     `json:"time_saved"`
}

// UnmarshalJSON implements [json.Unmarshaler]: an ID may be a text.
func (r *Role) UnmarshalJSON(raw []byte) error {
	type plain Role
	found := struct {
		*plain
		ID        entityID `json:"role_id"`
		NetworkID entityID `json:"network_id"`
	}{plain: (*plain)(r)}
	err := json.Unmarshal(raw, &found)
	r.ID, r.NetworkID = int64(found.ID), int64(found.NetworkID)
	return err
}

func (r Role) missingField() string {
	switch {
	case r.ID <= 0:
		return "role_id"
	case r.Permissions == nil, slices.Contains(r.Permissions, ""):
		return "permissions"
	}
	return ""
}

// Roles returns every role of the network.
// Errors are *Error. Source: GET /networks/roles, published.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	return list[Role](ctx, c, rolesPath)
}
