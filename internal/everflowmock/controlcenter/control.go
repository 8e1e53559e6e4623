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

const controlHelp = `GET    /_mock/health        is the mock up?
POST   /_mock/reset         back to how the mock was started
PUT    /_mock/seed          replace all data by a seed (everflow-mock -print-seed shows one)
GET    /_mock/state         all data, as a seed with hashes in place of secrets
GET    /_mock/calls         the calls received, oldest first; DELETE forgets them
GET    /_mock/faults        the faults; POST {"fault": "createApiKey reset after-acting times=1"} adds one, DELETE removes all
GET    /_mock/differences   how the API differs from the contract; POST adds one, DELETE removes all,
                            GET /_mock/differences/kinds explains them
GET    /_mock/openapi.yaml  the contract of the API below /v1
*      /_mock/web/...       a call of the contract (its path below /v1) as a person in the web interface makes it:
                            without an API key, whatever the whitelist, the rate limit and the faults are
`

func registerControl(mux *http.ServeMux, mock *everflowmock.Server) {
	handle := func(pattern string, f func(r *http.Request) (any, error)) {
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
	handle("GET /_mock/health", func(*http.Request) (any, error) { return done, nil })
	handle("POST /_mock/reset", func(*http.Request) (any, error) { return done, mock.Reset() })
	handle("PUT /_mock/seed", func(r *http.Request) (any, error) {
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
	handle("GET /_mock/state", func(*http.Request) (any, error) { return mock.State(), nil })
	handle("GET /_mock/calls", func(*http.Request) (any, error) { return calls(mock), nil })
	handle("DELETE /_mock/calls", func(*http.Request) (any, error) { mock.ClearCalls(); return done, nil })
	handle("GET /_mock/faults", func(*http.Request) (any, error) { return faults(mock), nil })
	handle("DELETE /_mock/faults", func(*http.Request) (any, error) { mock.ClearFaults(); return done, nil })
	handle("POST /_mock/faults", func(r *http.Request) (any, error) {
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
	handle("GET /_mock/differences", func(*http.Request) (any, error) {
		return append([]everflowmock.Difference{}, mock.Differences()...), nil
	})
	handle("GET /_mock/differences/kinds", func(*http.Request) (any, error) { return everflowmock.DifferenceKinds(), nil })
	handle("DELETE /_mock/differences", func(*http.Request) (any, error) { return done, mock.SetDifferences() })
	handle("POST /_mock/differences", func(r *http.Request) (any, error) {
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

// decode names an example, since a mistake in a body is made by a person.
func decode(body io.Reader, into any, example string) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("want a body such as %s: %w", example, err)
	}
	return nil
}

type call struct {
	Time        time.Time       `json:"time"`
	Operation   string          `json:"operation"`
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	Query       url.Values      `json:"query"`
	Status      int             `json:"status"`     // 0 while no answer was sent
	APIStatus   int             `json:"api_status"` // 0 when a fault kept the call from the API
	Fault       string          `json:"fault,omitempty"`
	Caller      string          `json:"caller"`
	KeyID       int64           `json:"network_api_key_id,omitempty"`
	DurationMS  float64         `json:"duration_ms"`
	RequestBody json.RawMessage `json:"request_body,omitempty"`
}

func calls(mock *everflowmock.Server) []call {
	list := []call{}
	for _, c := range mock.Calls() {
		shown := call{
			Time: c.Time.UTC(), Operation: c.Operation, Method: c.RedactedMethod(), Path: c.RedactedPath(), Query: c.RedactedQuery(), Status: c.Status, APIStatus: c.APIStatus,
			Fault: c.Fault, Caller: c.Caller.String(), KeyID: c.KeyID, DurationMS: float64(c.Duration.Microseconds()) / 1000,
		}
		if json.Valid(c.RequestBody) {
			shown.RequestBody = c.RequestBody
		}
		list = append(list, shown)
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
