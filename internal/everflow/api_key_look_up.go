package everflow

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"
)

// How long the key of a create in doubt is looked for: all calls and waits together,
// without the time that a call waits for the rate limit. While nothing is found it is
// looked for again, since a proxy may time out before the server has created the key.
// The wait doubles each time.
const (
	lookUpTimeout   = 90 * time.Second
	firstLookUpWait = 2 * time.Second
	maxLookUps      = 4
	// clockSlack is by how much a key may seem to be older than the call that made
	// it: clocks of several machines, and times in whole seconds.
	clockSlack = time.Minute
)

// CreateInDoubtError is a create whose answer alone does not say whether it made a key,
// or which secret the key has. It holds what a look at the table found. The create is
// never sent again.
type CreateInDoubtError struct {
	// Cause is how the call ended.
	Cause error
	// Key is the key that the call made: the answer names it, or it is the only one
	// that was not live before the run's first create, has the settings that were asked
	// for and was never used. Its secret is lost.
	Key *APIKey
	// Candidates are the keys one of which can be it, when it is not sure which
	// or whether any is.
	Candidates []APIKey
	// LookUp is why the table could not be read, if so.
	LookUp error
}

// Error describes what was found, with the IDs.
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

// findCreated looks for the key of a create in doubt. It does not end with the run: a
// live key that no error names is worse than waiting a minute longer. secret is what
// the answer had, and belongs to the key that is found.
func (r *Run) findCreated(ctx context.Context, cause error, asked creation, secret Secret) (CreatedAPIKey, error) {
	ctx, stop := withTimeLimit(ctx, lookUpTimeout)
	defer stop()
	var certain, possible []APIKey
	var failure error
	for lookUp := range maxLookUps {
		if lookUp > 0 {
			err := sleep(ctx, firstLookUpWait<<(lookUp-1))
			if err != nil {
				break
			}
		}
		var err error
		certain, possible, err = r.lookUpCreated(ctx, asked, StatusActive)
		if failure == nil || ctx.Err() == nil { // an earlier failure explains more than the time limit
			failure = err
		}
		if len(certain) > 0 {
			break
		}
	}
	if len(certain) == 0 && len(possible) == 0 && failure == nil {
		_, possible, failure = r.lookUpCreated(ctx, asked, "")
	}
	switch {
	case len(certain) == 1 && !secret.IsEmpty():
		r.creates.setMade(certain[0].ID)
		return CreatedAPIKey{APIKey: certain[0], Secret: secret}, nil
	case len(certain) == 1:
		r.creates.setMade(certain[0].ID)
		return CreatedAPIKey{}, &CreateInDoubtError{Cause: cause, Key: &certain[0]}
	case len(certain) > 1:
		return CreatedAPIKey{}, &CreateInDoubtError{Cause: cause, Candidates: certain}
	}
	return CreatedAPIKey{}, &CreateInDoubtError{Cause: cause, Candidates: possible, LookUp: failure}
}

// lookUpCreated reads the table with the same filter as KeysBeforeFirstCreate, so that a
// key which only the later read has is new. Certain are the keys that are as asked for;
// possible are those that may be, if the server changed what was asked for.
//
// Without a status the keys of every status are read, in case the server has another
// word for "active". A key that only such a read has may be an old one.
func (r *Run) lookUpCreated(ctx context.Context, asked creation, status string) (certain, possible []APIKey, err error) {
	keys, err := r.readTable(ctx, APIKeyFilter{Status: status})
	if err != nil {
		return nil, nil, err
	}
	maybeOld := status == ""
	for _, key := range keys {
		switch {
		case !r.creates.isNew(key.ID) || key.IsRevoked() || key.WasUsed(): // the secret was lost: nobody can have used it
		case asked.isOf(key) && !key.LastUseUnknown && !asked.isPredatedBy(key) && !maybeOld:
			certain = append(certain, key)
		case (asked.hasNameLike(key) || key.unreadable != nil) && !(maybeOld && asked.isPredatedBy(key)):
			possible = append(possible, key)
		}
	}
	return certain, possible, nil
}

// isOf reports whether the key is as the create asked for.
func (a creation) isOf(key APIKey) bool {
	stored, asked := key.Settings(), a.settings
	stored.Name, asked.Name = strings.TrimSpace(stored.Name), strings.TrimSpace(asked.Name)
	return key.EmployeeID == a.employeeID && stored.Equal(asked)
}

// isPredatedBy reports whether the key existed before the create was sent, by the server's
// clock.
func (a creation) isPredatedBy(key APIKey) bool {
	created, isSaid := key.CreatedAt.Time()
	return isSaid && !a.sentAt.IsZero() && created.Before(a.sentAt.Add(-clockSlack))
}

// hasNameLike reports whether the key's name can be a form of the name that was asked
// for: cut, escaped, or in another case.
func (a creation) hasNameLike(key APIKey) bool {
	name, asked := strings.ToLower(strings.TrimSpace(html.UnescapeString(key.Name))), strings.ToLower(strings.TrimSpace(a.settings.Name))
	return name != "" && strings.HasPrefix(asked, name)
}

func sleep(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
