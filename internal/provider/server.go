package provider

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// frameworkServer is all that the framework's server can do for this provider.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server is the framework's server, without the context of each request that the
// framework keeps until the process ends, with some 30 KB of loggers in it: a plan of
// 2,000 resources, which is 8,000 requests, came to 300 MB.
// See registerContext in
// https://github.com/hashicorp/terraform-plugin-framework/blob/v1.19.0/internal/proto6server/serve.go
type server struct{ frameworkServer }

// GetProviderSchema says that the server generates configurations. The framework does
// (https://github.com/hashicorp/terraform-plugin-framework/pull/1281), and leaves that
// out of its answer:
// https://github.com/hashicorp/terraform-plugin-framework/blob/v1.19.0/internal/toproto6/server_capabilities.go
func (s server) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.frameworkServer.GetProviderSchema(ctx, req)
	if err == nil && resp.ServerCapabilities != nil {
		resp.ServerCapabilities.GenerateResourceConfig = true
	}
	return resp, err
}

// requestContext is a request's context as long as the request lasts.
type requestContext struct {
	done <-chan struct{}

	mu      sync.RWMutex
	request context.Context
}

// endedContext takes the place of the context of a request that has ended.
var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// withoutRetention answers a request, and lets go of its context then.
func withoutRetention[Request, Response any](ctx context.Context, req Request, answer func(context.Context, Request) (Response, error)) (Response, error) {
	c := &requestContext{done: ctx.Done(), request: ctx}
	defer c.end()
	return answer(c, req)
}

func (c *requestContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.request = endedContext
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

func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.UpgradeResourceState)
}

func (s server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.UpgradeResourceIdentity)
}

func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.ReadResource)
}

func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.PlanResourceChange)
}

func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.ApplyResourceChange)
}

func (s server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return withoutRetention(ctx, req, s.frameworkServer.ImportResourceState)
}
