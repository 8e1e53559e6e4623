package controlcenter

import (
	"os"
	"regexp"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// What the mock's README sends to /_mock/ is accepted.
func TestREADME_isTrue(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	sent := regexp.MustCompile(`curl(?: -X (PUT|DELETE))?(?: -d '(\{.*\})')? http://127\.0\.0\.1:8080/_mock/(\S+)`).FindAllStringSubmatch(string(readme), -1)
	for _, curl := range sent {
		method := curl[1]
		if method == "" {
			method = "POST"
		}
		s.control(method, curl[3], curl[2], 200)
	}
	faults := regexp.MustCompile("(?m)^\\| `((?:\\*|[a-z]\\w+) [^`]+)` \\|").FindAllStringSubmatch(string(readme), -1)
	for _, fault := range faults {
		if _, err := everflowmock.ParseFault(fault[1]); err != nil {
			t.Errorf("%s: %v", fault[1], err)
		}
	}
	if len(sent) != 6 || len(faults) != 5 {
		t.Errorf("%d calls and %d faults were found", len(sent), len(faults))
	}
}
