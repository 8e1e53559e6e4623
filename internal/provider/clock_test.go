package provider_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// datedServer is the account's server, with another Date in its answers; an empty
// one is none.
func (a *account) datedServer(date func() string) string {
	return newServer(a.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		a.mock.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header()["Date"] = nil
		if said := date(); said != "" {
			w.Header().Set("Date", said)
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
}

// withDate has the answers of the rotating account's server dated otherwise.
func (c rotatingCore) withDate(ahead time.Duration) attributes {
	return attributes{"base_url": c.a.datedServer(func() string { return c.now().Add(ahead).UTC().Format(http.TimeFormat) })}
}

func (c rotatingCore) withoutDate() attributes {
	return attributes{"base_url": c.a.datedServer(func() string { return "" })}
}

const agesUnknown = "warning: It is not known which API keys are due"

func TestClock_nothingEndsForItsAgeWhereTheClocksAreApart(t *testing.T) {
	for name, settings := range map[string]func(c rotatingCore) attributes{
		"the server's is ahead": func(c rotatingCore) attributes { return c.withDate(400 * day) },
		"the machine's is ahead": func(c rotatingCore) attributes {
			c.a.clock = func() time.Time { return c.now().Add(400 * day) }
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newRotatingCore(t, nil)
			c.runOK(t, rotatingConfig(nil))
			c.pass(30 * day)
			c.runOK(t, rotatingConfig(nil))
			c.expectState(t, "6", "5")
			c.pass(time.Hour)
			c.core.settings = settings(c)
			expectSaid(t, c.run(t, rotatingConfig(nil)), []string{agesUnknown, "9600h0m0s apart", "No key is rotated or revoked for its age"})
			c.expectState(t, "6", "5")
			c.expectLiveKeys(t, 5, 6)
			// To destroy needs no clock.
			expectSaid(t, c.run(t, nil), []string{agesUnknown})
			c.expectLiveKeys(t)
		})
	}
}

func TestClock_fewMinutesApartAreNoMatter(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.core.settings = c.withDate(4 * time.Minute)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.pass(30 * day)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6", "5")
}

// A wrong Date in the answer to a rotation does not shorten the overlap.
func TestClock_overlapCountsFromTheNewKeysOwnTime(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.runOK(t, rotatingConfig(nil))
	c.pass(30 * day)
	p := c.a.configured(nil)
	p.private = c.private
	now, _ := p.read(c.resource, c.state)
	c.state = p.fields(now)
	planned, said := p.plan(c.resource, c.state, rotatingConfig(nil))
	expectSaid(t, said)
	q := c.a.configured(c.withDate(-2 * day))
	q.plannedPrivate = p.plannedPrivate
	now, said = q.apply(t.Context(), c.resource, c.state, rotatingConfig(nil), planned)
	expectSaid(t, said)
	c.state, c.private = q.fields(now), q.private
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6", "5")
	c.pass(24*time.Hour - time.Second)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6", "5")
	c.pass(time.Second)
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	c.expectState(t, "6")
}

func TestClock_withoutADateEverythingButAgesWorks(t *testing.T) {
	c := newRotatingCore(t, nil)
	c.core.settings = c.withoutDate()
	expectSaid(t, c.run(t, rotatingConfig(nil)))
	expectSaid(t, c.run(t, rotatingConfig(attributes{"name": "billing"})))
	c.pass(30 * day)
	expectSaid(t, c.run(t, rotatingConfig(nil)), []string{agesUnknown, "no readable Date header"})
	c.expectState(t, "5")
	expectSaid(t, c.run(t, nil), []string{agesUnknown})
	c.expectLiveKeys(t)
}

func TestClock_shortLivedKeysOfOthersAreLeftWhereTheClocksAreApart(t *testing.T) {
	t.Parallel()
	a := newMockAccount(t, everflowmock.Options{})
	other := a.addKey("nightly check"+until(time.Now().Add(time.Hour)), 2)
	wrong := attributes{"base_url": a.datedServer(func() string { return time.Now().Add(30 * day).UTC().Format(http.TimeFormat) })}
	key, said := a.configured(wrong).open(shortLived, shortLivedConfig(nil))
	expectSaid(t, said, []string{agesUnknown})
	if !a.isLive(other) {
		t.Error("another run's key was revoked")
	}
	// Nor is the new one's time one that another run would take for over.
	if opened, _ := a.mock.Key(idOf(t, key)); opened.Name < "nightly check"+until(time.Now().Add(30*day)) {
		t.Errorf("the key is named %q", opened.Name)
	}
}
