package everflowmock

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

const (
	statusActive  = "active"
	statusRevoked = "revoked"
)

// Key is an API key as the server stores it: with the hash of its secret, never
// with the secret. Times are Unix seconds, 0 for never.
type Key struct {
	ID               int64    `json:"network_api_key_id"`
	NetworkID        int64    `json:"network_id,omitempty"`
	Name             string   `json:"name"`
	EmployeeID       int64    `json:"network_employee_id"`
	Permissions      []string `json:"permissions,omitempty"` // sorted
	IsAllPermissions bool     `json:"is_all_permissions"`
	Status           string   `json:"status,omitempty"` // active or revoked
	TimeCreated      int64    `json:"time_created,omitempty"`
	TimeSaved        int64    `json:"time_saved,omitempty"`
	TimeLastUsed     int64    `json:"time_last_used,omitempty"`
	TimeRevoked      int64    `json:"time_revoked,omitempty"`
	SHA256           string   `json:"api_key_sha256,omitempty"` // lower-case hex
}

// Revoked reports whether the key is revoked.
func (k Key) Revoked() bool { return k.Status == statusRevoked }

// HashAPIKey is the lower-case hex SHA-256 of a secret, as in Key.SHA256.
func HashAPIKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newSecret has 130 random bits behind a prefix that log and secret scanners can look for.
func newSecret() string { return "everflow-mock-" + rand.Text() }

// Keys lists all keys of the network by ID, revoked ones too.
func (s *Server) Keys() []Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.Clone(s.data.keys)
	for i := range keys {
		keys[i].Permissions = slices.Clone(keys[i].Permissions)
	}
	return keys
}

// Key is one key of the network, active or revoked.
func (s *Server) Key(id int64) (key Key, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := findByID(s.data.keys, id)
	if k == nil {
		return Key{}, false
	}
	key = *k
	key.Permissions = slices.Clone(k.Permissions)
	return key, true
}

// AddKey adds a key and returns its ID. ID, NetworkID, Status and the times
// get values when they are left out; without SHA256, no secret fits the key.
// It panics on an ID that another key has.
func (s *Server) AddKey(key Key) (id int64) {
	s.changeData(func(d *data) error {
		if findByID(d.keys, key.ID) != nil {
			return fmt.Errorf("there is an API key %d already", key.ID)
		}
		if key.SHA256 == "" {
			key.SHA256 = HashAPIKey(newSecret())
		}
		key = d.addKey(key, s.now())
		return nil
	})
	return key.ID
}

// addKey adds a key and returns it with its defaults. Without an ID it gets the next one.
func (d *data) addKey(key Key, now time.Time) Key {
	key.ID = cmp.Or(key.ID, nextID(d.keys))
	key.setDefaults(d.network.ID, now.Unix())
	d.keys = append(d.keys, key)
	sortByID(d.keys)
	return key
}

// UpdateKey changes a key, as another user of the network could. TimeSaved
// becomes the time of the change, unless change sets it. It panics when there is
// no key with this ID.
func (s *Server) UpdateKey(id int64, change func(*Key)) {
	s.changeData(func(d *data) error {
		k := findByID(d.keys, id)
		if k == nil {
			return fmt.Errorf("there is no API key %d", id)
		}
		saved := k.TimeSaved
		change(k)
		k.ID = id
		k.Permissions = sortedCopy(k.Permissions)
		if k.TimeSaved == saved {
			k.TimeSaved = s.now().Unix()
		}
		return nil
	})
}

// RenameKey is UpdateKey for the name.
func (s *Server) RenameKey(id int64, name string) {
	s.UpdateKey(id, func(k *Key) { k.Name = name })
}

// RevokeKey revokes a key, as another user of the network could. A revoked key
// stays as it is. It panics when there is no key with this ID.
func (s *Server) RevokeKey(id int64) {
	s.changeData(func(d *data) error {
		k := findByID(d.keys, id)
		if k == nil {
			return fmt.Errorf("there is no API key %d", id)
		}
		k.revoke(s.now().Unix())
		return nil
	})
}

func (k *Key) revoke(now int64) {
	if k.Revoked() {
		return
	}
	k.Status, k.TimeRevoked, k.TimeSaved = statusRevoked, now, now
}

func (k *Key) setDefaults(networkID, now int64) {
	k.NetworkID = cmp.Or(k.NetworkID, networkID)
	k.Status = cmp.Or(k.Status, statusActive)
	k.TimeCreated = cmp.Or(k.TimeCreated, now)
	k.TimeSaved = cmp.Or(k.TimeSaved, max(k.TimeCreated, k.TimeRevoked))
	if k.Revoked() {
		k.TimeRevoked = cmp.Or(k.TimeRevoked, k.TimeSaved)
	}
	k.Permissions = sortedCopy(k.Permissions)
}

func sortedCopy(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
