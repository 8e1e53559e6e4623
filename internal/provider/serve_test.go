package provider

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// What comes with a request, such as its loggers, is gone when the request is.
func TestServe_keepsNothingOfARequestThatIsOver(t *testing.T) {
	server, err := NewServer("test")
	if err != nil {
		t.Fatal(err)
	}
	inUse := func() uint64 {
		var memory runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	type luggage struct{}
	empty := &tfprotov6.DynamicValue{JSON: []byte("{}")}
	before := inUse()
	for range 100 {
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), luggage{}, make([]byte, 1<<20)))
		_, _ = server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "everflow_api_key", Config: empty})
		_, _ = server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: "everflow_api_key", RawState: &tfprotov6.RawState{JSON: []byte("{}")}})
		_, _ = server.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{TypeName: "everflow_api_key", RawIdentity: &tfprotov6.RawState{JSON: []byte("{}")}})
		_, _ = server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: "everflow_api_key", CurrentState: empty})
		_, _ = server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: "everflow_api_key", Config: empty, PriorState: empty, ProposedNewState: empty})
		_, _ = server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: "everflow_api_key", Config: empty, PriorState: empty, PlannedState: empty})
		_, _ = server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: "everflow_api_key", ID: "x"})
		cancel()
	}
	if after := inUse(); after > before+(20<<20) {
		t.Errorf("100 requests with 1 MB each left %d MB", (after-before)>>20)
	}
	runtime.KeepAlive(server)
}

// The framework's own steps are in the log of a run that asks for one, and are not
// even written in one that does not.
func TestServe_writesTheFrameworksStepsOnlyForThoseWhoAskForALog(t *testing.T) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") {
			t.Setenv(name, "") // put back at the end
			_ = os.Unsetenv(name)
		}
	}
	for asked, wantQuiet := range map[string]bool{
		"TF_LOG=TRACE": false, "TF_LOG_PROVIDER=DEBUG": false, "TF_LOG_SDK=INFO": false, "TF_LOG=": true, "TF_ACC=1": true,
	} {
		name, value, _ := strings.Cut(asked, "=")
		t.Setenv("TF_LOG_SDK", "")
		t.Setenv(name, value)
		quietUnlessAsked()
		if quiet := os.Getenv("TF_LOG_SDK") == "OFF"; quiet != wantQuiet {
			t.Errorf("%q: quiet is %t", asked, quiet)
		}
		_ = os.Unsetenv(name)
	}
}
