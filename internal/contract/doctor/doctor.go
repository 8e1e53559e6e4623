// Package doctor asks an Everflow account whether the contract is true there.
//
// It sees answers raw: none of the tolerance of the client is between them and
// the contract. By default it sends calls that read, and its transport refuses
// every other one. What it reports are types and names of fields, never values.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// Config says which account to ask, and how far to go.
type Config struct {
	// APIKey is the network API key to authenticate with. Required.
	APIKey everflow.Secret
	// BaseURL is the API's address, by the rules of [everflow.ParseBaseURL].
	BaseURL string
	// Writes also asks the calls that write, on objects that the doctor makes
	// itself, and on the whitelist without changing it.
	Writes bool
	// NetworkID must be the network's ID for anything to be written.
	NetworkID int64
	// EmployeeID is whom the key that is made belongs to; 0 takes the active
	// employee with the lowest ID.
	EmployeeID int64
	// Version is the doctor's own, for the report and the user agent.
	Version string
	// Transport carries the calls; nil means one that honours the usual proxy
	// variables.
	Transport http.RoundTripper
	// Progress is told in a sentence what was made and what became of it.
	Progress func(string)
}

// doctor is one examination.
type doctor struct {
	config   Config
	calls    map[string]operation
	fields   map[string]bool // every name of a field in the contract
	caller   *caller
	report   *Report
	names    *names
	headers  headerChecks
	errors   errorChecks
	stop     string // why nothing more is asked; empty while it goes on
	findings findings
}

// findings are what the reading calls found, as far as it could be read.
type findings struct {
	networkID   string
	employees   []object
	permissions []string
	table       table
	whitelist   *whitelistFinding
	// control is how the account answers a path that does not exist.
	control answer
}

// Run asks every operation of the contract, and reports. The error is one of the
// configuration; all that the account does is in the report.
func Run(ctx context.Context, config Config) (*Report, error) {
	if err := everflow.CheckAPIKey(config.APIKey.Reveal()); err != nil {
		return nil, err
	}
	base, err := everflow.ParseBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	if config.Writes && config.NetworkID <= 0 {
		return nil, errors.New("-writes needs -network-id with the ID of the network that may be written to")
	}
	operations, err := loadOperations()
	if err != nil {
		return nil, err
	}
	config.Version = cmp.Or(config.Version, "dev")
	if config.Progress == nil {
		config.Progress = func(string) {}
	}
	d := &doctor{
		config: config,
		calls:  operations,
		fields: fieldsOf(operations),
		caller: newCaller(base, config, operations),
		report: newReport(config, accountOf(base), operations),
		names:  newNames(config.APIKey),
	}
	d.read(ctx)
	d.write(ctx)
	d.conclude()
	return d.report, nil
}

// accountOf names where the account is hosted, without an address of the user's own.
func accountOf(base *url.URL) string {
	switch base.String() {
	case everflow.BaseURLUS:
		return "us"
	case everflow.BaseURLEU:
		return "eu"
	}
	return "another base URL"
}

// read asks the operations that read, in an order in which each finds what the
// next needs.
func (d *doctor) read(ctx context.Context) {
	for _, step := range []struct {
		operation string
		ask       func(context.Context, *Operation)
	}{
		{"getNetwork", d.askNetwork},
		{"listRoles", d.askRoles}, // whose permissions explain refusals
		{"listEmployees", d.askEmployees},
		{"searchApiKeys", d.askTable},
		{"getApiKey", d.askKey},
		{"getApiWhitelist", d.askWhitelist},
	} {
		result := d.report.operation(step.operation)
		if ctx.Err() != nil {
			d.stop = interrupted
		}
		if d.stop != "" {
			result.notAsked(d.stop)
			continue
		}
		step.ask(ctx, result)
	}
}

// Reasons for not asking that are looked for again.
const (
	interrupted = "interrupted"
	notWanted   = "it writes, and -writes was not given"
)

// write asks the operations that write, if it may.
func (d *doctor) write(ctx context.Context) {
	reason, byChoice := d.mayNotWrite()
	if reason != "" {
		for _, id := range []string{"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist"} {
			d.report.operation(id).notAsked(reason)
			d.report.operation(id).byChoice = byChoice
		}
		return
	}
	d.askKeyLife(ctx)
	d.askWhitelistWrite(ctx)
}

// mayNotWrite says why nothing is written. By choice is the user's own.
func (d *doctor) mayNotWrite() (reason string, byChoice bool) {
	switch {
	case !d.config.Writes:
		return notWanted, true
	case d.stop != "":
		return d.stop, false
	case d.findings.networkID == "":
		return "the ID of the network could not be read, so that it could not be confirmed", false
	case d.findings.networkID != fmt.Sprint(d.config.NetworkID):
		return "the key belongs to another network than -network-id names", false
	}
	return "", false
}

// conclude judges what only all answers together show.
func (d *doctor) conclude() {
	d.leftOver()
	d.headers.judge(d.report.convention("rateLimitHeaders"), "integer from 0", rateLimitHeaders...)
	d.headers.judge(d.report.convention("dateHeader"), "time of the answer", "Date")
	d.errors.judge(d.report.convention("errorBody"))
}
