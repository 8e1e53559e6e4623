package main

import (
	"io"
	"maps"
	"strings"
	"testing"
)

func TestCount_countsTestsWithoutSubtestsAndSubtests(t *testing.T) {
	for name, test := range map[string]struct {
		events         string
		passed, failed int
		skips          map[string]int
		good           bool
	}{
		"all well": {
			events: `{"Action":"run","Test":"TestA"} {"Action":"pass","Test":"TestA"}
				{"Action":"run","Test":"TestB"} {"Action":"run","Test":"TestB/one"} {"Action":"run","Test":"TestB/two/three"}
				{"Action":"pass","Test":"TestB/one"} {"Action":"output","Test":"TestB/two/three","Output":"    a_test.go:29: needs 1.14\n"}
				{"Action":"skip","Test":"TestB/two/three"} {"Action":"pass","Test":"TestB"} {"Action":"pass"}`,
			passed: 2, skips: map[string]int{"needs 1.14": 1}, good: true,
		},
		"a subtest fails": {
			events: `{"Action":"run","Test":"TestB"} {"Action":"run","Test":"TestB/one"} {"Action":"run","Test":"TestB/two"}
				{"Action":"pass","Test":"TestB/one"} {"Action":"fail","Test":"TestB/two"} {"Action":"fail","Test":"TestB"} {"Action":"fail"}`,
			passed: 1, failed: 1,
		},
		"a test fails, its subtest does not": {
			events: `{"Action":"run","Test":"TestB"} {"Action":"run","Test":"TestB/one"}
				{"Action":"pass","Test":"TestB/one"} {"Action":"fail","Test":"TestB"} {"Action":"fail"}`,
			passed: 1, failed: 1,
		},
		"the run fails, no test does":  {events: `{"Action":"run","Test":"TestA"} {"Action":"pass","Test":"TestA"} {"Action":"fail"}`, passed: 1},
		"the run is cut short":         {events: `{"Action":"run","Test":"TestA"} {"Action":"pass","Test":"TestA"}`, passed: 1},
		"it does not compile":          {events: `{"Action":"build-output","Output":"x"} {"Action":"build-fail"} {"Action":"fail"}`},
		"there is no such test to run": {events: `{"Action":"pass"}`},
	} {
		t.Run(name, func(t *testing.T) {
			counted, err := count(strings.NewReader(test.events), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if counted.passed != test.passed || counted.failed != test.failed || !maps.Equal(counted.skips, test.skips) || counted.good() != test.good {
				t.Errorf("%+v, good: %t, want %+v", counted, counted.good(), test)
			}
		})
	}
}
