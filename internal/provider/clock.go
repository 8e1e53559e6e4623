package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// maxClockDifference is by how much the server's clock and the machine's may differ
// where something is revoked for its age.
const maxClockDifference = 5 * time.Minute

// clocks are the server's clock and the machine's.
type clocks struct {
	client  *everflow.Run
	machine func() time.Time
}

// agreed returns the server's time, if the machine's clock confirms it. A key's age is
// measured by it: one answer with a wrong Date, as of a proxy, must not end a key.
func (c clocks) agreed(ctx context.Context) (time.Time, error) {
	server, err := c.client.Now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	machine := c.machine()
	if difference := server.Sub(machine).Abs(); difference > maxClockDifference {
		return time.Time{}, fmt.Errorf("the clock of the server and that of this machine are %s apart: the server's answers say %s, this machine says %s",
			difference.Round(time.Second), server.UTC().Format(time.RFC3339), machine.UTC().Format(time.RFC3339))
	}
	return server, nil
}

// likely returns the server's time, or the machine's where the server does not tell it.
func (c clocks) likely(ctx context.Context) time.Time {
	if server, err := c.client.Now(ctx); err == nil {
		return server
	}
	return c.machine().UTC()
}

// latest returns the later of the two times, for a time before which nothing may be
// revoked.
func (c clocks) latest(ctx context.Context) time.Time {
	machine := c.machine().UTC()
	if server, err := c.client.Now(ctx); err == nil && server.After(machine) {
		return server
	}
	return machine
}
