package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/everflow-community/terraform-provider-everflow/internal/provider"
)

// config is a whole configuration: the provider block, then the given HCL, in
// which <EMPLOYEE>, <PREFIX> and <PERMISSION1> to <PERMISSION3> are replaced.
func (a *account) config(hcl string) string { return a.configWith("", hcl) }

// configWith adds arguments to the provider block.
func (a *account) configWith(arguments, hcl string) string {
	block := fmt.Sprintf("provider \"everflow\" {\n  api_key  = %q\n  base_url = %q\n  %s\n}\n", a.apiKey, a.baseURL, arguments)
	replace := []string{"<EMPLOYEE>", strconv.FormatInt(a.employee.ID, 10), "<PREFIX>", a.prefix}
	for i, permission := range a.permissions {
		replace = append(replace, fmt.Sprintf("<PERMISSION%d>", i+1), permission)
	}
	return block + strings.NewReplacer(replace...).Replace(hcl)
}

// run runs an acceptance test case, whatever TF_ACC says.
func (a *account) run(steps ...resource.TestStep) {
	a.t.Helper()
	resource.Test(a.t, resource.TestCase{
		IsUnitTest:               true,
		ProtoV6ProviderFactories: a.factories(),
		Steps:                    steps,
	})
	a.nothingLeft()
}

func factories(version string) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"everflow": func() (tfprotov6.ProviderServer, error) { return provider.NewServer(version) },
	}
}

// factories are of a provider on a machine with the account's clock.
func (a *account) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"everflow": func() (tfprotov6.ProviderServer, error) { return provider.NewServerOver("test", nil, a.clock) },
	}
}

// says matches an output that holds these texts in this order, wherever Terraform
// breaks its lines.
func says(texts ...string) *regexp.Regexp {
	parts := make([]string, len(texts))
	for i, text := range texts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(parts, `.*`))
}

// emptyPlan checks that a configuration plans nothing.
func emptyPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// planned checks what is planned for a resource.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// planFile is a plan check by any type that looks at the plan's JSON form.
type planFile struct {
	check interface{ CheckPlan(*tfjson.Plan) error }
}

func (p planFile) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = p.check.CheckPlan(req.Plan)
}

// betweenPlanAndApply runs while a plan waits to be applied.
type betweenPlanAndApply func()

func (f betweenPlanAndApply) CheckPlan(*tfjson.Plan) error {
	f()
	return nil
}
