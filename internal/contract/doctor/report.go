package doctor

import "slices"

// Verdict is the result for an operation or a convention.
type Verdict string

// The verdicts.
const (
	Matches Verdict = "matches"
	Differs Verdict = "differs"
	// Refused is 401 or 403.
	Refused Verdict = "refused"
	// Missing is a call that the account does not have.
	Missing Verdict = "missing"
	// NotChecked is a call that was not made, or had no conclusive answer.
	NotChecked Verdict = "not checked"
)

// Difference is a field, or another part of an answer, that is not as the contract
// says. It holds types and names, never values.
type Difference struct {
	Field    string `json:"field"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
}

// UnknownField is a field that is not in the contract. Clients ignore it, so it is no
// difference.
type UnknownField struct {
	Field string `json:"field"`
	Got   string `json:"got"`
}

// Operation is the result for an operation of the contract.
type Operation struct {
	ID      string  `json:"id"`
	Source  string  `json:"source"`
	Call    string  `json:"call"`
	Verdict Verdict `json:"verdict"`
	// Reason explains the verdict, if the differences do not.
	Reason        string         `json:"reason,omitempty"`
	Differences   []Difference   `json:"differences"`
	UnknownFields []UnknownField `json:"unknown_fields,omitempty"`

	// skipped: not checked because it was not requested, or not safe. The exit code
	// does not count it.
	skipped bool
	// answered: there was a body to compare, or a refusal.
	answered bool
}

func (o *Operation) setNotChecked(reason string) { o.Verdict, o.Reason = NotChecked, reason }

// addDifference adds a difference, unless it is there already.
func (o *Operation) addDifference(field, expected, got string) {
	o.Verdict = Differs
	d := Difference{Field: field, Expected: expected, Got: got}
	if !slices.Contains(o.Differences, d) {
		o.Differences = append(o.Differences, d)
	}
}

// Convention is the result for a rule that applies to all operations.
type Convention struct {
	ID          string       `json:"id"`
	Source      string       `json:"source"`
	Verdict     Verdict      `json:"verdict"`
	Differences []Difference `json:"differences"`
}

func (c *Convention) addDifference(field, expected, got string) {
	c.Verdict = Differs
	c.Differences = append(c.Differences, Difference{Field: field, Expected: expected, Got: got})
}

// Search is what the account does where Everflow's published searches differ from one
// another.
type Search struct {
	Path string `json:"path"`
	// Paging is where page and page_size are read from.
	Paging string `json:"paging"`
	// LargestPage is the page size of the answer to a request for 2000 entries; 0 is
	// unknown.
	LargestPage int64 `json:"largest_page"`
}

const unknown = "unknown"

// Written is an object that was created or written, in this run or an earlier one.
type Written struct {
	Object  string `json:"object"`
	Outcome string `json:"outcome"`
	// NeedsAction: the key may still be active, or the whitelist is not as it was.
	NeedsAction bool `json:"needs_action"`
}

// Report is the result of a run.
type Report struct {
	Version string `json:"version"`
	// Account is us, eu, or "another base URL".
	Account     string       `json:"account"`
	Writes      bool         `json:"writes"`
	Operations  []*Operation `json:"operations"`
	Conventions []Convention `json:"conventions"`
	Search      Search       `json:"search"`
	Written     []Written    `json:"written"`
}

// operationOrder is the order in the report: calls that read come first, and of these
// the published ones.
var operationOrder = []string{
	"getNetwork", "listEmployees", "listRoles",
	"searchApiKeys", "getApiKey", "getApiWhitelist",
	"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist",
}

func newReport(config Config, account string, operations map[string]operation) *Report {
	r := &Report{
		Version: config.Version, Account: account, Writes: config.Writes,
		Search:  Search{Path: unknown, Paging: unknown},
		Written: []Written{},
	}
	for _, id := range operationOrder {
		r.Operations = append(r.Operations, &Operation{
			ID: id, Source: operations[id].source, Call: operations[id].call(),
			Verdict: NotChecked, Differences: []Difference{},
		})
	}
	for _, c := range conventions {
		r.Conventions = append(r.Conventions, Convention{ID: c.id, Source: c.source, Verdict: NotChecked, Differences: []Difference{}})
	}
	return r
}

func (r *Report) addWritten(w Written) { r.Written = append(r.Written, w) }

func (r *Report) operation(id string) *Operation {
	return r.Operations[slices.IndexFunc(r.Operations, func(o *Operation) bool { return o.ID == id })]
}

func (r *Report) convention(id string) *Convention {
	return &r.Conventions[slices.IndexFunc(r.Conventions, func(c Convention) bool { return c.ID == id })]
}

// Exit codes of the command.
const (
	ExitMatches    = 0
	ExitDiffers    = 1
	ExitNotChecked = 2
)

// ExitCode is ExitDiffers if something differs, is missing or needs action,
// ExitNotChecked if something could not be checked, and ExitMatches otherwise.
func (r *Report) ExitCode() int {
	switch {
	case r.isNotEverflow():
		return ExitNotChecked
	case r.hasDifferences(), r.needsAction():
		return ExitDiffers
	case slices.ContainsFunc(r.Operations, func(o *Operation) bool {
		return o.Verdict == Refused || o.Verdict == NotChecked && !o.skipped
	}):
		return ExitNotChecked
	}
	return ExitMatches
}

func (r *Report) hasDifferences() bool {
	return slices.ContainsFunc(r.Operations, func(o *Operation) bool { return o.Verdict == Differs || o.Verdict == Missing }) ||
		slices.ContainsFunc(r.Conventions, func(c Convention) bool { return c.Verdict == Differs })
}

func (r *Report) needsAction() bool {
	return slices.ContainsFunc(r.Written, func(w Written) bool { return w.NeedsAction })
}

// isNotEverflow reports whether calls were made and none had an answer like those of
// Everflow's API: the base URL is wrong, or a proxy answers.
func (r *Report) isNotEverflow() bool {
	return r.countVerdicts().checked > 0 &&
		!slices.ContainsFunc(r.Operations, func(o *Operation) bool { return o.answered })
}
