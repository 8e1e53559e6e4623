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

// ask sends a call of the doctor's own and remembers what every answer shows.
func (d *doctor) ask(ctx context.Context, r request) answer {
	a := d.caller.send(ctx, r)
	d.names.learn(a.value)
	d.headers.see(a)
	if !a.isMissing() {
		d.errors.see(a)
	}
	return a
}

// judge gives the verdict on an operation by an answer to it, and reports whether
// there is something in the answer to go on with.
func (d *doctor) judge(result *Operation, a answer) bool {
	one := d.calls[result.ID]
	switch {
	case !a.isTelling() && result.Verdict != NotAsked:
		return false // an earlier answer to the same call tells more
	case a.failure != nil:
		result.notAsked(failureReason(a.failure))
	case a.isRefusal():
		result.Verdict, result.Reason, result.answered = Refused, d.refusal(one, a), true
	case a.isMissing():
		result.Verdict, result.Reason = Missing, a.says()+": there is no such call"
	case a.status == http.StatusTooManyRequests:
		result.notAsked("429: the rate limit, which all systems of the network share, stayed used up for half a minute")
	case a.status >= http.StatusInternalServerError:
		result.notAsked(fmt.Sprintf("the server failed: %s", a.says()))
	case !a.isSuccess():
		result.differ("status", "200", a.says()+d.fieldsNamed(a))
	default:
		if result.Verdict == NotAsked {
			result.Verdict, result.Reason = Fits, ""
		}
		if a.status != http.StatusOK {
			result.differ("status", "200", a.says())
		}
		return d.judgeBody(result, one, a)
	}
	return false
}

func (d *doctor) judgeBody(result *Operation, one operation, a answer) bool {
	if a.form != formJSON {
		result.differ(wholeAnswer, expectation(one.answer), a.shape())
		return false
	}
	if found, ok := a.value.(object); ok && a.hasErrorForm() && a.text() != "" && likeness(one.answer, found) == 0 {
		result.differ(wholeAnswer, expectation(one.answer), "an error, with status "+strconv.Itoa(a.status))
		return false
	}
	result.answered = true
	differences, unknown := compare(one.answer, a.value, d.names)
	for _, found := range differences {
		result.differ(found.Field, found.Expected, found.Got)
	}
	for _, field := range unknown {
		if !slices.Contains(result.UnknownFields, field) {
			result.UnknownFields = append(result.UnknownFields, field)
		}
	}
	return true
}

// fieldsNamed adds which fields of the contract the words of an error speak of.
func (d *doctor) fieldsNamed(a answer) string {
	words := strings.FieldsFunc(a.text(), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
	var named []string
	for _, word := range words {
		if d.fields[word] && strings.Contains(word, "_") && !slices.Contains(named, word) {
			named = append(named, word)
		}
	}
	if len(named) == 0 {
		return ""
	}
	return ", with an error that speaks of " + strings.Join(named, ", ")
}

// says is the status, and of a redirect where it leads, as far as that may be shown.
func (a answer) says() string {
	text := strings.TrimSpace(strconv.Itoa(a.status) + " " + http.StatusText(a.status))
	if a.isGateway() {
		return text + ", with the words that a gateway has for an unknown path"
	}
	if a.isRedirect() {
		return text + ", a redirect" + redirectTarget(a.location)
	}
	return text
}

func redirectTarget(location string) string {
	target, err := url.Parse(location)
	switch {
	case location == "" || err != nil:
		return ""
	case target.Host == "":
		return " to another path"
	}
	return " to an absolute address"
}

// refusal says why a call was refused, by what the error speaks of. The error's own
// words are not repeated: they may hold an address or a name.
func (d *doctor) refusal(one operation, a answer) string {
	words := strings.ToLower(a.text())
	switch {
	case a.status == http.StatusUnauthorized && strings.Contains(words, "no authentication"):
		return "401: no key arrived; something between this machine and Everflow may remove the header X-Eflow-API-Key"
	case a.status == http.StatusUnauthorized && d.findings.networkID != "":
		return "401: the key, which getNetwork accepts, is not accepted here; it may be that API keys cannot make this call at all" + d.controlDoubt(a)
	case a.status == http.StatusUnauthorized:
		return "401: the key is not accepted; it is wrong, revoked, or of an account that is hosted in the other region"
	case strings.Contains(words, "realm"):
		return "403: the key is of another portal or network (Out of realm)"
	case strings.Contains(words, "whitelist"), strings.Contains(words, "allowlist"), strings.Contains(words, "ip address"):
		return "403: the address of this machine is not in the network's API whitelist"
	}
	return "403: " + d.permission(one, words) + d.controlDoubt(a)
}

func (d *doctor) permission(one operation, words string) string {
	for _, known := range d.findings.permissions {
		if known != "" && strings.Contains(words, strings.ToLower(known)) {
			return fmt.Sprintf("the permission %q is missing, on the key or on the role of its employee", known)
		}
	}
	if one.permission == "" {
		return "a permission is missing, on the key or on the role of its employee; which one is not published"
	}
	return fmt.Sprintf("the permission %q is missing, on the key or on the role of its employee; or API keys may not make this call at all", one.permission)
}

// controlDoubt adds what a refusal is worth when a path that does not exist is
// refused, too.
func (d *doctor) controlDoubt(a answer) string {
	if d.findings.control.status == a.status {
		return ". A path that does not exist is refused in the same way, so that it is not even known whether there is such a call"
	}
	return ""
}

// isFinal reports whether a refusal holds for every call, so that none needs to be
// made any more.
func isFinal(a answer) bool {
	words := strings.ToLower(a.text())
	return a.status == http.StatusUnauthorized || strings.Contains(words, "realm") || strings.Contains(words, "whitelist")
}
