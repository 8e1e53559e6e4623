package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestAccAPIKey_isGoneOnProofOnly(t *testing.T) {
	for name, fault := range map[string]everflowmock.Fault{
		"401":             {Kind: everflowmock.FaultStatus, Status: 401, Body: `{"error":"no"}`},
		"403":             {Kind: everflowmock.FaultStatus, Status: 403, Body: `{"error":"no"}`},
		"an empty answer": {Kind: everflowmock.FaultEmpty},
		"an empty object": {Kind: everflowmock.FaultBody, Body: `{}`},
		"another key":     {Kind: everflowmock.FaultBody, Body: `{"network_api_key_id":1,"network_id":1001,"name":"x","network_employee_id":1,"permissions":[],"is_all_permissions":false,"status":"revoked","time_created":1,"time_saved":1}`},
		"500":             {Kind: everflowmock.FaultStatus, Status: 500, Body: `{"Error":"broken"}`},
		"truncated":       {Kind: everflowmock.FaultTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{})
			config := a.configWith("max_retries = 0", keyWithTwoPermissions)
			fault.Operation = "getApiKey"
			a.run(
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig:   func() { a.mock.AddFault(fault) },
					Config:      config,
					ExpectError: regexp.MustCompile(`Cannot read API key \d+`),
				},
				resource.TestStep{
					PreConfig:        a.mock.ClearFaults,
					Config:           config,
					ConfigPlanChecks: emptyPlan(),
				},
			)
		})
	}
}

// A path that is not as assumed answers 404, whatever keys there are.
func TestAccAPIKey_whoseOwnCallIsNotThereIsReadFromTheList(t *testing.T) {
	for name, answer := range map[string]string{"page": "<html><title>Not Found</title></html>", "error": `{"error": "not found"}`} {
		t.Run(name, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{})
			a.mock.AddFault(everflowmock.Fault{Operation: "getApiKey", Kind: everflowmock.FaultStatus, Status: 404, Body: answer})
			a.run(
				resource.TestStep{Config: a.config(keyWithTwoPermissions)},
				resource.TestStep{Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
				resource.TestStep{
					PreConfig: func() {
						a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Kind: everflowmock.FaultStatus, Status: 404, Body: answer})
					},
					Config:      a.config(keyWithTwoPermissions),
					ExpectError: says(`Cannot read API key`, `not known whether`, `apikeystable: 404`),
				},
				resource.TestStep{PreConfig: a.mock.ClearFaults, Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
			)
		})
	}
}

// The server says that there is nothing to revoke, and the key lives on.
func TestAccAPIKey_isNotDestroyedWhereTheCallToRevokeIsNotThere(t *testing.T) {
	for name, answer := range map[string]everflowmock.Fault{
		"error":       {Kind: everflowmock.FaultStatus, Status: 404, Body: `{"error": "not found"}`},
		"page":        {Kind: everflowmock.FaultStatus, Status: 404, Body: "<html></html>"},
		"not allowed": {Kind: everflowmock.FaultStatus, Status: 405, Body: `{"error": "method not allowed"}`},
		"application": {Kind: everflowmock.FaultBody, Body: "<!DOCTYPE html><html></html>"},
	} {
		t.Run(name, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{})
			answer.Operation = "revokeApiKey"
			a.run(
				resource.TestStep{Config: a.config(keyWithTwoPermissions)},
				resource.TestStep{
					PreConfig: func() { a.mock.AddFault(answer) },
					Config:    a.config(keyWithTwoPermissions), Destroy: true,
					ExpectError: says(`was not revoked`, `API key 5 is live`),
				},
				resource.TestStep{PreConfig: a.mock.ClearFaults, Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
			)
		})
	}
}

func TestAccAPIKey_notFoundInAnotherNetworkIsNoProof(t *testing.T) {
	a := onMock(t, everflowmock.Options{})
	other := onMockBeside(t, 2002)
	a.run(
		resource.TestStep{Config: a.config(keyWithTwoPermissions)},
		resource.TestStep{
			Config:      other.config(keyWithTwoPermissions),
			ExpectError: says(`belongs to another network`, `network 1001`, `network 2002`),
		},
		resource.TestStep{Config: a.config(keyWithTwoPermissions), ConfigPlanChecks: emptyPlan()},
	)
}
