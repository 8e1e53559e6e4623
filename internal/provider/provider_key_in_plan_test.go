package provider_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const keyFromVariableHCL = `
variable "everflow_api_key" {
  type      = string
  sensitive = true
  %s
}
provider "everflow" {
  api_key = var.everflow_api_key
}
data "everflow_network" "this" {}
output "network" { value = data.everflow_network.this.name }
`

// What README, SECURITY and the documentation say of the provider's own key: Terraform
// saves the values of variables in plan files, but those of ephemeral ones.
func TestSecrecy_ownKeyIsInASavedPlanUnlessItsVariableIsEphemeral(t *testing.T) {
	t.Parallel()
	needCLI(t)
	provider := builtProvider(t)
	for name, test := range map[string]struct {
		hcl, variable string
		isInPlan      bool
	}{
		"a sensitive variable": {hcl: strings.Replace(keyFromVariableHCL, "%s", "", 1), variable: "TF_VAR_everflow_api_key", isInPlan: true},
		"an ephemeral variable": {
			hcl: strings.Replace(keyFromVariableHCL, "%s", "ephemeral = true", 1), variable: "TF_VAR_everflow_api_key",
		},
		"the environment variable": {hcl: "data \"everflow_network\" \"this\" {}\noutput \"network\" { value = data.everflow_network.this.name }\n", variable: "EVERFLOW_API_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, provider)
			w.env = slices.DeleteFunc(w.env, func(variable string) bool { return strings.HasPrefix(variable, "EVERFLOW_API_KEY=") })
			w.env = append(w.env, test.variable+"="+w.apiKey)
			w.write(test.hcl)
			w.do(false, "plan", "-out=saved.plan")
			w.do(false, "show", "saved.plan")
			w.do(false, "apply", "saved.plan")
			inPlan := w.leaks(func(name string) bool { return filepath.Ext(name) != ".plan" })
			if (len(inPlan) > 0) != test.isInPlan {
				t.Errorf("in the plan file: %q, want it there: %t", inPlan, test.isInPlan)
			}
			for _, leak := range w.leaks(func(name string) bool { return filepath.Ext(name) == ".plan" }) {
				t.Error(leak)
			}
		})
	}
}
