package everflow

import (
	"fmt"
	"slices"
	"strings"
)

// SettingDifference is a setting of a key that Everflow stored otherwise than asked.
type SettingDifference struct {
	// Setting is the field: name, network_employee_id, is_all_permissions,
	// permissions or status.
	Setting string
	// Asked and Stored are in words that are safe to print.
	Asked, Stored string
}

// DifferencesFrom compares a key with the settings that were asked for it;
// employeeID is 0 where none was. A status is compared with the two that are
// assumed.
func (k APIKey) DifferencesFrom(employeeID int64, asked APIKeySettings) (found []SettingDifference) {
	differ := func(setting, asked, stored string) {
		if asked != stored {
			found = append(found, SettingDifference{Setting: setting, Asked: asked, Stored: stored})
		}
	}
	differ("name", fmt.Sprintf("%q", asked.Name), fmt.Sprintf("%q", k.Name))
	if employeeID != 0 {
		differ("network_employee_id", fmt.Sprint(employeeID), fmt.Sprint(k.EmployeeID))
	}
	differ("is_all_permissions", fmt.Sprint(asked.AllPermissions), fmt.Sprint(k.AllPermissions))
	if !asked.AllPermissions && !k.AllPermissions {
		differ("permissions", quotedList(asked.Permissions), quotedList(k.Permissions))
	}
	if !isStatus(k.Status, StatusActive) {
		differ("status", fmt.Sprintf("%q", StatusActive), fmt.Sprintf("%q", k.Status))
	}
	return found
}

func quotedList(texts []string) string {
	quoted := make([]string, 0, len(texts))
	for _, text := range slices.Sorted(slices.Values(texts)) {
		quoted = append(quoted, fmt.Sprintf("%q", text))
	}
	return "[" + strings.Join(slices.Compact(quoted), ", ") + "]"
}
