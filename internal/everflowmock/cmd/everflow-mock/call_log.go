package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// logLine describes a call in one line, without its query, headers and body.
func logLine(c everflowmock.Call) string {
	status := strconv.Itoa(c.Status)
	if c.Status == 0 {
		status = "no answer"
	}
	from := "an unknown address"
	if c.Caller.IsValid() {
		from = c.Caller.String()
	}
	line := fmt.Sprintf("%s %s %s: %s, from %s, in %s", c.Time.UTC().Format("2006-01-02T15:04:05Z"),
		printable(c.RedactedMethod()), printable(c.RedactedPath()), status, from, c.Duration.Round(10*time.Microsecond))
	if c.KeyID != 0 {
		line += fmt.Sprintf(", key %d %s", c.KeyID, strconv.Quote(c.KeyName))
	}
	if c.Fault != "" {
		line += ", fault: " + c.Fault
	}
	return line
}

// printable quotes a text whose characters could forge lines or colours in a terminal or a log.
func printable(s string) string {
	if quoted := strconv.QuoteToASCII(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
