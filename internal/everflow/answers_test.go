package everflow_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

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
				_, err := a.Client.Network(t.Context())
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
		if _, err := a.Client.Network(t.Context()); err == nil || written > 9 {
			t.Errorf("got %v after %d MiB", err, written)
		}
	})
}

func TestAnswers_past8MiBLeaveAWriteInDoubt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Kind: everflowmock.FaultHuge})
		_, err := a.Client.RevokeAPIKey(t.Context(), 2)
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
			"null":           {"null", "the answer "},
			"list of null":   {"[null]", "the answer "},
			"empty object":   {"{}", "the answer "},
			"true":           {"true", "the answer was JSON of another shape than expected"},
			"number":         {"0", "the answer was JSON of another shape than expected"},
			"text":           {`"active"`, "the answer was JSON of another shape than expected"},
			"page":           {"<html><title>Sign in</title></html>", "the answer was a web page"},
			"plain text":     {"OK", "the answer was not JSON, or broke off"},
			"half":           {`[{"network_id": 1, "api_keys": [`, "the answer was not JSON, or broke off"},
			"two of them":    {`{"network_id": 1} {"network_id": 1}`, "the answer was not JSON, or broke off"},
			"error in a 2xx": {`{"error": "internal"}`, "the answer "},
		} {
			t.Run(operation.name+"/"+name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					a := onMock(t, everflowmock.Options{})
					a.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultBody, Body: test.body})
					got, err := operation.call(t.Context(), a.Run)
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

// A truth value as text could mean anything. A number as text means the number.
func TestAnswers_ofTheWrongTypesAreErrors(t *testing.T) {
	t.Parallel()
	for _, operation := range operations("getApiKey", "updateApiKey", "revokeApiKey", "searchApiKeys", "listEmployees") {
		t.Run(operation.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultWrongTypes})
				got, err := operation.call(t.Context(), a.Run)
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

func TestAnswers_withNumbersAsTextAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, operation := range operations("getNetwork", "listRoles", "getApiWhitelist", "replaceApiWhitelist", "createApiKey") {
		t.Run(operation.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				plain, odd := onMock(t, everflowmock.Options{}), onMock(t, everflowmock.Options{})
				odd.mock.AddFault(everflowmock.Fault{Operation: operation.name, Kind: everflowmock.FaultWrongTypes})
				want, err := operation.call(t.Context(), plain.Run)
				got, oddErr := operation.call(t.Context(), odd.Run)
				if err != nil || oddErr != nil {
					t.Fatal(err, oddErr)
				}
				if created, ok := got.(everflow.CreatedAPIKey); ok { // each with a secret of its own
					got, want = created.APIKey, want.(everflow.CreatedAPIKey).APIKey
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
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
		_, err := a.Client.RevokeAPIKey(t.Context(), 2)
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
				_, err := a.UpdateAPIKey(t.Context(), everflow.APIKeyIdentity{ID: 2}, ciKey)
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
