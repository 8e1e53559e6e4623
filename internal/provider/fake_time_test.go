package provider_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/test/bufconn"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// inFakeTime runs a test whose waits take no time, the provider's and the mock's
// alike. Its clock starts on 2026-01-01.
func inFakeTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)))
		test(t)
	})
}

// newFakeTimeAccount is a newMockAccountOver for a test that is inFakeTime: calls go
// over connections in memory, which fake time can wait for.
func newFakeTimeAccount(t *testing.T, options everflowmock.Options, secrets *secretsSeen) *account {
	t.Helper()
	a := startMock(t, options, secrets)
	listener := bufconn.Listen(64 << 10)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.DialContext(ctx) }}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tell := a.arriving.Load(); tell != nil {
			(*tell)(r)
		}
		a.mock.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	a.httpClient, a.baseURL = &http.Client{Transport: transport}, "http://127.0.0.1/v1"
	a.prepare()
	a.mock.ClearCalls()
	return a
}
