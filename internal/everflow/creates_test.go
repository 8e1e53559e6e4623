package everflow

import "testing"

// A second reader of the table may be back only when a create is under way already: the
// key of that create must not pass for one that was there before.
func TestCreates_keysBeforeAreThoseOfTheFirstRead(t *testing.T) {
	t.Parallel()
	var c creates
	c.setKeysBefore([]APIKey{{ID: 1}})
	if before := c.setKeysBefore([]APIKey{{ID: 1}, {ID: 2}}); len(before) != 1 {
		t.Errorf("before: %v", before)
	}
	if !c.isNew(2) || c.isNew(1) {
		t.Error("a key that the second read shows passes for one that was there before")
	}
}
