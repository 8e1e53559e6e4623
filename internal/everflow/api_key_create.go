package everflow

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// How long a create in doubt is looked for, all calls and waits together. While
// nothing is found it is looked for again, after a wait that doubles each time:
// what stands in front of a server gives up sooner than the server does.
const (
	lookUpFor   = 90 * time.Second
	lookUpPause = 2 * time.Second
	lookUps     = 4
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
	// Candidates are the keys one of which can be it, when it is not sure which
	// or whether any is.
	Candidates []APIKey
	// LookUp is why it could not be found out, if so.
	LookUp error
}

// Error says what is known, with the IDs.
func (e *CreateInDoubtError) Error() string {
	if e.Key != nil {
		return fmt.Sprintf("API key %d was created, but its secret was lost on the way: %v", e.Key.ID, e.Cause)
	}
	text := "no key was found that the call could have created"
	if e.LookUp != nil {
		text = "whether a key was created is not known"
	}
	if len(e.Candidates) > 0 {
		ids := make([]string, len(e.Candidates))
		for i, key := range e.Candidates {
			ids[i] = fmt.Sprint(key.ID)
		}
		text = "which key was created, if any, is not known: it can be API key " + strings.Join(ids, " or ")
	}
	text += fmt.Sprintf(": %v", e.Cause)
	if e.LookUp != nil {
		text += fmt.Sprintf("; looking for it failed too: %v", e.LookUp)
	}
	return text
}

// Unwrap returns how the call ended.
func (e *CreateInDoubtError) Unwrap() error { return e.Cause }

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
	asked := likeness{employeeID: employeeID, name: strings.TrimSpace(settings.Name)}
	done, err := c.creating.turn(ctx, asked)
	if err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created: %w", err)
	}
	defer done()

	answer, err := c.do(ctx, call{effect: creates, method: http.MethodPost, path: keysPath, body: settings.request(employeeID)})
	if err != nil {
		if !IsInDoubt(err) {
			return CreatedAPIKey{}, err
		}
		return CreatedAPIKey{}, c.resolve(ctx, err, asked)
	}
	return c.created(ctx, answer, asked)
}

// created reads the answer to a create.
func (c *Client) created(ctx context.Context, answer answer, asked likeness) (CreatedAPIKey, error) {
	found, err := decode[apiKeyAnswer](answer)
	if err != nil {
		return CreatedAPIKey{}, c.resolve(ctx, err, asked)
	}
	key := found.key()
	switch {
	case !c.creating.isNew(key.ID) || key.IsRevoked():
		return CreatedAPIKey{}, c.resolve(ctx, answer.malformed("the answer was about another key"), asked)
	case key.likeness() != asked:
		doubt := c.resolve(ctx, answer.malformed("the answer was about a key of another name or employee"), asked)
		if doubt.Key == nil {
			doubt.Candidates = append(doubt.Candidates, key)
		}
		return CreatedAPIKey{}, doubt
	}
	c.creating.claim(key.ID)
	if found.Secret.IsEmpty() {
		return CreatedAPIKey{}, &CreateInDoubtError{Cause: answer.malformed("the answer did not hold the secret"), Key: &key}
	}
	return CreatedAPIKey{APIKey: key, Secret: found.Secret}, nil
}

// resolve finds out what a create in doubt left behind. It goes on when the run
// is cancelled: an unnamed live key is worse than a minute more.
func (c *Client) resolve(ctx context.Context, cause error, asked likeness) *CreateInDoubtError {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpFor)
	defer cancel()
	for lookUp := range lookUps {
		if lookUp > 0 {
			time.Sleep(lookUpPause << (lookUp - 1))
		}
		live, err := c.APIKeys(ctx, APIKeyFilter{Status: StatusActive, EmployeeID: asked.employeeID})
		if err != nil {
			return &CreateInDoubtError{Cause: cause, LookUp: err}
		}
		candidates := slices.DeleteFunc(live, func(key APIKey) bool {
			return !c.creating.isNew(key.ID) || key.likeness() != asked
		})
		switch len(candidates) {
		case 0:
		case 1:
			c.creating.claim(candidates[0].ID)
			return &CreateInDoubtError{Cause: cause, Key: &candidates[0]}
		default:
			return &CreateInDoubtError{Cause: cause, Candidates: candidates}
		}
	}
	return &CreateInDoubtError{Cause: cause}
}
