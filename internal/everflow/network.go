package everflow

import (
	"context"
	"encoding/json"
	"net/http"
)

const (
	networkPath = "/networks"
	networkCall = "GET " + networkPath
)

// Network is the Everflow account that an API key belongs to.
type Network struct {
	ID                int64  `json:"network_id"`
	Name              string `json:"name"`
	Status            string `json:"status"`
	DefaultCurrencyID string `json:"default_currency_id"`
	ReportingTimezone int64  `json:"reporting_timezone_id"`
	CreatedAt         Time   `json:"time_created"`
	SavedAt           Time   `json:"time_saved"`
}

// UnmarshalJSON implements [json.Unmarshaler]: an ID may be a text.
func (n *Network) UnmarshalJSON(raw []byte) error {
	type plain Network
	found := struct {
		*plain
		ID                entityID `json:"network_id"`
		ReportingTimezone entityID `json:"reporting_timezone_id"`
	}{plain: (*plain)(n)}
	err := json.Unmarshal(raw, &found)
	n.ID, n.ReportingTimezone = int64(found.ID), int64(found.ReportingTimezone)
	return err
}

func (Network) keyField() string { return "network_id" }

func (n Network) missingField() string {
	if n.ID <= 0 {
		return "network_id"
	}
	return ""
}

// Network returns the network that the client's key belongs to.
// Errors are *Error. Source: GET /networks, published.
func (c *Client) Network(ctx context.Context) (Network, error) {
	answer, err := c.do(ctx, call{method: http.MethodGet, path: networkPath})
	if err != nil {
		return Network{}, err
	}
	return decode[Network](answer)
}
