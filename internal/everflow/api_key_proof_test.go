package everflow_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// response is a whole answer to one call.
type response struct {
	status int
	body   string
}

var (
	noKey      = response{404, `{"error": "not found"}`}
	noPage     = response{404, "<html><title>404 Not Found</title></html>"}
	notAllowed = response{405, `{"error": "method not allowed"}`}
	webApp     = response{200, "<!DOCTYPE html><html><title>Everflow</title></html>"}
	forbidden  = response{403, `{"error": "no"}`}
	broken     = response{200, `{"keys`}
)

// key2 is key 2 of a network, by its own call.
func key2(network int64, status string) response {
	key := aKey()
	key["network_id"], key["status"] = network, status
	return response{200, encoded(key)}
}

// tableOf is a table of which the first key is another one.
func tableOf(keys ...response) response {
	other := aKey()
	other["network_api_key_id"] = 1
	rows := []json.RawMessage{json.RawMessage(encoded(other))}
	for _, key := range keys {
		rows = append(rows, json.RawMessage(key.body))
	}
	return response{200, encoded(object{"api_keys": rows, "paging": object{"page": 1, "page_size": 50, "total_count": len(rows)}})}
}

func encoded(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// answers are what a server gives to the calls about keys. Its network is 1001.
type answers struct{ read, table, revoke response }

func (a answers) account(t *testing.T) *account {
	t.Helper()
	return onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := a.read
		switch {
		case strings.HasSuffix(r.URL.Path, "/networks"):
			answer = response{200, `{"network_id": 1001}`}
		case strings.HasSuffix(r.URL.Path, "/apikeystable"):
			answer = a.table
		case strings.HasSuffix(r.URL.Path, "/revoke"):
			answer = a.revoke
		}
		answering(answer.status, answer.body)(w, r)
	}))
}

// called are the last parts of the paths that were called, in order.
func (a *account) called() (parts []string) {
	for _, attempt := range a.log.all() {
		parts = append(parts, attempt.Path[strings.LastIndex(attempt.Path, "/")+1:])
	}
	return parts
}

func TestProveAPIKey_concludesOnlyWhatItsAnswersProve(t *testing.T) {
	t.Parallel()
	const unproved = "it is not known whether API key 2 exists: "
	for name, test := range map[string]struct {
		answers answers
		network int64
		want    everflow.APIKeyState
		err     string
		calls   []string
	}{
		"live":                              {answers: answers{read: key2(1001, "active")}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2"}},
		"live, in capitals":                 {answers: answers{read: key2(1001, "ACTIVE")}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2"}},
		"of a status that is not known":     {answers: answers{read: key2(1001, "disabled")}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2"}},
		"revoked":                           {answers: answers{read: key2(1001, "revoked")}, network: 1001, want: everflow.APIKeyRevoked, calls: []string{"2"}},
		"revoked, in capitals":              {answers: answers{read: key2(1001, "Revoked ")}, network: 1001, want: everflow.APIKeyRevoked, calls: []string{"2"}},
		"gone":                              {answers: answers{read: noKey, table: tableOf()}, network: 1001, want: everflow.APIKeyGone, calls: []string{"2", "apikeystable", "networks"}},
		"gone, its path a page":             {answers: answers{read: noPage, table: tableOf()}, network: 1001, want: everflow.APIKeyGone, calls: []string{"2", "apikeystable", "networks"}},
		"listed live, its path unknown":     {answers: answers{read: noKey, table: tableOf(key2(1001, "active"))}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2", "apikeystable"}},
		"listed live, its path a page":      {answers: answers{read: noPage, table: tableOf(key2(1001, "active"))}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2", "apikeystable"}},
		"listed live, its path an app":      {answers: answers{read: webApp, table: tableOf(key2(1001, "active"))}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2", "apikeystable"}},
		"listed live, its path not to read": {answers: answers{read: notAllowed, table: tableOf(key2(1001, "active"))}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2", "apikeystable"}},
		"listed revoked, its path unknown":  {answers: answers{read: noKey, table: tableOf(key2(1001, "revoked"))}, network: 1001, want: everflow.APIKeyRevoked, calls: []string{"2", "apikeystable"}},
		"neither way there": {
			answers: answers{read: noKey, table: noPage},
			network: 1001, err: unproved +
				`GET /networks/security/apikeys/2: 404 Not Found: not found; and POST /networks/security/apikeystable: 404 Not Found: the answer was a web page, titled "404 Not Found"`,
			calls: []string{"2", "apikeystable"},
		},
		"table refused": {
			answers: answers{read: noKey, table: forbidden},
			network: 1001, err: unproved +
				`GET /networks/security/apikeys/2: 404 Not Found: not found; and POST /networks/security/apikeystable: 403 Forbidden: no`,
			calls: []string{"2", "apikeystable"},
		},
		"table broken off": {
			answers: answers{read: noKey, table: broken},
			network: 1001, err: unproved +
				`GET /networks/security/apikeys/2: 404 Not Found: not found; and POST /networks/security/apikeystable: 200 OK: the answer was not JSON, or broke off`,
			calls: []string{"2", "apikeystable"},
		},
		"refused": {answers: answers{read: forbidden, table: tableOf()}, network: 1001, err: "GET /networks/security/apikeys/2: 403 Forbidden: no", calls: []string{"2"}},
		"of another network": {
			answers: answers{read: key2(2002, "active")}, network: 1001, err: "GET /networks/security/apikeys/2 answered for network 2002, but API key 2 was expected in network 1001", calls: []string{"2"},
		},
		"of another network, revoked": {
			answers: answers{read: key2(2002, "revoked")}, network: 1001, err: "GET /networks/security/apikeys/2 answered for network 2002, but API key 2 was expected in network 1001", calls: []string{"2"},
		},
		"of another network than the client's": {
			answers: answers{read: key2(2002, "active")}, err: "GET /networks/security/apikeys/2 answered for network 2002, but API key 2 was expected in network 1001", calls: []string{"2", "networks"},
		},
		"of a network that is not said": {
			answers: answers{read: key2(0, "active")}, network: 2002, err: "GET /networks answered for network 1001, but API key 2 was expected in network 2002", calls: []string{"2", "networks"},
		},
		"not there, asked in another network": {
			answers: answers{read: noKey, table: tableOf()}, network: 2002, err: "GET /networks answered for network 1001, but API key 2 was expected in network 2002", calls: []string{"2", "apikeystable", "networks"},
		},
		"listed for another network": {
			answers: answers{read: noKey, table: tableOf(key2(2002, "active"))}, network: 1001, err: "POST /networks/security/apikeystable answered for network 2002, but API key 2 was expected in network 1001", calls: []string{"2", "apikeystable"},
		},
		"listed for another network, too": {
			answers: answers{read: noKey, table: tableOf(key2(2002, "revoked"), key2(1001, "active"))}, network: 1001, want: everflow.APIKeyLive, calls: []string{"2", "apikeystable"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := test.answers.account(t)
				proof, err := a.ProveAPIKey(t.Context(), everflow.APIKeyIdentity{NetworkID: test.network, ID: 2})
				if err != nil && err.Error() != test.err || err == nil && test.err != "" {
					t.Errorf("got  %v\nwant %s", err, test.err)
				}
				if proof.State != test.want {
					t.Errorf("got state %d, want %d", proof.State, test.want)
				}
				if wantID := int64(2); test.err == "" && proof.Key.Identity() != (everflow.APIKeyIdentity{NetworkID: 1001, ID: wantID}) {
					t.Errorf("got key %+v", proof.Key.Identity())
				}
				if got := a.called(); !slices.Equal(got, test.calls) {
					t.Errorf("called %q, want %q", got, test.calls)
				}
				if byTable := test.err == "" && test.want != everflow.APIKeyGone && len(test.calls) > 1; (proof.Unanswered != nil) != byTable {
					t.Errorf("unanswered: %v", proof.Unanswered)
				}
			})
		})
	}
}

func TestProveAPIKey_fillsInANetworkThatIsLeftOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := answers{read: key2(0, "active")}.account(t)
		for range 3 {
			proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(2))
			if err != nil || proof.Key.NetworkID != 1001 {
				t.Errorf("got %+v, %v", proof, err)
			}
		}
		if got := a.called(); !slices.Equal(got, []string{"2", "networks", "2", "2"}) {
			t.Errorf("called %q", got)
		}
	})
}

// One way of the two is enough for a run of many keys, and costs what it must.
func TestProveAPIKey_manyKeysWhereOneWayIsNotThere(t *testing.T) {
	t.Parallel()
	t.Run("no table", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{})
			a.mock.AddFault(everflowmock.Fault{Operation: "searchApiKeys", Kind: everflowmock.FaultStatus, Status: 404, Body: "<html>"})
			for _, id := range []int64{1, 2, 3, 4} {
				if proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(id)); err != nil || proof.State != everflow.APIKeyLive {
					t.Errorf("key %d: got %+v, %v", id, proof, err)
				}
			}
			if got := a.called(); !slices.Equal(got, []string{"1", "apikeystable", "2", "3", "4"}) {
				t.Errorf("called %q", got)
			}
		})
	})
	t.Run("no call for one key", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			a := onMock(t, everflowmock.Options{})
			a.mock.AddFault(everflowmock.Fault{Operation: "getApiKey", Kind: everflowmock.FaultStatus, Status: 404, Body: `{"error": "no"}`})
			a.mock.RevokeKey(2)
			for id, want := range map[int64]everflow.APIKeyState{1: everflow.APIKeyLive, 2: everflow.APIKeyRevoked, 3: everflow.APIKeyLive, 4: everflow.APIKeyLive} {
				if proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(id)); err != nil || proof.State != want {
					t.Errorf("key %d: got %+v, %v", id, proof, err)
				}
			}
			if singles, pages := len(a.calls("getApiKey")), len(a.calls("searchApiKeys")); singles != 1 || pages != 2 {
				t.Errorf("%d calls for a key and %d pages, want 1 and 2", singles, pages)
			}
		})
	})
}

func TestRevokeAPIKey_succeedsOnlyOnProof(t *testing.T) {
	t.Parallel()
	const post = "POST /networks/security/apikeys/2/revoke: "
	for name, test := range map[string]struct {
		answers answers
		want    everflow.APIKeyState
		err     string
	}{
		"revoked":                         {answers: answers{revoke: key2(1001, "revoked")}, want: everflow.APIKeyRevoked},
		"no body, read as revoked":        {answers: answers{revoke: response{204, ""}, read: key2(1001, "revoked")}, want: everflow.APIKeyRevoked},
		"no body, vanished":               {answers: answers{revoke: response{204, ""}, read: noKey, table: tableOf()}, want: everflow.APIKeyGone},
		"no such call, never there":       {answers: answers{revoke: noKey, read: noKey, table: tableOf()}, want: everflow.APIKeyGone},
		"no such call, revoked already":   {answers: answers{revoke: noKey, read: key2(1001, "revoked")}, want: everflow.APIKeyRevoked},
		"refused, revoked already":        {answers: answers{revoke: response{400, `{"error": "revoked"}`}, read: key2(1001, "revoked")}, want: everflow.APIKeyRevoked},
		"answered live, listed revoked":   {answers: answers{revoke: key2(1001, "active"), read: noKey, table: tableOf(key2(1001, "revoked"))}, want: everflow.APIKeyRevoked},
		"no such call, live":              {answers: answers{revoke: noKey, read: key2(1001, "active")}, err: post + `404 Not Found: not found; a read afterwards says that API key 2 is live: its status is "active"`},
		"page, live":                      {answers: answers{revoke: webApp, read: key2(1001, "active")}, err: post + `200 OK: the answer was a web page; a read afterwards says that API key 2 is live: its status is "active"`},
		"not allowed, listed live":        {answers: answers{revoke: notAllowed, read: noKey, table: tableOf(key2(1001, "active"))}, err: post + `405 Method Not Allowed: method not allowed; a read afterwards says that API key 2 is live: its status is "active"`},
		"no body, of a status not known":  {answers: answers{revoke: response{204, ""}, read: key2(1001, "inactive")}, err: post + `204 No Content: the answer was empty; a read afterwards says that API key 2 is live: its status is "inactive"`},
		"no such call, no way to read it": {answers: answers{revoke: noKey, read: noKey, table: noKey}, err: post + `404 Not Found: not found; then it could not be read whether API key 2 is revoked: it is not known whether API key 2 exists: GET /networks/security/apikeys/2: 404 Not Found: not found; and POST /networks/security/apikeystable: 404 Not Found: not found`},
		"not permitted":                   {answers: answers{revoke: forbidden, read: key2(1001, "revoked")}, err: post + "403 Forbidden: no"},
		"of another network":              {answers: answers{revoke: response{204, ""}, read: key2(2002, "revoked")}, err: post + "204 No Content: the answer was empty; then it could not be read whether API key 2 is revoked: GET /networks/security/apikeys/2 answered for network 2002, but API key 2 was expected in network 1001"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				proof, err := test.answers.account(t).RevokeAPIKey(t.Context(), inNetwork1001(2))
				if err != nil && err.Error() != test.err || err == nil && test.err != "" {
					t.Errorf("got  %v\nwant %s", err, test.err)
				}
				if proof.State != test.want {
					t.Errorf("got state %d, want %d", proof.State, test.want)
				}
			})
		})
	}
}

func TestWrites_toAKeyOfAnotherNetworkAreNotSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		foreign := everflow.APIKeyIdentity{NetworkID: 2002, ID: 2}
		_, endErr := a.RevokeAPIKey(t.Context(), foreign)
		_, updateErr := a.UpdateAPIKey(t.Context(), foreign, ciKey)
		for _, err := range []error{endErr, updateErr} {
			other, ok := errors.AsType[*everflow.OtherNetworkError](err)
			if !ok || other.Expected != 2002 || other.Found != 1001 {
				t.Errorf("got %v", err)
			}
		}
		if got := a.called(); !slices.Equal(got, []string{"networks"}) {
			t.Errorf("called %q", got)
		}
	})
}

// The key that the call is made with is live, so that a table of none is not whole.
func TestProveAPIKey_tableThatListsNothingProvesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := answers{read: noKey, table: response{200, `{"api_keys": [], "paging": {"page": 1, "total_count": 0}}`}}.account(t)
		_, err := a.ProveAPIKey(t.Context(), inNetwork1001(2))
		if want := "it is not known whether API key 2 exists: GET /networks/security/apikeys/2: 404 Not Found: not found; and POST /networks/security/apikeystable: the table lists no key at all, not even the provider's own"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// The call for one key does not answer for key 1, and does for key 2, which the table lacks.
func TestProveAPIKey_isNotGoneByTheTableAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		table := tableOf()
		table.body = strings.Replace(table.body, `"network_api_key_id":1`, `"network_api_key_id":1,"network_id":1001`, 1)
		a := onHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := noKey
			switch {
			case strings.HasSuffix(r.URL.Path, "/apikeystable"):
				answer = table
			case strings.HasSuffix(r.URL.Path, "/networks"):
				answer = response{200, `{"network_id": 1001, "name": "x"}`}
			case strings.HasSuffix(r.URL.Path, "/2"):
				answer = key2(1001, "active")
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(answer.status)
			_, _ = w.Write([]byte(answer.body))
		}))
		for i, want := range []everflow.APIKeyState{everflow.APIKeyRevoked, everflow.APIKeyLive, everflow.APIKeyGone} {
			if proof, err := a.ProveAPIKey(t.Context(), everflow.APIKeyIdentity{ID: int64(i + 1)}); err != nil || proof.State != want {
				t.Errorf("key %d: state %d, %v, want %d", i+1, proof.State, err, want)
			}
		}
	})
}

func TestProveAPIKeyNow_doesNotRestOnWhatWasReadBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.mock.AddFault(everflowmock.Fault{Operation: "getApiKey", Kind: everflowmock.FaultStatus, Status: 404, Body: `{"error": "no"}`})
		for _, id := range []int64{1, 2} {
			if proof, err := a.ProveAPIKey(t.Context(), inNetwork1001(id)); err != nil || proof.State != everflow.APIKeyLive {
				t.Fatalf("key %d: %+v, %v", id, proof, err)
			}
		}
		a.mock.RevokeKey(2)
		if proof, err := a.ProveAPIKeyNow(t.Context(), inNetwork1001(2)); err != nil || proof.State != everflow.APIKeyRevoked {
			t.Errorf("got %+v, %v, want revoked", proof, err)
		}
	})
}
