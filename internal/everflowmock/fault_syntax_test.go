package everflowmock

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseFault_readsEveryKindAndOption(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Fault{
		"createApiKey reset after-acting times=1": {Operation: "createApiKey", AfterActing: true, Kind: FaultReset, Times: 1},
		"* status=500 times=3 skip=2":             {Operation: "*", Kind: FaultStatus, Status: 500, Times: 3, Skip: 2},
		"* status=502 body='<html>Bad \"Gateway\"</html>' content-type=text/html": {
			Operation: "*", Kind: FaultStatus,
			Status: 502, Body: `<html>Bad "Gateway"</html>`, ContentType: "text/html",
		},
		`* status=429 header=Retry-After:5 header="X-Two: 2 3"`: {
			Operation: "*", Kind: FaultStatus, Status: 429,
			Header: http.Header{"Retry-After": {"5"}, "X-Two": {"2 3"}},
		},
		"getNetwork hang":                         {Operation: "getNetwork", Kind: FaultHang},
		"  getNetwork  hang=1m30s\tafter-acting ": {Operation: "getNetwork", AfterActing: true, Kind: FaultHang, Delay: 90 * time.Second},
		"* empty":                              {Operation: "*", Kind: FaultEmpty},
		`* body={'"a"':" 1}" content-type=x/y`: {Operation: "*", Kind: FaultBody, Body: `{"a": 1}`, ContentType: "x/y"},
		`* body='{"a":1}'`:                     {Operation: "*", Kind: FaultBody, Body: `{"a":1}`},
		"* redirect=https://example.com/?a=b":  {Operation: "*", Kind: FaultRedirect, URL: "https://example.com/?a=b"},
		"* redirect=/x status=302":             {Operation: "*", Kind: FaultRedirect, URL: "/x", Status: 302},
		"* slow=2s":                            {Operation: "*", Kind: FaultSlow, Delay: 2 * time.Second},
		"* slow":                               {Operation: "*", Kind: FaultSlow},
		"* reset-in-body":                      {Operation: "*", Kind: FaultResetInBody},
		"* truncated":                          {Operation: "*", Kind: FaultTruncated},
		"* wrong-types after-acting":           {Operation: "*", AfterActing: true, Kind: FaultWrongTypes},
		"* extra-fields":                       {Operation: "*", Kind: FaultExtraFields},
		"* huge":                               {Operation: "*", Kind: FaultHuge},
	} {
		got, err := ParseFault(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", text, got, err, want)
		}
		if got, err = ParseFault(want.String()); err != nil || got.String() != want.String() || !reflect.DeepEqual(got.Header, want.Header) || got.Body != want.Body {
			t.Errorf("%s is written as %s, which reads as %+v, %v", text, want, got, err)
		}
	}
}

func TestParseFault_namesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const kinds = "status, reset, hang, empty, body, redirect, slow, reset-in-body, truncated, wrong-types, extra-fields, huge"
	for text, want := range map[string]string{
		"":                            "the fault is empty: want OPERATION KIND [OPTION ...]",
		"*":                           "the kind is missing: use one of " + kinds,
		"* after-acting":              `unknown kind "after-acting": use one of ` + kinds,
		"* explode":                   `unknown kind "explode": use one of ` + kinds,
		"reset":                       "the kind is missing: use one of " + kinds,
		"getKey reset":                `unknown operation "getKey": use * or one of getNetwork, listEmployees, listRoles, createApiKey, getApiKey, updateApiKey, revokeApiKey, searchApiKeys, getApiWhitelist, replaceApiWhitelist`,
		"* status":                    "status=: want a whole number",
		"* status=abc":                "status=abc: want a whole number",
		"* status=99":                 "the status must be from 200 to 599",
		"* status=500 status=501":     "status is given twice",
		"* body":                      "body has no text: want body=TEXT; for an answer without a body, use empty",
		"* body=x body=y":             "body is given twice",
		"* redirect":                  "redirect has no URL: want redirect=URL",
		"* redirect=/x status=200":    "the status of a redirect must be from 300 to 399",
		"* redirect=http://[::1":      "the URL of the redirect is malformed",
		"* hang=x":                    "hang=x: want a duration, as in 500ms or 30s",
		"* hang=0s":                   "hang=0s: want a duration, as in 500ms or 30s",
		"* slow=":                     "slow=: want a duration, as in 500ms or 30s",
		"* reset=1":                   "reset takes no value",
		"* reset times":               `option "times": want after-acting or NAME=VALUE`,
		"* reset times=0":             "times=0: want at least 1; without times, every call gets the fault",
		"* reset times=-1":            "times=-1: want a whole number",
		"* reset skip=x":              "skip=x: want a whole number",
		"* reset colour=red":          `unknown option "colour": use after-acting, times, skip, header, body, content-type or status`,
		"* reset status=500":          "only status and redirect take a status",
		"* reset body=x":              "only status and body take a body and a content type",
		"* reset header=A:b":          "reset sends no headers",
		"* status=500 header=A":       "header: want header=NAME:VALUE",
		"* status=500 body='unclosed": "the quote ' is not closed",
	} {
		if _, err := ParseFault(text); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestFaultSyntax_namesEveryKind(t *testing.T) {
	t.Parallel()
	for _, kind := range faultKinds {
		if !strings.Contains(FaultSyntax, "\n  "+string(kind)) {
			t.Errorf("kind %s is not explained", kind)
		}
	}
}

func TestFaultSyntax_examplesAreRight(t *testing.T) {
	t.Parallel()
	_, examples, _ := strings.Cut(FaultSyntax, "Examples:\n")
	lines := strings.Split(examples, "\n")
	if len(lines) != 3 {
		t.Errorf("%d examples", len(lines))
	}
	for _, line := range lines {
		if _, err := ParseFault(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
