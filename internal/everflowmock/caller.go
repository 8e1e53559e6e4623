package everflowmock

import (
	"net/http"
	"net/netip"
)

// CallerAddress is the address that all calls count as coming from, invalid
// if it is the connection's own.
func (s *Server) CallerAddress() netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callerAddress
}

// SetCallerAddress changes Options.CallerAddress for the calls that follow.
func (s *Server) SetCallerAddress(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callerAddress = addr.WithZone("").Unmap()
}

// callerOf is the address that the whitelist has to admit: without a zone, and as
// IPv4 if it is ::ffff:a.b.c.d. It is invalid for connections without an IP address.
func (s *Server) callerOf(r *http.Request) netip.Addr {
	if addr := s.CallerAddress(); addr.IsValid() {
		return addr
	}
	conn, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return conn.Addr().WithZone("").Unmap()
}
