package provider_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// Ctrl-C cancels the context of a running apply; Terraform still saves what it
// returns.

var billing = attributes{"name": "billing", "network_employee_id": 2, "all_permissions": true}

// interrupt applies a planned create and cancels it once the mock acted on a call
// with the method.
func interrupt(t *testing.T, a *account, p *protocol, resource string, config attributes, method, path string) (tftypes.Value, []string) {
	t.Helper()
	planned, _ := p.plan(resource, nil, config)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tell := func(r *http.Request) {
		if r.Method == method && strings.HasSuffix(r.URL.Path, path) {
			cancel()
		}
	}
	a.acted.Store(&tell)
	state, said := p.apply(ctx, resource, nil, config, planned)
	if ctx.Err() == nil {
		t.Fatalf("%s %s never came", method, path)
	}
	return state, said
}

func TestInterruption_createThatIsUnderWayIsFinishedAndSaved(t *testing.T) {
	a := homeMock(t)
	a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Kind: everflowmock.FaultHang, Delay: 300 * time.Millisecond})
	p := a.configured(nil)
	state, said := interrupt(t, a, p, "everflow_api_key", billing, http.MethodPost, "/apikeys")
	expectSaid(t, said)
	if p.field(state, "id") != "5" || p.field(state, "key") == "" {
		t.Errorf("saved key %q, with a secret of %d characters", p.field(state, "id"), len(p.field(state, "key")))
	}
}

func TestInterruption_createWhoseAnswerIsLostIsLookedForAllTheSame(t *testing.T) {
	a := homeMock(t)
	a.mock.AddFault(everflowmock.Fault{Operation: "createApiKey", AfterActing: true, Kind: everflowmock.FaultHang})
	p := a.configured(attributes{"request_timeout": "500ms"})
	state, said := interrupt(t, a, p, "everflow_api_key", billing, http.MethodPost, "/apikeys")
	expectSaid(t, said, []string{"error", "API key 5 was created, but its secret was lost"})
	if p.field(state, "id") != "5" || p.field(state, "key") != "" {
		t.Errorf("saved key %q", p.field(state, "id"))
	}
}

func TestInterruption_whitelistThatIsBeingWrittenIsReadBackAndSaved(t *testing.T) {
	a := homeMock(t)
	a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", AfterActing: true, Kind: everflowmock.FaultHang, Delay: 300 * time.Millisecond})
	p := a.configured(attributes{"egress_ip_addresses": []string{"203.0.113.10"}})
	config := attributes{"ip_addresses": []string{"203.0.113.10"}}
	state, said := interrupt(t, a, p, "everflow_api_whitelist", config, http.MethodPut, "/apiwhitelist")
	expectSaid(t, said)
	if p.field(state, "id") != "1001" {
		t.Errorf("saved whitelist %q", p.field(state, "id"))
	}
	a.expectWhitelist(t, "203.0.113.10")
}

func TestTwoRuns_theOneWhoseWhitelistWasOverwrittenIsTold(t *testing.T) {
	a := homeMock(t)
	a.setWhitelist("203.0.113.10")
	prior := stateOfList("203.0.113.10")
	// Both read the list before either writes.
	a.mock.AddFault(everflowmock.Fault{Operation: "replaceApiWhitelist", Kind: everflowmock.FaultHang, Delay: 300 * time.Millisecond})
	type ending struct {
		entries string
		said    []string
	}
	endings := make(chan ending, 2)
	for _, entry := range []string{"198.51.100.1", "198.51.100.2"} {
		p := a.configured(attributes{"egress_ip_addresses": []string{"203.0.113.10"}})
		config := attributes{"ip_addresses": []string{"203.0.113.10", entry}}
		planned, said := p.plan("everflow_api_whitelist", prior, config)
		expectSaid(t, said)
		go func() {
			_, said := p.apply(context.Background(), "everflow_api_whitelist", prior, config, planned)
			endings <- ending{entry, said}
		}()
	}
	won, told := 0, 0
	for range 2 {
		switch end := <-endings; len(end.said) {
		case 0:
			won++
			a.expectWhitelist(t, "203.0.113.10", end.entries)
		default:
			told++
			expectSaid(t, end.said, []string{"error: The API whitelist is not what was written", "- added: 198.51.100.", "- removed: " + end.entries})
		}
	}
	if won != 1 || told != 1 {
		t.Errorf("%d runs won and %d were told, want one each", won, told)
	}
}
