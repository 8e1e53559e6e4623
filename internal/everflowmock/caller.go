package everflowmock

import (
	"net/http"
	"net/netip"
)

// callerAddr is the address that the whitelist is asked about: without a zone,
// and as IPv4 when it arrived as ::ffff:a.b.c.d. It is invalid for connections
// that have no IP address.
func (s *Server) callerAddr(r *http.Request) netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callerAddress.IsValid() {
		return s.callerAddress
	}
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return conn.Addr().WithZone("").Unmap()
}
