package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/provider"
)

// protocol speaks Terraform's plugin protocol with the provider, without a
// Terraform: for warnings, which a CLI test cannot see
// (https://github.com/hashicorp/terraform-plugin-testing/issues/69), and for quick tables.
type protocol struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	// private and plannedPrivate are what the provider keeps for itself in the
	// state and in the plan of the resource that was spoken of last.
	private, plannedPrivate []byte
}

// unknown stands for a value that is known after apply.
type unknown struct{}

// attributes are a configuration: what is left out is null.
type attributes map[string]any

func newProtocol(t *testing.T) *protocol {
	t.Helper()
	return protocolOver(t, nil, nil)
}

// protocolOver is a protocol with a provider whose calls the client carries, on a
// machine with this clock.
func protocolOver(t *testing.T, client *http.Client, clock func() time.Time) *protocol {
	t.Helper()
	server, err := provider.NewServerOver("test", client, clock)
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := theSchemas()
	if err != nil {
		t.Fatal(err)
	}
	return &protocol{t: t, server: server, schemas: schemas}
}

// theSchemas are the same for every provider.
var theSchemas = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	server, err := provider.NewServer("test")
	if err != nil {
		return nil, err
	}
	return server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

// configured is a protocol whose provider runs on the account.
func (a *account) configured(extra attributes) *protocol {
	a.t.Helper()
	p := protocolOver(a.t, a.httpClient, a.clock)
	settings := attributes{"api_key": a.apiKey, "base_url": a.baseURL}
	maps.Copy(settings, extra)
	if complaints := p.configure(settings); len(complaints) > 0 {
		a.t.Fatal(complaints)
	}
	return p
}

// beside is the same provider, asked for another resource: what it keeps for itself
// of a resource is that one's own.
func (p *protocol) beside() *protocol {
	other := *p
	return &other
}

// complaints are diagnostics in one line each: "error: summary: detail".
func complaints(diags []*tfprotov6.Diagnostic) []string {
	var lines []string
	for _, d := range diags {
		severity := "warning"
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			severity = "error"
		}
		lines = append(lines, fmt.Sprintf("%s: %s: %s", severity, d.Summary, d.Detail))
	}
	return lines
}

func (p *protocol) ok(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// value builds an object of a schema.
func (p *protocol) value(schema *tfprotov6.Schema, given attributes) (tftypes.Value, *tfprotov6.DynamicValue) {
	p.t.Helper()
	kind := schema.ValueType()
	object, ok := kind.(tftypes.Object)
	if !ok {
		p.t.Fatalf("a schema of type %s", kind)
	}
	value := tftypes.NewValue(kind, nil)
	if given != nil {
		fields := map[string]tftypes.Value{}
		for name, attribute := range object.AttributeTypes {
			fields[name] = terraformValue(attribute, given[name])
		}
		value = tftypes.NewValue(kind, fields)
	}
	dynamic, err := tfprotov6.NewDynamicValue(kind, value)
	p.ok(err)
	return value, &dynamic
}

func terraformValue(kind tftypes.Type, given any) tftypes.Value {
	switch given := given.(type) {
	case unknown:
		return tftypes.NewValue(kind, tftypes.UnknownValue)
	case tftypes.Value:
		return given
	case int:
		return tftypes.NewValue(kind, int64(given))
	case []any:
		var elements []tftypes.Value
		for _, element := range given {
			elements = append(elements, terraformValue(tftypes.String, element))
		}
		return tftypes.NewValue(kind, elements)
	case []string:
		elements := []tftypes.Value{}
		for _, element := range given {
			elements = append(elements, tftypes.NewValue(tftypes.String, element))
		}
		return tftypes.NewValue(kind, elements)
	case map[string]string:
		elements := map[string]tftypes.Value{}
		for name, element := range given {
			elements[name] = tftypes.NewValue(tftypes.String, element)
		}
		return tftypes.NewValue(kind, elements)
	default:
		return tftypes.NewValue(kind, given)
	}
}

// configure validates and configures the provider, as Terraform does.
func (p *protocol) configure(settings attributes) []string {
	p.t.Helper()
	_, config := p.value(p.schemas.Provider, settings)
	validated, err := p.server.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	p.ok(err)
	if len(validated.Diagnostics) > 0 {
		return complaints(validated.Diagnostics)
	}
	configured, err := p.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.11.4"})
	p.ok(err)
	return complaints(configured.Diagnostics)
}

// validate is what Terraform says of a resource's configuration on its own.
func (p *protocol) validate(resource string, config attributes) []string {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.ResourceSchemas[resource], config)
	validated, err := p.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: resource, Config: dynamic})
	p.ok(err)
	return complaints(validated.Diagnostics)
}

// plan plans a resource from a prior state to a configuration; null of either is
// nil. Computed attributes are proposed as Terraform proposes them.
func (p *protocol) plan(resource string, prior, config attributes) (planned tftypes.Value, said []string) {
	p.t.Helper()
	planned, _, said = p.planned(resource, prior, config)
	return planned, said
}

// planned is plan that also tells whether the change replaces the resource.
func (p *protocol) planned(resource string, prior, config attributes) (planned tftypes.Value, replace bool, said []string) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[resource]
	_, priorState := p.value(schema, prior)
	_, configValue := p.value(schema, config)
	proposed := maps.Clone(config)
	for _, attribute := range schema.Block.Attributes {
		if _, given := config[attribute.Name]; config != nil && attribute.Computed && !given {
			proposed[attribute.Name] = any(unknown{})
			if prior != nil {
				proposed[attribute.Name] = prior[attribute.Name]
			}
		}
	}
	_, proposedState := p.value(schema, proposed)
	response, err := p.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resource, PriorState: priorState, ProposedNewState: proposedState, Config: configValue, PriorPrivate: p.private,
	})
	p.ok(err)
	p.plannedPrivate = response.PlannedPrivate
	return p.state(schema, response.PlannedState), len(response.RequiresReplace) > 0, complaints(response.Diagnostics)
}

// apply makes what was planned so; the state is null where nothing is saved.
func (p *protocol) apply(ctx context.Context, resource string, prior, config attributes, planned tftypes.Value) (now tftypes.Value, said []string) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[resource]
	_, priorState := p.value(schema, prior)
	_, configValue := p.value(schema, config)
	plannedState, err := tfprotov6.NewDynamicValue(schema.ValueType(), planned)
	p.ok(err)
	response, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resource, PriorState: priorState, PlannedState: &plannedState, Config: configValue, PlannedPrivate: p.plannedPrivate,
	})
	p.ok(err)
	p.private = response.Private
	return p.state(schema, response.NewState), complaints(response.Diagnostics)
}

// state reads a state that the provider returned; none is null.
func (p *protocol) state(schema *tfprotov6.Schema, dynamic *tfprotov6.DynamicValue) tftypes.Value {
	p.t.Helper()
	if dynamic == nil {
		return tftypes.NewValue(schema.ValueType(), nil)
	}
	value, err := dynamic.Unmarshal(schema.ValueType())
	p.ok(err)
	return value
}

// field returns an attribute of a state as text; none for null.
func (p *protocol) field(state tftypes.Value, name string) string {
	p.t.Helper()
	var fields map[string]tftypes.Value
	p.ok(state.As(&fields))
	var text *string
	p.ok(fields[name].As(&text))
	if text == nil {
		return ""
	}
	return *text
}

// read refreshes a resource; the state is null when it is gone.
func (p *protocol) read(resource string, state attributes) (now tftypes.Value, said []string) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[resource]
	_, current := p.value(schema, state)
	response, err := p.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{TypeName: resource, CurrentState: current, Private: p.private})
	p.ok(err)
	p.private = response.Private
	return p.state(schema, response.NewState), complaints(response.Diagnostics)
}

// expectSaid checks that exactly these complaints were made, each given by the
// texts it must hold.
func expectSaid(t *testing.T, said []string, want ...[]string) {
	t.Helper()
	if len(said) != len(want) {
		t.Errorf("%d complaints, want %d:\n%q", len(said), len(want), said)
		return
	}
	for _, texts := range want {
		if !slices.ContainsFunc(said, says(texts...).MatchString) {
			t.Errorf("nothing says %q:\n%q", texts, said)
		}
	}
}
