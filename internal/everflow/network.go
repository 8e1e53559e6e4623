package everflow

import (
	"context"
	"net/http"
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

// Network returns the network that the client's key belongs to.
// Errors are *Error. Source: GET /networks, published.
func (c *Client) Network(ctx context.Context) (Network, error) {
	call := call{method: http.MethodGet, path: "/networks"}
	body, err := c.do(ctx, call)
	if err != nil {
		return Network{}, err
	}
	network, err := decode[Network](call, body)
	if err != nil {
		return Network{}, err
	}
	if network.ID <= 0 {
		return Network{}, malformed(call, "the answer had no network_id")
	}
	return network, nil
}

// NetworkID returns the ID of the client's network, asked for once per client.
func (c *Client) NetworkID(ctx context.Context) (int64, error) {
	c.network.Lock()
	defer c.network.Unlock()
	if c.network.known == nil {
		network, err := c.Network(ctx)
		if err != nil {
			return 0, err
		}
		c.network.known = &network
	}
	return c.network.known.ID, nil
}
