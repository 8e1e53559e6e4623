package everflowmock

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultSyntax explains the text that [ParseFault] reads.
var FaultSyntax = strings.Replace(`OPERATION KIND [OPTION ...]

OPERATION says which calls get the fault: * for every call, or one of
  OPERATIONS

KIND is what the client gets. With one of these, the API does not act on the
call, unless the option after-acting is there:
  status=CODE      an answer with this HTTP status; options body and content-type
  reset            a TCP reset instead of an answer
  hang[=DURATION]  the real answer, late; without a duration, no answer
  empty            200 without a body
  body=TEXT        200 with this body; option content-type
  redirect=URL     307 to this URL; option status for another status
With one of these, the API acts, and its answer is changed:
  slow[=DURATION]  the body in pieces; without a duration, half of it and no more
  reset-in-body    half of the body, then a TCP reset
  truncated        a complete answer with half of the JSON
  wrong-types      numbers and booleans as strings
  extra-fields     new fields in every object
  huge             10 MiB of blanks before the JSON

OPTION is one of
  after-acting       the API acts on the call before the client gets the fault
  times=N            N calls get the fault; without it, every call does
  skip=N             the first N calls do not get the fault
  header=NAME:VALUE  a header for the answer; may be repeated
  body=TEXT, content-type=TYPE, status=CODE  for the kinds above that name them

Values with blanks are in single or double quotes. Examples:
  createApiKey reset after-acting times=1
  * status=502 body='<html>Bad Gateway</html>' times=3 skip=2
  * status=429 header=Retry-After:5 times=1`, "  OPERATIONS", operationsInLines(), 1)

func operationsInLines() string {
	var lines []string
	for some := range slices.Chunk(Operations(), 6) {
		lines = append(lines, "  "+strings.Join(some, "  "))
	}
	return strings.Join(lines, "\n")
}

// ParseFault reads a fault in the form that [FaultSyntax] explains.
func ParseFault(text string) (Fault, error) {
	f, err := parseFault(text)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return Fault{}, err
	}
	return f, nil
}

func parseFault(text string) (Fault, error) {
	words, err := splitWords(text)
	if err != nil {
		return Fault{}, err
	}
	if len(words) == 0 {
		return Fault{}, errors.New("the fault is empty: want OPERATION KIND [OPTION ...]")
	}
	f := Fault{Operation: words[0]}
	if len(words) == 1 {
		return f, fmt.Errorf("the kind is missing: use one of %s", faultKindNames())
	}
	if err := f.parseKind(words[1]); err != nil {
		return f, err
	}
	for _, word := range words[2:] {
		if err := f.parseOption(word); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *Fault) parseKind(word string) (err error) {
	kind, value, hasValue := strings.Cut(word, "=")
	f.Kind = FaultKind(kind)
	switch f.Kind {
	case FaultStatus:
		f.Status, err = parseNumber(kind, value)
	case FaultBody:
		if f.Body = value; value == "" {
			err = errors.New("body has no text: want body=TEXT; for an answer without a body, use empty")
		}
	case FaultRedirect:
		if f.URL = value; value == "" {
			err = errors.New("redirect has no URL: want redirect=URL")
		}
	case FaultHang, FaultSlow:
		if hasValue {
			f.Delay, err = parseDelay(kind, value)
		}
	default:
		if err = (Fault{Kind: f.Kind}).check(); err == nil && hasValue {
			err = fmt.Errorf("%s takes no value", kind)
		}
	}
	return err
}

func (f *Fault) parseOption(word string) (err error) {
	name, value, hasValue := strings.Cut(word, "=")
	if word == "after-acting" {
		f.AfterActing = true
		return nil
	}
	if !hasValue {
		return fmt.Errorf("option %q: want after-acting or NAME=VALUE", word)
	}
	switch name {
	case "times":
		if f.Times, err = parseNumber(name, value); err == nil && f.Times == 0 {
			err = errors.New("times=0: want at least 1; without times, every call gets the fault")
		}
	case "skip":
		f.Skip, err = parseNumber(name, value)
	case "status":
		if f.Kind == FaultStatus {
			return errors.New("status is given twice")
		}
		f.Status, err = parseNumber(name, value)
	case "body":
		if f.Kind == FaultBody {
			return errors.New("body is given twice")
		}
		f.Body = value
	case "content-type":
		f.ContentType = value
	case "header":
		field, content, ok := strings.Cut(value, ":")
		if !ok || field == "" {
			return errors.New("header: want header=NAME:VALUE")
		}
		if f.Header == nil {
			f.Header = http.Header{}
		}
		f.Header.Add(field, strings.TrimSpace(content))
	default:
		err = fmt.Errorf("unknown option %q: use after-acting, times, skip, header, body, content-type or status", name)
	}
	return err
}

func parseNumber(name, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s=%s: want a whole number", name, value)
	}
	return n, nil
}

func parseDelay(name, value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s=%s: want a duration, as in 500ms or 30s", name, value)
	}
	return d, nil
}

// quote is the reverse of splitWords for one value.
func quote(value string) string {
	switch {
	case !strings.ContainsAny(value, "'\" \t\n"):
		return value
	case !strings.Contains(value, "'"):
		return "'" + value + "'"
	}
	return `"` + strings.ReplaceAll(value, `"`, `"'"'"`) + `"`
}

// splitWords splits at blanks outside quotes. There are no escapes: a value with
// one kind of quote is in the other kind.
func splitWords(text string) (words []string, err error) {
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
