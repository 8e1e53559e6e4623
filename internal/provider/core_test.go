package provider_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// core does with one resource what Terraform's core does in `terraform apply`:
// refresh, plan, apply, each run in a newly configured provider, the state and
// its taint kept in between. It makes the fault matrix quick.
type core struct {
	a        *account
	resource string
	settings attributes
	state    attributes // nil: none
	tainted  bool
	private  []byte
}

func isError(said []string) bool {
	for _, line := range said {
		if strings.HasPrefix(line, "error: ") {
			return true
		}
	}
	return false
}

// fields turns a state into what a further request is built from.
func (p *protocol) fields(state tftypes.Value) attributes {
	p.t.Helper()
	if state.IsNull() {
		return nil
	}
	var values map[string]tftypes.Value
	p.ok(state.As(&values))
	given := attributes{}
	for name, value := range values {
		given[name] = value
	}
	return given
}

// run applies a configuration, or destroys with none, and returns all that was said.
func (c *core) run(t testing.TB, config attributes) (said []string) {
	t.Helper()
	return c.runWith(c.a.configured(c.settings), config)
}

// runWith is run in a provider that other resources use, too.
func (c *core) runWith(p *protocol, config attributes) (said []string) {
	p.t.Helper()
	p.private = c.private
	defer func() { c.private = p.private }()
	if c.state != nil {
		now, words := p.read(c.resource, c.state)
		said = append(said, words...)
		if isError(words) {
			return said
		}
		c.state = p.fields(now)
		c.tainted = c.tainted && c.state != nil
	}
	if config == nil && c.state == nil {
		return said
	}
	if config == nil {
		return append(said, c.destroy(p)...)
	}
	prior := c.state
	if c.tainted {
		prior = nil
	}
	planned, replace, words := p.planned(c.resource, prior, config)
	if said = append(said, words...); isError(words) {
		return said
	}
	if c.tainted || replace {
		if c.tainted {
			p.plannedPrivate = nil // what is kept for a tainted resource is not handed to its destruction
		}
		words = c.destroy(p)
		if said = append(said, words...); isError(words) {
			return said
		}
		if replace {
			planned, _, words = p.planned(c.resource, nil, config)
			said = append(said, words...)
		}
	}
	if before, _ := p.value(p.schemas.ResourceSchemas[c.resource], c.state); planned.Equal(before) {
		return said
	}
	creating := c.state == nil
	now, words := p.apply(context.Background(), c.resource, c.state, config, planned)
	c.state = p.fields(now)
	c.tainted = creating && isError(words) && c.state != nil
	return append(said, words...)
}

func (c *core) destroy(p *protocol) (said []string) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[c.resource]
	nothing := tftypes.NewValue(schema.ValueType(), nil)
	if !c.tainted {
		if _, _, said = p.planned(c.resource, c.state, nil); isError(said) {
			return said
		}
	}
	now, words := p.apply(context.Background(), c.resource, c.state, nil, nothing)
	c.state = p.fields(now)
	c.tainted = c.tainted && c.state != nil
	return append(said, words...)
}

// importState is `terraform import`: the import, then a refresh.
func (c *core) importState(t testing.TB, id string) (said []string) {
	t.Helper()
	p := c.a.configured(c.settings)
	response, err := p.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: c.resource, ID: id})
	p.ok(err)
	said = complaints(response.Diagnostics)
	if isError(said) || len(response.ImportedResources) != 1 {
		return said
	}
	imported := p.state(p.schemas.ResourceSchemas[c.resource], response.ImportedResources[0].State)
	now, words := p.read(c.resource, p.fields(imported))
	if said = append(said, words...); !isError(words) {
		c.state = p.fields(now)
	}
	return said
}

// readData reads a data source.
func (p *protocol) readData(source string, config attributes) []string {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.DataSourceSchemas[source], config)
	response, err := p.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{TypeName: source, Config: dynamic})
	p.ok(err)
	return complaints(response.Diagnostics)
}
