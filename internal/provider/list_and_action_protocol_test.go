package provider_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// listed is one result of a list resource.
type listed struct {
	name, id string
	// state is null unless the list includes resources.
	state tftypes.Value
}

func (p *protocol) lister() tfprotov6.ListResourceServer {
	p.t.Helper()
	server, ok := p.server.(tfprotov6.ListResourceServer)
	if !ok {
		p.t.Fatal("the provider serves no list resources")
	}
	return server
}

// list is what `terraform query` does with one list block.
func (p *protocol) list(resource string, config attributes, limit int64, include bool) (found []listed, said []string) {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.ListResourceSchemas[resource], config)
	stream, err := p.lister().ListResource(context.Background(), &tfprotov6.ListResourceRequest{
		TypeName: resource, Config: dynamic, Limit: limit, IncludeResource: include,
	})
	p.ok(err)
	identity := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}}
	for result := range stream.Results {
		said = append(said, complaints(result.Diagnostics)...)
		if result.Identity == nil {
			continue
		}
		id, err := result.Identity.IdentityData.Unmarshal(identity)
		p.ok(err)
		found = append(found, listed{name: result.DisplayName, id: p.field(id, "id"), state: p.state(p.schemas.ResourceSchemas[resource], result.Resource)})
	}
	return found, said
}

func (p *protocol) validateList(resource string, config attributes) []string {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.ListResourceSchemas[resource], config)
	validated, err := p.lister().ValidateListResourceConfig(context.Background(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: resource, Config: dynamic})
	p.ok(err)
	return complaints(validated.Diagnostics)
}

func (p *protocol) actor() tfprotov6.ActionServer {
	p.t.Helper()
	server, ok := p.server.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatal("the provider serves no actions")
	}
	return server
}

func (p *protocol) validateAction(action string, config attributes) []string {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.ActionSchemas[action].Schema, config)
	validated, err := p.actor().ValidateActionConfig(context.Background(), &tfprotov6.ValidateActionConfigRequest{ActionType: action, Config: dynamic})
	p.ok(err)
	return complaints(validated.Diagnostics)
}

func (p *protocol) planAction(action string, config attributes) []string {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.ActionSchemas[action].Schema, config)
	planned, err := p.actor().PlanAction(context.Background(), &tfprotov6.PlanActionRequest{ActionType: action, Config: dynamic})
	p.ok(err)
	return complaints(planned.Diagnostics)
}

// invoke runs an action, and returns its messages on the way and what it said in the end.
func (p *protocol) invoke(action string, config attributes) (progress, said []string) {
	p.t.Helper()
	_, dynamic := p.value(p.schemas.ActionSchemas[action].Schema, config)
	stream, err := p.actor().InvokeAction(context.Background(), &tfprotov6.InvokeActionRequest{ActionType: action, Config: dynamic})
	p.ok(err)
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			said = append(said, complaints(event.Diagnostics)...)
		}
	}
	return progress, said
}
