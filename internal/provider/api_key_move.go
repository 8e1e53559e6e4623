package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithMoveState = (*apiKeyResource)(nil)
	_ resource.ResourceWithMoveState = (*rotatingAPIKeyResource)(nil)
)

// MoveState takes over the key of an everflow_rotating_api_key, without its schedule.
func (*apiKeyResource) MoveState(ctx context.Context) []resource.StateMover {
	return moveFrom(ctx, newRotatingAPIKeyResource(), func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		var source rotatingAPIKeyModel
		resp.Diagnostics.Append(req.SourceState.Get(ctx, &source)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if len(source.previous()) > 0 {
			addPreviousKeysCannotMove(&resp.Diagnostics, source)
			return
		}
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, source.apiKeyModel)...)
		resp.Diagnostics.Append(setIdentity(ctx, resp.TargetIdentity, source.ID)...)
	})
}

// MoveState takes over the key of an everflow_api_key. Its schedule is the
// configuration's, which is not known here: the next apply adds it to the state.
func (*rotatingAPIKeyResource) MoveState(ctx context.Context) []resource.StateMover {
	return moveFrom(ctx, newAPIKeyResource(), func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		var source apiKeyModel
		resp.Diagnostics.Append(req.SourceState.Get(ctx, &source)...)
		if resp.Diagnostics.HasError() {
			return
		}
		moved := rotatingAPIKeyModel{apiKeyModel: source, RotateAfter: types.StringNull(), Overlap: types.StringNull(), RotateAt: types.StringNull()}
		moved.setPrevious(nil)
		resp.Diagnostics.Append(resp.TargetState.Set(ctx, moved)...)
		resp.Diagnostics.Append(setIdentity(ctx, resp.TargetIdentity, source.ID)...)
	})
}

// moveFrom moves a key from this provider's other resource. What is kept of the key
// beside its state goes along, but for what is due by its schedule.
func moveFrom(ctx context.Context, source resource.Resource, move func(context.Context, resource.MoveStateRequest, *resource.MoveStateResponse)) []resource.StateMover {
	var typeName resource.MetadataResponse
	source.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "everflow"}, &typeName)
	var schema resource.SchemaResponse
	source.Schema(ctx, resource.SchemaRequest{}, &schema)
	return []resource.StateMover{{
		SourceSchema: &schema.Schema,
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			isOurs := strings.HasSuffix(req.SourceProviderAddress, "/everflow") && req.SourceTypeName == typeName.TypeName
			if !isOurs || req.SourceState == nil {
				return // the framework says that it cannot be moved
			}
			move(ctx, req, resp)
			resp.TargetPrivate = req.SourcePrivate
			resp.Diagnostics.Append(dueKeys{}.save(ctx, resp.TargetPrivate)...)
		},
	}}
}
