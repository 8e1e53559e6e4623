package provider

import (
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// addAPIError adds an error of the API, with what to do next.
func addAPIError(diags *diag.Diagnostics, summary string, err error) {
	diags.AddError(summary, apiErrorDetail(err))
}

func apiErrorDetail(err error) string {
	if next := remedy(err); next != "" {
		return sentence(err) + "\n\n" + next
	}
	return sentence(err)
}

func remedy(err error) string {
	failed, ok := errors.AsType[*everflow.Error](err)
	if !ok {
		return ""
	}
	mismatch := everflow.Mismatch(err)
	switch status := failed.Status; {
	case errors.Is(err, everflow.ErrReadOnly):
		return "Nothing was changed. To change something, run Terraform without that setting."
	case mismatch != "" && everflow.IsAbsent(failed):
		return "If base_url is set, check first that it is the address of Everflow's API, its version included, as in " + everflow.BaseURLUS + ".\n\n" + mismatch
	case mismatch != "":
		return mismatch
	case status == 0 && failed.Attempts == 0:
		return "The call was not sent: it waited for its turn, since other calls of this run came first, until Terraform was cancelled or out of time. Run Terraform again."
	case status == 0:
		return "Check that the base URL or region is right and that this machine reaches it, then run Terraform again."
	case status == http.StatusUnauthorized:
		return "Everflow does not accept the provider's own API key: it is mistyped or revoked. Check api_key or EVERFLOW_API_KEY."
	case status == http.StatusForbidden:
		return refusalRemedy(failed)
	case status == http.StatusNotFound:
		return "Check base_url: is it the address of Everflow's API, its version included, as in " + everflow.BaseURLUS + "?"
	case status == http.StatusTooManyRequests:
		return "Everflow's rate limit is shared by everything that uses the network's API. " +
			"Run Terraform again when less is going on, or lower max_requests_per_second or -parallelism."
	case status == http.StatusBadRequest:
		return "Everflow refused the values of this call, which changed nothing. Correct what it names and run Terraform again." + assumption(failed)
	case status >= 300 && status <= 399:
		return "Check base_url: it must be the API's own address."
	case status >= 500:
		return "The error is on Everflow's side. Run Terraform again. If it stays, ask Everflow's support."
	case failed.Malformed:
		return "Nothing is concluded from such an answer, and nothing in the state was changed for it. Check that base_url is the address of Everflow's API, and run Terraform again."
	}
	return ""
}

// mismatchOf says how the answer differs from the assumed contract, if it does.
func mismatchOf(err error) string {
	if mismatch := everflow.Mismatch(err); mismatch != "" {
		return "\n\n" + mismatch
	}
	return ""
}

// assumption: a call that is not as assumed is refused with 400 as well.
func assumption(failed *everflow.Error) string {
	if !failed.Assumed {
		return ""
	}
	return " If the values are right, the call itself may be another one: Everflow does not publish it, so this provider assumes how it is made. " + everflow.HowToReport
}

// refusalRemedy: Everflow refuses with 403 for several reasons, and its words are
// not documented enough to rely on them for more than leaving a reason out.
func refusalRemedy(failed *everflow.Error) string {
	const (
		permission = "the provider's API key may not do this: the key itself needs the permission \"Security\" (Control Center, Security, API Keys), " +
			"and so does the role of its employee (Control Center, Roles)."
		address = "the network's API whitelist does not hold the address that this machine calls from. " +
			"The web interface is not limited by it: add the address there under Control Center, Security, API Whitelist."
	)
	otherwise := ""
	if failed.Assumed {
		otherwise = " If this is not the reason, API keys may not be able to make this call at all: Everflow does not publish it. " + everflow.HowToReport
	}
	switch words := strings.ToLower(failed.Message); {
	case strings.Contains(words, "realm"):
		return "The provider's API key belongs to another portal or network. Use a network API key of this network."
	case strings.Contains(words, "whitelist"):
		return "Most likely " + address
	case strings.Contains(words, "permission"):
		return "Most likely " + permission + otherwise
	}
	return "Either " + permission + " Or " + address + otherwise
}

// sentence makes an error text start and end like a sentence.
func sentence(err error) string {
	text := capitalised(err.Error())
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") || strings.HasSuffix(text, "…") {
		return text
	}
	return text + "."
}

func capitalised(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
