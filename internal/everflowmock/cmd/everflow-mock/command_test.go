package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const demoKey = "everflow-mock-demo-key-not-a-secret"

// command is a running everflow-mock.
type command struct {
	t      *testing.T
	url    string
	banner string
	log    logLines
	stop   func() int
}

// logLines are the lines on standard error. Its buffer is larger than any test needs.
type logLines chan string

func (l logLines) Write(line []byte) (int, error) {
	l <- strings.TrimSuffix(string(line), "\n")
	return len(line), nil
}

func startCommand(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, out := io.Pipe()
	done := make(chan int, 1)
	c := &command{t: t, log: make(logLines, 100)}
	go func() {
		code := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), out, c.log)
		out.Close()
		done <- code
	}()
	c.stop = func() int {
		cancel()
		return <-done
	}
	t.Cleanup(func() { cancel(); stdout.Close() })
	banner := make([]byte, 4096) // the command writes the banner at once
	n, err := stdout.Read(banner)
	if err != nil {
		t.Fatalf("%v: %s", err, <-c.log)
	}
	c.banner = string(banner[:n])
	c.url = regexp.MustCompile(`http://\S+/v1`).FindString(c.banner)
	return c
}

func (c *command) addr() string {
	return strings.TrimSuffix(strings.TrimPrefix(c.url, "http://"), "/v1")
}

// call sends one call and returns its status, or 0 without an answer.
func (c *command) call(method, path, body, key string) int {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("X-Eflow-API-Key", key)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		c.t.Error(err)
	}
	return resp.StatusCode
}

// dial opens a connection to the mock.
func (c *command) dial() net.Conn {
	c.t.Helper()
	conn, err := net.Dial("tcp", c.addr())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	return conn
}

// beginCall sends a call without its body, {}, and returns once it is being served.
func (c *command) beginCall(conn net.Conn) *bufio.Reader {
	c.t.Helper()
	fmt.Fprintf(conn, "POST /v1/networks/security/apikeystable HTTP/1.1\r\nHost: x\r\nX-Eflow-API-Key: %s\r\n"+
		"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", demoKey)
	reader := bufio.NewReader(conn)
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := reader.ReadString('\n'); err != nil || line != want {
			c.t.Fatalf("%q, %v", line, err)
		}
	}
	return reader
}

// wantLog compares the next line of the log, with TIME and DURATION in place of both.
func (c *command) wantLog(want string) {
	c.t.Helper()
	line := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ `).ReplaceAllString(<-c.log, "TIME ")
	line = regexp.MustCompile(`in [0-9.]+(µs|ms|s)`).ReplaceAllString(line, "in DURATION")
	if line != want {
		c.t.Errorf("log\ngot  %s\nwant %s", line, want)
	}
}

// runToEnd runs a command that ends by itself.
func runToEnd(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors strings.Builder
	code = run(t.Context(), args, &out, &errors)
	return code, out.String(), errors.String()
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
