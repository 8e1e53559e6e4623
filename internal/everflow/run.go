package everflow

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// Run is a [Client] for one run of Terraform, which remembers what it has read and
// created: a refresh of many keys costs a page of the table and not a call for each.
// Its methods take the place of the client's calls of the same name. What it writes
// makes it forget what it has read. It is safe for concurrent use.
type Run struct {
	*Client

	network   memo[Network]
	employees memo[[]Employee]
	roles     memo[[]Role]
	// liveKeys and allKeys are the table of keys, in order of ID.
	liveKeys, allKeys memo[[]APIKey]
	// firstKey is the key that was asked for first; 0 until then. A run that asks for no
	// other key uses the call for one key, which is the cheapest: about 300 bytes, where a
	// page of the table has up to 2,000 keys.
	firstKey atomic.Int64
	// noKeyCall is the answer that showed that the call for one key is not where it is
	// assumed to be, noTable the same of the table; nil while none has.
	noKeyCall, noTable atomic.Pointer[error]

	creates creates
}

// NewRun returns a run that has read nothing yet.
func NewRun(client *Client) *Run { return &Run{Client: client} }

// Network is [Client.Network], asked for once.
func (r *Run) Network(ctx context.Context) (Network, error) {
	return r.network.get(ctx, networkCall, r.Client.Network)
}

// NetworkID returns the ID of the client's network. Errors are those of [Run.Network].
func (r *Run) NetworkID(ctx context.Context) (int64, error) {
	network, err := r.Network(ctx)
	return network.ID, err
}

// Employees is [Client.Employees], asked for once.
func (r *Run) Employees(ctx context.Context) ([]Employee, error) {
	employees, err := r.employees.get(ctx, "GET "+employeesPath, r.Client.Employees)
	return slices.Clone(employees), err
}

// Roles is [Client.Roles], asked for once.
func (r *Run) Roles(ctx context.Context) ([]Role, error) {
	roles, err := r.roles.get(ctx, "GET "+rolesPath, r.Client.Roles)
	return slices.Clone(roles), err
}

// Now returns the server's time, in whole seconds and UTC, going by the Date of
// its last answer to this client. It makes a call only if there was none yet.
// Errors are those of [Run.Network], and that no answer had a Date.
func (r *Run) Now(ctx context.Context) (time.Time, error) {
	now, ok := r.clock.now()
	if !ok {
		if _, err := r.Network(ctx); err != nil {
			return time.Time{}, err
		}
		now, ok = r.clock.now()
		if !ok {
			return time.Time{}, errors.New("the server's answers have no readable Date header, so that its time is not known; a proxy in between may have removed it")
		}
	}
	return now.Truncate(time.Second), nil
}
