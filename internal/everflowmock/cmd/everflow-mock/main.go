// Command everflow-mock serves a mock of Everflow's API, to try the provider
// without an Everflow account. See everflow-mock -help.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock/controlcenter"
)

// keptCalls is how many calls the server keeps in memory.
const keptCalls = 1000

const healthHelp = `everflow-mock health exits with 0 if the mock answers, for a container's health check.

Usage: everflow-mock health [-addr HOST:PORT]
`

// shutdownTimeout is how long calls in progress may take once the server is to stop.
const shutdownTimeout = 3 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the command without its process. It returns when ctx ends, or at once
// on an error: 2 for a mistake in the command line, 1 for everything else.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	name := "everflow-mock"
	var err error
	switch {
	case len(args) > 0 && args[0] == "drift":
		name = "everflow-mock drift"
		err = runDrift(ctx, args[1:], stdout)
	case len(args) > 0 && args[0] == "health":
		name = "everflow-mock health"
		err = runHealth(ctx, args[1:], stdout)
	default:
		err = runServer(ctx, args, stdout, stderr)
	}
	var usage usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %s (see %s -help)\n", name, err, name)
		return 2
	case err != nil:
		fmt.Fprintf(stderr, "%s: %s\n", name, err)
		return 1
	}
	return 0
}

func runServer(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parseFlags(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printHelp(stdout)
		return nil
	case err != nil:
		return usageError{err.Error()}
	case c.printSeed:
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(everflowmock.DefaultSeed())
	}
	return serve(ctx, c, stdout, stderr)
}

func runHealth(ctx context.Context, args []string, stdout io.Writer) error {
	mock, args, err := parseRemote(args, os.Getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, healthHelp)
		return nil
	case err != nil:
		return usageError{err.Error()}
	case len(args) > 0:
		return usageError{fmt.Sprintf("unexpected argument %q", args[0])}
	}
	return mock.call(ctx, http.MethodGet, "health", nil, nil)
}

func serve(ctx context.Context, c config, stdout, stderr io.Writer) error {
	logger := log.New(stderr, "", 0)
	if c.seedFile != "" {
		seed, err := everflowmock.ReadSeed(c.seedFile)
		if err != nil {
			return err
		}
		c.options.Seed = seed
	}
	c.options.KeepCalls = keptCalls
	c.options.OnCall = func(call everflowmock.Call) { logger.Print(logLine(call)) }
	mock, err := everflowmock.New(c.options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           controlcenter.Handler(mock),
		ErrorLog:          logger,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		// No WriteTimeout: latency and faults may delay an answer without limit.
	}
	fmt.Fprint(stdout, banner(c, listener.Addr()))
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		logger.Print("warning: other machines can reach the API and the Control Center, which asks for no password, and there is no TLS")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(graceful); err != nil {
		server.Close() // ends the calls that a fault lets hang
	}
	return nil
}

// banner says how to reach the server. It shows no key but the published one of
// the built-in seed.
func banner(c config, addr net.Addr) string {
	url := baseURL(addr)
	text := fmt.Sprintf("everflow-mock is ready at %s\nControl Center, for people: %s/\n", url, strings.TrimSuffix(url, "/v1"))
	if c.seedFile == "" {
		text += fmt.Sprintf("To use it with the demo key, which is published and not a secret:\n"+
			"  export EVERFLOW_BASE_URL=%s EVERFLOW_API_KEY=%s\n", url, everflowmock.DemoAPIKey)
	} else {
		text += fmt.Sprintf("To use it with an API key of %s:\n  export EVERFLOW_BASE_URL=%s EVERFLOW_API_KEY=...\n", strconv.Quote(c.seedFile), url)
	}
	if c.options.CallerAddress.IsValid() {
		text += fmt.Sprintf("Calls count as coming from %s: an API whitelist that is not empty must contain that address.\n", c.options.CallerAddress)
	} else {
		text += "Calls count as coming from the address of their connection: an API whitelist that is not empty must contain it.\n"
	}
	return text
}

func baseURL(addr net.Addr) string {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return "http://" + host + "/v1"
}
