package everflowmock

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FaultSyntax explains the text that [ParseFault] reads.
const FaultSyntax = `OPERATION [before|after] KIND [OPTION ...]

OPERATION is * or one of getNetwork, listEmployees, listRoles, createApiKey,
getApiKey, updateApiKey, revokeApiKey, searchApiKeys, getApiWhitelist,
replaceApiWhitelist. "before" (the default) spoils a call that the API never
sees; "after" lets it act first.

KIND is one of
  status=CODE      answer with this status; options body and content-type
  reset            reset the TCP connection
  hang[=DURATION]  hold the answer back; without a duration until the client leaves
  empty            answer 200 without a body
  body=TEXT        answer 200 with this body; option content-type
  redirect=URL     answer 307, or another status with the option status=CODE
and, always after the API acted,
  slow[=DURATION]  send the body in pieces; without a duration half of it and no more
  cut              send half of the body, then reset the TCP connection
  truncated        send half of the JSON as if it were all
  wrong-types      turn numbers and booleans into strings
  extra-fields     add harmless fields to every object
  huge             put 10 MiB of blanks before the JSON

OPTION is one of
  times=N          spoil N calls; without it, every one
  skip=N           let N calls pass first
  body=TEXT  content-type=TYPE  status=CODE  (see above)
  header=NAME:VALUE  add a header to the answer; may be repeated

Values with blanks go in single or double quotes. Examples:
  createApiKey after reset times=1
  * status=502 body='<html>Bad Gateway</html>' times=3 skip=2
  * status=429 header=Retry-After:5 times=1`

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
		return Fault{}, errors.New("empty: want OPERATION [before|after] KIND [OPTION ...]")
	}
	f := Fault{Operation: words[0]}
	words = words[1:]
	before := len(words) > 0 && words[0] == "before"
	if f.After = len(words) > 0 && words[0] == "after"; before || f.After {
		words = words[1:]
	}
	if len(words) == 0 {
		return f, fmt.Errorf("the kind is missing: use one of %s", kindNames())
	}
	if err := f.parseKind(words[0]); err != nil {
		return f, err
	}
	if before && f.needsAnswer() {
		return f, fmt.Errorf("%s spoils a real answer: it comes after, never before", f.Kind)
	}
	for _, word := range words[1:] {
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
			err = errors.New("body needs a text: body=TEXT (or use empty)")
		}
	case FaultRedirect:
		if f.URL = value; value == "" {
			err = errors.New("redirect needs a target: redirect=URL")
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
	if !hasValue {
		return fmt.Errorf("option %q: want NAME=VALUE", word)
	}
	switch name {
	case "times":
		if f.Times, err = parseNumber(name, value); err == nil && f.Times == 0 {
			err = errors.New("times must be at least 1; leave it out for every call")
		}
	case "skip":
		f.Skip, err = parseNumber(name, value)
	case "status":
		if f.Kind == FaultStatus {
			return errors.New("status is there twice")
		}
		f.Status, err = parseNumber(name, value)
	case "body":
		if f.Kind == FaultBody {
			return errors.New("body is there twice")
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
		err = fmt.Errorf("unknown option %q: use times, skip, body, content-type, status or header", name)
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

// splitWords splits at blanks outside quotes. There are no escapes: the other
// kind of quote serves for a quote in a value.
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
		return nil, fmt.Errorf("the quote %c is never closed", quote)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
