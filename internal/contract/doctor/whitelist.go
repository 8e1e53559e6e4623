package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
)

// whitelist is a whitelist from an answer that matches the contract.
type whitelist struct {
	entries   []any
	timeSaved any
}

func (d *doctor) checkGetAPIWhitelist(ctx context.Context, result *Operation) {
	d.findings.whitelist = d.readWhitelist(ctx, result)
}

// readWhitelist returns nil if the answer does not match the contract: the effect of a
// write would not be known.
func (d *doctor) readWhitelist(ctx context.Context, result *Operation) *whitelist {
	a := d.get(ctx, result)
	isReadable := d.evaluate(result, a)
	if !isReadable {
		return nil
	}
	found, _ := a.value.(object)
	d.expectNetwork(result, "network_id", found)
	if result.Verdict != Matches {
		return nil
	}
	entries, _ := found["ip_addresses"].([]any)
	return &whitelist{entries: entries, timeSaved: found["time_saved"]}
}

// checkReplaceAPIWhitelist writes the whitelist unchanged, and reads it back.
//
// It does not write an empty list, because that would remove an entry that somebody adds
// at the same time. It does not write a list that differs from the contract, because a
// write clears the fields that it leaves out.
func (d *doctor) checkReplaceAPIWhitelist(ctx context.Context) {
	result := d.report.operation("replaceApiWhitelist")
	if ctx.Err() != nil {
		result.setNotChecked(interrupted)
		return
	}
	before := d.findings.whitelist
	reason := ""
	switch read := d.report.operation("getApiWhitelist"); {
	case before == nil:
		reason = "getApiWhitelist does not match the contract, so the effect of a write is not known"
	case len(read.UnknownFields) > 0:
		reason = "the whitelist has fields that are not in the contract, and a write would clear them"
	case len(before.entries) == 0:
		reason = "the whitelist is empty, and a write could remove an entry that somebody adds at the same time"
	}
	if reason != "" {
		result.setNotChecked(reason)
		result.skipped = true
		return
	}
	again := d.readWhitelist(ctx, &Operation{ID: "getApiWhitelist", Verdict: NotChecked})
	if again == nil || !before.equal(again) || before.timeSaved != again.timeSaved {
		result.setNotChecked("somebody changed the whitelist during the run")
		result.skipped = true
		return
	}
	d.writeWhitelist(ctx, result, before)
}

func (d *doctor) writeWhitelist(ctx context.Context, result *Operation, before *whitelist) {
	backup, err := before.save()
	if err != nil {
		result.setNotChecked("a copy of the whitelist could not be saved in the directory for temporary files")
		return
	}
	op := d.operations["replaceApiWhitelist"]
	d.client.guard.allow(op.method, op.path)
	a := d.send(ctx, request{method: op.method, path: op.path, body: object{"ip_addresses": before.entries}, writes: true})
	isReadable := d.evaluate(result, a)
	if isReadable {
		answered, _ := a.value.(object)
		if written, ok := answered["ip_addresses"].([]any); ok && !before.equal(&whitelist{entries: written}) {
			result.addDifference("ip_addresses", "the list that was sent", "another list")
		}
	}
	ctx, cancel := cleanUpContext(ctx)
	defer cancel()
	after := d.readWhitelist(ctx, &Operation{ID: "getApiWhitelist", Verdict: NotChecked})
	if after != nil && before.equal(after) {
		_ = os.Remove(backup)
		d.report.addWritten(Written{Object: "API whitelist", Outcome: "written unchanged"})
		return
	}
	result.addDifference("ip_addresses, read back", "the list that was sent", "another list, or a list that cannot be read")
	d.report.addWritten(Written{
		Object: "API whitelist", NeedsAction: true,
		Outcome: "NOT the same as before the write. Check it in Everflow now. The list from before the write is in a file, whose path everflow-doctor has printed to standard error",
	})
	d.config.Progress(fmt.Sprintf("The API whitelist is NOT the same as before the write. The list from before the write is in %s.", backup))
}

// save writes the list to a temporary file that only its owner can read.
func (w *whitelist) save() (name string, err error) {
	file, err := os.CreateTemp("", "everflow-whitelist-*.json")
	if err != nil {
		return "", err
	}
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(object{"ip_addresses": w.entries})
	return file.Name(), errors.Join(err, file.Close())
}

// equal compares the entries regardless of their order and spelling.
func (w *whitelist) equal(other *whitelist) bool {
	return slices.Equal(w.canonical(), other.canonical())
}

func (w *whitelist) canonical() []string {
	var all []string
	for _, entry := range w.entries {
		all = append(all, canonicalEntry(fmt.Sprint(entry)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func canonicalEntry(entry string) string {
	if address, err := netip.ParseAddr(entry); err == nil {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()).String()
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		return entry
	}
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked().String()
}
