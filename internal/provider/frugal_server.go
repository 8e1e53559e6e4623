package provider

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// frameworkServer is all that the framework's server can do for this provider.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// frugalServer is the framework's server without two costs that grow with what is
// managed: it offers lists of addresses as sets (see asSets), and it frees what the
// framework keeps of each request until the process ends, which is its context, with
// some 30 KB of loggers in it. A plan of 2,000 resources, which is 8,000 requests,
// came to 300 MB.
type frugalServer struct{ frameworkServer }

// GetProviderSchema offers the lists of addresses as the sets that they are.
func (s frugalServer) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.frameworkServer.GetProviderSchema(ctx, req)
	if err != nil {
		return nil, err
	}
	if resp.ServerCapabilities != nil {
		resp.ServerCapabilities.GenerateResourceConfig = true // the framework can, and does not say so
	}
	asSets(resp.Provider)
	for _, schema := range resp.ResourceSchemas {
		asSets(schema)
	}
	for _, schema := range resp.DataSourceSchemas {
		asSets(schema)
	}
	return resp, nil
}

// asSets makes sets of the attributes of ipAddressesType, which are known by the end
// of their names. Terraform sends and takes a set of strings in the very bytes of a
// list of strings, so the values need no translation.
func asSets(schema *tfprotov6.Schema) {
	for _, attribute := range schema.Block.Attributes {
		if strings.HasSuffix(attribute.Name, "ip_addresses") && attribute.Type.Equal(tftypes.List{ElementType: tftypes.String}) {
			attribute.Type = tftypes.Set{ElementType: tftypes.String}
		}
	}
}

// requestContext is a request's context as long as the request lasts.
type requestContext struct {
	done <-chan struct{}

	mu      sync.RWMutex
	request context.Context
}

// over is a context whose request has ended.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// during answers a request, and lets go of its context then.
func during[Request, Response any](ctx context.Context, req Request, answer func(context.Context, Request) (Response, error)) (Response, error) {
	c := &requestContext{done: ctx.Done(), request: ctx}
	defer c.end()
	return answer(c, req)
}

func (c *requestContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.request = over
}

func (c *requestContext) now() context.Context {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.request
}

func (c *requestContext) Done() <-chan struct{}       { return c.done }
func (c *requestContext) Deadline() (time.Time, bool) { return c.now().Deadline() }
func (c *requestContext) Err() error                  { return c.now().Err() }
func (c *requestContext) Value(key any) any           { return c.now().Value(key) }

// The requests that are made for each resource.

func (s frugalServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return during(ctx, req, s.frameworkServer.ValidateResourceConfig)
}

func (s frugalServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return during(ctx, req, s.frameworkServer.UpgradeResourceState)
}

func (s frugalServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return during(ctx, req, s.frameworkServer.UpgradeResourceIdentity)
}

func (s frugalServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return during(ctx, req, s.frameworkServer.ReadResource)
}

func (s frugalServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return during(ctx, req, s.frameworkServer.PlanResourceChange)
}

func (s frugalServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return during(ctx, req, s.frameworkServer.ApplyResourceChange)
}

func (s frugalServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return during(ctx, req, s.frameworkServer.ImportResourceState)
}
