package provider_test

import (
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// opened is an ephemeral resource that was opened over the protocol.
type opened struct {
	private []byte
	fields  attributes
}

// open opens an ephemeral resource, after validating its configuration.
func (p *protocol) open(typeName string, config attributes) (opened, []string) {
	p.t.Helper()
	schema := p.schemas.EphemeralResourceSchemas[typeName]
	_, dynamic := p.value(schema, config)
	validated, err := p.server.ValidateEphemeralResourceConfig(p.t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: dynamic})
	p.ok(err)
	if len(validated.Diagnostics) > 0 {
		return opened{}, complaints(validated.Diagnostics)
	}
	response, err := p.server.OpenEphemeralResource(p.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: dynamic})
	p.ok(err)
	return opened{private: response.Private, fields: p.fields(p.state(schema, response.Result))}, complaints(response.Diagnostics)
}

func (p *protocol) close(typeName string, o opened) []string {
	p.t.Helper()
	response, err := p.server.CloseEphemeralResource(p.t.Context(), &tfprotov6.CloseEphemeralResourceRequest{TypeName: typeName, Private: o.private})
	p.ok(err)
	return complaints(response.Diagnostics)
}

// text is an attribute of what was opened; none for null.
func (o opened) text(t testing.TB, name string) string {
	t.Helper()
	value, ok := o.fields[name].(tftypes.Value)
	if !ok {
		t.Fatalf("there is no %q", name)
	}
	var text *string
	if err := value.As(&text); err != nil {
		t.Fatal(err)
	}
	if text == nil {
		return ""
	}
	return *text
}

func idOf(t *testing.T, o opened) int64 {
	t.Helper()
	id, err := strconv.ParseInt(o.text(t, "id"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
