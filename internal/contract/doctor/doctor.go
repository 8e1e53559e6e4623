// Package doctor checks whether an Everflow account answers as the contract says.
//
// It sends its own requests: the provider's client tolerates some differences and
// would hide them. Without Config.Writes, its transport blocks every call that
// writes. The report holds types and names of fields, and no values.
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

// Config says which account to check, and with which calls.
type Config struct {
	// APIKey is the network API key to authenticate with. Required.
	APIKey everflow.Secret
	// BaseURL is the API's address. See [everflow.ParseBaseURL] for its form.
	BaseURL string
	// Writes also checks the calls that write: on an API key that the doctor
	// creates, and on the whitelist without changing it.
	Writes bool
	// NetworkID is required with Writes. Nothing is written unless the API key
	// belongs to this network.
	NetworkID int64
	// EmployeeID is the employee that the created key belongs to. 0 is the active
	// employee with the lowest ID.
	EmployeeID int64
	// Version is the version of the doctor, for the report and the user agent.
	Version string
	// Transport sends the requests. Nil is a transport that honours the usual proxy
	// variables.
	Transport http.RoundTripper
	// Progress is called with a sentence about each object that is created, and
	// about what needs action.
	Progress func(string)
}

// doctor is one run.
type doctor struct {
	config     Config
	operations map[string]operation
	fieldNames map[string]bool // of the contract
	client     *client
	report     *Report
	names      *names
	headers    headerChecks
	errors     errorChecks
	stopReason string // why no further call is made; empty if calls go on
	findings   findings
}

// findings are what the calls that read found and later calls need.
type findings struct {
	networkID   string
	employees   []object
	permissions []string
	table       table
	whitelist   *whitelist
	// unknownPath is the answer to a path that does not exist.
	unknownPath answer
}

// Run checks every operation of the contract. An error is about the configuration;
// failures of the account are in the report.
func Run(ctx context.Context, config Config) (*Report, error) {
	if err := everflow.CheckAPIKey(config.APIKey.Reveal()); err != nil {
		return nil, err
	}
	base, err := everflow.ParseBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	if config.Writes && config.NetworkID <= 0 {
		return nil, errors.New("-writes requires -network-id, the ID of the network that the API key belongs to")
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
		config:     config,
		operations: operations,
		fieldNames: fieldNames(operations),
		client:     newClient(base, config, operations),
		report:     newReport(config, accountOf(base), operations),
		names:      newNames(config.APIKey),
	}
	d.checkReads(ctx)
	d.checkWrites(ctx)
	d.addKeysOfEarlierRuns()
	d.headers.evaluate(d.report.convention("rateLimitHeaders"), "integer, at least 0", rateLimitHeaders...)
	d.headers.evaluate(d.report.convention("dateHeader"), "time of the answer", "Date")
	d.errors.evaluate(d.report.convention("errorBody"))
	return d.report, nil
}

// accountOf names the host of the account. It does not show a custom base URL.
func accountOf(base *url.URL) string {
	switch base.String() {
	case everflow.BaseURLUS:
		return "us"
	case everflow.BaseURLEU:
		return "eu"
	}
	return "another base URL"
}

// step checks one operation.
type step struct {
	operation string
	check     func(context.Context, *Operation)
}

// checkReads checks the operations that read. Each step needs findings of earlier ones.
func (d *doctor) checkReads(ctx context.Context) {
	for _, s := range []step{
		{operation: "getNetwork", check: d.checkGetNetwork},
		{operation: "listRoles", check: d.checkListRoles}, // its permissions explain later refusals
		{operation: "listEmployees", check: d.checkListEmployees},
		{operation: "searchApiKeys", check: d.checkSearchAPIKeys},
		{operation: "getApiKey", check: d.checkGetAPIKey},
		{operation: "getApiWhitelist", check: d.checkGetAPIWhitelist},
	} {
		result := d.report.operation(s.operation)
		if ctx.Err() != nil {
			d.stopReason = interrupted
		}
		if d.stopReason != "" {
			result.setNotChecked(d.stopReason)
			continue
		}
		s.check(ctx, result)
	}
}

// Reasons that the report and its text compare with.
const (
	interrupted   = "interrupted"
	withoutWrites = "the call writes, and -writes was not given"
)

// checkWrites checks the operations that write, if that is allowed and safe.
func (d *doctor) checkWrites(ctx context.Context) {
	if reason := d.reasonNotToWrite(); reason != "" {
		for _, id := range []string{"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist"} {
			d.report.operation(id).setNotChecked(reason)
			d.report.operation(id).skipped = !d.config.Writes
		}
		return
	}
	d.checkKeyWrites(ctx)
	d.checkReplaceAPIWhitelist(ctx)
}

// reasonNotToWrite is empty if calls that write may be made.
func (d *doctor) reasonNotToWrite() string {
	switch {
	case !d.config.Writes:
		return withoutWrites
	case d.stopReason != "":
		return d.stopReason
	case d.findings.networkID == "":
		return "the ID of the network could not be read, so it could not be compared with -network-id"
	case d.findings.networkID != fmt.Sprint(d.config.NetworkID):
		return "the API key belongs to another network than -network-id"
	}
	return ""
}
