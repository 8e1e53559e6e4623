package everflow

import (
	"context"
	"net/http"
)

// Whitelist is the network's one list of addresses that API calls are accepted
// from. Empty, it accepts every address.
type Whitelist struct {
	NetworkID int64
	// IPAddresses are single addresses and CIDR ranges as the server spells
	// them; see [ParseAddress] for their meaning.
	IPAddresses []string
	SavedAt     Time
}

type whitelistAnswer struct {
	NetworkID   int64      `json:"network_id"`
	IPAddresses *[]*string `json:"ip_addresses"`
	SavedAt     Time       `json:"time_saved"`
}

type whitelistRequest struct {
	IPAddresses []string `json:"ip_addresses"`
}

const whitelistPath = "/networks/security/apiwhitelist"

// Whitelist returns the list. An answer without a list is an *Error, never an
// empty list. Source: GET /networks/security/apiwhitelist, assumed.
func (c *Client) Whitelist(ctx context.Context) (Whitelist, error) {
	return c.whitelist(ctx, call{method: http.MethodGet, path: whitelistPath})
}

// ReplaceWhitelist makes the list what is given; none opens the network to every
// address. A malformed entry is refused with status 400 and changes nothing.
// Errors are *Error. Source: PUT /networks/security/apiwhitelist, assumed.
func (c *Client) ReplaceWhitelist(ctx context.Context, addresses []string) (Whitelist, error) {
	request := whitelistRequest{IPAddresses: append([]string{}, addresses...)}
	return c.whitelist(ctx, call{method: http.MethodPut, path: whitelistPath, body: request})
}

func (c *Client) whitelist(ctx context.Context, call call) (Whitelist, error) {
	body, err := c.do(ctx, call)
	if err != nil {
		return Whitelist{}, err
	}
	answer, err := decode[whitelistAnswer](call, body)
	if err != nil {
		return Whitelist{}, err
	}
	if answer.NetworkID <= 0 || answer.IPAddresses == nil {
		return Whitelist{}, malformed(call, `the answer had no "network_id" or no "ip_addresses"`)
	}
	list := Whitelist{NetworkID: answer.NetworkID, IPAddresses: make([]string, 0, len(*answer.IPAddresses)), SavedAt: answer.SavedAt}
	for _, entry := range *answer.IPAddresses {
		if entry == nil || *entry == "" {
			return Whitelist{}, malformed(call, `the answer's "ip_addresses" had an empty entry`)
		}
		list.IPAddresses = append(list.IPAddresses, *entry)
	}
	return list, nil
}
