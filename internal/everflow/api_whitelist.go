package everflow

import (
	"context"
	"net/http"
	"slices"
)

// Whitelist is the network's one list of addresses that API calls are accepted
// from. Empty, it accepts every address.
type Whitelist struct {
	NetworkID int64
	// IPAddresses are single addresses and CIDR ranges as the server spells them.
	IPAddresses []string
	SavedAt     Time
}

type whitelistAnswer struct {
	NetworkID   entityID  `json:"network_id"`
	IPAddresses []*string `json:"ip_addresses"`
	SavedAt     Time      `json:"time_saved"`
}

func (whitelistAnswer) keyField() string { return "ip_addresses" }

// missingField does not accept null as an entry.
func (a whitelistAnswer) missingField() string {
	switch {
	case a.NetworkID <= 0:
		return "network_id"
	case a.IPAddresses == nil, slices.Contains(a.IPAddresses, nil):
		return "ip_addresses"
	}
	return ""
}

type whitelistRequest struct {
	IPAddresses []string `json:"ip_addresses"`
}

const expectsWhitelist = "an object with the fields network_id (number), ip_addresses (list of texts)"

const whitelistPath = "/networks/security/apiwhitelist"

// Whitelist returns the list. An answer without a list is an *Error, never an
// empty list. Source: GET /networks/security/apiwhitelist, assumed.
func (c *Client) Whitelist(ctx context.Context) (Whitelist, error) {
	return c.whitelist(ctx, call{method: http.MethodGet, path: whitelistPath, expects: expectsWhitelist})
}

// ReplaceWhitelist replaces the whole list; an empty one opens the network to every
// address. It is sent once, even if it fails: others may have changed the list before a
// repetition. To try again after an error that [IsTemporary], wait for
// [Client.RetryWait] and read the list anew. A malformed entry is refused with status
// 400 and changes nothing. Errors are *Error.
// Source: PUT /networks/security/apiwhitelist, assumed.
func (c *Client) ReplaceWhitelist(ctx context.Context, addresses []string) (Whitelist, error) {
	request := whitelistRequest{IPAddresses: append([]string{}, addresses...)}
	return c.whitelist(ctx, call{effect: effectReplace, method: http.MethodPut, path: whitelistPath, body: request, expects: expectsWhitelist})
}

func (c *Client) whitelist(ctx context.Context, call call) (Whitelist, error) {
	answer, err := c.do(ctx, call)
	if err != nil {
		return Whitelist{}, err
	}
	found, err := decode[whitelistAnswer](answer)
	if err != nil {
		return Whitelist{}, err
	}
	list := Whitelist{NetworkID: int64(found.NetworkID), IPAddresses: make([]string, len(found.IPAddresses)), SavedAt: found.SavedAt}
	for i, address := range found.IPAddresses {
		list.IPAddresses[i] = *address
	}
	return list, nil
}
