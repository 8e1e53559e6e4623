package everflowmock

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// seedCheck keeps the first thing that is wrong with a seed. No message may
// repeat what stands where a secret belongs.
type seedCheck struct {
	now    int64
	err    error
	hashes map[string]string // hash → the place that uses it
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
	c.times("network", n.TimeCreated, n.TimeSaved)
	n.Status = cmp.Or(n.Status, statusActive)
	n.DefaultCurrencyID = cmp.Or(n.DefaultCurrencyID, "USD")
	n.ReportingTimezoneID = cmp.Or(n.ReportingTimezoneID, 67)
	n.TimeCreated = cmp.Or(n.TimeCreated, c.now)
	n.TimeSaved = cmp.Or(n.TimeSaved, n.TimeCreated)
	return n
}

func (c *seedCheck) roles(list []Role, networkID int64) []Role {
	list = slices.Clone(list)
	c.ids("roles", "role_id", len(list), func(i int) int64 { return list[i].ID })
	for i := range list {
		r, place := &list[i], fmt.Sprintf("roles[%d]", i)
		if strings.TrimSpace(r.Name) == "" {
			c.fail(place+".name", "give the role a name")
		}
		for j, p := range r.Permissions {
			if strings.TrimSpace(p) == "" || slices.Contains(r.Permissions[:j], p) {
				c.fail(fmt.Sprintf("%s.permissions[%d]", place, j), "%q is empty or there twice: remove it", p)
			}
		}
		c.networkID(place, r.NetworkID, networkID)
		c.times(place, r.TimeCreated, r.TimeSaved)
		r.Permissions = slices.Clone(r.Permissions)
		r.fillIn(networkID, c.now)
	}
	sortByID(list, roleID)
	return list
}

func (c *seedCheck) employees(list []Employee, d data) []Employee {
	list = slices.Clone(list)
	c.ids("employees", "network_employee_id", len(list), func(i int) int64 { return list[i].ID })
	for i := range list {
		e, place := &list[i], fmt.Sprintf("employees[%d]", i)
		if strings.TrimSpace(e.FirstName+e.LastName+e.FullName) == "" {
			c.fail(place, "give the employee a first_name and a last_name, or a full_name")
		}
		if !strings.Contains(e.Email, "@") {
			c.fail(place+".email", "%q is not an e-mail address", e.Email)
		}
		if e.RoleID != 0 && d.role(e.RoleID) == nil {
			c.fail(place+".network_role_id", "there is no role %d: use one of %s, or 0 for no role",
				e.RoleID, idList(d.roles, roleID))
		}
		c.networkID(place, e.NetworkID, d.network.ID)
		e.fillIn(d.network.ID)
	}
	sortByID(list, employeeID)
	return list
}

func (c *seedCheck) keys(list []SeedKey, d data) []Key {
	c.ids("api_keys", "network_api_key_id", len(list), func(i int) int64 { return list[i].ID })
	keys, usable := []Key{}, false
	for i, k := range list {
		place := fmt.Sprintf("api_keys[%d]", i)
		if strings.TrimSpace(k.Name) == "" {
			c.fail(place+".name", "give the API key a name")
		}
		if d.employee(k.EmployeeID) == nil {
			c.fail(place+".network_employee_id", "there is no employee %d: use one of %s",
				k.EmployeeID, idList(d.employees, employeeID))
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
		c.networkID(place, k.NetworkID, d.network.ID)
		c.times(place, k.TimeCreated, k.TimeSaved, k.TimeLastUsed, k.TimeRevoked)
		k.SHA256 = c.hash(place, k.APIKey, k.SHA256)
		k.Key.fillIn(d.network.ID, c.now)
		usable = usable || !k.Revoked()
		keys = append(keys, k.Key)
	}
	if !usable {
		c.fail("api_keys", "no key is active, so nobody could call: add one with an api_key or an api_key_sha256")
	}
	sortByID(keys, keyID)
	return keys
}

func (c *seedCheck) others(list []OtherNetwork, d data) []OtherNetwork {
	list = slices.Clone(list)
	c.ids("other_networks", "network_id", len(list), func(i int) int64 { return list[i].ID })
	for i := range list {
		n, place := &list[i], fmt.Sprintf("other_networks[%d]", i)
		if n.ID == d.network.ID {
			c.fail(place+".network_id", "%d is the network itself: give the other one its own ID", n.ID)
		}
		n.Keys = slices.Clone(n.Keys)
		for j := range n.Keys {
			k := &n.Keys[j]
			k.SHA256 = c.hash(fmt.Sprintf("%s.api_keys[%d]", place, j), k.APIKey, k.SHA256)
			k.APIKey = ""
		}
	}
	return list
}

var (
	sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)
	headerSet = regexp.MustCompile(`^[!-~]+$`)
)

func (c *seedCheck) hash(place, secret, hash string) string {
	switch {
	case (secret == "") == (hash == ""):
		c.fail(place, "give the API key either an api_key or an api_key_sha256")
	case secret != "" && !headerSet.MatchString(secret):
		c.fail(place+".api_key", "must be visible ASCII without blanks, since it travels in a header")
	case hash != "" && !sha256Hex.MatchString(hash):
		c.fail(place+".api_key_sha256", "must be 64 lower-case hex digits, as of sha256sum")
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

func (c *seedCheck) ids(list, field string, n int, id func(int) int64) {
	seen := map[int64]int{}
	for i := range n {
		place := fmt.Sprintf("%s[%d].%s", list, i, field)
		if id(i) <= 0 {
			c.fail(place, "must be positive, not %d", id(i))
		}
		if first, ok := seen[id(i)]; ok {
			c.fail(place, "%d is the ID of %s[%d] already: give it another", id(i), list, first)
		}
		seen[id(i)] = i
	}
}

func (c *seedCheck) networkID(place string, got, want int64) {
	if got != 0 && got != want {
		c.fail(place+".network_id", "%d is not the network's ID %d: leave it out", got, want)
	}
}

func (c *seedCheck) times(place string, times ...int64) {
	if slices.Min(times) < 0 {
		c.fail(place, "times are Unix seconds and must not be negative")
	}
}

func idList[T any](list []T, idOf func(T) int64) string {
	if len(list) == 0 {
		return "(none)"
	}
	var ids []string
	for _, e := range list {
		ids = append(ids, fmt.Sprint(idOf(e)))
	}
	return strings.Join(ids, ", ")
}
