package provider_test

import (
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestAPIKey_aStatusThatIsNotKnownIsSaidOncePerRun(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	if err := a.mock.SetDifferences(everflowmock.Difference{Kind: everflowmock.DifferenceKeyStatusValues, Value: "enabled,disabled"}); err != nil {
		t.Fatal(err)
	}
	p := a.configured(nil)
	state, said := p.read("everflow_api_key", attributes{"id": "1", "network_id": 1001})
	expectSaid(t, said, []string{
		`warning: API key 1 ("Legacy API Key (Pat Platform)") has a status that is not known: "enabled":`,
		`assumed`, `Expected: "active" or "revoked". Got: "enabled"`, "treated as live", "everflow-doctor",
	})
	if status := p.field(state, "status"); status != "enabled" {
		t.Errorf("status %q", status)
	}
	_, said = p.read("everflow_api_key", attributes{"id": "2", "network_id": 1001})
	expectSaid(t, said)
}

func TestAPIKey_theCaseOfAStatusHasNoMeaning(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	if err := a.mock.SetDifferences(everflowmock.Difference{Kind: everflowmock.DifferenceKeyStatusValues, Value: "ACTIVE,REVOKED"}); err != nil {
		t.Fatal(err)
	}
	p := a.configured(nil)
	state, said := p.read("everflow_api_key", attributes{"id": "1", "network_id": 1001})
	expectSaid(t, said)
	if status := p.field(state, "status"); status != "active" {
		t.Errorf("status %q, want active", status)
	}
}

func TestShortLivedKey_whoseNameIsStoredOtherwiseIsSaid(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	if err := a.mock.SetDifferences(everflowmock.Difference{Kind: everflowmock.DifferenceNameTruncated, Value: "7"}); err != nil {
		t.Fatal(err)
	}
	p := a.configured(nil)
	key, said := p.open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said, []string{
		"warning: Everflow stored the name of the short-lived API key 5 otherwise than asked", `Its name is "nightly", not "nightly check (Terraform, short-lived`, "revoke it then",
	})
	expectSaid(t, p.close(shortLived, key))
	if a.isLive(5) {
		t.Error("the key is still live after close")
	}
}
