package everflow_test

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

func TestUnreachable_isTriedThreeTimesMore(t *testing.T) {
	t.Parallel()
	for _, operation := range everyOperation {
		attempts := 4
		if operation.isSentOnce {
			attempts = 1
		}
		t.Run(operation.name+"/refused", func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				a.wire.refuseNext(1000)
				started := time.Now()
				_, err := operation.call(t.Context(), a.Run)
				failed := wantError(t, err)
				if want := "no connection: dial tcp: connection refused"; failed.Message != want || failed.Attempts != attempts || failed.InDoubt {
					t.Errorf("got %v, in doubt %t", err, failed.InDoubt)
				}
				if took := time.Since(started); a.wire.dialled() != attempts || took > 7*time.Second {
					t.Errorf("%d dials in %s", a.wire.dialled(), took)
				}
			})
		})
		t.Run(operation.name+"/dropped", func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{}, func(config *everflow.Config) { config.RequestTimeout = 5 * time.Second })
				a.wire.dropAll()
				_, err := operation.call(t.Context(), a.Run)
				failed := wantError(t, err)
				if want := "no connection: timed out after 5s"; failed.Message != want || failed.Attempts != attempts || failed.InDoubt {
					t.Errorf("got %v, in doubt %t", err, failed.InDoubt)
				}
			})
		})
	}
}

func TestUnreachable_countsApartFromAnswersInBetween(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		a.wire.refuseNext(3)
		a.mock.AddFault(everflowmock.Fault{Times: 3, Kind: everflowmock.FaultStatus, Status: 429})
		if _, err := a.Client.Network(t.Context()); err != nil {
			t.Error(err)
		}
		if got := len(a.log.all()); got != 7 {
			t.Errorf("%d attempts, want 7", got)
		}
	})
}

func TestTLS_failuresAreNotRepeatedAndNotInDoubt(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(answering(200, "{}"))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(answering(200, "{}"))
	t.Cleanup(plain.Close)
	for name, test := range map[string]struct{ url, want string }{
		"unknown authority": {secure.URL, "no connection: tls: failed to verify certificate: x509: "},
		"no TLS":            {"https" + strings.TrimPrefix(plain.URL, "http"), "no connection: tls: first record does not look like a TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := everflow.New(everflow.Config{APIKey: everflow.NewSecret(ownKey), BaseURL: test.url})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.RevokeAPIKey(t.Context(), 2)
			failed := wantError(t, err)
			if !strings.HasPrefix(failed.Message, test.want) || failed.Attempts != 1 || failed.InDoubt {
				t.Errorf("got %v, %d attempts, in doubt %t", err, failed.Attempts, failed.InDoubt)
			}
		})
	}
}
