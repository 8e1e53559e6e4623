package doctor

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// ReportURL is the form for reports.
const ReportURL = "https://github.com/everflow-community/terraform-provider-everflow/issues/new?template=contract_report.yml"

// WriteText writes the report as text.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	mode := "the calls that read"
	if r.Writes {
		mode = "the calls that read, and the calls that write"
	}
	fmt.Fprintf(&b, "everflow-doctor %s: does the account answer as the provider's API contract says?\nAccount: %s\nChecked: %s\n\n", r.Version, r.accountName(), mode)
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "OPERATION\tSOURCE\tVERDICT\tCALL")
	for _, op := range r.Operations {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", op.ID, op.Source, op.Verdict, op.Call)
	}
	for i, c := range r.Conventions {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.ID, c.Source, c.Verdict, conventions[i].rule)
	}
	_ = table.Flush() // a strings.Builder returns no error
	fmt.Fprintf(&b, "\nPath of searchApiKeys: %s\npage and page_size are read from: %s\n", r.Search.Path, r.Search.Paging)
	if r.Search.LargestPage != 0 {
		fmt.Fprintf(&b, "Page size if 2000 entries are requested: %d\n", r.Search.LargestPage)
	}
	for _, op := range r.Operations {
		writeDetails(&b, op)
	}
	for _, c := range r.Conventions {
		if len(c.Differences) > 0 {
			fmt.Fprintf(&b, "\n%s (%s): %s\n", c.ID, c.Source, c.Verdict)
			writeDifferences(&b, c.Differences)
		}
	}
	if len(r.Written) > 0 {
		b.WriteString("\nObjects that were created or written\n")
	}
	for _, object := range r.Written {
		fmt.Fprintf(&b, "  %s: %s.\n", object.Object, object.Outcome)
	}
	b.WriteString("\n" + r.Summary() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) accountName() string {
	switch r.Account {
	case "us":
		return "hosted by Everflow in the US"
	case "eu":
		return "hosted by Everflow in the EU"
	}
	return r.Account
}

func writeDetails(b *strings.Builder, op *Operation) {
	showsUnknown := len(op.UnknownFields) > 0 && (op.Source == "assumed" || len(op.Differences) > 0)
	if op.Reason == withoutWrites || op.Reason == "" && len(op.Differences) == 0 && !showsUnknown {
		return
	}
	fmt.Fprintf(b, "\n%s (%s): %s\n", op.ID, op.Source, op.Verdict)
	if op.Reason != "" {
		fmt.Fprintf(b, "  %s.\n", op.Reason)
	}
	writeDifferences(b, op.Differences)
	if showsUnknown {
		var fields []string
		for _, field := range op.UnknownFields {
			fields = append(fields, field.Field+" ("+field.Got+")")
		}
		fmt.Fprintf(b, "  fields that are not in the contract: %s\n", strings.Join(fields, ", "))
	}
}

func writeDifferences(b *strings.Builder, differences []Difference) {
	for _, d := range differences {
		fmt.Fprintf(b, "  %s\n    expected: %s\n    got:      %s\n", d.Field, d.Expected, d.Got)
	}
}

// Summary says what the report means and what to do next.
func (r *Report) Summary() string {
	var sentences []string
	counts := r.countVerdicts()
	switch {
	case counts.checked == 0:
		return "No call could be checked: " + r.operation("getNetwork").Reason + "."
	case r.isNotEverflow():
		return "No answer looks like one of Everflow's API: even the published calls are missing. Check that the base URL is the address of the API, " +
			"which ends in /v1, and that no proxy answers in its place."
	case counts.checked == 1 && r.operation("getNetwork").Verdict == Refused:
		return "getNetwork was refused, and every other call would be refused for the same reason: " + r.operation("getNetwork").Reason + "."
	case counts.assumedRefused > 0 && counts.assumedAnswered == 0:
		sentences = append(sentences, "Every call of the Security section was refused. If the permission \"Security\" is missing on the API key or on the role of its employee, "+
			"add it to both and run everflow-doctor again. Otherwise, keys and whitelist of this account can probably be managed in the web interface only, "+
			"and the provider's resources cannot work with it.")
	case counts.assumedMissing > 0 && counts.assumedAnswered == 0:
		sentences = append(sentences, "No call of the Security section exists in the form that the contract assumes. The provider's resources cannot work with this account yet.")
	case r.hasDifferences():
		sentences = append(sentences, "The account does not match the contract where the verdict is \"differs\" or \"missing\". There the provider may stop with an error; it does not guess.")
	case r.ExitCode() == ExitNotChecked:
		sentences = append(sentences, "Everything that was checked matches the contract. Not everything could be checked.")
	default:
		sentences = append(sentences, "Everything that was checked matches the contract.")
	}
	if r.needsAction() {
		sentences = append(sentences, "An object above needs your action.")
	}
	if !r.Writes && counts.assumedAnswered > 0 {
		sentences = append(sentences, "The calls that write were not checked. To check them, use -writes and -network-id.")
	}
	return strings.Join(append(sentences, "Please report this result, whatever it is. It holds no secret, name, address or other value of the account.\n"+ReportURL), "\n")
}

// verdictCounts counts the operations that were checked, and the results of the
// assumed ones.
type verdictCounts struct{ checked, assumedAnswered, assumedRefused, assumedMissing int }

func (r *Report) countVerdicts() (c verdictCounts) {
	for _, op := range r.Operations {
		if op.Verdict == NotChecked {
			continue
		}
		c.checked++
		switch {
		case op.Source != "assumed":
		case op.Verdict == Refused:
			c.assumedRefused++
		case op.answered:
			c.assumedAnswered++
		default:
			c.assumedMissing++
		}
	}
	return c
}
