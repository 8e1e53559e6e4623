package everflow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// wantError fails the test unless err is an *everflow.Error.
func wantError(t *testing.T, err error) *everflow.Error {
	t.Helper()
	failed, ok := errors.AsType[*everflow.Error](err)
	if !ok {
		t.Fatalf("got %v, want an *everflow.Error", err)
	}
	return failed
}

func TestError_saysWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 600)
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
		inForm bool
		absent bool
	}{
		"Everflow's form": {
			status: 400, body: `{"error": "name is required"}`, inForm: true,
			want: "GET /networks: 400 Bad Request: name is required",
		},
		"Everflow's other form": {
			status: 403, body: `{"Error": "Missing permission"}`, inForm: true,
			want: "GET /networks: 403 Forbidden: Missing permission",
		},
		"both forms": {
			status: 400, body: `{"Error": "second", "error": "first"}`, inForm: true,
			want: "GET /networks: 400 Bad Request: first",
		},
		"empty words and the other form": {
			status: 400, body: `{"Error": "second", "error": " "}`, inForm: true,
			want: "GET /networks: 400 Bad Request: second",
		},
		"with more beside it": {
			status: 400, body: `{"error": "too long", "api_key": "Zq7XwPt4LmVb9RkN"}`, inForm: true,
			want: "GET /networks: 400 Bad Request: too long",
		},
		"not found, in Everflow's form": {
			status: 404, body: `{"error": "API key 7 not found"}`, inForm: true, absent: true,
			want: "GET /networks: 404 Not Found: API key 7 not found",
		},
		"not found, a web page": {
			absent: true, status: 404, body: "<!DOCTYPE html>\n<html><head><title>404\n  Not Found</title></head><body>nginx</body></html>",
			want: `GET /networks: 404 Not Found: the answer was a web page, titled "404 Not Found"`,
		},
		"not found, plain text": {
			absent: true, status: 404, body: "404 page not found\n",
			want: "GET /networks: 404 Not Found: 404 page not found",
		},
		"not found, empty": {
			absent: true, status: 404, body: "",
			want: "GET /networks: 404 Not Found: the answer was empty",
		},
		"not found, someone else's JSON": {
			absent: true, status: 404, body: `{"message": "no Route matched with those values"}`,
			want: "GET /networks: 404 Not Found: the answer held no error message",
		},
		"a web page without title": {
			status: 403, body: "  <html><body>Forbidden</body></html>",
			want: "GET /networks: 403 Forbidden: the answer was a web page",
		},
		"a web page with an empty title": {
			status: 403, body: "<HTML><TITLE> </TITLE></HTML>",
			want: "GET /networks: 403 Forbidden: the answer was a web page",
		},
		"plain text of several lines": {
			status: 400, body: "\n  Client sent an HTTP request to an HTTPS server.\nsecond line\n",
			want: "GET /networks: 400 Bad Request: Client sent an HTTP request to an HTTPS server.",
		},
		"white space": {
			status: 400, body: " \r\n\t ",
			want: "GET /networks: 400 Bad Request: the answer was empty",
		},
		"an error that is no text": {
			status: 400, body: `{"error": {"api_key": "Zq7XwPt4LmVb9RkN"}}`,
			want: "GET /networks: 400 Bad Request: the answer held no error message",
		},
		"an error that is null": {
			status: 400, body: `{"error": null}`,
			want: "GET /networks: 400 Bad Request: the answer held no error message",
		},
		"a JSON list": {
			status: 400, body: `["Zq7XwPt4LmVb9RkN"]`,
			want: "GET /networks: 400 Bad Request: the answer was unreadable JSON",
		},
		"a JSON text": {
			status: 400, body: `"Zq7XwPt4LmVb9RkN"`,
			want: "GET /networks: 400 Bad Request: the answer was unreadable JSON",
		},
		"JSON null": {
			status: 400, body: "null",
			want: "GET /networks: 400 Bad Request: the answer held no error message",
		},
		"half an object": {
			status: 400, body: `{"network_api_key_id": 5, "api_key": "Zq7XwPt4LmVb9RkN", "na`,
			want: "GET /networks: 400 Bad Request: the answer was unreadable JSON",
		},
		"an object after a byte order mark": {
			status: 400, body: "\ufeff{\"api_key\": \"Zq7XwPt4LmVb9RkN\"}",
			want: "GET /networks: 400 Bad Request: the answer was unreadable JSON",
		},
		"an object after a guard": {
			status: 400, body: ")]}', {\"api_key\": \"Zq7XwPt4LmVb9RkN\"}",
			want: "GET /networks: 400 Bad Request: the answer was unreadable JSON",
		},
		"control characters": {
			status: 400, body: `{"error": "a\u001b[31mb\u0000c\u202ed\u200be\r\nf\tg"}`, inForm: true,
			want: "GET /networks: 400 Bad Request: a\uFFFD[31mb\uFFFDc\uFFFDd\uFFFDe  f g",
		},
		"not UTF-8": {
			status: 400, body: "bad \xff\xfe name",
			want: "GET /networks: 400 Bad Request: bad \uFFFD\uFFFD name",
		},
		"endless": {
			status: 400, body: `{"error": "` + long + `"}`, inForm: true,
			want: "GET /networks: 400 Bad Request: " + strings.Repeat("ä", 500) + "…",
		},
		"our own key": {
			status: 401, body: `{"error": "The key ` + ownKey + ` is revoked, ` + ownKey + `!"}`, inForm: true,
			want: "GET /networks: 401 Unauthorized: The key (redacted) is revoked, (redacted)!",
		},
		"our own key at the cut": {
			status: 401, body: `{"error": "` + strings.Repeat("x", 490) + ownKey + `"}`, inForm: true,
			want: "GET /networks: 401 Unauthorized: " + strings.Repeat("x", 490) + "(redacted)",
		},
		"our own key in plain text": {
			status: 401, body: "bad key " + ownKey,
			want: "GET /networks: 401 Unauthorized: bad key (redacted)",
		},
		"our own key in a title": {
			status: 401, body: "<html><title>bad key " + ownKey + "</title>",
			want: `GET /networks: 401 Unauthorized: the answer was a web page, titled "bad key (redacted)"`,
		},
		"a status without a name": {
			status: 499, body: `{"error": "gone"}`, inForm: true,
			want: "GET /networks: 499: gone",
		},
		"not modified": {
			status: 304,
			want:   "GET /networks: 304 Not Modified: redirected to another address, which is not followed, so that the API key goes to the configured host only: check the base URL",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onHandler(t, answering(test.status, test.body))
				_, err := a.Client.Network(t.Context())
				failed := wantError(t, err)
				if failed.Error() != test.want {
					t.Errorf("got  %s\nwant %s", failed, test.want)
				}
				if failed.Status != test.status || everflow.StatusOf(fmt.Errorf("wrapped: %w", err)) != test.status || failed.Attempts != 1 {
					t.Errorf("got status %d, %d attempts", failed.Status, failed.Attempts)
				}
				if failed.Malformed == test.inForm {
					t.Errorf("got Malformed %t", failed.Malformed)
				}
				if everflow.IsAbsent(fmt.Errorf("wrapped: %w", err)) != test.absent {
					t.Errorf("got IsAbsent %t", !test.absent)
				}
				if everflow.IsInDoubt(err) {
					t.Error("a read is in doubt")
				}
			})
		})
	}
}

func TestError_ofAnythingElseIsNeitherAbsentNorInDoubt(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("other"), &everflow.CreateInDoubtError{Cause: errors.New("other")}} {
		if everflow.IsAbsent(err) || everflow.IsInDoubt(err) || everflow.StatusOf(err) != 0 {
			t.Errorf("%v: got IsAbsent %t, IsInDoubt %t, StatusOf %d", err, everflow.IsAbsent(err), everflow.IsInDoubt(err), everflow.StatusOf(err))
		}
	}
}

func TestAPIKey_ofAnUnknownIDIsNotFound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		_, err := a.APIKey(t.Context(), 9_007_199_254_740_993)
		if want := "GET /networks/security/apikeys/9007199254740993: 404 Not Found: API key 9007199254740993 not found"; err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
		if !everflow.IsAbsent(err) {
			t.Error("not IsAbsent")
		}
	})
}

func TestAuthentication_failuresKeepEverflowsWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		key, want string
	}{
		"unknown key":            {"unknown", "GET /networks: 401 Unauthorized: Invalid API key"},
		"key of another network": {everflowmock.DemoOtherNetworkAPIKey, "GET /networks: 403 Forbidden: Out of realm"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.APIKey = everflow.NewSecret(test.key) })
				if _, err := a.Client.Network(t.Context()); err == nil || err.Error() != test.want {
					t.Errorf("got %v, want %s", err, test.want)
				}
			})
		})
	}
}

func TestWhitelist_refusalOfTheCallersAddressIsKept(t *testing.T) {
	t.Parallel()
	mock, err := everflowmock.New(everflowmock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mock.SetWhitelist("203.0.113.0/24")
	client, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(ownKey), BaseURL: onTCP(t, mock)})
	if err != nil {
		t.Fatal(err)
	}
	const want = "GET /networks/security/apiwhitelist: 403 Forbidden: IP address 127.0.0.1 is not in the API whitelist"
	if _, err := client.Whitelist(t.Context()); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
