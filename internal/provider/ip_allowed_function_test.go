package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestIPAllowed_answersAsEverflowDecides(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for name, c := range map[string]struct {
		entries []string
		ip      string
		want    bool
		fails   string
	}{
		"empty list lets everyone in": {nil, "203.0.113.7", true, ""},
		"the address":                 {[]string{"198.51.100.1", "203.0.113.7"}, "203.0.113.7", true, ""},
		"another spelling":            {[]string{"203.0.113.7/32"}, "::ffff:203.0.113.7", true, ""},
		"in a range":                  {[]string{"2001:db8::/32"}, "2001:DB8:1::1", true, ""},
		"outside":                     {[]string{"203.0.113.0/25"}, "203.0.113.128", false, ""},
		"other family":                {[]string{"::/0"}, "203.0.113.7", false, ""},
		"range, all of it":            {[]string{"203.0.113.0/25", "203.0.113.128/25"}, "203.0.113.0/24", true, ""},
		"range, part of it":           {[]string{"203.0.113.0/25"}, "203.0.113.0/24", false, ""},
		"no address":                  {[]string{"203.0.113.0/25"}, "vpn.example.com", false, `"vpn.example.com" is not an IP address`},
		"a range with host bits":      {[]string{"203.0.113.7/24"}, "203.0.113.8", true, ""},
		"an entry that is none":       {[]string{"office"}, "203.0.113.8", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			argument := func(value tftypes.Value) *tfprotov6.DynamicValue {
				dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
				p.ok(err)
				return &dynamic
			}
			response, err := p.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: "ip_allowed", Arguments: []*tfprotov6.DynamicValue{
				argument(terraformValue(tftypes.List{ElementType: tftypes.String}, append([]string{}, c.entries...))),
				argument(tftypes.NewValue(tftypes.String, c.ip)),
			}})
			p.ok(err)
			if c.fails != "" {
				if response.Error == nil || !says(c.fails).MatchString(response.Error.Text) {
					t.Errorf("the error is %v, want one that says %q", response.Error, c.fails)
				}
				return
			}
			if response.Error != nil {
				t.Fatal(response.Error.Text)
			}
			result, err := response.Result.Unmarshal(tftypes.Bool)
			p.ok(err)
			if !result.Equal(tftypes.NewValue(tftypes.Bool, c.want)) {
				t.Errorf("got %s, want %t", result, c.want)
			}
		})
	}
}
