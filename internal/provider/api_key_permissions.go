package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// rolesReadFor bounds the read of the roles, which a plan can do without.
const rolesReadFor = 10 * time.Second

// warnOfUnknownPermissions warns of permissions of the plan that no role of the network
// has. It is no error: Everflow publishes no list of permissions, and a key can have
// one that no role has. The roles are read once per run; if they cannot be read, there
// is no warning.
func (k *apiKeyRun) warnOfUnknownPermissions(ctx context.Context, state, plan apiKeyModel, diags *diag.Diagnostics) {
	added := stringsOf(plan.Permissions)
	if !isWhollyKnown(ctx, plan.Permissions) || !k.isConfigured() {
		return
	}
	before := stringsOf(state.Permissions)
	added = slices.DeleteFunc(added, func(permission string) bool { return slices.Contains(before, permission) })
	if len(added) == 0 {
		return
	}
	known := k.permissionsOfRoles(ctx)
	if len(known) == 0 {
		return
	}
	for _, permission := range added {
		if slices.Contains(known, permission) {
			continue
		}
		warnOfUnknownPermission(diags, permission, mostSimilar(permission, known))
	}
}

// rolePermissions are the permissions of all roles, sorted. They are read when first used.
type rolePermissions struct {
	read  sync.Once
	known []string
}

// permissionsOfRoles returns none if the roles cannot be read.
func (k *apiKeyRun) permissionsOfRoles(ctx context.Context) []string {
	k.rolePermissions.read.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, rolesReadFor)
		defer cancel()
		roles, _ := k.client.Roles(ctx)
		all := map[string]bool{}
		for _, role := range roles {
			for _, permission := range role.Permissions {
				all[permission] = true
			}
		}
		k.rolePermissions.known = slices.Sorted(maps.Keys(all))
	})
	return k.rolePermissions.known
}

// mostSimilar is the known text that differs in case or in two letters at most.
func mostSimilar(text string, known []string) string {
	best, least := "", 3
	for _, candidate := range known {
		distance := levenshtein.Distance(strings.ToLower(text), strings.ToLower(candidate), nil)
		if distance < least && 2*distance < len(candidate) {
			best, least = candidate, distance
		}
	}
	return best
}
