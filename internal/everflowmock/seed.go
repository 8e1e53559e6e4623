package everflowmock

import (
	"fmt"
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

// SeedKey is a key with its secret, of which the server stores the hash. It has
// either APIKey or SHA256.
type SeedKey struct {
	Key
	APIKey string `json:"api_key,omitempty"`
}

// data checks the seed and returns a copy of it in which nothing is left out.
func (s *Seed) data(now time.Time) (data, error) {
	c := seedCheck{now: now.Unix()}
	d := data{network: c.network(s.Network)}
	d.roles = c.roles(s.Roles, d.network.ID)
	d.employees = c.employees(s.Employees, d)
	d.keys = c.keys(s.Keys, d)
	d.otherNetworks = c.otherNetworks(s.OtherNetworks, d)
	list, err := parseWhitelist(s.Whitelist)
	if err != nil {
		c.fail("api_whitelist", "%s", err)
	}
	d.whitelist = list
	return d, c.err
}

// State is what the server stores now, as a seed with hashes in place of secrets.
func (s *Server) State() *Seed {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.data
	state := &Seed{
		Network: d.network, Employees: slices.Clone(d.employees), Roles: cloneRoles(d.roles),
		Keys: []SeedKey{}, Whitelist: entryTexts(d.whitelist), OtherNetworks: slices.Clone(d.otherNetworks),
	}
	for _, k := range d.keys {
		k.Permissions = slices.Clone(k.Permissions)
		state.Keys = append(state.Keys, SeedKey{Key: k})
	}
	return state
}

// Load replaces everything that the server stores by the seed. Faults,
// differences and the calls received so far stay.
func (s *Server) Load(seed *Seed) error {
	d, err := seed.data(s.now())
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = d
	return nil
}

// Reset brings back what [New] returned: the seed, faults, differences and rate
// limit of the options, and no calls. Calls that are being answered go on.
func (s *Server) Reset() error {
	limiter, err := s.opts.RateLimit.limiter()
	if err != nil {
		return err
	}
	if err := s.SetDifferences(s.opts.Differences...); err != nil {
		return err
	}
	if err := s.Load(s.opts.Seed); err != nil {
		return err
	}
	s.mu.Lock()
	s.limiter = limiter
	s.mu.Unlock()
	s.ClearCalls()
	s.ClearFaults()
	for _, f := range s.opts.Faults {
		s.AddFault(f)
	}
	return nil
}
