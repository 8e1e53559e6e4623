package everflow_test

import (
	"net/http"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// A list that was made from what was read would undo, sent again later, what
// others saved meanwhile.
func TestRewriteWhitelist_isSentOnceWhateverComesOfIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     everflowmock.Fault
		temporary bool
	}{
		"400":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 400}, false},
		"403":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 403}, false},
		"429":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 429}, true},
		"500":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: 500}, true},
		"502":       {everflowmock.Fault{Kind: everflowmock.FaultStatus, Status: http.StatusBadGateway}, true},
		"reset":     {everflowmock.Fault{Kind: everflowmock.FaultReset}, true},
		"no answer": {everflowmock.Fault{Kind: everflowmock.FaultHang}, true},
		"empty":     {everflowmock.Fault{Kind: everflowmock.FaultEmpty}, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := onMock(t, everflowmock.Options{})
				test.fault.Operation = "replaceApiWhitelist"
				a.mock.AddFault(test.fault)
				_, err := a.RewriteWhitelist(t.Context(), []string{"203.0.113.10"})
				if sent := len(a.calls("replaceApiWhitelist")); sent != 1 {
					t.Errorf("%d attempts, want 1", sent)
				}
				if err == nil || everflow.IsTemporary(err) != test.temporary {
					t.Errorf("temporary: %t, want %t: %v", everflow.IsTemporary(err), test.temporary, err)
				}
			})
		})
	}
}

func TestRewriteWhitelist_replacesTheList(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := onMock(t, everflowmock.Options{})
		list, err := a.RewriteWhitelist(t.Context(), []string{"203.0.113.10", "2001:db8::7"})
		if err != nil || len(list.IPAddresses) != 2 || len(a.mock.Whitelist()) != 2 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestAddressSet_intersect(t *testing.T) {
	t.Parallel()
	set := everflow.NewAddressSet
	both := set([]string{"203.0.113.0/24", "192.0.2.1"}).Intersect(set([]string{"203.0.113.128/25", "198.51.100.7"}))
	if !both.Covers(set([]string{"203.0.113.128/25"})) || !set([]string{"203.0.113.128/25"}).Covers(both) {
		t.Error("the intersection is not 203.0.113.128/25")
	}
	// What cannot be read proves nothing.
	if !set([]string{"192.0.2.1"}).Intersect(set([]string{"new form"})).Overlaps(set([]string{"198.51.100.7"})) {
		t.Error("an unreadable entry proves that there is no overlap")
	}
}
