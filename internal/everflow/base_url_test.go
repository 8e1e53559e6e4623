package everflow_test

import (
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

func TestParseBaseURL_accepts(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		everflow.BaseURLUS:                    "https://api.eflow.team/v1",
		"https://api-eu.eflow.team/v1/":       "https://api-eu.eflow.team/v1",
		"https://api.eflow.team":              "https://api.eflow.team/v1",
		"https://api.eflow.team/":             "https://api.eflow.team/v1",
		"https://api.eflow.team///":           "https://api.eflow.team/v1",
		"HTTPS://api.eflow.team/v1":           "https://api.eflow.team/v1",
		"https://gateway.example:8443/eu/v1/": "https://gateway.example:8443/eu/v1",
		"https://gateway.example/a%2Fb/v1":    "https://gateway.example/a%2Fb/v1",
		"https://bücher.example/v1":           "https://b%C3%BCcher.example/v1",
		"https://[2001:db8::7]/v1":            "https://[2001:db8::7]/v1",
		"http://localhost":                    "http://localhost/v1",
		"http://LocalHost:8080/v1":            "http://localhost:8080/v1",
		"http://127.0.0.1:8080":               "http://127.0.0.1:8080/v1",
		"http://127.255.0.9/v1":               "http://127.255.0.9/v1",
		"http://[::1]:8080/v1":                "http://[::1]:8080/v1",
		"http://[::ffff:127.0.0.1]/v1":        "http://[::ffff:127.0.0.1]/v1",
	} {
		got, err := everflow.ParseBaseURL(raw)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
		} else if got.String() != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestParseBaseURL_refuses(t *testing.T) {
	t.Parallel()
	const (
		unparsable = "the base URL cannot be parsed"
		notHTTPS   = "the base URL does not start with https://"
		noHost     = "the base URL names no host"
		user       = "the base URL has a user name or password in it"
		query      = "the base URL has a query or a fragment"
		plain      = "the base URL is plain http"
	)
	for raw, want := range map[string]string{
		"":                                     notHTTPS,
		"api.eflow.team/v1":                    notHTTPS,
		"//api.eflow.team/v1":                  notHTTPS,
		"ftp://api.eflow.team/v1":              notHTTPS,
		"httpss://api.eflow.team/v1":           notHTTPS,
		"file:///etc/passwd":                   notHTTPS,
		" https://api.eflow.team/v1":           unparsable,
		"https://api.eflow.team/v1\n":          unparsable,
		"https://api.eflow.team/%zz":           unparsable,
		"https://api.eflow.team:port/v1":       unparsable,
		"https://[::1/v1":                      unparsable,
		"https://a b.example/v1":               unparsable,
		`https://api.eflow.team\@evil.example`: unparsable,
		"https:///v1":                          noHost,
		"https://":                             noHost,
		"https:api.eflow.team/v1":              noHost,
		`https:\\api.eflow.team\v1`:            noHost,
		"https://:8443/v1":                     noHost,
		"http://:8080":                         noHost,
		"https://user@api.eflow.team/v1":       user,
		"https://user:pass@api.eflow.team/v1":  user,
		"https://@api.eflow.team/v1":           user,
		"http://127.0.0.1@evil.example/v1":     user,
		"https://api.eflow.team/v1?page=1":     query,
		"https://api.eflow.team/v1?":           query,
		"https://api.eflow.team/v1#top":        query,
		"http://api.eflow.team/v1":             plain,
		"HTTP://api.eflow.team/v1":             plain,
		"http://localhost.evil.example/v1":     plain,
		"http://evil.localhost/v1":             plain,
		"http://localhost./v1":                 plain,
		"http://127.0.0.1.evil.example/v1":     plain,
		"http://128.0.0.1/v1":                  plain,
		"http://127.1/v1":                      plain,
		"http://2130706433/v1":                 plain,
		"http://0.0.0.0:8080/v1":               plain,
		"http://[::]:8080/v1":                  plain,
		"http://[::2]/v1":                      plain,
		"http://[::1%25eth0]/v1":               plain,
		"http://localhoſt/v1":                  plain,
		"http://ⓛocalhost/v1":                  plain,
	} {
		got, err := everflow.ParseBaseURL(raw)
		if err == nil {
			t.Errorf("%q: accepted as %q", raw, got)
		} else if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %q, want %q…", raw, err, want)
		}
	}
}

func TestParseBaseURL_errorsRepeatNothing(t *testing.T) {
	t.Parallel()
	const secret = "hunter2hunter2"
	for _, raw := range []string{
		secret,
		"admin:" + secret + "@api.eflow.team/v1",
		"https://admin:" + secret + "@api.eflow.team/v1",
		"https://" + secret + "@api.eflow.team/v1",
		"https://admin:" + secret + "%zz@api.eflow.team/v1",
		"ftp://admin:" + secret + "@api.eflow.team/v1",
		"ftp://api.eflow.team/v1?api_key=" + secret,
		"https://api.eflow.team/v1?api_key=" + secret,
		"https://api.eflow.team/v1#" + secret,
		"https:///v1/" + secret,
		"http://" + secret,
		"http://api.eflow.team/" + secret,
		"https://api.eflow.team:" + secret,
	} {
		_, err := everflow.ParseBaseURL(raw)
		if err == nil {
			t.Errorf("%q: accepted", raw)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error holds the secret: %v", err)
		}
	}
}
