package everflow

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"
)

// How long a create in doubt is looked for, all calls and waits together, but for
// the time that a call waits in the client's own queue. While nothing is found it is
// looked for again, after a wait that doubles each time: what stands in front of a
// server gives up sooner than the server does.
const (
	lookUpFor   = 90 * time.Second
	lookUpPause = 2 * time.Second
	lookUps     = 4
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
	// that is new since the run's first look, has the settings that were asked for
	// and was never used. Its secret is lost.
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

// findCreated finds out what a create in doubt left behind. It goes on when the run
// is cancelled: an unnamed live key is worse than a minute more. A secret that the
// answer held is that of the key that is found.
func (r *Run) findCreated(ctx context.Context, cause error, asked creation, secret Secret) (CreatedAPIKey, error) {
	ctx, stop := withTimeLimit(ctx, lookUpFor)
	defer stop()
	var certain, possible []APIKey
	var failure error
	for lookUp := range lookUps {
		if lookUp > 0 && sleep(ctx, lookUpPause<<(lookUp-1)) != nil {
			break
		}
		var err error
		certain, possible, err = r.lookUpCreated(ctx, asked, StatusActive)
		if failure == nil || ctx.Err() == nil { // being out of time explains less
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

// lookUpCreated reads the table as KeysBeforeFirstCreate did, so that a key that the one
// shows and the other did not is new. Certain are the keys that are as asked for; possible are those
// that may be, if the server changed what was asked for.
//
// Without a status the keys of every status are read, for a server whose word for a
// live key is another one. What only such a look shows may have been there before.
func (r *Run) lookUpCreated(ctx context.Context, asked creation, status string) (certain, possible []APIKey, err error) {
	keys, err := r.readTable(ctx, APIKeyFilter{Status: status})
	if err != nil {
		return nil, nil, err
	}
	maybeOld := status == ""
	for _, key := range keys {
		switch {
		case !r.creates.isNew(key.ID) || key.IsRevoked() || key.WasUsed(): // nobody has had the secret of ours
		case asked.isOf(key) && !key.LastUseUnknown && !asked.isYoungerThan(key) && !maybeOld:
			certain = append(certain, key)
		case (asked.hasNameLike(key) || key.unreadable != nil) && !(maybeOld && asked.isYoungerThan(key)):
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

// isYoungerThan reports whether the key was there when the create was sent, by the
// server's own clock.
func (a creation) isYoungerThan(key APIKey) bool {
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
