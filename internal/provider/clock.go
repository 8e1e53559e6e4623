package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// clocksApart is by how much the server's clock and the machine's may differ where
// something is revoked for its age.
const clocksApart = 5 * time.Minute

// ageTime returns the time by which a key's age is told: the server's, if the
// machine's clock confirms it. One answer with a wrong Date, as of a proxy, must not
// end a key.
func (s *session) ageTime(ctx context.Context) (time.Time, error) {
	server, err := s.client.Now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	machine := s.now()
	if apart := server.Sub(machine).Abs(); apart > clocksApart {
		return time.Time{}, fmt.Errorf("the clock of the server and that of this machine are %s apart: the server's answers say %s, this machine says %s",
			apart.Round(time.Second), server.UTC().Format(time.RFC3339), machine.UTC().Format(time.RFC3339))
	}
	return server, nil
}

// likelyTime is the server's time, or the machine's where the server does not tell it.
func (s *session) likelyTime(ctx context.Context) time.Time {
	if server, err := s.client.Now(ctx); err == nil {
		return server
	}
	return s.now().UTC()
}

// latestTime is the later one of the two clocks, for a time before which nothing
// may be revoked.
func (s *session) latestTime(ctx context.Context) time.Time {
	machine := s.now().UTC()
	if server, err := s.client.Now(ctx); err == nil && server.After(machine) {
		return server
	}
	return machine
}

// warnOfUnknownAges says once per run that nothing is done for its age, and why.
func (s *session) warnOfUnknownAges(why error, diags *diag.Diagnostics) {
	s.unknownAges.Do(func() {
		diags.AddWarning("It cannot be told which API keys are due",
			sentence(why)+" No key is rotated or revoked for its age until that is mended. Check the clock of this machine, and any proxy between it and Everflow.")
	})
}
