package everflowmock

import (
	"fmt"
	"net/netip"
	"slices"
)

type whitelistAnswer struct {
	NetworkID   int64    `json:"network_id"`
	IPAddresses []string `json:"ip_addresses"`
	TimeSaved   int64    `json:"time_saved"`
}

func (s *Server) whitelistAnswer() whitelistAnswer {
	return whitelistAnswer{
		NetworkID: s.data.network.ID, IPAddresses: entryTexts(s.data.whitelist), TimeSaved: s.data.whitelistSavedAt,
	}
}

func (s *Server) getAPIWhitelist(*request) (any, error) {
	return s.whitelistAnswer(), nil
}

func (s *Server) replaceAPIWhitelist(r *request) (any, error) {
	var body struct {
		IPAddresses []string `json:"ip_addresses"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if body.IPAddresses == nil {
		return nil, badRequest("ip_addresses is required; an empty list admits every address")
	}
	list, err := parseWhitelist(body.IPAddresses)
	if err != nil {
		return nil, badRequest("%s", err)
	}
	s.data.whitelist, s.data.whitelistSavedAt = list, s.now().Unix()
	return s.whitelistAnswer(), nil
}

// Whitelist is the list as the API answers it: the shortest spelling of each
// entry (203.0.113.7 for 203.0.113.7/32 and ::ffff:203.0.113.7), IPv4 before
// IPv6, sorted. An empty list admits every address.
func (s *Server) Whitelist() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return entryTexts(s.data.whitelist)
}

// SetWhitelist replaces the list, as another user of the network could; without
// arguments the list is empty. It panics on a malformed entry and on a duplicate.
func (s *Server) SetWhitelist(entries ...string) {
	s.changeData(func(d *data) error {
		list, err := parseWhitelist(entries)
		if err != nil {
			return err
		}
		d.whitelist, d.whitelistSavedAt = list, s.now().Unix()
		return nil
	})
}

// Admits reports whether calls from this address are accepted.
func (s *Server) Admits(caller netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.admits(caller)
}

// admits reports whether the whitelist accepts calls from this address, which is
// never ::ffff:a.b.c.d: see callerOf.
func (d *data) admits(caller netip.Addr) bool {
	if len(d.whitelist) == 0 {
		return true
	}
	return slices.ContainsFunc(d.whitelist, func(p netip.Prefix) bool { return p.Contains(caller) })
}

func parseWhitelist(entries []string) ([]netip.Prefix, error) {
	list := make([]netip.Prefix, 0, len(entries))
	seen := make(map[netip.Prefix]string, len(entries))
	for _, entry := range entries {
		p, err := parseEntry(entry)
		if err != nil {
			return nil, err
		}
		if first, ok := seen[p]; ok {
			return nil, fmt.Errorf("ip_addresses: %q and %q are the same", first, entry)
		}
		seen[p] = entry
		list = append(list, p)
	}
	slices.SortFunc(list, netip.Prefix.Compare)
	return list, nil
}

func parseEntry(entry string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(entry)
	if err != nil {
		addr, err := netip.ParseAddr(entry)
		if err != nil || addr.Zone() != "" {
			return p, fmt.Errorf("ip_addresses: %q is neither an IP address nor a CIDR range", entry)
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	if p.Masked() != p {
		return p, fmt.Errorf("ip_addresses: %q has bits set outside its mask; its range is %s", entry, p.Masked())
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p, nil
}

func entryTexts(list []netip.Prefix) []string {
	entries := make([]string, 0, len(list))
	for _, p := range list {
		if p.IsSingleIP() {
			entries = append(entries, p.Addr().String())
		} else {
			entries = append(entries, p.String())
		}
	}
	return entries
}
