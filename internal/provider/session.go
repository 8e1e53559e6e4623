package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// session is what one configured provider shares among all that it has. Its client
// is nil while the configuration holds unknown values, which can be so while
// planning only.
type session struct {
	client    *everflow.Client
	whitelist apiWhitelistRun
	// now is the machine's clock; began is when the provider was configured.
	now             func() time.Time
	began           time.Time
	claims          keyClaims
	rolePermissions rolePermissions
	employees       employeesSeen
	handOvers       handOvers
	// unknownOwner keeps a warning about keys whose hash is not known to one per run.
	unknownOwner sync.Once
	// unansweredRead keeps a warning that concerns every key to one per run.
	unansweredRead sync.Once
	// unknownStatuses are the statuses of keys that a warning has named.
	unknownStatuses sync.Map
	unknownAges     sync.Once
	// awaitsShortLivedKey tells, of a session without a client, that its key is created
	// by the apply.
	awaitsShortLivedKey bool
	// open are the short-lived keys of the process that are in use.
	open *openKeys
}

func (s *session) isConfigured() bool { return s.client != nil }

// resourceSession gives a resource the session; embed it.
type resourceSession struct{ *session }

func (r *resourceSession) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// dataSourceSession gives a data source the session; embed it.
type dataSourceSession struct{ *session }

func (d *dataSourceSession) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// ephemeralSession gives an ephemeral resource the session; embed it.
type ephemeralSession struct{ *session }

func (e *ephemeralSession) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// actionSession gives an action the session; embed it.
type actionSession struct{ *session }

func (a *actionSession) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// sessionFrom is nil-safe: Terraform validates before it configures.
func sessionFrom(data any, diags *diag.Diagnostics) *session {
	if data == nil {
		return &session{}
	}
	s, ok := data.(*session)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T. This is a bug in the provider: please report it.", data))
		return &session{}
	}
	return s
}

// needClient adds an error when the provider's configuration is not known yet.
func (s *session) needClient(diags *diag.Diagnostics, doing string) bool {
	if s.isConfigured() {
		return true
	}
	if s.awaitsShortLivedKey {
		diags.AddError(doing+": the provider's API key is not created yet",
			"The provider is configured with an ephemeral everflow_api_key whose argument applying is false, so that there is no key. While planning, resources wait for it, but a data source cannot: "+
				"give that a provider with another key. In an apply that destroys, terraform.applying is false, too: set the argument to true for that run.")
		return false
	}
	diags.AddError(doing+": the provider's configuration is not known yet",
		"A setting of the provider depends on something that is known only after an apply. "+
			"Apply that first (terraform apply -target=…), then run Terraform again.")
	return false
}
