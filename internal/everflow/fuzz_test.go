package everflow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// canary stands for a secret that an answer must not pass on to an error. No
// part of it is in any text of ours.
const canary = "Zq7XwPt4LmVb9RkNhG2sDf8J"

func wantNoCanary(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		text := err.Error()
		for i := 0; i+8 <= len(canary); i++ {
			if strings.Contains(text, canary[i:i+8]) {
				t.Errorf("the error holds the secret: %s", text)
			}
		}
	}
}

var answerSeeds = []string{
	"", "null", "[]", "{}", "[null]", canary, `"` + canary + `"`, `["` + canary + `"]`, `{"` + canary + `": "` + canary + `"}`,
	`{"error": "` + canary + `"}`, "\ufeff{\"api_key\": \"" + canary + "\"}", `{"api_key": {"` + canary + `": 1}}`,
	`{"network_api_key_id": 2, "network_id": 1, "name": "ci", "network_employee_id": 3, "permissions": [], "is_all_permissions": true,
		"status": "revoked", "time_created": 1, "time_saved": 1, "time_last_used": 0, "time_revoked": 1, "api_key": "` + canary + `"}`,
	`{"network_api_key_id": "` + canary + `", "network_id": 1}`,
	`{"network_api_key_id": 2, "network_id": 1, "name": "` + canary + `", "network_employee_id": 3, "permissions": ["` + canary + `"], "is_all_permissions": false,
		"status": "` + canary + `", "time_created": 1, "time_saved": 1, "time_last_used": 0, "time_revoked": 0}`,
	`{"network_id": 1, "ip_addresses": ["203.0.113.7"], "time_saved": 1}`,
	`{"network_id": 1, "ip_addresses": [], "time_saved": 1}`,
	`{"network_id": 1, "ip_addresses": null, "time_saved": 1}`,
	`{"network_id": 1, "ip_addresses": "` + canary + `", "time_saved": 1}`,
	`{"network_id": 1, "ip_addresses": {}, "IP_ADDRESSES": [], "time_saved": 1}`,
	`{"network_id": 1, "ip_addresses": ["203.0.113.7", null], "time_saved": 1}`,
	`{"api_keys": [], "paging": {"page": 1, "page_size": 2000, "total_count": 0}}`,
	`{"api_keys": null, "paging": {"page": 1, "page_size": 2000, "total_count": 0}}`,
	`{"api_keys": [], "paging": {"page": 1, "page_size": 2000, "total_count": 1}}`,
	`{"api_keys": ["` + canary + `"], "paging": {"page": 1, "page_size": 2000, "total_count": 1}}`,
	`{"api_keys": [{"network_api_key_id": 2, "network_id": 1, "name": "ci", "network_employee_id": 3, "permissions": [], "is_all_permissions": true,
		"status": "active", "time_created": 1, "time_saved": 1, "time_last_used": 0, "time_revoked": 0, "api_key": "` + canary + `"}],
		"paging": {"page": 1, "page_size": 2000, "total_count": 1}}`,
	`[{"network_employee_id": 1, "email": "` + canary + `"}]`, `[{"role_id": 1, "permissions": ["` + canary + `"]}]`,
	`{"network_id": 1, "name": "` + canary + `"}`, `{"network_id": "` + canary + `"}`,
}

// FuzzAnswers gives every call the same answer, with status 200.
func FuzzAnswers(f *testing.F) {
	for _, seed := range answerSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		// In a bubble, since a create looks again for what it may have made.
		synctest.Test(t, func(t *testing.T) {
			for _, operation := range everyOperation {
				client := newRun(t, everflow.Config{APIKey: everflow.NewSecret(ownKey), HTTPClient: replying(body), MaxRequestsPerSecond: 1e9})
				got, err := operation.call(t.Context(), client)
				wantNoCanary(t, err)
				if err == nil && !holds(t, got, body) {
					t.Errorf("%s: %q was read as %+v", operation.name, body, got)
				}
			}
		})
	})
}

// FuzzCreateAnswer gives an answer to a create alone: whatever it is, the error
// names the key that there is.
func FuzzCreateAnswer(f *testing.F) {
	for _, seed := range answerSeeds {
		f.Add(200, seed, true)
	}
	f.Add(200, created(5, "ci", `"api_key": "`+canary+`"`), true)
	f.Add(200, created(5, "ci", `"api_key": ["`+canary+`"]`), true)
	f.Add(200, created(5, "CI", `"api_key": "`+canary+`"`), true)
	f.Add(201, created(6, "ci", `"api_key": "`+canary+`"`), false)
	f.Add(500, `{"api_key": "`+canary+`"}`, true)
	f.Add(408, "", false)
	f.Add(307, "", false)
	f.Fuzz(func(t *testing.T, status int, body string, acts bool) {
		if status < 200 || status > 599 || status == 429 {
			t.Skip("no answer, or no end of it")
		}
		var form struct{ Error string }
		if json.Unmarshal([]byte(body), &form) == nil && form.Error != "" && slices.Contains([]int{400, 401, 403, 404}, status) {
			acts = false // as the contract has it
		}
		synctest.Test(t, func(t *testing.T) {
			acted := false
			client := newRun(t, everflow.Config{APIKey: everflow.NewSecret(ownKey), MaxRequestsPerSecond: 1e9, HTTPClient: &http.Client{
				Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
					answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: req}
					text := page(1, 0)
					switch {
					case strings.HasSuffix(req.URL.Path, "/apikeys"):
						acted, answer.StatusCode, text = acts, status, body
					case acted:
						text = `{"api_keys": [` + created(5, "ci", `"x": 1`) + `], "paging": {"page": 1, "page_size": 1, "total_count": 1}}`
					}
					answer.Body = io.NopCloser(strings.NewReader(text))
					return answer, nil
				}),
			}})
			got, err := client.CreateAPIKey(t.Context(), 3, ciKey)
			doubt, inDoubt := errors.AsType[*everflow.CreateInDoubtError](err)
			switch {
			case err == nil && (got.ID <= 0 || got.Secret.IsEmpty()):
				t.Errorf("%d %q was read as key %d, %+v", status, body, got.ID, got)
			case err != nil && acts && (!inDoubt || doubt.Key == nil && doubt.Candidates == nil):
				t.Errorf("%d %q: a key was made, but %v", status, body, err)
			case inDoubt && !acts && doubt.Key != nil && doubt.Key.ID == 5 && !strings.Contains(body, "5"):
				t.Errorf("%d %q: no key was made, but %v", status, body, err)
			}
			if status < 300 {
				wantNoCanary(t, err)
			}
		})
	})
}

// holds reports whether a body has what a call returned, read by other means.
func holds(t *testing.T, got any, body string) bool {
	t.Helper()
	var value any
	if json.Unmarshal([]byte(body), &value) != nil {
		return false
	}
	asObject, _ := value.(object)
	asList, isList := value.([]any)
	switch got := got.(type) {
	case everflow.Whitelist:
		list, ok := field(asObject, "ip_addresses").([]any)
		return ok && got.NetworkID > 0 && len(list) == len(got.IPAddresses) && !slices.Contains(list, nil)
	case []everflow.APIKey:
		list, ok := field(asObject, "api_keys").([]any)
		return ok && len(got) <= len(list) && (len(got) > 0 || len(list) == 0)
	case []everflow.Employee:
		return isList && len(got) == len(asList)
	case []everflow.Role:
		return isList && len(got) == len(asList)
	case everflow.Network:
		return got.ID > 0 && asObject != nil
	case everflow.APIKey:
		// The network may be left out of a key, and is else what the answer says.
		network, said := field(asObject, "network_id").(float64)
		return got.ID == 2 && got.EmployeeID > 0 && (!said || float64(got.NetworkID) == network) && got.Status != "" && asObject != nil
	}
	t.Fatalf("holds has no case for %T", got)
	return false
}

// field finds a field as encoding/json does, by its name in any case. Which one
// counts of two that differ in case only cannot be told here.
func field(o object, name string) any {
	var found any
	for key, value := range o {
		if strings.EqualFold(key, name) {
			if found != nil {
				return nil
			}
			found = value
		}
	}
	return found
}

func FuzzErrorMessage(f *testing.F) {
	for _, seed := range answerSeeds {
		f.Add(400, seed)
	}
	for _, seed := range []string{
		`{"error": "name is required"}`, `{"Error": "Missing permission"}`, "<html><title>502 Bad\nGateway</title>", "<!DOCTYPE html>", "<?xml ?>", "plain\ntext",
		"key " + ownKey + ownKey, `{"error": "` + ownKey + `"}`, "\x00\x1b[31m\u202e\xff", strings.Repeat("ä", 600), strings.Repeat(ownKey, 40), "<title>" + ownKey,
	} {
		f.Add(404, seed)
		f.Add(502, seed)
		f.Add(302, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 300 || status > 599 {
			t.Skip("no error")
		}
		none := 0
		client, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(ownKey), MaxRequestsPerSecond: 1e9, MaxRetries: &none, HTTPClient: &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				header := http.Header{"Location": {"https://" + strings.Map(printable, body) + "/"}}
				return &http.Response{StatusCode: status, Header: header, Request: req, Body: io.NopCloser(strings.NewReader(body))}, nil
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Network(t.Context())
		failed := wantError(t, err)
		if failed.Status != status || failed.Message == "" {
			t.Errorf("got status %d, %q", failed.Status, failed.Message)
		}
		text := failed.Error()
		if strings.Contains(text, ownKey) {
			t.Errorf("the error holds our own key: %s", text)
		}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || utf8.RuneCountInString(failed.Message) > 501 {
			t.Errorf("not a line to show: %q", text)
		}
		var shape map[string]any
		if json.Unmarshal([]byte(body), &shape) == nil {
			// Of JSON nothing is repeated but the words of the error.
			for _, name := range []string{"error", "Error"} {
				if words, _ := shape[name].(string); strings.Contains(words, canary[:8]) {
					return
				}
			}
			if strings.Contains(fmt.Sprint(shape), canary[:8]) && status >= 400 {
				wantNoCanary(t, err)
			}
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
