package contracttest

import (
	"bytes"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract"
)

func TestLoad_refusesADocumentThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, new string }{
		"example with a field that its schema lacks": {
			old: "time_revoked: 0\n                api_key:",
			new: "time_revoked: 0\n                owner: x\n                api_key:",
		},
		"example without a required field": {
			old: "network_id: 1\n                name: Example Network",
			new: "network_id: 1",
		},
		"servers with different base paths": {
			old: "https://api-eu.eflow.team/v1",
			new: "https://api-eu.eflow.team/v2",
		},
		"allOf with a part that is no object": {
			old: "allOf:\n        - $ref: \"#/components/schemas/ApiKey\"",
			new: "allOf:\n        - $ref: \"#/components/schemas/Error\"",
		},
	} {
		broken := bytes.Replace(contract.OpenAPI, []byte(tc.old), []byte(tc.new), 1)
		if bytes.Equal(broken, contract.OpenAPI) {
			t.Fatalf("%s: nothing was replaced", name)
		}
		if _, err := load(broken); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := load(contract.OpenAPI); err != nil {
		t.Error(err)
	}
}
