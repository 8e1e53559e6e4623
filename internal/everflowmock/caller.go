package everflowmock

import (
	"net/http"
	"net/netip"
	"strings"
)

// callerAddr is the address that the whitelist is asked about: without a zone,
// and as IPv4 when it arrived as ::ffff:a.b.c.d. It is invalid, without an
// error, for connections that have no IP address.
func (s *Server) callerAddr(r *http.Request) (netip.Addr, error) {
	var addr netip.Addr
	if conn, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		addr = conn.Addr()
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); s.opts.TrustForwardedFor && len(forwarded) > 0 {
		list := strings.Split(forwarded[len(forwarded)-1], ",")
		var err error
		if addr, err = netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err != nil {
			return netip.Addr{}, badRequest("X-Forwarded-For: the last entry is not an IP address")
		}
	}
	addr = addr.WithZone("").Unmap()
	s.mu.Lock()
	defer s.mu.Unlock()
	if addr.IsLoopback() && s.loopAs.IsValid() {
		addr = s.loopAs
	}
	return addr, nil
}
