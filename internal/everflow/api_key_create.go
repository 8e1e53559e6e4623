package everflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long a create in doubt is looked for, all calls and waits together, and how
// long to give a server that was slow to answer before looking again.
const (
	lookUpFor   = 90 * time.Second
	lookUpPause = 2 * time.Second
	lookUps     = 3
)

// CreatedAPIKey is a key fresh from its creation: the only time that its secret
// is known.
type CreatedAPIKey struct {
	APIKey
	Secret Secret
}

// CreateInDoubtError is a create of which nobody can say from its answer alone
// whether it made a key. What was found out is in it. It is never sent again.
type CreateInDoubtError struct {
	// Cause is how the call ended.
	Cause error
	// Key is the key that the call made, if exactly one can be it. Its secret
	// is lost.
	Key *APIKey
	// Candidates are the live keys that can be it, when there is more than one.
	Candidates []APIKey
	// LookUp is why it could not be found out, if so.
	LookUp error
}

// Error says what is known, with the IDs.
func (e *CreateInDoubtError) Error() string {
	switch {
	case e.LookUp != nil:
		return fmt.Sprintf("whether a key was created is not known: %v; looking for it failed too: %v", e.Cause, e.LookUp)
	case e.Key != nil:
		return fmt.Sprintf("API key %d was created, but its secret was lost on the way: %v", e.Key.ID, e.Cause)
	case len(e.Candidates) > 0:
		ids := make([]string, len(e.Candidates))
		for i, key := range e.Candidates {
			ids[i] = fmt.Sprint(key.ID)
		}
		return fmt.Sprintf("one of the API keys %s was created, which one is not known: %v", strings.Join(ids, ", "), e.Cause)
	}
	return fmt.Sprintf("no key was found that the call could have created: %v", e.Cause)
}

// Unwrap returns how the call ended.
func (e *CreateInDoubtError) Unwrap() error { return e.Cause }

// creations is what a client remembers to tell a key it made from any other,
// without comparing clocks.
type creations struct {
	mu sync.Mutex
	// before holds the IDs that were live before the client's first create; nil
	// until it was read.
	before map[int64]APIKey
	// ours holds the IDs of keys this client made.
	ours map[int64]bool
	// turns lets creates of the same name and employee pass one at a time.
	turns map[string]chan struct{}
}

// CreateAPIKey creates a key for an employee. The call is repeated only where the
// server cannot have acted. An error of type *[CreateInDoubtError] means that it
// may have; any other error means that no key was made.
//
// Before its first create a client reads which keys are live (a page of the
// table), so that it can tell a key it made from one that was there.
// Source: POST /networks/security/apikeys, assumed.
func (c *Client) CreateAPIKey(ctx context.Context, employeeID int64, settings APIKeySettings) (CreatedAPIKey, error) {
	if _, err := c.LiveBefore(ctx); err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created, because the live keys could not be listed first: %w", err)
	}
	done, err := c.creating.turn(ctx, employeeID, settings.Name)
	if err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created: %w", err)
	}
	defer done()

	call := call{method: http.MethodPost, path: "/networks/security/apikeys", body: settings.request(employeeID), once: true}
	body, err := c.do(ctx, call)
	if err != nil {
		if !IsInDoubt(err) {
			return CreatedAPIKey{}, err
		}
		return CreatedAPIKey{}, c.resolve(ctx, err, employeeID, settings)
	}
	created, problem := c.readCreated(body, employeeID, settings)
	switch {
	case problem == "":
		c.creating.claim(created.ID)
		return created, nil
	case created.ID != 0:
		c.creating.claim(created.ID)
		return CreatedAPIKey{}, &CreateInDoubtError{Cause: malformed(call, problem), Key: &created.APIKey}
	}
	return CreatedAPIKey{}, c.resolve(ctx, malformed(call, problem), employeeID, settings)
}

// LiveBefore returns the keys that were live before this client's first create,
// by ID. It reads them when first called. Errors are those of [Client.APIKeys].
func (c *Client) LiveBefore(ctx context.Context) (map[int64]APIKey, error) {
	c.creating.mu.Lock()
	defer c.creating.mu.Unlock()
	if c.creating.before != nil {
		return c.creating.before, nil
	}
	live, err := c.APIKeys(ctx, APIKeyFilter{Status: StatusActive})
	if err != nil {
		return nil, err
	}
	before := make(map[int64]APIKey, len(live))
	for _, key := range live {
		before[key.ID] = key
	}
	c.creating.before = before
	return before, nil
}

// readCreated reads the answer to a create. A problem with an ID set means that
// the answer names the new key for certain and only lacks the secret.
func (c *Client) readCreated(body []byte, employeeID int64, settings APIKeySettings) (created CreatedAPIKey, problem string) {
	var answer apiKeyAnswer
	if json.Unmarshal(body, &answer) != nil {
		return CreatedAPIKey{}, "the answer could not be read"
	}
	key, missing := answer.key()
	switch {
	case missing != "":
		return CreatedAPIKey{}, fmt.Sprintf("the answer had no usable %q", missing)
	case key.Name != settings.Name || key.EmployeeID != employeeID || key.IsRevoked() || !c.creating.isNew(key.ID):
		return CreatedAPIKey{}, "the answer was about another key"
	case answer.Secret.IsEmpty():
		return CreatedAPIKey{APIKey: key}, "the answer did not hold the secret"
	}
	return CreatedAPIKey{APIKey: key, Secret: answer.Secret}, ""
}

// resolve finds out what a create in doubt left behind. It goes on when the run
// is cancelled: an unnamed live key is worse than a minute more.
func (c *Client) resolve(ctx context.Context, cause error, employeeID int64, settings APIKeySettings) *CreateInDoubtError {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpFor)
	defer cancel()
	_, late := errors.AsType[*timeoutError](cause)
	for reading := 1; ; reading++ {
		candidates, err := c.newKeys(ctx, employeeID, settings)
		switch {
		case err != nil:
			return &CreateInDoubtError{Cause: cause, LookUp: err}
		case len(candidates) == 1:
			c.creating.claim(candidates[0].ID)
			return &CreateInDoubtError{Cause: cause, Key: &candidates[0]}
		case len(candidates) > 1, !late, reading == lookUps:
			return &CreateInDoubtError{Cause: cause, Candidates: candidates}
		}
		// The server may still be at work on a call that it was slow to answer.
		select {
		case <-ctx.Done():
		case <-time.After(lookUpPause):
		}
	}
}

// newKeys lists the live keys that a create with these settings can have made.
func (c *Client) newKeys(ctx context.Context, employeeID int64, settings APIKeySettings) ([]APIKey, error) {
	live, err := c.APIKeys(ctx, APIKeyFilter{Status: StatusActive, EmployeeID: employeeID})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(live, func(key APIKey) bool {
		return !c.creating.isNew(key.ID) || strings.TrimSpace(key.Name) != strings.TrimSpace(settings.Name)
	}), nil
}

// isNew reports whether the key is neither one that was live before nor one that
// is known to be another create's.
func (k *creations) isNew(id int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, before := k.before[id]
	return !before && !k.ours[id]
}

func (k *creations) claim(id int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ours == nil {
		k.ours = map[int64]bool{}
	}
	k.ours[id] = true
}

// turn waits until no other create of this name and employee is under way, so
// that two in doubt at once cannot take each other's key.
func (k *creations) turn(ctx context.Context, employeeID int64, name string) (done func(), err error) {
	k.mu.Lock()
	if k.turns == nil {
		k.turns = map[string]chan struct{}{}
	}
	who := fmt.Sprintf("%d %s", employeeID, strings.TrimSpace(name))
	turn, ok := k.turns[who]
	if !ok {
		turn = make(chan struct{}, 1)
		k.turns[who] = turn
	}
	k.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
