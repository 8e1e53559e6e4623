// Package controlcenter serves what a mock has beside its API below /v1: pages
// like the Security section of Everflow's Control Center at /, and JSON for
// programs below /_mock/. Both act as a person in Everflow's web interface does:
// they need no API key, and the whitelist does not apply.
package controlcenter

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Handler serves the mock's API, the pages and /_mock/.
func Handler(mock *everflowmock.Server) http.Handler {
	local := http.NewServeMux()
	newPage(mock).register(local)
	registerControl(local, mock)
	protected := protectFromOtherSites(local)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := local.Handler(r); pattern != "" || strings.HasPrefix(r.URL.Path, "/_mock/") {
			protected.ServeHTTP(w, r)
			return
		}
		mock.ServeHTTP(w, r)
	})
}

// protectFromOtherSites refuses requests that another web site makes a browser
// send: cross-origin requests, and requests to a host name of that site that
// resolves to this machine (DNS rebinding).
func protectFromOtherSites(h http.Handler) http.Handler {
	h = http.NewCrossOriginProtection().Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		if !isLocalName((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, "This host name could belong to another web site: use the IP address of this machine, or localhost.", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// isLocalName reports whether no site on the Internet can have this host name.
func isLocalName(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil || !strings.Contains(name, ".") && name != "" ||
		strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".internal")
}
