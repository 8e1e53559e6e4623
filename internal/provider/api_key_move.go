package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
		if previous := source.previous(); len(previous) > 0 {
			addPreviousKeysCannotMove(source, previous, &resp.Diagnostics)
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
			resp.Diagnostics.Append(dueness{}.keep(ctx, resp.TargetPrivate)...)
		},
	}}
}

func addPreviousKeysCannotMove(source rotatingAPIKeyModel, previous []previousKey, diags *diag.Diagnostics) {
	var ids []string
	for _, key := range previous {
		ids = append(ids, fmt.Sprintf("API key %s until %s", key.id.ValueString(), key.revokeAt.ValueString()))
	}
	diags.AddError(describeKey(source.apiKeyModel)+" cannot be moved to everflow_api_key yet",
		fmt.Sprintf("Keys that it replaced still work: %s. An everflow_api_key has no place for them, so that they would be live and managed by nothing. Nothing was moved or changed.\n\n"+
			"Undo the move, and apply everflow_rotating_api_key once that time is over; or set overlap = \"0s\" there and apply, which revokes them at once. Then move the key.",
			strings.Join(ids, ", ")))
}
