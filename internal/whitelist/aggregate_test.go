package whitelist

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

func TestAggregate_isTheFewestEntriesForTheSameAddresses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ given, want []string }{
		"nothing":                      {nil, []string{}},
		"one":                          {[]string{"203.0.113.7"}, []string{"203.0.113.7"}},
		"two halves":                   {[]string{"203.0.113.128/25", "203.0.113.0/25"}, []string{"203.0.113.0/24"}},
		"neighbours of no common half": {[]string{"203.0.113.1", "203.0.113.2"}, []string{"203.0.113.1", "203.0.113.2"}},
		"one inside another":           {[]string{"203.0.113.7", "203.0.113.0/24", "203.0.113.64/26"}, []string{"203.0.113.0/24"}},
		"spellings and repeats":        {[]string{"203.0.113.7/32", "::ffff:203.0.113.7", "203.0.113.7"}, []string{"203.0.113.7"}},
		"both families, IPv4 first":    {[]string{"2001:DB8::/33", "198.51.100.0/24", "2001:db8:8000::/33"}, []string{"198.51.100.0/24", "2001:db8::/32"}},
		"odd ones are left":            {[]string{"10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/11"}, []string{"10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/11"}},
		"everyone":                     {[]string{"0.0.0.0/1", "128.0.0.0/1", "203.0.113.7"}, []string{"0.0.0.0/0"}},
		"what cannot be read":          {[]string{"203.0.113.7", "office", "203.0.113.6"}, []string{"203.0.113.6/31", "office"}},
	} {
		if got := ReadList(test.given).Aggregate().Texts(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestAggregate_admitsExactlyTheSame(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var texts []string
		for range 1 + random.IntN(40) {
			bits := 24 + random.IntN(9)
			prefix, err := netip.AddrFrom4([4]byte{203, 0, byte(random.IntN(4)), byte(random.IntN(256))}).Prefix(bits)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, prefix.String())
		}
		given := ReadList(texts)
		aggregated := given.Aggregate()
		for i := range 4 * 256 {
			address := ReadEntry(fmt.Sprintf("203.0.%d.%d", i/256, i%256))
			if given.Admits(address) != aggregated.Admits(address) {
				t.Fatalf("%q and %q differ at %s", texts, aggregated.Texts(), address)
			}
		}
		if again := aggregated.Aggregate(); !slices.Equal(again.Texts(), aggregated.Texts()) || len(aggregated.Entries()) > len(given.Entries()) {
			t.Fatalf("%q is not the shortest for %q", aggregated.Texts(), texts)
		}
	}
}
