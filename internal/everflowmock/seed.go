package everflowmock

import "time"

// Seed is what a server starts with. In a file it is one JSON object; unknown
// fields are refused. Times are Unix seconds and may be left out.
type Seed struct {
	Network   Network    `json:"network"`
	Employees []Employee `json:"employees"`
	Roles     []Role     `json:"roles"`
	Keys      []SeedKey  `json:"api_keys"`
	// Whitelist has single IPv4 and IPv6 addresses and CIDR ranges; an empty
	// list admits every address.
	Whitelist     []string       `json:"api_whitelist"`
	OtherNetworks []OtherNetwork `json:"other_networks,omitempty"`
}

// SeedKey is a key together with its secret, which the server hashes as soon
// as it reads it. A key has either APIKey or SHA256.
type SeedKey struct {
	Key
	APIKey string `json:"api_key,omitempty"`
}

// data checks the seed and makes it the server's own. What may be left out is filled in.
func (s *Seed) data(now time.Time) (data, error) {
	c := seedCheck{now: now.Unix()}
	d := data{network: c.network(s.Network)}
	d.roles = c.roles(s.Roles, d.network.ID)
	d.employees = c.employees(s.Employees, d)
	d.keys = c.keys(s.Keys, d)
	d.others = c.others(s.OtherNetworks, d)
	list, err := parseWhitelist(s.Whitelist)
	if err != nil {
		c.fail("api_whitelist", "%s", err)
	}
	d.whitelist = list
	return d, c.err
}
