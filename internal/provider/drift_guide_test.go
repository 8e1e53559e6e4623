package provider_test

import (
	"os"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// The recipe names an unknown key in every plan, also where it plans a known one anew.
func TestDriftGuide_unknownKeyIsNamedWhileAKnownOneIsPlannedAnew(t *testing.T) {
	t.Parallel()
	recipe, err := os.ReadFile(root + "/examples/guides/detect-drift-in-ci/unknown-keys.tf")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(t, builtProvider(t))
	w.write(string(recipe))
	if out := w.do(false, "apply", "-auto-approve"); says("Check block assertion failed").Match(decoration.ReplaceAll(out, nil)) {
		t.Errorf("the check fails where every key is known:\n%s", out)
	}
	w.mock.RevokeKey(5)
	w.mock.AddKey(everflowmock.Key{Name: "by hand", EmployeeID: 2, IsAllPermissions: true})
	out := decoration.ReplaceAll(w.do(false, "plan"), nil)
	if !says("API key 5", "was revoked outside Terraform").Match(out) || !says("Check block assertion failed", "6 (by hand, employee 2)").Match(out) {
		t.Errorf("the plan does not name both:\n%s", out)
	}
	w.do(false, "apply", "-auto-approve")
	w.mock.AddKey(everflowmock.Key{Name: "Nightly report", EmployeeID: 2, IsAllPermissions: true})
	if out := decoration.ReplaceAll(w.do(false, "plan"), nil); !says("Two active API keys have the name and employee", "Nightly report, employee 2").Match(out) {
		t.Errorf("the plan does not name the second key of a name:\n%s", out)
	}
}
