package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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

// durationValidator takes durations within bounds; most is 0 where there is no upper one.
type durationValidator struct{ least, most time.Duration }

var (
	positiveDuration = durationValidator{least: 1}
	anyDuration      = durationValidator{}
	// A key that is renewed more often than Terraform is run is due in each run.
	rotateAfterDuration = durationValidator{least: time.Hour}
)

func (v durationValidator) Description(context.Context) string {
	switch {
	case v.most > 0:
		return fmt.Sprintf("a duration from %s to %s", shortDuration(v.least), shortDuration(v.most))
	case v.least > 1:
		return "a duration of at least " + shortDuration(v.least)
	case v.least > 0:
		return "a positive duration such as 30s or 2m"
	}
	return "a duration such as 0s, 90m or 24h"
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	text := req.ConfigValue.ValueString()
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || v.takes(text) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Unusable duration", fmt.Sprintf("%q is not %s. %s", text, v.Description(ctx), durationAdvice(text)))
}

func (v durationValidator) takes(text string) bool {
	duration, err := time.ParseDuration(text)
	return err == nil && duration >= v.least && (v.most == 0 || duration <= v.most)
}

// durationAdvice says how to write a duration, days in hours.
func durationAdvice(text string) string {
	const form = "Write a number with a unit (h, m, s), without spaces"
	count, isDays := strings.CutSuffix(text, "d")
	if days, err := strconv.Atoi(count); isDays && err == nil && days > 0 && days <= 36500 {
		return fmt.Sprintf("%s: %dh for %d days.", form, 24*days, days)
	}
	return form + ", such as 2160h for 90 days."
}

// shortDuration is 24h where Go writes 24h0m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	for _, unit := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, unit) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// noOuterBlanks takes texts without white space around them, and blank ones, which
// notBlank refuses.
type noOuterBlanks struct{}

func (noOuterBlanks) Description(context.Context) string { return "no white space around the text" }

func (v noOuterBlanks) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (noOuterBlanks) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	text := req.ConfigValue.ValueString()
	if trimmed := strings.TrimSpace(text); trimmed != "" && trimmed != text {
		resp.Diagnostics.AddAttributeError(req.Path, "White space around the text",
			fmt.Sprintf("%q begins or ends with white space, which Everflow may drop: write %q.", text, trimmed))
	}
}

// notBlank takes texts that have something to read in them.
type notBlank struct{}

func (notBlank) Description(context.Context) string { return "holds more than white space" }

func (v notBlank) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (notBlank) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || strings.TrimSpace(req.ConfigValue.ValueString()) != "" {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty text", fmt.Sprintf("%q is empty or blank: write a text.", req.ConfigValue.ValueString()))
}

// permissionText takes what can be a permission's identifier.
type permissionText struct{}

func (permissionText) Description(context.Context) string { return "a permission identifier" }

func (v permissionText) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (permissionText) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "A permission is null", "An entry of permissions is null: leave it out, or write a permission identifier.")
		return
	}
	notBlank{}.ValidateString(ctx, req, resp)
}
