package doctor

import (
	"slices"
)

// Verdict is the outcome for an operation or a convention.
type Verdict string

// The verdicts.
const (
	// Fits is an answer as the contract has it.
	Fits Verdict = "fits"
	// Differs is an answer that is not as the contract has it.
	Differs Verdict = "differs"
	// Refused is a call that the key may not make: 401 or 403.
	Refused Verdict = "refused"
	// Missing is a call that the account does not have.
	Missing Verdict = "missing"
	// NotAsked is a call that was not made, or got no answer. The reason says why.
	NotAsked Verdict = "not asked"
)

// Difference is one field, or another part of an answer, that is not as the
// contract has it: as types and names, never values.
type Difference struct {
	Field    string `json:"field"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
}

// UnknownField is a field that the contract does not have, which is no difference:
// a client ignores it.
type UnknownField struct {
	Field string `json:"field"`
	Got   string `json:"got"`
}

// Operation is what was found of one operation of the contract.
type Operation struct {
	ID      string  `json:"id"`
	Source  string  `json:"source"`
	Call    string  `json:"call"`
	Verdict Verdict `json:"verdict"`
	// Reason explains a verdict that has no differences, or adds to it.
	Reason        string         `json:"reason,omitempty"`
	Differences   []Difference   `json:"differences"`
	UnknownFields []UnknownField `json:"unknown_fields,omitempty"`

	// byChoice: not asked because nobody wanted it, or because it would not be safe.
	byChoice bool
	// answered: there was a body to compare, or a refusal.
	answered bool
}

func (o *Operation) notAsked(reason string) { o.Verdict, o.Reason = NotAsked, reason }

// differ adds a difference, once.
func (o *Operation) differ(field, expected, got string) {
	o.Verdict = Differs
	one := Difference{Field: field, Expected: expected, Got: got}
	if !slices.Contains(o.Differences, one) {
		o.Differences = append(o.Differences, one)
	}
}

// Convention is what was found of something that holds for all operations.
type Convention struct {
	ID          string       `json:"id"`
	Source      string       `json:"source"`
	Verdict     Verdict      `json:"verdict"`
	Differences []Difference `json:"differences"`
}

func (c *Convention) differ(field, expected, got string) {
	c.Verdict = Differs
	c.Differences = append(c.Differences, Difference{Field: field, Expected: expected, Got: got})
}

// Follows says which of the ways that Everflow's own pages have the account takes.
type Follows struct {
	TablePath string `json:"table_path"`
	Paging    string `json:"paging"`
	// LargestPage is how many entries a page has when 2000 are asked for; 0 is not known.
	LargestPage int64 `json:"largest_page"`
}

// unknownWay is in Follows where it could not be found out.
const unknownWay = "not known"

// Made is something that the doctor made, and what became of it.
type Made struct {
	What    string `json:"what"`
	Outcome string `json:"outcome"`
	// Alive is true when it is still there, as far as is known.
	Alive bool `json:"alive"`
}

// Report is the outcome of an examination.
type Report struct {
	Doctor string `json:"doctor"`
	// Account is where it is hosted: us, eu, or another base URL.
	Account     string       `json:"account"`
	Writes      bool         `json:"writes"`
	Operations  []*Operation `json:"operations"`
	Conventions []Convention `json:"conventions"`
	Follows     Follows      `json:"follows"`
	Made        []Made       `json:"made"`
}

// inOrder is the order of the report: what reads before what writes, and what is
// published before what is assumed.
var inOrder = []string{
	"getNetwork", "listEmployees", "listRoles",
	"searchApiKeys", "getApiKey", "getApiWhitelist",
	"createApiKey", "updateApiKey", "revokeApiKey", "replaceApiWhitelist",
}

func newReport(config Config, account string, operations map[string]operation) *Report {
	r := &Report{
		Doctor: config.Version, Account: account, Writes: config.Writes,
		Follows: Follows{TablePath: unknownWay, Paging: unknownWay},
		Made:    []Made{},
	}
	for _, id := range inOrder {
		r.Operations = append(r.Operations, &Operation{
			ID: id, Source: operations[id].source, Call: operations[id].call(),
			Verdict: NotAsked, Differences: []Difference{},
		})
	}
	for _, one := range conventions {
		r.Conventions = append(r.Conventions, Convention{ID: one.id, Source: one.source, Verdict: NotAsked, Differences: []Difference{}})
	}
	return r
}

func (r *Report) operation(id string) *Operation {
	return r.Operations[slices.IndexFunc(r.Operations, func(o *Operation) bool { return o.ID == id })]
}

func (r *Report) convention(id string) *Convention {
	return &r.Conventions[slices.IndexFunc(r.Conventions, func(c Convention) bool { return c.ID == id })]
}

// Exit codes of the command.
const (
	ExitFits     = 0
	ExitDiffers  = 1
	ExitNotAsked = 2
)

// ExitCode is ExitDiffers when something differs, is missing or was left alive,
// ExitNotAsked when something could not be asked, and else ExitFits.
func (r *Report) ExitCode() int {
	code := ExitFits
	if r.isAnsweredByOthers() {
		return ExitNotAsked
	}
	for _, one := range r.Operations {
		switch {
		case one.Verdict == Differs, one.Verdict == Missing:
			return ExitDiffers
		case one.Verdict == Refused, one.Verdict == NotAsked && !one.byChoice:
			code = ExitNotAsked
		}
	}
	for _, one := range r.Conventions {
		if one.Verdict == Differs {
			return ExitDiffers
		}
	}
	for _, one := range r.Made {
		if one.Alive {
			return ExitDiffers
		}
	}
	return code
}

// isAnsweredByOthers reports whether calls were made and none was answered as an API
// like Everflow's does: the base URL is wrong, or something stands in between.
func (r *Report) isAnsweredByOthers() bool {
	asked := false
	for _, one := range r.Operations {
		if one.answered {
			return false
		}
		asked = asked || one.Verdict != NotAsked
	}
	return asked
}
