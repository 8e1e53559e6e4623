package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// maxPathPart is longer than any part of a path that the API knows, an int64
// included, and shorter than any key: a key that strayed into a path is not logged.
const maxPathPart = 20

// logLine is one call in one line, without its query, headers and body.
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
		printable(shorten(c.Method)), printable(path(c.Path)), status, from, c.Duration.Round(10*time.Microsecond))
	if c.KeyID != 0 {
		line += fmt.Sprintf(", key %d %s", c.KeyID, strconv.Quote(c.KeyName))
	}
	if c.Fault != "" {
		line += ", fault: " + c.Fault
	}
	return line
}

func path(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = shorten(parts[i])
	}
	return strings.Join(parts, "/")
}

func shorten(part string) string {
	if len(part) <= maxPathPart {
		return part
	}
	return fmt.Sprintf("[%d characters]", len(part))
}

// printable quotes what could pretend to be something else in a terminal or a log.
func printable(s string) string {
	if quoted := strconv.QuoteToASCII(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
