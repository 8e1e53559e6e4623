package everflowmock

import (
	"slices"
	"time"
)

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

// State is what the server holds now, as a seed with hashes in place of secrets.
func (s *Server) State() *Seed {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.data
	state := &Seed{
		Network: d.network, Employees: slices.Clone(d.employees), Roles: cloneRoles(d.roles),
		Keys: []SeedKey{}, Whitelist: spellings(d.whitelist), OtherNetworks: slices.Clone(d.others),
	}
	for _, k := range d.keys {
		k.Permissions = slices.Clone(k.Permissions)
		state.Keys = append(state.Keys, SeedKey{Key: k})
	}
	return state
}

// Load replaces everything that the server holds by the seed. Faults,
// differences and the calls received so far stay.
func (s *Server) Load(seed *Seed) error {
	d, err := seed.data(s.now())
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = d
	return nil
}

// Reset makes the server what [New] returned: its seed, its faults, its
// differences and its whole rate limit, and no calls. Calls that are being answered go on.
func (s *Server) Reset() error {
	if err := s.Load(s.opts.Seed); err != nil {
		return err
	}
	limiter, err := s.opts.RateLimit.limiter()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.limiter = limiter
	s.mu.Unlock()
	if err := s.SetDifferences(s.opts.Differences...); err != nil {
		return err
	}
	s.ClearCalls()
	s.ClearFaults()
	for _, f := range s.opts.Faults {
		s.AddFault(f)
	}
	return nil
}
