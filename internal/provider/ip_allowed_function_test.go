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
		"empty list lets everyone in": {ip: "203.0.113.7", want: true},
		"the address":                 {entries: []string{"198.51.100.1", "203.0.113.7"}, ip: "203.0.113.7", want: true},
		"another spelling":            {entries: []string{"203.0.113.7/32"}, ip: "::ffff:203.0.113.7", want: true},
		"in a range":                  {entries: []string{"2001:db8::/32"}, ip: "2001:DB8:1::1", want: true},
		"outside":                     {entries: []string{"203.0.113.0/25"}, ip: "203.0.113.128"},
		"other family":                {entries: []string{"::/0"}, ip: "203.0.113.7"},
		"range, all of it":            {entries: []string{"203.0.113.0/25", "203.0.113.128/25"}, ip: "203.0.113.0/24", want: true},
		"range, part of it":           {entries: []string{"203.0.113.0/25"}, ip: "203.0.113.0/24"},
		"no address":                  {entries: []string{"203.0.113.0/25"}, ip: "vpn.example.com", fails: `"vpn.example.com" is not an IP address`},
		"a range with host bits":      {entries: []string{"203.0.113.7/24"}, ip: "203.0.113.8", want: true},
		"an entry that is none":       {entries: []string{"office"}, ip: "203.0.113.8"},
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
