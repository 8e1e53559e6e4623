package provider

import (
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// finish ends changes that are made.
func (s *session) finish(changes []*queuedChange, live everflow.Whitelist) {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	for _, change := range changes {
		s.writer.noteDone(change.entryChange)
		change.done, change.live = true, live
		close(change.ended)
	}
}

// noteDone is called with the lock held.
func (w *entryWriter) noteDone(change entryChange) {
	if w.added == nil {
		w.added, w.removed = map[string]bool{}, map[string]bool{}
	}
	delete(w.added, meaning(change.remove))
	w.removed[meaning(change.remove)] = true
	if change.add != "" {
		w.added[meaning(change.add)] = true
	}
}

// endUnread ends changes that were sent when the list could not be read afterwards.
func (s *session) endUnread(batch []*queuedChange, wanted []string, answer everflow.Whitelist, writeErr, readErr error) {
	written := writeErr == nil && sameEntries(answer.IPAddresses, wanted)
	for _, change := range batch {
		switch {
		case written && everflow.StatusOf(readErr) == http.StatusForbidden:
			s.endShutOut(change, answer, readErr)
			continue
		case written:
			change.diags.AddWarning(change.String()+" could not be checked", sentence(readErr)+" Everflow's answer to the write held the list as wanted.")
			s.finish([]*queuedChange{change}, answer)
			continue
		case writeErr == nil:
			addAPIError(&change.diags, change.String()+" could not be checked, and the answer to the write was another list", readErr)
		default:
			addAPIError(&change.diags, change.String()+" ended in doubt", writeErr)
			change.diags.AddError("The API whitelist could not be read afterwards", sentence(readErr))
		}
		change.addInDoubt()
		close(change.ended)
	}
}

// endShutOut ends a change after which Everflow no longer accepts this machine.
func (s *session) endShutOut(change *queuedChange, answer everflow.Whitelist, readErr error) {
	summary := "Everflow refuses this machine since the API whitelist was written"
	detail := sentence(readErr) + " The list is in force as it was written, with others' changes and this one: " + change.String() + ". This machine's address is most likely not in it.\n\n" + wayBackIn
	if change.allowLockout {
		change.diags.AddWarning(summary, detail)
	} else {
		change.diags.AddError(summary, detail)
		if change.remove == "" {
			change.addInDoubt() // a create that failed leaves no state
		}
	}
	s.finish([]*queuedChange{change}, answer)
}

// addInDoubt says what a change that may have been made leaves behind.
func (c *queuedChange) addInDoubt() {
	if c.remove == "" {
		c.diags.AddError(fmt.Sprintf("%s may be in the API whitelist without being in the state", c.add), fmt.Sprintf(
			"If it is, the next plan says so. Import it then: terraform import everflow_api_whitelist_entry.this %s (replace \"this\" by your resource's name).", canonical(c.add)))
	} else if c.add != "" {
		c.diags.AddError(fmt.Sprintf("%s may be in the API whitelist in place of %s, which the state has", c.add, c.remove), fmt.Sprintf(
			"If it is, the next plan says so. Import it then: terraform import everflow_api_whitelist_entry.this %s (replace \"this\" by your resource's name).", canonical(c.add)))
	}
}

// fail ends a change that was not made.
func (c *queuedChange) fail(how string, err error) {
	addAPIError(&c.diags, c.String()+" "+how, err)
	close(c.ended)
}

func failAll(changes []*queuedChange, how string, err error) {
	for _, change := range changes {
		change.fail(how, err)
	}
}

// failUndone ends a change that is not in the list that was read back.
func (c *queuedChange) failUndone(writeErr error, now []string) {
	if writeErr != nil {
		c.fail("failed", writeErr)
		return
	}
	c.diags.AddError(c.String()+" was undone by someone else", fmt.Sprintf(
		"It was written %d times, and each time another write of the list came after it that did not have it; or Everflow stores the entry otherwise. The list now holds %s.\n\n"+
			"Everflow replaces the list only as a whole: whoever else writes it must read it right before. Run Terraform again when they are done.", mostTries, named(now)))
	close(c.ended)
}

// refuseLockout ends a change that was held back in vain.
func (s *session) refuseLockout(change *queuedChange, live []string) {
	var added, removed []string
	if change.add != "" {
		added = []string{change.add}
	}
	if change.remove != "" {
		removed = []string{change.remove}
	}
	s.addLockout(path.Root("ip_address"), live, added, removed, &change.diags)
	change.diags.AddError(change.String()+" was not done", "It was held back for others of this run that would make it safe, and none came. "+
		"Terraform makes only some changes at a time: apply again, if the others went through, or let the resource that admits this machine go first (depends_on; it is then destroyed last).")
	close(change.ended)
}
