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

// CreatedAPIKey is a key fresh from its creation: the only time that its secret
// is known.
type CreatedAPIKey struct {
	// APIKey is the key as the answer has it. What the answer left out or had in
	// another form is as it was asked for, and named in Unread.
	APIKey
	Secret Secret
	// Unread names the fields that the answer did not tell. [Client.ProveAPIKey]
	// may, once the key and its secret are saved.
	Unread []string
}

// CreateAPIKey creates a key for an employee, and returns as soon as it is answered.
// The call is repeated only where the server cannot have acted. An error of type
// *[CreateInDoubtError] means that it may have; any other error means that no key
// was made.
//
// Before its first create a client reads which keys are live (a page of the
// table), so that it can tell a key it made from one that was there.
// Source: POST /networks/security/apikeys, assumed.
func (c *Client) CreateAPIKey(ctx context.Context, employeeID int64, settings APIKeySettings) (CreatedAPIKey, error) {
	if _, err := c.LiveBefore(ctx); err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created, because the live keys could not be listed first: %w", err)
	}
	asked := creation{employeeID: employeeID, settings: settings}
	done, err := c.creating.turn(ctx, asked.likeness())
	if err != nil {
		return CreatedAPIKey{}, fmt.Errorf("nothing was created: %w", err)
	}
	defer done()

	asked.sentAt, _ = c.clock.now()
	answer, err := c.do(ctx, call{
		effect: creates, method: http.MethodPost, path: keysPath, body: settings.request(employeeID),
		expects: expectsAPIKey + ", api_key (text)",
	})
	if err != nil {
		if !IsInDoubt(err) {
			return CreatedAPIKey{}, err
		}
		return c.resolve(ctx, err, asked, Secret{})
	}
	return c.created(ctx, answer, asked)
}

// creation is what a create asks for.
type creation struct {
	employeeID int64
	settings   APIKeySettings
	// sentAt is the server's time when the create was sent; zero where not known.
	sentAt time.Time
}

func (a creation) likeness() likeness {
	return likeness{employeeID: a.employeeID, name: strings.TrimSpace(a.settings.Name)}
}

// created reads the answer to a create. An ID that no key had before is that of the
// new key, whatever else the answer says.
func (c *Client) created(ctx context.Context, answer answer, asked creation) (CreatedAPIKey, error) {
	body, err := answer.json()
	if err != nil {
		return c.resolve(ctx, err, asked, Secret{})
	}
	if len(layers(body)) == 0 {
		return c.resolve(ctx, answer.malformed("the answer was JSON of another shape than expected"), asked, Secret{})
	}
	secret := secretIn(body)
	found, unread := readFields(unwrapped(body, apiKeyAnswer{}.sign()))
	switch {
	case found.ID <= 0:
		return c.resolve(ctx, answer.malformed(`the answer had no usable "network_api_key_id"`), asked, secret)
	case !c.creating.isNew(int64(found.ID)):
		return c.resolve(ctx, answer.malformed("the answer was about another key"), asked, Secret{})
	}
	created := CreatedAPIKey{APIKey: found.completed(asked), Secret: secret, Unread: unread}
	c.creating.claim(created.ID)
	if secret.IsEmpty() {
		cause := answer.malformed(`the answer had no usable "api_key", the secret`)
		return CreatedAPIKey{}, &CreateInDoubtError{Cause: cause, Key: &created.APIKey}
	}
	return created, nil
}

// secretIn is the secret in the answer to a create, by its assumed name only: no
// other value is taken for one.
func secretIn(body []byte) (secret Secret) {
	for _, object := range layers(body) {
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

// completed is the key that an answer with an ID tells of, and for the rest the key
// that was asked for.
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
