package everflow_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// sizes show how a cost grows: with the number of entries, not with its square.
var sizes = []int{10, 1000, 10000}

// cannedTable answers each page of the table with a text made before.
type cannedTable []string

func (pages cannedTable) RoundTrip(req *http.Request) (*http.Response, error) {
	page, err := strconv.Atoi(req.URL.Query().Get("page"))
	if err != nil || page < 1 || page > len(pages) {
		return nil, fmt.Errorf("there is no page %q", req.URL.RawQuery)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(pages[page-1])), Request: req}, nil
}

func newCannedTable(keys int) (pages cannedTable) {
	const most = 2000
	for start := 0; start < keys; start += most {
		var entries []string
		for id := start + 1; id <= min(keys, start+most); id++ {
			entries = append(entries, fmt.Sprintf(`{"network_api_key_id":%d,"network_id":1001,"name":"key %d","network_employee_id":2,`+
				`"permissions":["Reporting","Partners"],"is_all_permissions":false,"status":"active","time_created":1700000000,"time_saved":1700000000,"time_last_used":0,"time_revoked":0}`, id, id))
		}
		pages = append(pages, fmt.Sprintf(`{"api_keys":[%s],"paging":{"page":%d,"page_size":%d,"total_count":%d}}`, strings.Join(entries, ","), len(pages)+1, most, keys))
	}
	return pages
}

// The table's pages are decoded, checked and put in order.
func BenchmarkAPIKeys_decode(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			client, err := everflow.New(everflow.Config{
				APIKey: everflow.NewSecret(ownKey), BaseURL: "http://127.0.0.1", MaxRequestsPerSecond: 1e9,
				HTTPClient: &http.Client{Transport: newCannedTable(n)},
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if keys, err := client.APIKeys(b.Context(), everflow.APIKeyFilter{}); err != nil || len(keys) != n {
					b.Fatal(len(keys), err)
				}
			}
		})
	}
}
