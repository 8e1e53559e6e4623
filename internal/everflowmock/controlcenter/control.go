package controlcenter

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/contract"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// maxBodyBytes limits a body sent to /_mock/: a seed with thousands of keys fits.
const maxBodyBytes = 16 << 20

const controlHelp = `GET    /_mock/health        answers 200 while the mock runs
POST   /_mock/reset         back to what the mock started with
PUT    /_mock/seed          replaces all data by a seed (everflow-mock -print-seed prints one)
GET    /_mock/state         all data, as a seed with hashes in place of secrets
GET    /_mock/calls         the calls received, oldest first; DELETE clears the list
GET    /_mock/faults        the faults; POST {"fault": "createApiKey reset after-acting times=1"} adds one, DELETE removes all
GET    /_mock/differences   how the API differs from the contract; POST adds one, DELETE removes all,
                            GET /_mock/differences/kinds explains them
GET    /_mock/openapi.yaml  the contract of the API below /v1
*      /_mock/web/...       a call of the contract (with its path below /v1), as a person in the web interface makes it:
                            no API key is needed, and the whitelist, the rate limit and faults do not apply
`

func registerControl(mux *http.ServeMux, mock *everflowmock.Server) {
	handleJSON := func(pattern string, f func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
			answer, err := f(r)
			if err != nil {
				writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
	done := map[string]string{"status": "ok"}
	handleJSON("GET /_mock/health", func(*http.Request) (any, error) { return done, nil })
	handleJSON("POST /_mock/reset", func(*http.Request) (any, error) { return done, mock.Reset() })
	handleJSON("PUT /_mock/seed", func(r *http.Request) (any, error) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		seed, err := everflowmock.ParseSeed(raw)
		if err != nil {
			return nil, err
		}
		return done, mock.Load(seed)
	})
	handleJSON("GET /_mock/state", func(*http.Request) (any, error) { return mock.State(), nil })
	handleJSON("GET /_mock/calls", func(*http.Request) (any, error) { return calls(mock), nil })
	handleJSON("DELETE /_mock/calls", func(*http.Request) (any, error) { mock.ClearCalls(); return done, nil })
	handleJSON("GET /_mock/faults", func(*http.Request) (any, error) { return faults(mock), nil })
	handleJSON("DELETE /_mock/faults", func(*http.Request) (any, error) { mock.ClearFaults(); return done, nil })
	handleJSON("POST /_mock/faults", func(r *http.Request) (any, error) {
		var body struct {
			Fault string `json:"fault"`
		}
		if err := decode(r.Body, &body, `{"fault": "createApiKey reset after-acting times=1"}`); err != nil {
			return nil, err
		}
		fault, err := everflowmock.ParseFault(body.Fault)
		if err != nil {
			return nil, err
		}
		mock.AddFault(fault)
		return done, nil
	})
	handleJSON("GET /_mock/differences", func(*http.Request) (any, error) {
		return append([]everflowmock.Difference{}, mock.Differences()...), nil
	})
	handleJSON("GET /_mock/differences/kinds", func(*http.Request) (any, error) { return everflowmock.DifferenceKinds(), nil })
	handleJSON("DELETE /_mock/differences", func(*http.Request) (any, error) { return done, mock.SetDifferences() })
	handleJSON("POST /_mock/differences", func(r *http.Request) (any, error) {
		var difference everflowmock.Difference
		if err := decode(r.Body, &difference, `{"operation": "getApiKey", "kind": "times", "value": "rfc3339"}`); err != nil {
			return nil, err
		}
		return done, mock.SetDifferences(append(mock.Differences(), difference)...)
	})
	mux.HandleFunc("GET /_mock/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		w.Write(contract.OpenAPI)
	})
	mux.HandleFunc("GET /_mock/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(controlHelp))
	})
	mux.Handle("/_mock/web/", http.StripPrefix("/_mock/web", mock.WebInterface()))
}

// decode reads a body. Its errors contain an example of one.
func decode(body io.Reader, into any, example string) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body must be like %s: %w", example, err)
	}
	return nil
}

type call struct {
	Time        time.Time       `json:"time"`
	Operation   string          `json:"operation"`
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	Query       url.Values      `json:"query"`
	Status      int             `json:"status"`     // 0 before and without an answer
	APIStatus   int             `json:"api_status"` // 0 if a fault kept the call from the API
	Fault       string          `json:"fault,omitempty"`
	Caller      string          `json:"caller"`
	KeyID       int64           `json:"network_api_key_id,omitempty"`
	DurationMS  float64         `json:"duration_ms"`
	RequestBody json.RawMessage `json:"request_body,omitempty"`
}

func calls(mock *everflowmock.Server) []call {
	list := []call{}
	for _, c := range mock.Calls() {
		listed := call{
			Time: c.Time.UTC(), Operation: c.Operation, Method: c.RedactedMethod(), Path: c.RedactedPath(),
			Query: c.RedactedQuery(), Status: c.Status, APIStatus: c.APIStatus,
			Fault: c.Fault, Caller: c.Caller.String(), KeyID: c.KeyID, DurationMS: float64(c.Duration.Microseconds()) / 1000,
		}
		if json.Valid(c.RequestBody) {
			listed.RequestBody = c.RequestBody
		}
		list = append(list, listed)
	}
	return list
}

type fault struct {
	Fault    string `json:"fault"`
	Injected int    `json:"injected"` // into how many calls
}

func faults(mock *everflowmock.Server) []fault {
	list := []fault{}
	for _, f := range mock.Faults() {
		list = append(list, fault{Fault: f.Fault.String(), Injected: f.Injected})
	}
	return list
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}
