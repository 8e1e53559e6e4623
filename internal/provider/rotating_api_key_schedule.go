package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	defaultOverlap = "24h"
	// adoptedAfter is Everflow's advice: rotate quarterly at least.
	adoptedAfter = 90 * 24 * time.Hour
	// notDueFor is how long an adopted key is not due at least, so that there is time to
	// write the schedule that is meant.
	notDueFor = 30 * 24 * time.Hour
)

// adoptedKey is the state of a key that Terraform did not create. Its schedule is a
// proposal under which it is not due yet, so that adopting a key never rotates it:
// the configuration says otherwise, if it does.
func adoptedKey(key apiKeyModel, now time.Time) rotatingAPIKeyModel {
	after := adoptedAfter
	if created, dated := momentOf(key.CreatedAt); dated {
		for !now.Add(notDueFor).Before(created.Add(after)) {
			after *= 2
		}
	}
	adopted := rotatingAPIKeyModel{
		apiKeyModel: key,
		RotateAfter: types.StringValue(fmt.Sprintf("%dh", int64(after/time.Hour))),
		Overlap:     types.StringValue(defaultOverlap),
	}
	adopted.setPrevious(nil)
	adopted.setRotateAt(now)
	return adopted
}

// durationOf reads a duration that was validated; that of null is 0.
func durationOf(text types.String) time.Duration {
	duration, _ := time.ParseDuration(text.ValueString())
	return duration
}

// sameDuration compares what two texts mean; null is no duration.
func sameDuration(a, b types.String) bool {
	return a.IsNull() == b.IsNull() && a.IsUnknown() == b.IsUnknown() && durationOf(a) == durationOf(b)
}

func momentValue(at time.Time) types.String {
	return types.StringValue(at.UTC().Format(time.RFC3339))
}

func momentOf(text types.String) (at time.Time, ok bool) {
	at, err := time.Parse(time.RFC3339, text.ValueString())
	return at, err == nil
}

// setRotateAt: the age of a key whose creation Everflow does not date counts from
// the moment at which that was first seen.
func (m *rotatingAPIKeyModel) setRotateAt(now time.Time) {
	created, dated := momentOf(m.CreatedAt)
	switch {
	case m.RotateAfter.IsNull():
		m.RotateAt = types.StringNull()
	case dated:
		m.RotateAt = momentValue(created.Add(durationOf(m.RotateAfter)))
	case m.RotateAt.IsNull() || m.RotateAt.IsUnknown():
		m.RotateAt = momentValue(now.Add(durationOf(m.RotateAfter)))
	}
}

// rescheduled is the state under the plan's schedule.
func (m rotatingAPIKeyModel) rescheduled(plan rotatingAPIKeyModel) rotatingAPIKeyModel {
	if _, dated := momentOf(m.CreatedAt); dated || !sameDuration(m.RotateAfter, plan.RotateAfter) {
		m.RotateAt = types.StringUnknown()
	}
	m.RotateAfter, m.Overlap = plan.RotateAfter, plan.Overlap
	if _, dated := momentOf(m.CreatedAt); dated {
		m.setRotateAt(time.Time{})
	}
	m.setPrevious(overlapping(m.previous(), durationOf(m.Overlap)))
	return m
}

// overlapping gives the replaced keys their time of revocation.
func overlapping(keys []previousKey, overlap time.Duration) []previousKey {
	keys = slices.Clone(keys)
	for i, key := range keys {
		if replaced, ok := momentOf(key.replacedAt); ok {
			keys[i].revokeAt = momentValue(replaced.Add(overlap))
		}
	}
	return keys
}

// dueKeys is what is due at a moment of the server's time. A refresh decides it and
// leaves it in the resource's private state, where every plan that is made of that
// refresh finds it: Terraform plans again when it applies, maybe much later, and
// both must come to the same.
type dueKeys struct {
	// Rotation is true when the current key is old enough.
	Rotation bool `json:"rotation,omitempty"`
	// Over are the IDs of the previous keys whose overlap is over.
	Over []string `json:"over,omitempty"`
	// StillUsed are the IDs of those that were used in the second half of their
	// overlap, which is not over yet: what is to have the new key has it by then.
	StillUsed []string `json:"still_used,omitempty"`
	// LastUses are the times (RFC 3339) at which previous keys were last used, by ID.
	LastUses map[string]string `json:"last_uses,omitempty"`
}

func (m *rotatingAPIKeyModel) dueAt(now time.Time, lastUses map[string]string) (due dueKeys) {
	due.LastUses = lastUses
	rotateAt, scheduled := momentOf(m.RotateAt)
	due.Rotation = scheduled && !now.Before(rotateAt)
	for _, key := range m.previous() {
		id := key.id.ValueString()
		replaced, wasReplaced := momentOf(key.replacedAt)
		revokeAt, ends := momentOf(key.revokeAt)
		used, isUsed := momentOf(types.StringValue(lastUses[id]))
		switch {
		case key.isSecretLost():
			due.Over = append(due.Over, id)
		case !ends:
		case !now.Before(revokeAt):
			due.Over = append(due.Over, id)
		case wasReplaced && isUsed && used.After(replaced.Add(revokeAt.Sub(replaced)/2)):
			due.StillUsed = append(due.StillUsed, id)
		}
	}
	return due
}

// dueNow is what is due. Where the time is not certain, that is only what is due at any
// time, and a warning says if there could be more.
func (k *apiKeyRun) dueNow(ctx context.Context, m *rotatingAPIKeyModel, lastUses map[string]string, diags *diag.Diagnostics) dueKeys {
	now, err := k.clocks.agreed(ctx)
	if err == nil {
		return m.dueAt(now, lastUses)
	}
	certain := m.dueAt(time.Time{}, lastUses)
	for _, possible := range []time.Time{k.clocks.likely(ctx), k.clocks.machine()} {
		if due := m.dueAt(possible, nil); due.Rotation || len(due.Over) > len(certain.Over) {
			k.warnOfUnknownAges(err, diags)
		}
	}
	certain.StillUsed = nil
	return certain
}

const dueKeysKey = "due"

func loadDue(ctx context.Context, private privateState, diags *diag.Diagnostics) (due dueKeys) {
	stored, found := private.GetKey(ctx, dueKeysKey)
	diags.Append(found...)
	if len(stored) == 0 {
		return due
	}
	if err := json.Unmarshal(stored, &due); err != nil {
		addUnreadableDue(diags, err)
	}
	return due
}

// save leaves nothing in the private state when nothing is due.
func (d dueKeys) save(ctx context.Context, private privateState) diag.Diagnostics {
	if !d.Rotation && len(d.Over)+len(d.StillUsed)+len(d.LastUses) == 0 {
		return private.SetKey(ctx, dueKeysKey, nil)
	}
	return setPrivate(ctx, private, dueKeysKey, d)
}
