package everflow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// CreatedAPIKey is a key with its secret, which only the answer to its creation holds.
type CreatedAPIKey struct {
	// APIKey is the key of the answer. A field that the answer left out or had in
	// another form has the value that was asked for, and is named in Unread.
	APIKey
	Secret Secret
	// Unread names the fields that the answer did not have. [Run.ProveAPIKey] may find
	// them, once the key and its secret are saved.
	Unread []string
}

// CreateAPIKey creates a key for an employee, and returns as soon as it is answered.
// The call is repeated only where the server cannot have acted. An error of type
// *[CreateInDoubtError] means that it may have; any other error means that no key
// was made.
//
// Before its first create a run reads which keys are live (a page of the
// table), so that it can tell a key it made from one that was there.
// Source: POST /networks/security/apikeys, assumed.
func (r *Run) CreateAPIKey(ctx context.Context, employeeID int64, settings APIKeySettings) (CreatedAPIKey, error) {
	if _, err := r.KeysBeforeFirstCreate(ctx); err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created, because the live keys could not be listed first: %w", err)
	}
	asked := creation{employeeID: employeeID, settings: settings}
	unlock, err := r.creates.lock(ctx, asked.nameOfEmployee())
	if err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created: %w", err)
	}
	defer unlock()

	asked.sentAt, _ = r.clock.now()
	answer, err := r.do(ctx, call{
		effect: effectCreate, method: http.MethodPost, path: keysPath, body: settings.createRequest(employeeID),
		expects: expectsAPIKey + ", api_key (text)",
	})
	r.forgetKeys()
	switch {
	case err == nil:
		return r.created(ctx, answer, asked)
	case IsInDoubt(err):
		return r.findCreated(ctx, err, asked, Secret{})
	}
	return CreatedAPIKey{}, err
}

// creation is the request of a create, and when it was sent.
type creation struct {
	employeeID int64
	settings   APIKeySettings
	// sentAt is the server's time when the create was sent; zero where not known.
	sentAt time.Time
}

func (a creation) nameOfEmployee() nameOfEmployee {
	return nameOfEmployee{employeeID: a.employeeID, name: strings.TrimSpace(a.settings.Name)}
}

// created reads the answer to a create. An ID that no key had before is that of the
// new key, even if the rest of the answer cannot be read.
func (r *Run) created(ctx context.Context, answer answer, asked creation) (CreatedAPIKey, error) {
	body, err := answer.json()
	if err != nil {
		return r.findCreated(ctx, err, asked, Secret{})
	}
	objects := layers(body)
	if len(objects) == 0 {
		return r.findCreated(ctx, answer.malformedError("the answer was JSON of another shape than expected"), asked, Secret{})
	}
	secret := secretIn(objects)
	found, unread := readFields(unwrapped(body, objects, apiKeyAnswer{}.keyField()))
	switch {
	case found.ID <= 0:
		return r.findCreated(ctx, answer.malformedError(`the answer had no usable "network_api_key_id"`), asked, secret)
	case !r.creates.isNew(int64(found.ID)):
		return r.findCreated(ctx, answer.malformedError("the answer was about another key"), asked, Secret{})
	}
	created := CreatedAPIKey{APIKey: found.completed(asked), Secret: secret, Unread: unread}
	r.creates.setMade(created.ID)
	if secret.IsEmpty() {
		cause := answer.malformedError(`the answer had no usable "api_key", the secret`)
		return CreatedAPIKey{}, &CreateInDoubtError{Cause: cause, Key: &created.APIKey}
	}
	return created, nil
}

// secretIn returns the secret of the answer to a create. It is found by its assumed name
// only.
func secretIn(answer []layer) (secret Secret) {
	for _, object := range answer {
		if json.Unmarshal(object.fields["api_key"], &secret) == nil && !secret.IsEmpty() {
			return secret
		}
	}
	return Secret{}
}

// readFields reads what can be read of a key, and names the fields that cannot.
func readFields(body []byte) (found apiKeyAnswer, unread []string) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields) // not an object: no field is found
	for name, value := range fields {
		one, err := json.Marshal(map[string]json.RawMessage{name: value})
		with := found
		if err == nil && json.Unmarshal(one, &with) == nil {
			found = with
		}
	}
	for name, isRead := range map[string]bool{
		"network_id":          found.NetworkID > 0,
		"name":                found.Name != nil,
		"network_employee_id": found.EmployeeID > 0,
		"permissions":         found.hasPermissions(),
		"is_all_permissions":  found.AllPermissions != nil,
		"status":              found.Status != "",
		"time_created":        found.CreatedAt > 0,
	} {
		if !isRead {
			unread = append(unread, name)
		}
	}
	slices.Sort(unread)
	return found, unread
}

// completed returns the key of an answer that has an ID. What the answer lacks is taken
// from the request.
func (a apiKeyAnswer) completed(asked creation) APIKey {
	if a.Name == nil {
		a.Name = &asked.settings.Name
	}
	if a.EmployeeID <= 0 {
		a.EmployeeID = entityID(asked.employeeID)
	}
	if a.AllPermissions == nil || !a.hasPermissions() {
		a.AllPermissions, a.Permissions = &asked.settings.AllPermissions, asked.settings.Permissions
	}
	if a.Status == "" {
		a.Status = StatusActive
	}
	return a.key()
}
