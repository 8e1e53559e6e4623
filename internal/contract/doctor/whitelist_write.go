package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
)

// askWhitelistWrite writes the whitelist as it is, and reads it back.
//
// An empty list is not written: should somebody turn it on at that moment, the
// write would turn it off again. Neither is one of another form than the
// contract's: what a write leaves out is cleared.
func (d *doctor) askWhitelistWrite(ctx context.Context) {
	result := d.report.operation("replaceApiWhitelist")
	if ctx.Err() != nil {
		result.notAsked(interrupted)
		return
	}
	before := d.findings.whitelist
	reason := ""
	switch read := d.report.operation("getApiWhitelist"); {
	case before == nil:
		reason = "getApiWhitelist does not fit, so that it is not known what a write would do"
	case len(read.UnknownFields) > 0:
		reason = "the list has fields that the contract does not know, and a write would leave them out"
	case len(before.entries) == 0:
		reason = "the list is empty, and a write could undo what somebody enters at the same time"
	}
	if reason != "" {
		result.notAsked(reason)
		result.byChoice = true
		return
	}
	again := d.readWhitelist(ctx, &Operation{ID: "getApiWhitelist", Verdict: NotAsked})
	if again == nil || !before.equal(again) || before.saved != again.saved {
		result.notAsked("the list was changed by somebody else meanwhile")
		result.byChoice = true
		return
	}
	d.writeWhitelist(ctx, result, before)
}

func (d *doctor) writeWhitelist(ctx context.Context, result *Operation, before *whitelistFinding) {
	backup, err := before.save()
	if err != nil {
		result.notAsked("a copy of the list could not be saved first, in the directory for temporary files")
		return
	}
	one := d.calls["replaceApiWhitelist"]
	d.caller.guard.allow(one.method, one.path)
	a := d.ask(ctx, request{method: one.method, path: one.path, body: object{"ip_addresses": before.entries}, writes: true})
	if d.judge(result, a) {
		answered, _ := a.value.(object)
		if written, ok := answered["ip_addresses"].([]any); ok && !before.equal(&whitelistFinding{entries: written}) {
			result.differ("ip_addresses", "the list that was sent", "another list")
		}
	}
	ctx, cancel := cleanUp(ctx)
	defer cancel()
	after := d.readWhitelist(ctx, &Operation{ID: "getApiWhitelist", Verdict: NotAsked})
	if after != nil && before.equal(after) {
		_ = os.Remove(backup)
		d.report.Made = append(d.report.Made, Made{What: "API whitelist, written as it was", Outcome: "as it was before"})
		return
	}
	result.differ("ip_addresses, read back", "the list that was sent", "another list, or none that can be read")
	d.report.Made = append(d.report.Made, Made{
		What: "API whitelist", Alive: true,
		Outcome: "NOT as it was before. Look at it in Everflow now; the list as it was is in a file in the directory for temporary files, named on the terminal",
	})
	d.config.Progress(fmt.Sprintf("The API whitelist is not as it was before. As it was, it is in %s.", backup))
}

// save writes the list to a file that only its owner can read.
func (w *whitelistFinding) save() (name string, err error) {
	file, err := os.CreateTemp("", "everflow-whitelist-*.json")
	if err != nil {
		return "", err
	}
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(object{"ip_addresses": w.entries})
	if closing := file.Close(); err == nil {
		err = closing
	}
	return file.Name(), err
}

// equal compares the meaning of the entries: their order and spelling have none.
func (w *whitelistFinding) equal(other *whitelistFinding) bool {
	return slices.Equal(w.meaning(), other.meaning())
}

func (w *whitelistFinding) meaning() []string {
	var all []string
	for _, entry := range w.entries {
		all = append(all, meaningOf(fmt.Sprint(entry)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func meaningOf(entry string) string {
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
