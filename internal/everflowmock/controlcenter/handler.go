// Package controlcenter serves what a mock has beside its API below /v1: a page
// at / like Everflow's Control Center, Security, for people, and JSON below
// /_mock/ for programs. Both act as a person in Everflow's web interface does:
// without an API key, and whatever the whitelist says.
package controlcenter

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Handler serves the mock's API, the page and /_mock/.
func Handler(mock *everflowmock.Server) http.Handler {
	local := http.NewServeMux()
	newPage(mock).register(local)
	registerControl(local, mock)
	guarded := guard(local)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := local.Handler(r); pattern != "" || strings.HasPrefix(r.URL.Path, "/_mock/") {
			guarded.ServeHTTP(w, r)
			return
		}
		mock.ServeHTTP(w, r)
	})
}

// guard refuses what another site makes a browser send: requests from its
// pages, and requests to its own name, which it had resolve to this machine.
func guard(h http.Handler) http.Handler {
	h = http.NewCrossOriginProtection().Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		if !isLocalName((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, "This name is not one of this machine: use its IP address, or localhost.", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// isLocalName tells names that no site on the Internet can have.
func isLocalName(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil || !strings.Contains(name, ".") && name != "" ||
		strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".internal")
}
