package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestAccRotatingAPIKey_importedThenPlannedIsEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		id     string
		action plancheck.ResourceActionType
	}{
		"with its schedule":        {"5,720h,24h", plancheck.ResourceActionNoop},
		"with the default overlap": {"5,720h", plancheck.ResourceActionNoop},
		// The first apply writes the schedule down, and calls nothing.
		"by its ID alone": {"5", plancheck.ResourceActionUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			r := onRotatingMock(t)
			r.addLegacyKey()
			r.run(
				resource.TestStep{
					PreConfig:        r.passes(10 * day),
					Config:           r.config(rotatingHCL() + importBlock(`id = "`+c.id+`"`)),
					ConfigPlanChecks: planned(theRotating, c.action),
					ConfigStateChecks: []statecheck.StateCheck{
						rotatingHas("id", knownvalue.StringExact("5")), rotatingHas("key", knownvalue.Null()), rotatingHas("key_sha256", knownvalue.Null()),
						rotatingHas("rotate_at", at(30*day)), ids(),
					},
				},
				resource.TestStep{Config: r.config(rotatingHCL()), ConfigPlanChecks: emptyPlan()},
				resource.TestStep{
					PreConfig: func() {
						if sent := r.mock.CountCalls("updateApiKey") + r.mock.CountCalls("createApiKey"); sent != 0 {
							t.Errorf("%d calls were made to adopt the key", sent)
						}
						r.pass(20 * day)
					},
					Config: r.config(rotatingHCL()),
					ConfigStateChecks: []statecheck.StateCheck{
						rotatingHas("id", knownvalue.StringExact("6")), rotatingHas("key", knownvalue.NotNull()), ids("5"),
					},
				},
			)
		})
	}
}

func (r *rotating) addLegacyKey() {
	r.mock.AddKey(everflowmock.Key{Name: r.prefix + "billing", EmployeeID: r.employee.ID, Permissions: r.permissions[:2]})
}

func importBlock(by string) string {
	return "\nimport {\n  to = everflow_rotating_api_key.test\n  " + by + "\n}\n"
}

func TestAccRotatingAPIKey_importedTooOldIsRotatedByTheFirstApply(t *testing.T) {
	for _, id := range []string{"5", "5,720h,24h"} {
		t.Run(id, func(t *testing.T) {
			r := onRotatingMock(t)
			r.addLegacyKey()
			r.run(
				resource.TestStep{
					PreConfig: r.passes(40 * day),
					Config:    r.config(rotatingHCL() + importBlock(`id = "`+id+`"`)),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectUnknownValue(theRotating, tfjsonpath.New("id")),
					}},
					ConfigStateChecks: []statecheck.StateCheck{rotatingHas("id", knownvalue.StringExact("6")), ids("5")},
				},
				resource.TestStep{Config: r.config(rotatingHCL()), ConfigPlanChecks: emptyPlan()},
			)
		})
	}
}

func TestAccRotatingAPIKey_importRefusesWhatCannotBeManaged(t *testing.T) {
	r := onRotatingMock(t)
	r.addLegacyKey()
	r.mock.RevokeKey(5)
	var steps []resource.TestStep
	for id, want := range map[string]string{
		"5": "is revoked", "77,720h,24h": "does not exist", "billing,720h,24h": "is not the ID",
		"1,720h,720h": "Set overlap to less than rotate_after", "1,24h": "Set overlap to less than rotate_after",
		"1,": "each must be a duration", "1,90d,24h": "each must be a duration", "1,720h,-1h": "each must be a duration", "1,720h,24h,": "each must be a duration",
	} {
		steps = append(steps, resource.TestStep{
			Config: r.config(rotatingHCL()), ResourceName: theRotating, ImportState: true, ImportStateId: id, ExpectError: says(want),
		})
	}
	r.run(steps...)
}
