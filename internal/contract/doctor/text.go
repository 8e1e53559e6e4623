package doctor

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// ReportURL is where a report is of use.
const ReportURL = "https://github.com/everflow-community/terraform-provider-everflow/issues/new?template=contract_report.yml"

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	mode := "calls that read only"
	if r.Writes {
		mode = "calls that read, and calls that write"
	}
	fmt.Fprintf(&b, "everflow-doctor %s: is the contract of the provider true on this account?\nAccount: %s. Asked: %s.\n\n", r.Doctor, r.accountName(), mode)
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "OPERATION\tSOURCE\tVERDICT\tCALL")
	for _, one := range r.Operations {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.ID, one.Source, one.Verdict, one.Call)
	}
	for i, one := range r.Conventions {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.ID, one.Source, one.Verdict, conventions[i].about)
	}
	_ = table.Flush() // into a strings.Builder, which takes everything
	fmt.Fprintf(&b, "\nTable of keys: %s\nPage and page_size are taken from: %s\n", r.Follows.TablePath, r.Follows.Paging)
	if r.Follows.LargestPage != 0 {
		fmt.Fprintf(&b, "Entries of a page when 2000 are asked for: %d\n", r.Follows.LargestPage)
	}
	for _, one := range r.Operations {
		writeDetails(&b, one)
	}
	for _, one := range r.Conventions {
		if len(one.Differences) > 0 {
			fmt.Fprintf(&b, "\n%s (%s)\n", one.ID, one.Source)
			writeDifferences(&b, one.Differences)
		}
	}
	r.writeMade(&b)
	b.WriteString("\n" + r.Summary() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) accountName() string {
	switch r.Account {
	case "us":
		return "on Everflow's host in the US"
	case "eu":
		return "on Everflow's host in the EU"
	}
	return "at another base URL"
}

func writeDetails(b *strings.Builder, one *Operation) {
	showsUnknown := len(one.UnknownFields) > 0 && (one.Source == "assumed" || len(one.Differences) > 0)
	if one.Verdict == NotAsked && one.Reason == notWanted || one.Reason == "" && len(one.Differences) == 0 && !showsUnknown {
		return
	}
	fmt.Fprintf(b, "\n%s (%s): %s\n", one.ID, one.Source, one.Verdict)
	if one.Reason != "" {
		fmt.Fprintf(b, "  %s.\n", one.Reason)
	}
	writeDifferences(b, one.Differences)
	if showsUnknown {
		var fields []string
		for _, field := range one.UnknownFields {
			fields = append(fields, field.Field+" ("+field.Got+")")
		}
		fmt.Fprintf(b, "  fields that the contract does not have: %s\n", strings.Join(fields, ", "))
	}
}

func writeDifferences(b *strings.Builder, differences []Difference) {
	for _, one := range differences {
		fmt.Fprintf(b, "  %s\n    expected: %s\n    got:      %s\n", one.Field, one.Expected, one.Got)
	}
}

func (r *Report) writeMade(b *strings.Builder) {
	if len(r.Made) == 0 {
		return
	}
	b.WriteString("\nWhat was made\n")
	for _, one := range r.Made {
		fmt.Fprintf(b, "  %s: %s\n", one.What, one.Outcome)
	}
}

// Summary says in a few sentences what the report means, and what to do next.
func (r *Report) Summary() string {
	var said []string
	counts := r.counts()
	switch {
	case counts.asked == 0:
		return "Nothing could be asked: " + r.operation("getNetwork").Reason + "."
	case r.isAnsweredByOthers():
		return "What answers does not look like Everflow's API: not even the published calls are there. See whether the base URL is the API's, " +
			"which ends in /v1, and whether something stands in between."
	case counts.asked == 1 && r.operation("getNetwork").Verdict == Refused:
		return "The first call was refused, and every other would be: " + r.operation("getNetwork").Reason + "."
	case counts.assumedRefused > 0 && counts.assumedAnswered == 0:
		said = append(said, "Every call of the Security section was refused. Either the key, or the role of its employee, lacks the permission \"Security\": "+
			"give it both, and run this again. Or API keys may not manage keys and whitelist at all, and only the web interface can; "+
			"with such an account the provider's resources cannot work.")
	case counts.assumedElsewhere > 0 && counts.assumedAnswered == 0:
		said = append(said, "None of the calls of the Security section is answered where the contract assumes it. The provider's resources cannot work on this account yet.")
	case r.ExitCode() == ExitDiffers:
		said = append(said, "The contract is not true on this account where it says \"differs\" or \"missing\". The provider may fail there; it does not guess.")
	case r.ExitCode() == ExitNotAsked:
		said = append(said, "What was answered fits the contract. Not everything could be asked.")
	default:
		said = append(said, "Everything that was asked fits the contract.")
	}
	if !r.Writes && counts.assumedAnswered > 0 {
		said = append(said, "The calls that write were not asked: -writes with -network-id asks them.")
	}
	return strings.Join(append(said, "Either way, please report it: the report holds no secret, name, address or other value of the account.\n"+ReportURL), "\n")
}

// counts are how many operations were asked, and how the assumed ones ended.
type counts struct{ asked, assumedAnswered, assumedRefused, assumedElsewhere int }

func (r *Report) counts() (c counts) {
	for _, one := range r.Operations {
		if one.Verdict != NotAsked {
			c.asked++
		}
		switch {
		case one.Source != "assumed" || one.Verdict == NotAsked:
		case one.Verdict == Refused:
			c.assumedRefused++
		case one.answered:
			c.assumedAnswered++
		default:
			c.assumedElsewhere++
		}
	}
	return c
}
