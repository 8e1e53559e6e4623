package everflowmock

import (
	"cmp"
	"net/netip"
	"slices"
)

// data is everything that the server stores. Lists are sorted by ID.
type data struct {
	network          Network
	employees        []Employee
	roles            []Role
	keys             []Key
	otherNetworks    []OtherNetwork
	whitelist        []netip.Prefix
	whitelistSavedAt int64
}

// object has an ID, which is unique in its list.
type object interface{ id() int64 }

func (k Key) id() int64          { return k.ID }
func (e Employee) id() int64     { return e.ID }
func (r Role) id() int64         { return r.ID }
func (n OtherNetwork) id() int64 { return n.ID }

// findByID is the object with this ID in a list that is sorted by ID, or nil.
func findByID[T object](list []T, id int64) *T {
	i, ok := slices.BinarySearchFunc(list, id, func(o T, id int64) int { return cmp.Compare(o.id(), id) })
	if !ok {
		return nil
	}
	return &list[i]
}

func sortByID[T object](list []T) {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(a.id(), b.id()) })
}

// nextID is one more than the highest ID. No object is ever deleted, so no ID is used twice.
func nextID[T object](list []T) int64 {
	if len(list) == 0 {
		return 1
	}
	return list[len(list)-1].id() + 1
}
