package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// timeValidator takes times of RFC 3339.
type timeValidator struct{}

func (timeValidator) Description(context.Context) string {
	return "a time in RFC 3339, such as 2026-01-31T00:00:00Z"
}

func (v timeValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v timeValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable time", fmt.Sprintf("%q is not %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// durationValidator takes durations above zero, or zero too.
type durationValidator struct{ orZero bool }

func (v durationValidator) Description(context.Context) string {
	if v.orZero {
		return "a duration such as 0s, 90m or 24h"
	}
	return "a positive duration such as 30s or 2m"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.takes(req.ConfigValue.ValueString()) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Unusable duration", fmt.Sprintf(
		"%q is not %s: a number with a unit (ms, s, m, h), without spaces.", req.ConfigValue.ValueString(), v.Description(ctx)))
}

func (v durationValidator) takes(text string) bool {
	duration, err := time.ParseDuration(text)
	return err == nil && (duration > 0 || v.orZero && duration == 0)
}
