package provider_test

import (
	"maps"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What is wrong with a configuration is said before anything is sent: these tests
// have no server at all.

func TestInput_providerSettingsAreNamedWithTheirOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		env      map[string]string
		settings attributes
		want     []string
	}{
		"no key":            {settings: attributes{"api_key": nil}, want: []string{"error: Missing Everflow API key", "EVERFLOW_API_KEY", "api_key"}},
		"empty key":         {env: map[string]string{"EVERFLOW_API_KEY": "from-the-environment"}, settings: attributes{"api_key": ""}, want: []string{"API key is empty", "The value comes from api_key in the provider's configuration."}},
		"key with newline":  {env: map[string]string{"EVERFLOW_API_KEY": "abcdefgh\n"}, settings: attributes{"api_key": nil}, want: []string{"line break", "trimspace", "environment variable EVERFLOW_API_KEY"}},
		"key with a space":  {settings: attributes{"api_key": "abc def"}, want: []string{"a space, a line break"}},
		"unknown region":    {settings: attributes{"region": "mars"}, want: []string{`"us" "eu"`}},
		"region by env":     {env: map[string]string{"EVERFLOW_REGION": "EU"}, want: []string{`The region is "EU". Write "us" or "eu"`, "The value comes from the environment variable EVERFLOW_REGION."}},
		"region and URL":    {settings: attributes{"region": "eu", "base_url": "https://example.com"}, want: []string{"Both a region and a base URL"}},
		"region beside env": {env: map[string]string{"EVERFLOW_BASE_URL": "https://example.com"}, settings: attributes{"region": "eu"}, want: []string{`region "eu" comes from region in the provider's configuration`, "EVERFLOW_BASE_URL"}},
		"plain http":        {settings: attributes{"base_url": "http://api.eflow.team/v1"}, want: []string{"plain http", "unencrypted"}},
		"no URL":            {settings: attributes{"base_url": "api.eflow.team"}, want: []string{"does not start with https"}},
		"empty URL":         {settings: attributes{"base_url": ""}, want: []string{"Unusable Everflow base URL"}},
		"password in URL":   {settings: attributes{"base_url": "https://me:hunter2hunter2@example.com"}, want: []string{"user name or password"}},
		"egress":            {settings: attributes{"egress_ip_addresses": []string{"203.0.113.7/24"}}, want: []string{`"203.0.113.7/24" has bits set`}},
		"private egress":    {settings: attributes{"egress_ip_addresses": []string{"10.1.2.3"}}, want: []string{"Unusable egress address", "10.1.2.3 is a private, loopback", "NAT gateway", "provider's configuration"}},
		"loopback egress":   {settings: attributes{"egress_ip_addresses": []string{"203.0.113.7", "::1"}}, want: []string{"Unusable egress address", "::1 is a private, loopback"}},
		"reserved by env":   {env: map[string]string{"EVERFLOW_EGRESS_IP_ADDRESSES": "224.0.0.1"}, want: []string{"224.0.0.1 is a private", "environment variable EVERFLOW_EGRESS_IP_ADDRESSES"}},
		"egress by env":     {env: map[string]string{"EVERFLOW_EGRESS_IP_ADDRESSES": "203.0.113.7, vpn"}, want: []string{`"vpn" is not an IP`, "environment variable EVERFLOW_EGRESS_IP_ADDRESSES"}},
		"time-out":          {settings: attributes{"request_timeout": "30"}, want: []string{`"30" is not a positive duration`}},
		"requests":          {settings: attributes{"max_requests_per_second": 0}, want: []string{"between 0.1"}},
		"retries":           {settings: attributes{"max_retries": -1}, want: []string{"between 0 and 50"}},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			settings := attributes{"api_key": "a-key-of-some-network"}
			maps.Copy(settings, c.settings)
			expectSaid(t, newProtocol(t).configure(settings), c.want)
		})
	}
}

func TestInput_goodProviderSettingsPass(t *testing.T) {
	for name, settings := range map[string]attributes{
		"a key is enough":       {},
		"everything":            {"region": "eu", "egress_ip_addresses": []string{"203.0.113.7", "2001:db8::/48"}, "max_requests_per_second": 2.5, "max_retries": 0, "request_timeout": "1m30s"},
		"a base URL":            {"base_url": "https://everflow.example.com/proxy/v1/"},
		"an unknown key":        {"api_key": unknown{}},
		"an unknown base URL":   {"base_url": unknown{}},
		"an unknown egress":     {"egress_ip_addresses": unknown{}},
		"an unknown egress one": {"egress_ip_addresses": []any{unknown{}, "203.0.113.7"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := attributes{"api_key": "a-key-of-some-network"}
			maps.Copy(all, settings)
			expectSaid(t, newProtocol(t).configure(all))
		})
	}
}

func TestInput_apiKey(t *testing.T) {
	for name, c := range map[string]struct {
		config attributes
		want   [][]string
	}{
		"no permissions at all": {attributes{"name": "x"}, [][]string{{"error: No permissions are set", "all_permissions = true"}}},
		"both kinds":            {attributes{"name": "x", "permissions": []string{"a"}, "all_permissions": true}, [][]string{{"Both permissions and all_permissions", "Remove permissions"}}},
		"neither, said twice":   {attributes{"name": "x", "all_permissions": false}, [][]string{{"No permissions are set"}}},
		"empty permission":      {attributes{"name": "x", "permissions": []string{""}}, [][]string{{`error: Empty text: "" is empty or blank`}}},
		"blank permission":      {attributes{"name": "x", "permissions": []string{" "}}, [][]string{{`" " is empty or blank`}}},
		"null permission":       {attributes{"name": "x", "permissions": []any{nil, "a"}}, [][]string{{"error: A permission is null", "leave it out"}}},
		"employee zero":         {attributes{"name": "x", "all_permissions": true, "network_employee_id": 0}, [][]string{{"error: Unusable ID: 0 is not a whole number above 0."}}},
		"a secret of one's own": {attributes{"name": "x", "all_permissions": true, "key": "mine"}, [][]string{{"Read-Only"}}},
		"list":                  {attributes{"name": "x", "permissions": []string{"a", "b:c/d é"}}, nil},
		"list, said twice":      {attributes{"name": "x", "permissions": []string{"a"}, "all_permissions": false}, nil},
		"an empty list and all": {attributes{"name": "x", "permissions": []string{}, "all_permissions": true}, nil},
		"all":                   {attributes{"name": "x\"\n\u202e", "all_permissions": true}, nil},
		"unknown":               {attributes{"name": unknown{}, "permissions": unknown{}, "all_permissions": unknown{}, "network_employee_id": unknown{}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			config := attributes{"network_employee_id": 1}
			maps.Copy(config, c.config)
			expectSaid(t, newProtocol(t).validate("everflow_api_key", config), c.want...)
		})
	}
}

func TestInput_whitelistEntriesAreNamedWithTheFix(t *testing.T) {
	for name, c := range map[string]struct {
		entries any
		want    [][]string
	}{
		"empty list":        {[]string{}, [][]string{{"error: The whitelist is empty", "remove the resource"}}},
		"empty entry":       {[]string{""}, [][]string{{`"" is empty: write an IPv4`}}},
		"host bits":         {[]string{"203.0.113.7/24"}, [][]string{{`"203.0.113.7/24" has bits set past its prefix length: write 203.0.113.0/24 for the range, or 203.0.113.7 for the single`}}},
		"host name":         {[]string{"vpn.example.com"}, [][]string{{`"vpn.example.com" is not an IP address`, "no host names"}}},
		"wildcard":          {[]string{"203.0.113.*"}, [][]string{{`"203.0.113.*" is not an IP address`}}},
		"range":             {[]string{"203.0.113.1-203.0.113.9"}, [][]string{{"is a range from one", "CIDR"}}},
		"zone":              {[]string{"fe80::1%eth0"}, [][]string{{"has a zone"}}},
		"white space":       {[]string{" 203.0.113.7"}, [][]string{{`white space around it: write "203.0.113.7"`}}},
		"leading zero":      {[]string{"203.0.113.007"}, [][]string{{"leading zero"}}},
		"too long a prefix": {[]string{"203.0.113.7/33"}, [][]string{{"0 to 32"}}},
		"net mask":          {[]string{"203.0.113.0/255.255.255.0"}, [][]string{{"no usable prefix length"}}},
		"given twice":       {[]string{"203.0.113.7", "203.0.113.7/32", "::ffff:203.0.113.7", "2001:db8::1", "2001:DB8:0::0001"}, nil},
		"null entry":        {[]any{nil, "203.0.113.7"}, [][]string{{"error: Unusable IP address: An entry is null"}}},
		"each of several":   {[]string{"a", "b", "203.0.113.7"}, [][]string{{`"a" is not`}, {`"b" is not`}}},
		"unknown":           {unknown{}, nil},
		"one unknown":       {[]any{unknown{}, "203.0.113.7"}, nil},
		"one unknown, bad":  {[]any{unknown{}, "vpn"}, [][]string{{`"vpn" is not`}}},
		"good":              {[]string{"203.0.113.7", "2001:db8::/32", "::ffff:198.51.100.7"}, nil},

		"can never match": {
			[]string{"10.1.2.3", "127.0.0.1", "169.254.1.0/24", "224.0.0.1", "fd00::1", "fe80::1", "ff02::1", "203.0.113.7"},
			[][]string{{"warning: Addresses that can never match", "10.1.2.3, 127.0.0.1, 169.254.1.0/24, 224.0.0.1, fd00::1, fe80::1, ff02::1. Enter the public"}},
		},
		"everyone":           {[]string{"0.0.0.0/0"}, [][]string{{"warning: The whitelist admits every IPv4 address"}}},
		"everyone in halves": {[]string{"0.0.0.0/1", "128.0.0.0/1"}, [][]string{{"warning: The whitelist admits every IPv4 address"}}},
		"everyone, IPv6":     {[]string{"::/0"}, [][]string{{"warning: The whitelist admits every IPv6 address"}}},
	} {
		t.Run(name, func(t *testing.T) {
			said := newProtocol(t).validate("everflow_api_whitelist", attributes{"ip_addresses": c.entries})
			expectSaid(t, said, c.want...)
		})
	}
}

func number(t *testing.T, text string) tftypes.Value {
	t.Helper()
	value, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return tftypes.NewValue(tftypes.Number, value)
}

func TestInput_numberThatIsNoIDIsRefusedPlainly(t *testing.T) {
	for given, said := range map[string]string{
		"1.5": "1.5", "1e30": "1e+30", "9223372036854775808": "9.223372036854775808e+18", "0": "0", "-1": "-1",
	} {
		want := []string{"error: Unusable ID: " + said + " is not a whole number above 0."}
		for _, resource := range []string{"everflow_api_key", "everflow_rotating_api_key"} {
			config := attributes{"name": "x", "all_permissions": true, "network_employee_id": number(t, given)}
			if resource == "everflow_rotating_api_key" {
				config["rotate_after"] = "720h"
			}
			expectSaid(t, newProtocol(t).validate(resource, config), want)
		}
		expectSaid(t, newProtocol(t).validateList("everflow_api_key", attributes{"network_employee_id": number(t, given)}), want)
	}
	expectSaid(t, newProtocol(t).validate("everflow_api_key", attributes{"name": "x", "all_permissions": true, "network_employee_id": number(t, "9223372036854775807")}))
}

func TestInput_emptyEmailIsNobodys(t *testing.T) {
	for _, email := range []string{"", " "} {
		p := newProtocol(t)
		_, config := p.value(p.schemas.DataSourceSchemas["everflow_employee"], attributes{"email": email})
		validated, err := p.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: "everflow_employee", Config: config})
		p.ok(err)
		expectSaid(t, complaints(validated.Diagnostics), []string{"error: Empty text"})
	}
}
