package everflow_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
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
		status   int
		body     string
		want     string
		inForm   bool
		notFound bool
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
			status: 404, body: `{"error": "API key 7 not found"}`, inForm: true, notFound: true,
			want: "GET /networks: 404 Not Found: API key 7 not found",
		},
		"not found, a web page": {
			status: 404, body: "<!DOCTYPE html>\n<html><head><title>404\n  Not Found</title></head><body>nginx</body></html>",
			want: `GET /networks: 404 Not Found: the answer was a web page, titled "404 Not Found"`,
		},
		"not found, plain text": {
			status: 404, body: "404 page not found\n",
			want: "GET /networks: 404 Not Found: 404 page not found",
		},
		"not found, empty": {
			status: 404, body: "",
			want: "GET /networks: 404 Not Found: the answer was empty",
		},
		"not found, someone else's JSON": {
			status: 404, body: `{"message": "no Route matched with those values"}`,
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
				_, err := a.Network(t.Context())
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
				if everflow.IsNotFound(fmt.Errorf("wrapped: %w", err)) != test.notFound {
					t.Errorf("got IsNotFound %t", !test.notFound)
				}
				if everflow.IsInDoubt(err) {
					t.Error("a read is in doubt")
				}
			})
		})
	}
}

func TestError_ofAnythingElseIsNeitherNotFoundNorInDoubt(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("other"), &everflow.CreateInDoubtError{Cause: errors.New("other")}} {
		if everflow.IsNotFound(err) || everflow.IsInDoubt(err) || everflow.StatusOf(err) != 0 {
			t.Errorf("%v: got IsNotFound %t, IsInDoubt %t, StatusOf %d", err, everflow.IsNotFound(err), everflow.IsInDoubt(err), everflow.StatusOf(err))
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
		if !everflow.IsNotFound(err) {
			t.Error("not IsNotFound")
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
				a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.APIKey = test.key })
				if _, err := a.Network(t.Context()); err == nil || err.Error() != test.want {
					t.Errorf("got %v, want %s", err, test.want)
				}
			})
		})
	}
}

func TestAnswers_past8MiBAreRefused(t *testing.T) {
	const limit = 8 << 20
	t.Parallel()
	for name, test := range map[string]struct {
		size int
		gzip bool
		want string
	}{
		"at the limit":          {size: limit},
		"one past it":           {size: limit + 1, want: "GET /networks: the answer is larger than 8 MiB, which no Everflow answer is"},
		"one past it, unzipped": {size: limit + 1, gzip: true, want: "GET /networks: the answer is larger than 8 MiB, which no Everflow answer is"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					var to io.Writer = w
					if test.gzip {
						w.Header().Set("Content-Encoding", "gzip")
						zipped := gzip.NewWriter(w)
						defer zipped.Close()
						to = zipped
					}
					object := `{"network_id": 1}`
					_, _ = io.WriteString(to, strings.Repeat(" ", test.size-len(object))+object)
				}))
				_, err := a.Network(t.Context())
				switch {
				case test.want == "" && err != nil:
					t.Error(err)
				case test.want != "" && (err == nil || err.Error() != test.want):
					t.Errorf("got %v, want %s", err, test.want)
				}
				if got := len(a.log.all()); got != 1 {
					t.Errorf("%d attempts, want 1", got)
				}
			})
		})
	}
}

func TestAnswers_withoutEndAreNotReadToTheirEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		written := 0
		a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for blank := bytes.Repeat([]byte(" "), 1<<20); written < 64; written++ {
				if _, err := w.Write(blank); err != nil {
					return
				}
			}
		}))
		if _, err := a.Network(t.Context()); err == nil || written > 9 {
			t.Errorf("got %v after %d MiB", err, written)
		}
	})
}

func TestAnswers_past8MiBLeaveAWriteInDoubt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultHuge})
		_, err := a.RevokeAPIKey(t.Context(), 2)
		const want = "POST /networks/security/apikeys/2/revoke: the answer is larger than 8 MiB, which no Everflow answer is"
		if err == nil || err.Error() != want || !everflow.IsInDoubt(err) {
			t.Errorf("got %v, in doubt %t", err, everflow.IsInDoubt(err))
		}
		if got := len(a.mock.Calls()); got != 1 {
			t.Errorf("%d calls, want 1", got)
		}
	})
}

// What cannot be an answer is an error of every call, and never an empty value.
func TestAnswers_thatAreNoneAreErrors(t *testing.T) {
	t.Parallel()
	for _, operation := range everyOperation {
		for name, test := range map[string]struct{ body, want string }{
			"empty":          {"", "the answer was empty"},
			"blank":          {" \r\n", "the answer was empty"},
			"null":           {"null", "the answer had no usable "},
			"list of null":   {"[null]", "the answer "},
			"empty object":   {"{}", "the answer "},
			"true":           {"true", "the answer was JSON of another shape than expected"},
			"number":         {"0", "the answer was JSON of another shape than expected"},
			"text":           {`"active"`, "the answer was JSON of another shape than expected"},
			"page":           {"<html><title>Sign in</title></html>", "the answer was not JSON, or broke off"},
			"plain text":     {"OK", "the answer was not JSON, or broke off"},
			"half":           {`[{"network_id": 1, "api_keys": [`, "the answer was not JSON, or broke off"},
			"two of them":    {`{"network_id": 1} {"network_id": 1}`, "the answer was not JSON, or broke off"},
			"error in a 2xx": {`{"error": "internal"}`, "the answer "},
		} {
			t.Run(operation.name+"/"+name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					a.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultBody, Body: test.body})
					got, err := operation.call(t.Context(), a.Client)
					failed := wantError(t, err)
					if !strings.HasPrefix(failed.Message, test.want) || failed.Status != 200 || !failed.Malformed || failed.Attempts != 1 {
						t.Errorf("got %q, status %d, %d attempts, malformed %t", failed.Message, failed.Status, failed.Attempts, failed.Malformed)
					}
					if failed.InDoubt != operation.writes {
						t.Errorf("got InDoubt %t", failed.InDoubt)
					}
					if !reflect.ValueOf(got).IsZero() {
						t.Errorf("got %+v beside the error", got)
					}
				})
			})
		}
	}
}

func TestAnswers_ofTheWrongTypesAreErrors(t *testing.T) {
	t.Parallel()
	for _, operation := range everyOperation {
		t.Run(operation.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultWrongTypes})
				got, err := operation.call(t.Context(), a.Client)
				failed := wantError(t, err)
				if !strings.HasPrefix(failed.Message, `the answer's field "`) || !strings.HasSuffix(failed.Message, `" is of the wrong type`) {
					t.Errorf("got %q", failed.Message)
				}
				if !reflect.ValueOf(got).IsZero() {
					t.Errorf("got %+v beside the error", got)
				}
			})
		})
	}
}

func TestAnswers_keepTheStatusAndAttemptsOfWhatWasWrong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			if calls == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}))
		_, err := a.RevokeAPIKey(t.Context(), 2)
		if want := "POST /networks/security/apikeys/2/revoke: 204 No Content: the answer was empty (after 2 attempts)"; err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	})
}

// A transport's error quotes what it could not read, which can be an answer
// with a key in it.
func TestAnswers_thatAreNotHTTPAreNotRepeated(t *testing.T) {
	t.Parallel()
	const secret = "Zq7XwPt4LmVb9RkN"
	for name, raw := range map[string]string{
		"no status line":      `{"network_api_key_id": 5, "api_key": "` + secret + `"}` + "\r\n\r\n",
		"bad status":          "HTTP/1.1 " + secret + " OK\r\n\r\n",
		"bad version":         "HTTP/" + secret + " 200 OK\r\n\r\n",
		"no colon":            "HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n",
		"bad name":            "HTTP/1.1 200 OK\r\n" + secret + " x: 1\r\n\r\n",
		"bad first line":      "HTTP/1.1 200 OK\r\n " + secret + "\r\n\r\n",
		"bad length":          "HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n",
		"bad encoding":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret + "\r\n\r\n",
		"bad chunk":           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret + "\r\n",
		"two bad lengths":     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: " + secret + "\r\n\r\n",
		"bad trailer":         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length, " + secret + "\r\n\r\n0\r\n\r\n",
		"unreadable redirect": "HTTP/1.1 307 Go\r\nLocation: http://%zz" + secret + "/\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					conn, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					defer conn.Close()
					_, _ = io.WriteString(conn, raw)
				}))
				_, err := a.UpdateAPIKey(t.Context(), 2, ciKey)
				failed := wantError(t, err)
				if strings.Contains(failed.Error(), secret[:8]) {
					t.Errorf("the error holds the secret: %v", failed)
				}
				if !failed.InDoubt {
					t.Error("the write is not in doubt")
				}
				for _, attempt := range a.log.all() {
					if attempt.Err != nil && strings.Contains(attempt.Err.Error(), secret[:8]) {
						t.Errorf("the attempt's error holds the secret: %v", attempt.Err)
					}
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
	client, err := everflow.New(everflow.Config{APIKey: ownKey, BaseURL: onTCP(t, mock)})
	if err != nil {
		t.Fatal(err)
	}
	const want = "GET /networks/security/apiwhitelist: 403 Forbidden: IP address 127.0.0.1 is not in the API whitelist"
	if _, err := client.Whitelist(t.Context()); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
