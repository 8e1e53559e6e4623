package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// warnOfNamesakes names live keys that look like the one to be created, were never
// used and are not known to be another resource's: what a run leaves behind that
// was killed while it created one, since nobody knows that key's secret.
func (s *session) warnOfNamesakes(ctx context.Context, plan apiKeyModel, diags *diag.Diagnostics) {
	if plan.Name.IsUnknown() || plan.NetworkEmployeeID.IsUnknown() {
		return
	}
	live, err := s.client.LiveBefore(ctx)
	if err != nil {
		addAPIError(diags, "Cannot list the API keys that are live", err)
		return
	}
	var namesakes []string
	for id, key := range live {
		if _, managed := s.managedKeys.Load(strconv.FormatInt(id, 10)); managed || key.LastUsedAt != 0 ||
			strings.TrimSpace(key.Name) != strings.TrimSpace(plan.Name.ValueString()) || key.EmployeeID != plan.NetworkEmployeeID.ValueInt64() {
			continue
		}
		created, _ := key.CreatedAt.Time()
		namesakes = append(namesakes, fmt.Sprintf("\n  - API key %d, created %s", key.ID, created.Format(time.RFC3339)))
	}
	if len(namesakes) == 0 {
		return
	}
	slices.Sort(namesakes)
	diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("The employee has a live API key named %q that was never used", plan.Name.ValueString()),
		"Another one is planned beside it. If an earlier run was killed while it created the key, this is what it left behind; nobody knows its secret, so revoke it "+
			"in Everflow under Control Center, Security, API Keys. If one of them is meant to be this resource, import it instead. "+
			"If it belongs to another resource or configuration, all is well."+strings.Join(namesakes, ""))
}
