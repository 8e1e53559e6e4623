package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const defaultAddr = "127.0.0.1:8080"

// remoteTimeout is longer than any answer below /_mock/ takes.
const remoteTimeout = 5 * time.Second

// remote is a running mock, controlled by calls below /_mock/.
type remote struct{ url string }

// parseRemote reads which running mock a command is for, and returns the arguments after the flags.
func parseRemote(args []string, getenv func(string) string) (remote, []string, error) {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	addr := fs.String("addr", remoteAddr(getenv("EVERFLOW_BASE_URL")), "")
	err := fs.Parse(args)
	return remote{"http://" + *addr + "/_mock/"}, fs.Args(), err
}

// remoteAddr is the address of the mock that the provider calls. A base URL with
// https is that of Everflow itself.
func remoteAddr(baseURL string) string {
	if u, err := url.Parse(baseURL); err == nil && u.Scheme == "http" && u.Host != "" {
		return u.Host
	}
	return defaultAddr
}

func (r remote) call(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, remoteTimeout)
	defer cancel()
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("-addr: want HOST:PORT, as in %s", defaultAddr)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no mock answers at %s: start one with everflow-mock, or give its address with -addr HOST:PORT (%w)", req.URL.Host, errors.Unwrap(err))
	}
	defer resp.Body.Close()
	var problem struct {
		Error string `json:"error"`
	}
	switch {
	case resp.StatusCode == http.StatusOK && answer == nil:
		return nil
	case resp.StatusCode == http.StatusOK:
		return json.NewDecoder(resp.Body).Decode(answer)
	case json.NewDecoder(resp.Body).Decode(&problem) == nil && problem.Error != "":
		return errors.New(problem.Error)
	}
	return fmt.Errorf("the server at %s is not everflow-mock: it answered %s", req.URL.Host, resp.Status)
}
