package everflowmock

import (
	"cmp"
	"net/netip"
	"slices"
)

// data is everything the server remembers. Lists are sorted by ID.
type data struct {
	network          Network
	employees        []Employee
	roles            []Role
	keys             []Key
	others           []OtherNetwork
	whitelist        []netip.Prefix
	whitelistSavedAt int64
}

func (d *data) key(id int64) *Key {
	return find(d.keys, id, func(k Key) int64 { return k.ID })
}

func (d *data) employee(id int64) *Employee {
	return find(d.employees, id, func(e Employee) int64 { return e.ID })
}

func (d *data) role(id int64) *Role {
	return find(d.roles, id, func(r Role) int64 { return r.ID })
}

func find[T any](list []T, id int64, idOf func(T) int64) *T {
	i, ok := slices.BinarySearchFunc(list, id, func(e T, id int64) int { return cmp.Compare(idOf(e), id) })
	if !ok {
		return nil
	}
	return &list[i]
}

func sortByID[T any](list []T, idOf func(T) int64) {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(idOf(a), idOf(b)) })
}

// nextID is one more than the highest ID: nothing is ever deleted, so no ID is used twice.
func nextID[T any](list []T, idOf func(T) int64) int64 {
	if len(list) == 0 {
		return 1
	}
	return idOf(list[len(list)-1]) + 1
}
