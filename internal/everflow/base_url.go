package everflow

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// Hosts of Everflow's API, as published.
const (
	BaseURLUS = "https://api.eflow.team/v1"
	BaseURLEU = "https://api-eu.eflow.team/v1"
)

// ParseBaseURL checks a base URL: https, or plain http to this machine itself,
// with no user, query or fragment. A URL without a path means the API's first
// version, so "/v1" is added. Errors repeat nothing of it: what stands in the
// wrong place may be a key or a password.
func ParseBaseURL(raw string) (*url.URL, error) {
	base, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("the base URL cannot be parsed: write it like " + BaseURLUS)
	}
	switch {
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("the base URL does not start with https://: write it like " + BaseURLUS)
	case base.User != nil:
		return nil, errors.New("the base URL has a user name or password in it: remove that, the API key is its own setting")
	case base.Hostname() == "":
		return nil, errors.New("the base URL names no host: write it like " + BaseURLUS)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("the base URL has a query or a fragment (a part after ? or #): remove it")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, errors.New("the base URL is plain http, which would send the API key unencrypted: use https (plain http is accepted for localhost, 127.0.0.0/8 and [::1] only)")
	}
	base.Host = strings.ToLower(base.Host) // Go's proxy rules know localhost in lower case only
	if strings.Trim(base.Path, "/") == "" {
		base.Path, base.RawPath = "/v1", ""
	}
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/"), strings.TrimRight(base.RawPath, "/")
	return base, nil
}

func isLoopback(host string) bool {
	return strings.ToLower(host) == "localhost" || net.ParseIP(host).IsLoopback()
}
