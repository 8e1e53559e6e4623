package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

// textValidator refuses a known text that has a problem: a whole sentence that says what
// is wrong and what to write.
type textValidator struct {
	description, summary string
	problem              func(text string) string
}

func (v textValidator) Description(context.Context) string { return v.description }

func (v textValidator) MarkdownDescription(context.Context) string { return v.description }

func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := v.problem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, v.summary, problem)
	}
}

var (
	notBlank = textValidator{"holds more than white space", "Empty text", func(text string) string {
		if strings.TrimSpace(text) == "" {
			return fmt.Sprintf("%q is empty or blank: write a text.", text)
		}
		return ""
	}}
	// noOuterBlanks leaves blank texts to notBlank.
	noOuterBlanks = textValidator{"no white space around the text", "White space around the text", func(text string) string {
		if trimmed := strings.TrimSpace(text); trimmed != "" && trimmed != text {
			return fmt.Sprintf("%q begins or ends with white space, which Everflow may drop: write %q.", text, trimmed)
		}
		return ""
	}}
	timeValidator = textValidator{"a time in RFC 3339", "Unusable time", func(text string) string {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return fmt.Sprintf("%q is not a time in RFC 3339, such as 2026-01-31T00:00:00Z.", text)
		}
		return ""
	}}
	apiKeyIDValidator = textValidator{"an ID of an API key", "Unusable API key ID", func(text string) string {
		if _, ok := apiKeyID(text); !ok {
			return fmt.Sprintf("%s is not Everflow's ID of an API key, a whole number above 0.", shownID(text))
		}
		return ""
	}}
	// sha256Validator does not repeat what may be the secret itself.
	sha256Validator = textValidator{"a SHA-256 in hexadecimal", "Unusable SHA-256", func(text string) string {
		if !sha256InHex.MatchString(text) {
			return "It must be 64 hexadecimal digits."
		}
		return ""
	}}
	ipAddressValidator = textValidator{"an IPv4 or IPv6 address or a CIDR range", "Unusable IP address", func(text string) string {
		if _, err := whitelist.ParseEntry(text); err != nil {
			return sentence(err)
		}
		return ""
	}}
)

// permissionText takes what can be a permission's identifier.
type permissionText struct{ textValidator }

func (v permissionText) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "A permission is null", "An entry of permissions is null: leave it out, or write a permission identifier.")
		return
	}
	v.textValidator.ValidateString(ctx, req, resp)
}

// durationRange is the durations that an argument takes; most is 0 where there is no
// upper bound.
type durationRange struct {
	least, most time.Duration
	description string
	example     string
}

var (
	positiveDuration = durationRange{least: 1, description: "a positive duration", example: "30s or 2m"}
	anyDuration      = durationRange{description: "a duration", example: "0s, 90m or 24h"}
	// A key that is renewed more often than Terraform is run is due in each run.
	rotateAfterDuration = durationRange{least: time.Hour, description: "a duration of at least 1h", example: "2160h for 90 days"}
	ttlDuration         = durationRange{least: time.Minute, most: 24 * time.Hour, description: "a duration from 1m to 24h", example: "15m"}
)

func (r durationRange) takes(text string) bool {
	duration, err := time.ParseDuration(text)
	return err == nil && duration >= r.least && (r.most == 0 || duration <= r.most)
}

func (r durationRange) validator() validator.String {
	return textValidator{r.description, "Unusable duration", func(text string) string {
		if r.takes(text) {
			return ""
		}
		return fmt.Sprintf("%q is not %s. %s", text, r.description, r.advice(text))
	}}
}

// advice says how to write a duration, days in hours.
func (r durationRange) advice(text string) string {
	const form = "Write a number with a unit (h, m, s), without spaces"
	count, isDays := strings.CutSuffix(text, "d")
	days, err := strconv.Atoi(count)
	if isDays && err == nil && days > 0 && days <= 36500 && (r.most == 0 || time.Duration(days)*24*time.Hour <= r.most) {
		return fmt.Sprintf("%s: %dh for %d days.", form, 24*days, days)
	}
	return form + ", such as " + r.example + "."
}
