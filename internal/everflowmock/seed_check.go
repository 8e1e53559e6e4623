package everflowmock

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// seedCheck finds the first mistake in a seed. No message may contain what the seed
// has in the place of a secret.
type seedCheck struct {
	now    int64
	err    error
	hashes map[string]string // from a hash to the place of its key
}

func (c *seedCheck) fail(place, format string, args ...any) {
	if c.err == nil {
		c.err = errors.New(place + ": " + fmt.Sprintf(format, args...))
	}
}

func (c *seedCheck) network(n Network) Network {
	if n.ID <= 0 {
		c.fail("network.network_id", "must be positive, not %d", n.ID)
	}
	if strings.TrimSpace(n.Name) == "" {
		c.fail("network.name", "give the network a name")
	}
	c.checkTimes("network", n.TimeCreated, n.TimeSaved)
	n.Status = cmp.Or(n.Status, statusActive)
	n.DefaultCurrencyID = cmp.Or(n.DefaultCurrencyID, "USD")
	n.ReportingTimezoneID = cmp.Or(n.ReportingTimezoneID, 67)
	n.TimeCreated = cmp.Or(n.TimeCreated, c.now)
	n.TimeSaved = cmp.Or(n.TimeSaved, n.TimeCreated)
	return n
}

func (c *seedCheck) roles(list []Role, networkID int64) []Role {
	list = slices.Clone(list)
	checkIDs(c, "roles", "role_id", list)
	for i := range list {
		r, place := &list[i], fmt.Sprintf("roles[%d]", i)
		if strings.TrimSpace(r.Name) == "" {
			c.fail(place+".name", "give the role a name")
		}
		for j, p := range r.Permissions {
			if strings.TrimSpace(p) == "" || slices.Contains(r.Permissions[:j], p) {
				c.fail(fmt.Sprintf("%s.permissions[%d]", place, j), "%q is empty or a duplicate: remove it", p)
			}
		}
		c.checkNetworkID(place, r.NetworkID, networkID)
		c.checkTimes(place, r.TimeCreated, r.TimeSaved)
		r.Permissions = slices.Clone(r.Permissions)
		r.setDefaults(networkID, c.now)
	}
	sortByID(list)
	return list
}

func (c *seedCheck) employees(list []Employee, d data) []Employee {
	list = slices.Clone(list)
	checkIDs(c, "employees", "network_employee_id", list)
	for i := range list {
		e, place := &list[i], fmt.Sprintf("employees[%d]", i)
		if strings.TrimSpace(e.FirstName+e.LastName+e.FullName) == "" {
			c.fail(place, "give the employee a first_name and a last_name, or a full_name")
		}
		if !strings.Contains(e.Email, "@") {
			c.fail(place+".email", "%q is not an e-mail address", e.Email)
		}
		if e.RoleID != 0 && findByID(d.roles, e.RoleID) == nil {
			c.fail(place+".network_role_id", "there is no role %d: use one of %s, or 0 for no role",
				e.RoleID, idList(d.roles))
		}
		c.checkNetworkID(place, e.NetworkID, d.network.ID)
		e.setDefaults(d.network.ID)
	}
	sortByID(list)
	return list
}

func (c *seedCheck) keys(list []SeedKey, d data) []Key {
	checkIDs(c, "api_keys", "network_api_key_id", list)
	keys, usable := []Key{}, false
	for i, k := range list {
		place := fmt.Sprintf("api_keys[%d]", i)
		if strings.TrimSpace(k.Name) == "" {
			c.fail(place+".name", "give the API key a name")
		}
		if findByID(d.employees, k.EmployeeID) == nil {
			c.fail(place+".network_employee_id", "there is no employee %d: use one of %s",
				k.EmployeeID, idList(d.employees))
		}
		if err := checkPermissions(k.Permissions, k.IsAllPermissions); err != nil {
			c.fail(place, "%s", err)
		}
		if k.Status != "" && k.Status != statusActive && k.Status != statusRevoked {
			c.fail(place+".status", "%q must be active or revoked", k.Status)
		}
		if k.TimeRevoked != 0 && !k.Revoked() {
			c.fail(place+".time_revoked", "must be 0 unless status is revoked")
		}
		c.checkNetworkID(place, k.NetworkID, d.network.ID)
		c.checkTimes(place, k.TimeCreated, k.TimeSaved, k.TimeLastUsed, k.TimeRevoked)
		k.SHA256 = c.secretHash(place, k.APIKey, k.SHA256)
		k.Key.setDefaults(d.network.ID, c.now)
		usable = usable || !k.Revoked()
		keys = append(keys, k.Key)
	}
	if !usable {
		c.fail("api_keys", "no key is active, so every call would be refused: add a key with an api_key or an api_key_sha256")
	}
	sortByID(keys)
	return keys
}

func (c *seedCheck) otherNetworks(list []OtherNetwork, d data) []OtherNetwork {
	list = slices.Clone(list)
	checkIDs(c, "other_networks", "network_id", list)
	for i := range list {
		n, place := &list[i], fmt.Sprintf("other_networks[%d]", i)
		if n.ID == d.network.ID {
			c.fail(place+".network_id", "%d is the network itself: give the other one its own ID", n.ID)
		}
		n.Keys = slices.Clone(n.Keys)
		for j := range n.Keys {
			k := &n.Keys[j]
			k.SHA256 = c.secretHash(fmt.Sprintf("%s.api_keys[%d]", place, j), k.APIKey, k.SHA256)
			k.APIKey = ""
		}
	}
	return list
}

var (
	sha256Hex   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	headerValue = regexp.MustCompile(`^[!-~]+$`)
)

func (c *seedCheck) secretHash(place, secret, hash string) string {
	switch {
	case (secret == "") == (hash == ""):
		c.fail(place, "give the API key either an api_key or an api_key_sha256")
	case secret != "" && !headerValue.MatchString(secret):
		c.fail(place+".api_key", "must be visible ASCII without blanks, since it is sent in a header")
	case hash != "" && !sha256Hex.MatchString(hash):
		c.fail(place+".api_key_sha256", "must be 64 lower-case hex digits, as sha256sum prints them")
	case secret != "":
		hash = HashAPIKey(secret)
	}
	if first, ok := c.hashes[hash]; ok {
		c.fail(place, "has the same secret as %s: give each API key its own", first)
	}
	if c.hashes == nil {
		c.hashes = map[string]string{}
	}
	c.hashes[hash] = place
	return hash
}

func checkIDs[T object](c *seedCheck, list, field string, objects []T) {
	seen := map[int64]int{}
	for i, o := range objects {
		place := fmt.Sprintf("%s[%d].%s", list, i, field)
		if o.id() <= 0 {
			c.fail(place, "must be positive, not %d", o.id())
		}
		if first, ok := seen[o.id()]; ok {
			c.fail(place, "%d is the ID of %s[%d] already: give it another ID", o.id(), list, first)
		}
		seen[o.id()] = i
	}
}

func (c *seedCheck) checkNetworkID(place string, got, want int64) {
	if got != 0 && got != want {
		c.fail(place+".network_id", "%d is not the network's ID %d: leave it out", got, want)
	}
}

func (c *seedCheck) checkTimes(place string, times ...int64) {
	if slices.Min(times) < 0 {
		c.fail(place, "times are Unix seconds and must not be negative")
	}
}

func idList[T object](list []T) string {
	if len(list) == 0 {
		return "(none)"
	}
	var ids []string
	for _, o := range list {
		ids = append(ids, strconv.FormatInt(o.id(), 10))
	}
	return strings.Join(ids, ", ")
}
