package everflow

import (
	"sync/atomic"

	"golang.org/x/sync/singleflight"
)

// kept is a value that is fetched when first asked for. Those who ask meanwhile
// share the fetch, its failure too: a server that is down is not asked by one
// caller after the other.
type kept[T any] struct {
	fetching singleflight.Group
	value    atomic.Pointer[T]
}

func (k *kept[T]) get(fetch func() (T, error)) (T, error) {
	_, err, _ := k.fetching.Do("", func() (any, error) {
		if k.value.Load() != nil {
			return nil, nil
		}
		value, err := fetch()
		if err == nil {
			k.value.Store(&value)
		}
		return nil, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return *k.value.Load(), nil
}
