package provider_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// effect is what a difference of the API may do to what Terraform does.
type effect int

const (
	// explained: the outcome is the same, or a message names the call, says that it is
	// assumed, what was expected and what came.
	explained effect = iota
	// harmless: the outcome is the same, to the word.
	harmless
	// sameEnd: the outcome is the same but for the words; a key that has vanished may
	// be said not to exist.
	sameEnd
	// untimed: the outcome is the same but for times that are not told.
	untimed
	// foreign: the outcome is the same, but for the network's ID if all answers agree on
	// another one, or an error names both networks.
	foreign
	// keptOtherwise: Everflow keeps something else than it was asked to, and the words say what.
	keptOtherwise
	// statusUnknown: the outcome is the same, or a message says that the status is not
	// known; what hangs on the status may wait.
	statusUnknown
	// clockWrong: the outcome is the same, or a message says that a clock is wrong.
	clockWrong
)

// difference is a row of the matrix.
type difference struct {
	effect effect
	list   []everflowmock.Difference
	// lasting: the state holds something of the difference, which a later run refuses.
	lasting bool
	// nameless: no answer tells the ID of a new key, so that it can be named by its
	// name only.
	nameless bool
}

// outcome is what can be seen of an action once it has run twice: a create and a
// plan after it, say. Secrets, hashes and moments are left out of it.
type outcome struct {
	said      []string
	state     string
	keys      string
	whitelist string
	writes    int
}

var masked = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`everflow-mock-[A-Z2-7]+`), "SECRET"},
	{regexp.MustCompile(`[0-9a-f]{64}`), "HASH"},
	{regexp.MustCompile(`2026-\d\d-\d\dT[0-9:.]+Z`), "THIS YEAR"},
	{regexp.MustCompile(`\(Terraform, short-lived, [^)]*\)`), "MARK"},
}

// mask leaves out of a text what no two runs have in common, and numbers the keys
// that Terraform made.
func (c *cell) mask(text string) string {
	for _, m := range masked {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	number := 0
	for _, key := range c.a.mock.Keys() {
		if c.isOurs(key) {
			number++
			text = strings.ReplaceAll(text, fmt.Sprint(key.ID), fmt.Sprintf("KEY%d", number))
		}
	}
	return text
}

func (c *cell) outcome(said []string) outcome {
	o := outcome{whitelist: fmt.Sprintf("%q", c.a.mock.Whitelist())}
	for _, line := range said {
		o.said = append(o.said, c.mask(line))
	}
	for _, name := range slices.Sorted(maps.Keys(c.state)) {
		o.state += fmt.Sprintf("%s = %s\n", name, c.mask(fmt.Sprint(c.state[name])))
	}
	for _, key := range c.a.mock.Keys() {
		if !isSomebodys(key) {
			o.keys += c.lineOf(key)
		}
	}
	for _, call := range c.a.mock.Calls() {
		if isWrite[call.Operation] {
			o.writes++
		}
	}
	return o
}

// lineOf is a key's line in an outcome.
func (c *cell) lineOf(key everflowmock.Key) string {
	return c.mask(fmt.Sprintf("%d %q %d %q %t %s\n", key.ID, key.Name, key.EmployeeID, key.Permissions, key.IsAllPermissions, key.Status))
}

// asRevoked is lineOf once the key is revoked.
func (c *cell) asRevoked(key everflowmock.Key) string {
	key.Status = "revoked"
	return c.lineOf(key)
}

var isWrite = map[string]bool{"createApiKey": true, "updateApiKey": true, "revokeApiKey": true, "replaceApiWhitelist": true}

// isSomebodys tells the keys that everflowmock.DifferenceKeyAddedBetweenPages makes.
func isSomebodys(key everflowmock.Key) bool { return key.Name == "Somebody's key" }

// outcomeOf plays an action on an API that follows the contract, and returns the
// operations that it used as well.
func outcomeOf(t *testing.T, a action) (o outcome, operations []string) {
	t.Helper()
	inFakeTime(t, func(t *testing.T) {
		c := newCell(t, a.resource, everflowmock.Options{})
		a.prepare(t, c)
		c.a.mock.ClearCalls()
		o = c.outcome(append(a.under(t, c), a.under(t, c)...))
		used := map[string]bool{}
		for _, call := range c.a.mock.Calls() {
			used[call.Operation] = true
		}
		operations = slices.Sorted(maps.Keys(used))
	})
	return o, operations
}

// TestDifferenceMatrix plays each action on APIs that differ from the contract. No
// live key may be lost, nothing that is alive be called gone, nothing of others be
// touched, no secret be shown; and what stops an action is explained.
func TestDifferenceMatrix(t *testing.T) {
	m := newMatrix(t)
	for what, action := range sorted(actions) {
		regular, operations := outcomeOf(t, action)
		play := func(scope, how string, d difference, since string) {
			m.cell(func(t *testing.T) {
				found := &findings{TB: t}
				inFakeTime(t, func(t *testing.T) { action.differs(t, found, d, regular, since == "ever since") })
				found.report(t)
			}, what, scope, how, since)
		}
		for _, operation := range operations {
			for how, d := range sorted(differencesOf(operation)) {
				play(operation, how, d, "from now on")
			}
		}
		for how, d := range sorted(differencesOfAll) {
			play("every call", how, d, "ever since")
		}
		for how, d := range sorted(differencesTogether) {
			play("several calls", how, d, "from now on")
			play("several calls", how, d, "ever since")
		}
	}
}

// differs plays an action twice on an API that differs, and again once it does not.
func (a action) differs(t *testing.T, found *findings, d difference, regular outcome, everSince bool) {
	c := newCell(t, a.resource, everflowmock.Options{})
	if everSince {
		c.differ(t, d.list)
	}
	a.prepare(found, c)
	isPrepared := !isError(c.said)
	before := c.truth()
	c.a.mock.ClearCalls()
	c.differ(t, d.list)
	var said []string
	for range 2 {
		said = append(said, a.under(found, c)...)
		c.secrets.expectNone(found, said)
		c.expectTruth(found, d, before, regular)
	}
	d.effect.expect(found, c.outcome(said), regular, c.said, d.list)

	c.differ(t, nil)
	again := a.repeat(found, c)
	c.secrets.expectNone(found, again)
	if isError(again) && !d.lasting && (isPrepared || a.resource != "everflow_api_whitelist") {
		found.Errorf("a run without the difference fails:\n%q\nafter the runs with it said:\n%q", again, said)
	}
	c.revokeNamed(c.said)
	if d.nameless {
		c.revokeStrays()
	}
	if isPrepared && !isError(again) {
		a.expect(found, c)
	}
}

func (c *cell) differ(t *testing.T, list []everflowmock.Difference) {
	t.Helper()
	if err := c.a.mock.SetDifferences(list...); err != nil {
		t.Fatal(err)
	}
}

// truth is what the server holds before an action.
type truth struct {
	keys      []everflowmock.Key
	whitelist []string
	held      []string // IDs of the keys in the state
	usable    []string // those of them that work
}

func (c *cell) truth() truth {
	return truth{keys: c.a.mock.Keys(), whitelist: c.a.mock.Whitelist(), held: c.stateIDs(), usable: c.usableIDs()}
}

// expectTruth checks that nothing is lost and nothing of others is touched.
func (c *cell) expectTruth(found *findings, d difference, before truth, regular outcome) {
	told, held := c.told(), c.stateIDs()
	for _, key := range c.a.mock.Keys() {
		id, ends := fmt.Sprint(key.ID), strings.Contains(regular.keys, c.asRevoked(key))
		wasHeld := slices.Contains(before.held, id)
		switch {
		case key.Revoked() && slices.Contains(before.usable, id) && !ends:
			found.add(touched, "key %s is revoked, which was not meant:\n%q", id, c.said)
		case key.Revoked():
		case (wasHeld || c.isOurs(key)) && !slices.Contains(held, id) && !names(told, key.ID) && !(d.nameless && strings.Contains(told, key.Name)):
			found.add(lost, "key %s is live, in no state, and no error names it:\n%q", id, c.said)
		case slices.ContainsFunc(c.said, func(line string) bool { return callsGone(line, id) }):
			found.add(calledGone, "key %s is live, and called gone:\n%q", id, c.said)
		}
	}
	for _, key := range before.keys {
		now, _ := c.a.mock.Key(key.ID)
		now.TimeLastUsed = key.TimeLastUsed
		if key.ID <= lastOfOthers && !reflect.DeepEqual(now, key) && !strings.Contains(regular.keys, c.asRevoked(key)) {
			found.add(touched, "a key of others was %+v and is %+v:\n%q", key, now, c.said)
		}
	}
	c.expectTrueList(found, before, regular, told)
}

// callsGone reports whether a message says of a key that it has ended.
func callsGone(line, id string) bool {
	_, after, found := strings.Cut(line, "API key "+id+" ")
	sentence, _, _ := strings.Cut(after, ".")
	return found && (strings.Contains(sentence, "does not exist") || strings.Contains(sentence, "was revoked outside"))
}

// expectTrueList: an entry that others made is there as ever, and one that is new is
// in the state or named in an error.
func (c *cell) expectTrueList(found *findings, before truth, regular outcome, told string) {
	live := c.a.mock.Whitelist()
	for _, entry := range before.whitelist {
		if !slices.Contains(live, entry) && strings.Contains(regular.whitelist, entry) {
			found.add(touched, "%s is gone from the list %q:\n%q", entry, live, c.said)
		}
	}
	for _, entry := range live {
		isNew := !slices.Contains(before.whitelist, entry)
		if isNew && !strings.Contains(regular.whitelist, entry) {
			found.add(touched, "%s is new in the list %q:\n%q", entry, live, c.said)
		}
		if isNew && !strings.Contains(fmt.Sprint(c.state), entry) && !strings.Contains(told, entry) {
			found.add(lost, "%s is in the list, in no state, and no error names it:\n%q", entry, c.said)
		}
	}
	if strings.HasPrefix(c.resource, "everflow_api_whitelist") && slices.Equal(live, before.whitelist) && before.held != nil && c.state == nil {
		found.add(calledGone, "%s is live, and gone from the state:\n%q", before.held, c.said)
	}
}

// expect holds the outcome against the regular one.
func (e effect) expect(found *findings, o, regular outcome, said []string, list []everflowmock.Difference) {
	same := slices.Equal(o.said, regular.said)
	end := o.state == regular.state && o.keys == regular.keys && o.whitelist == regular.whitelist && o.writes == regular.writes
	switch {
	case same && end:
	case e == sameEnd && end && (isError(o.said) == isError(regular.said) || slices.ContainsFunc(o.said, says("error:", "does not exist").MatchString)):
	case e == untimed && o.withoutTimes() == regular.withoutTimes():
	case e == foreign && isConsistent(list) && strings.ReplaceAll(fmt.Sprint(o), "2002", "1001") == fmt.Sprint(regular):
	case e == foreign && slices.ContainsFunc(said, says("1001", "2002").MatchString):
	case e == foreign && slices.ContainsFunc(said, says("2002", "1001").MatchString):
	case slices.Contains([]effect{explained, untimed, foreign, statusUnknown}, e) && slices.ContainsFunc(said, func(line string) bool { return explains(line, list) }):
	case e == statusUnknown && slices.ContainsFunc(said, says("a status that is not known", "assumed", "Expected:", "Got:").MatchString):
	case e == clockWrong && slices.ContainsFunc(said, says("clock").MatchString):
	case e == keptOtherwise && !isError(o.said) && len(o.said) > 0:
	default:
		found.add(unexplained, "said:\n%q\nwhich explains nothing.\n%s", o.said, o.difference(regular))
	}
}

// isConsistent reports whether another network's ID may be taken over: all answers have
// it, or the whitelist has, which is always the one of the caller's network.
func isConsistent(list []everflowmock.Difference) bool {
	return list[0].Operation == "" || list[0].Operation == "getApiWhitelist"
}

var toldTimes = regexp.MustCompile(`(?m)^(created_at|updated_at|last_used_at) = .*$| at THIS YEAR|never used|of which Everflow does not say when it was last used`)

func (o outcome) withoutTimes() string { return toldTimes.ReplaceAllString(fmt.Sprint(o), "") }

// difference of two outcomes, for people.
func (o outcome) difference(regular outcome) string {
	var text string
	for _, part := range []struct{ what, got, want string }{
		{what: "said", got: fmt.Sprintf("%q", o.said), want: fmt.Sprintf("%q", regular.said)},
		{what: "state", got: o.state, want: regular.state},
		{what: "keys", got: o.keys, want: regular.keys},
		{what: "whitelist", got: o.whitelist, want: regular.whitelist},
		{what: "writes", got: fmt.Sprint(o.writes), want: fmt.Sprint(regular.writes)},
	} {
		if part.got != part.want {
			text += fmt.Sprintf("%s:\n%s\nwithout the difference:\n%s\n", part.what, part.got, part.want)
		}
	}
	return text
}

// explains reports whether a message says which call was answered otherwise than
// assumed.
func explains(line string, list []everflowmock.Difference) bool {
	for _, d := range list {
		for operation, call := range callOf {
			if d.Operation != "" && d.Operation != operation {
				continue
			}
			switch isCall := regexp.MustCompile(call).MatchString(line); {
			case published[operation] && (isCall || isError([]string{line})):
				return true
			case isCall && strings.Contains(line, "assumed"):
				return true
			}
		}
	}
	return false
}

func TestMatrix_hasARowForEachCall(t *testing.T) {
	t.Parallel()
	for _, operation := range everflowmock.Operations() {
		if callOf[operation] == "" || len(fieldsOf[operation]) == 0 {
			t.Errorf("%s is missing in callOf or in fieldsOf", operation)
		}
	}
}

var published = map[string]bool{"getNetwork": true, "listEmployees": true, "listRoles": true}

var callOf = map[string]string{
	"getNetwork":          `GET /networks\b`,
	"listEmployees":       `GET /networks/employees\b`,
	"listRoles":           `GET /networks/roles\b`,
	"createApiKey":        `POST /networks/security/apikeys\b`,
	"getApiKey":           `GET /networks/security/apikeys/\d+`,
	"updateApiKey":        `PUT /networks/security/apikeys/\d+`,
	"revokeApiKey":        `POST /networks/security/apikeys/\d+/revoke`,
	"searchApiKeys":       `POST /networks/security/apikeystable\b`,
	"getApiWhitelist":     `GET /networks/security/apiwhitelist\b`,
	"replaceApiWhitelist": `PUT /networks/security/apiwhitelist\b`,
}
