package whitelist_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/whitelist"
)

func manyAddresses(n int) []string {
	entries := make([]string, n)
	address := netip.MustParseAddr("198.18.0.0")
	for i := range entries {
		entries[i], address = address.String(), address.Next()
	}
	return entries
}

// The cost grows with the number of entries, not with its square.
func BenchmarkList_diff(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		entries := list(manyAddresses(n)...)
		other := list(manyAddresses(n + 1)...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if added, removed := entries.Diff(other); len(added.Entries()) != 1 || !removed.IsEmpty() {
					b.Fatal("one is added")
				}
			}
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		entries := list(manyAddresses(n)...)
		other := list(manyAddresses(n)[n/2:]...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				whitelist.Judge(whitelist.Caller{}, entries, other)
			}
		})
	}
}
