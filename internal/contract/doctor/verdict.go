package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// send sends a call, and records the values, headers and error form of the answer.
func (d *doctor) send(ctx context.Context, r request) answer {
	a := d.client.send(ctx, r)
	d.names.addValues(a.value)
	d.headers.add(a)
	if !a.isMissing() {
		d.errors.add(a)
	}
	return a
}

// evaluate sets the verdict on an operation from an answer. It reports whether the
// answer has a body that can be used.
func (d *doctor) evaluate(result *Operation, a answer) bool {
	op := d.operations[result.ID]
	switch {
	case !a.isConclusive() && result.Verdict != NotChecked:
		return false // an earlier answer to the same call was conclusive
	case a.failure != nil:
		result.setNotChecked(failureReason(a.failure))
	case a.isRefusal():
		result.Verdict, result.Reason, result.answered = Refused, d.refusalReason(op, a), true
	case a.isMissing():
		result.Verdict, result.Reason = Missing, a.statusText()+": the call does not exist"
	case a.status == http.StatusTooManyRequests:
		result.setNotChecked("429: the rate limit, which all API keys of the network share, was still used up after 5 retries")
	case a.status >= http.StatusInternalServerError:
		result.setNotChecked("the server failed: " + a.statusText())
	case !a.isSuccess():
		result.addDifference("status", "200", a.statusText()+d.mentionedFields(a))
	default:
		if result.Verdict == NotChecked {
			result.Verdict, result.Reason = Matches, ""
		}
		if a.status != http.StatusOK {
			result.addDifference("status", "200", a.statusText())
		}
		return d.evaluateBody(result, op, a)
	}
	return false
}

func (d *doctor) evaluateBody(result *Operation, op operation, a answer) bool {
	if a.form != formJSON {
		result.addDifference(wholeAnswer, expectation(op.answer), a.bodyType())
		return false
	}
	if found, ok := a.value.(object); ok && a.hasErrorField() && a.errorMessage() != "" && shareOfRequired(op.answer, found) == 0 {
		result.addDifference(wholeAnswer, expectation(op.answer), "error with status "+strconv.Itoa(a.status))
		return false
	}
	result.answered = true
	differences, unknown := compare(op.answer, a.value, d.names)
	for _, found := range differences {
		result.addDifference(found.Field, found.Expected, found.Got)
	}
	for _, field := range unknown {
		if !slices.Contains(result.UnknownFields, field) {
			result.UnknownFields = append(result.UnknownFields, field)
		}
	}
	return true
}

// mentionedFields names the fields of the contract that an error message mentions.
func (d *doctor) mentionedFields(a answer) string {
	words := strings.FieldsFunc(a.errorMessage(), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
	var mentioned []string
	for _, word := range words {
		if d.fieldNames[word] && strings.Contains(word, "_") && !slices.Contains(mentioned, word) {
			mentioned = append(mentioned, word)
		}
	}
	if len(mentioned) == 0 {
		return ""
	}
	return ", with an error message that mentions " + strings.Join(mentioned, ", ")
}

// statusText returns the status and its name. Of a redirect it adds the kind of target,
// which itself may be a value of the account.
func (a answer) statusText() string {
	text := strings.TrimSpace(strconv.Itoa(a.status) + " " + http.StatusText(a.status))
	location := a.header.Get("Location")
	target, err := url.Parse(location)
	switch {
	case a.isGatewayUnknownPath():
		return text + " (Missing Authentication Token), which an API gateway answers for an unknown path"
	case !a.isRedirect():
		return text
	case err != nil || location == "":
		return text + ", a redirect"
	case target.Host == "":
		return text + ", a redirect to another path"
	}
	return text + ", a redirect to an absolute URL"
}

// refusalReason explains a refusal. The error message itself is not shown: it may hold
// an address or a name.
func (d *doctor) refusalReason(op operation, a answer) string {
	message := strings.ToLower(a.errorMessage())
	switch {
	case a.status == http.StatusUnauthorized && strings.Contains(message, "no authentication"):
		return "401 (No Authentication Method Found): Everflow did not receive the header X-Eflow-API-Key, which a proxy may have removed"
	case a.status == http.StatusUnauthorized && d.findings.networkID != "":
		return "401: the API key is accepted by getNetwork, but not by this call, which possibly no API key can make" + d.unknownPathNote(a)
	case a.status == http.StatusUnauthorized:
		return "401: the API key is wrong or revoked, or its account is hosted in the other region"
	case strings.Contains(message, "realm"):
		return "403 (Out of realm): the API key belongs to another portal or network"
	case strings.Contains(message, "whitelist"), strings.Contains(message, "allowlist"), strings.Contains(message, "ip address"):
		return "403: the address of this machine is not in the network's API whitelist"
	}
	return d.missingPermission(op, message) + d.unknownPathNote(a)
}

// missingPermission explains a 403 by the permission that its message names, or else
// by the one that the contract names.
func (d *doctor) missingPermission(op operation, message string) string {
	for _, known := range d.findings.permissions {
		if known != "" && strings.Contains(message, strings.ToLower(known)) {
			return fmt.Sprintf("403: the permission %q is missing, on the API key or on the role of its employee", known)
		}
	}
	if op.permission == "" {
		return "403: a permission is missing, on the API key or on the role of its employee; Everflow does not publish which one"
	}
	return fmt.Sprintf("403: the permission %q is missing, on the API key or on the role of its employee, or no API key can make this call", op.permission)
}

// unknownPathNote is a note for a refusal that a path that does not exist gets, too.
func (d *doctor) unknownPathNote(a answer) string {
	if d.findings.unknownPath.status == a.status {
		return ". A path that does not exist is refused in the same way, so this refusal does not show that the call exists"
	}
	return ""
}

// refusesEveryCall reports whether every other call would be refused for the same reason.
func refusesEveryCall(a answer) bool {
	message := strings.ToLower(a.errorMessage())
	return a.status == http.StatusUnauthorized || strings.Contains(message, "realm") || strings.Contains(message, "whitelist")
}
