package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// portal is a rotating key, and something that takes its key from it.
const portal = `
resource "everflow_rotating_api_key" "portal" {
  name                = "Portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
  rotate_after        = "2160h"
}

resource "terraform_data" "consumer" {
  input = everflow_rotating_api_key.portal.key_sha256
}
`

// asConfigured is the whitelist of the recipes' configuration.
var asConfigured = []string{"203.0.113.10", "198.51.100.0/24", "2001:db8:40::/48"}

func onForges(t *testing.T, test func(t *testing.T, forgeName string)) {
	for _, name := range []string{"github", "gitlab"} {
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

func (p *pipeline) drift(env ...string) ran {
	p.t.Helper()
	return p.job("everflow-drift.yml", "drift", "drift", env...)
}

// told checks the outputs of a job, and whether it failed.
func (p *pipeline) told(r ran, failed bool, drift, reason string) {
	p.t.Helper()
	if r.failed != failed || r.outputs["drift"] != drift || r.outputs["reason"] != reason {
		p.t.Fatalf("the job failed: %t, drift=%s, reason=%s; want %t, %s, %s:\n%s", r.failed, r.outputs["drift"], r.outputs["reason"], failed, drift, reason, r.log)
	}
}

// since checks what was called at the forge since the last time, and how many messages
// the webhook has got by now.
func (p *pipeline) since(before *int, messages int64, want ...string) {
	p.t.Helper()
	calls := p.readForge().Calls
	if got := strings.Join(calls[min(*before, len(calls)):], ", "); got != strings.Join(want, ", ") {
		p.t.Errorf("at the forge: %q, want %q\n%s", got, strings.Join(want, ", "), p.log)
	}
	*before = len(calls)
	if got := p.messages.Load(); got != messages {
		p.t.Errorf("the webhook has got %d messages, want %d; the last one: %v", got, messages, p.message.Load())
	}
}

// Night after night: one issue, and a message for what is new.
func TestAccCI_driftKeepsOneIssueAndSendsWhatIsNew(t *testing.T) {
	onForges(t, func(t *testing.T, forgeName string) {
		p := onForge(t, forgeName, "")
		calls := 0

		p.told(p.drift(), false, "false", "none")
		p.since(&calls, 0)

		// These are not ours: another root module's, and what somebody has written.
		other := `<!-- everflow-drift ` + base64.StdEncoding.EncodeToString([]byte(`{"root_module":"other","items":[]}`)) + ` -->`
		p.changeForge(func(f *forge) {
			f.Issues = []forgeIssue{{Number: 1, Open: true, Label: "everflow-drift", Body: other}, {Number: 2, Open: true, Label: "everflow-drift", Body: "<!-- everflow-drift AAAA -->\neverflow"}}
		})
		p.setWhitelist(append([]string{"192.0.2.66"}, asConfigured...)...)
		r := p.drift()
		p.told(r, true, "true", "changed_outside")
		p.says(r.log, "everflow_api_whitelist.this", "added `192.0.2.66`")
		p.since(&calls, 1, "create")
		issue := p.readForge().Issues[2]
		if issue.Title != "Everflow drift: everflow" || issue.Label != "everflow-drift" || !strings.Contains(issue.Body, "added `192.0.2.66`") {
			t.Errorf("the issue is %+v", issue)
		}
		p.says(p.message.Load().(string), `"text": "Everflow (everflow): changed_outside everflow_api_whitelist.this https://`)

		p.told(p.drift(), true, "true", "changed_outside")
		p.since(&calls, 1, "edit 3")

		p.setWhitelist(append([]string{"192.0.2.66", "192.0.2.67"}, asConfigured...)...)
		p.told(p.drift(), true, "true", "changed_outside")
		p.since(&calls, 2, "edit 3", "comment 3")

		p.setWhitelist(append([]string{"192.0.2.67"}, asConfigured...)...)
		p.told(p.drift(), true, "true", "changed_outside")
		p.since(&calls, 2, "edit 3", "comment 3")
		p.says(strings.Join(p.readForge().Issues[2].Comments, "\n"), "- new: `changed_outside everflow_api_whitelist.this ip_addresses added 192.0.2.67`", "- gone: `changed_outside everflow_api_whitelist.this ip_addresses added 192.0.2.66`")

		// A plan that failed is no news of the drift.
		p.told(p.drift("EVERFLOW_API_KEY=wrong"), true, "unknown", "plan_failed")
		p.says(p.log, "The plan failed: the issue stays as it is, if there is one.")
		p.since(&calls, 2)
		p.told(p.drift(), true, "true", "changed_outside")
		p.since(&calls, 2, "edit 3")

		p.setWhitelist(asConfigured...)
		p.told(p.drift(), false, "false", "none")
		p.since(&calls, 2, "comment 3", "edit 3", "close 3")
		p.told(p.drift(), false, "false", "none")
		p.since(&calls, 2)

		p.setWhitelist(append([]string{"192.0.2.67"}, asConfigured...)...)
		p.told(p.drift(), true, "true", "changed_outside")
		p.since(&calls, 3, "edit 3", "reopen 3", "comment 3")
		if issues := p.readForge().Issues; len(issues) != 3 || !issues[2].Open || issues[0].Body != other {
			t.Errorf("the issues are %+v", issues)
		}
	})
}

// A message that did not arrive is sent by the next run, once.
func TestAccCI_webhookThatIsDownGetsTheMessageLater(t *testing.T) {
	p := onForge(t, "gitlab", "")
	calls := 0
	p.setWhitelist(append([]string{"192.0.2.66"}, asConfigured...)...)
	without := p.drift("EVERFLOW_WEBHOOK_URL=")
	p.told(without, true, "true", "changed_outside")
	p.since(&calls, 0, "create")

	p.setWhitelist(append([]string{"192.0.2.67"}, asConfigured...)...)
	r := p.drift("EVERFLOW_WEBHOOK_URL=http://127.0.0.1:1/the-secret-of-the-hook")
	p.told(r, true, "true", "changed_outside")
	p.says(r.log, "The webhook did not take the message")
	if strings.Contains(r.log, "the-secret-of-the-hook") {
		t.Errorf("the log shows the webhook's URL:\n%s", r.log)
	}
	p.since(&calls, 0, "edit 1", "comment 1")
	p.told(p.drift(), true, "true", "changed_outside")
	p.since(&calls, 1, "edit 1", "comment 1")
	p.told(p.drift(), true, "true", "changed_outside")
	p.since(&calls, 1, "edit 1")
}

// What is not applied yet, or due, is reported, and nobody is called for it.
func TestAccCI_unappliedDueFailedCheckAndLockoutAreToldFromDrift(t *testing.T) {
	provider := builtProviderAt(t)
	onForges(t, func(t *testing.T, forgeName string) {
		p, clock := onForgeInTime(t, forgeName, provider, portal)
		calls := 0

		r := p.drift(`TF_VAR_admitted={"office":"198.51.100.0/25"}`)
		p.told(r, false, "false", "to_be_applied")
		p.says(r.log, "To be applied", "`everflow_api_whitelist.this`: update", "added `198.51.100.0/25`, removed `198.51.100.0/24`, `2001:db8:40::/48`")

		clock.pass(2161 * time.Hour)
		r = p.drift()
		p.told(r, false, "false", "rotation_due")
		p.says(r.log, "Rotation due", "`everflow_rotating_api_key.portal`: key ", ", due since", "`terraform_data.consumer`: update, depends on what else changes")

		r = p.drift(`TF_VAR_admitted={"office":"198.51.100.0/25"}`)
		p.told(r, false, "false", "rotation_due,to_be_applied")
		p.since(&calls, 0)

		// A failed check calls a person, a runner that is locked out fails.
		r = p.drift(`TF_VAR_must_be_let_in={"branch":"192.0.2.1"}`)
		p.told(r, true, "false", "failed_check,rotation_due")
		p.says(r.log, "`check.whitelist_lets_in`", "keeps out: branch (192.0.2.1).")
		p.since(&calls, 1, "create")
		p.mock.SetCallerAddress(netip.MustParseAddr("192.0.2.200"))
		r = p.drift()
		p.told(r, true, "unknown", "locked_out")
		p.says(r.log, "its address is not in the API whitelist", "This says nothing about drift")
		p.since(&calls, 1)
	})
}

func TestAccCI_driftTellsWhatWasDoneToAKey(t *testing.T) {
	p := onForge(t, "github", portal)
	report, rotating := p.keyID("Nightly partner report"), p.keyID("Portal")
	p.mock.RenameKey(report, "Somebody's `report`\n::error::no")
	r := p.drift()
	p.told(r, true, "true", "changed_outside")
	p.says(r.summary, "`everflow_api_key.nightly_report`: `name`: `\"Nightly partner report\"` → `\"Somebody's  report \\n::error::no\"`")
	p.mock.RevokeKey(report)
	p.mock.RevokeKey(rotating)
	r = p.drift()
	p.told(r, true, "true", "revoked_outside,to_be_applied")
	p.says(r.summary, "Revoked outside Terraform", fmt.Sprintf("`everflow_api_key.nightly_report`: key %d", report), fmt.Sprintf("`everflow_rotating_api_key.portal`: key %d", rotating))

	// No secret is in anything that a job leaves, the plan file apart.
	p.run(0, "terraform", "apply", "-auto-approve", "-no-color")
	p.mock.RenameKey(p.keyID("Portal"), "Mine")
	p.told(p.drift(), true, "true", "changed_outside")
	state := p.run(0, "terraform", "show", "-json")
	var shown struct {
		Values struct {
			RootModule struct {
				Resources []struct{ Values map[string]any }
			} `json:"root_module"`
		}
	}
	p.ok(json.Unmarshal([]byte(state), &shown))
	secrets := 0
	entries, err := os.ReadDir(filepath.Join(p.dir, "everflow-out"))
	p.ok(err)
	for _, resource := range shown.Values.RootModule.Resources {
		secret, _ := resource.Values["key"].(string)
		if secret == "" {
			continue
		}
		secrets++
		for _, entry := range entries {
			content, err := os.ReadFile(filepath.Join(p.dir, "everflow-out", entry.Name()))
			p.ok(err)
			if strings.Contains(string(content), secret) {
				t.Errorf("%s holds a secret", entry.Name())
			}
		}
	}
	if secrets != 2 {
		t.Errorf("the state holds %d secrets, want 2", secrets)
	}
}

// A repository that everybody reads: neither log nor summary, issue, comment or message
// shows an address, a name or a message.
func TestAccCI_publicRepositoryShowsNoValues(t *testing.T) {
	onForges(t, func(t *testing.T, forgeName string) {
		p := onForge(t, forgeName, `
resource "everflow_api_key" "each" {
  for_each            = toset(["Globex import"])
  name                = each.value
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
}
`)
		p.context["github.event.repository.visibility"], p.variables["CI_PROJECT_VISIBILITY"] = "public", "public"
		p.setWhitelist(append([]string{"192.0.2.66"}, asConfigured...)...)
		p.mock.RenameKey(p.keyID("Nightly partner report"), "Globex backdoor")
		p.mock.RevokeKey(p.keyID("Globex import"))
		shown := func(r ran) string {
			f := p.readForge()
			all := []string{r.log, r.summary, p.message.Load().(string)}
			for _, issue := range f.Issues {
				all = append(append(all, issue.Title, issue.Body), issue.Comments...)
			}
			for _, comment := range f.Comments {
				all = append(all, comment.Body)
			}
			return strings.Join(all, "\n")
		}
		r := p.drift(`TF_VAR_must_be_let_in={"branch":"192.0.2.1"}`)
		p.told(r, true, "true", "revoked_outside,changed_outside,failed_check")
		p.says(r.log, "`everflow_api_key.each[\"…\"]`", "`everflow_api_whitelist.this`: `ip_addresses`: added 1", "EVERFLOW_DETAILS=full")
		all := shown(r)
		r = p.drift("EVERFLOW_API_KEY=wrong")
		p.told(r, true, "unknown", "plan_failed")
		all += shown(r)
		r = p.job("everflow-plan.yml", "plan", "plan")
		p.says(p.readForge().Comments[0].Body, "revoked outside Terraform")
		all += shown(r)
		r = p.job("everflow-apply-by-hand.yml", "plan", "plan-by-hand")
		all += shown(r)
		r = p.byHand()
		p.says(r.log, "Applied.")
		all += shown(r)
		r = p.job("everflow-plan.yml", "plan", "plan")
		p.says(p.readForge().Comments[0].Body, "nothing to do")
		all += shown(r)
		for _, hidden := range []string{"192.0.2", "198.51", "203.0.113", "2001:db8", "lobex", "branch", "Unauthorized", "Nightly"} {
			if strings.Contains(all, hidden) {
				t.Errorf("%q is shown in:\n%s", hidden, all)
			}
		}
	})
}

// byHand is the second job, once it is approved.
func (p *pipeline) byHand() ran {
	p.t.Helper()
	approved, _ := os.ReadFile(filepath.Join(p.repository, "approved.env"))
	return p.job("everflow-apply-by-hand.yml", "apply", "apply-by-hand", strings.TrimSpace(string(approved)))
}

func (p *pipeline) merge(env ...string) ran {
	p.t.Helper()
	p.context["github.event_name"], p.context["sha"], p.variables["CI_COMMIT_SHA"] = "push", "decade", "decade"
	r := p.job("everflow-apply.yml", "apply", "apply-merged", env...)
	p.context["github.event_name"], p.variables["CI_COMMIT_SHA"] = "schedule", "c0ffee"
	return r
}

func TestAccCI_mergeAppliesTheReviewedPlanOrStops(t *testing.T) {
	onForges(t, func(t *testing.T, forgeName string) {
		p := onForge(t, forgeName, "")
		const change, other = `TF_VAR_admitted={"office":"198.51.100.0/25"}`, `TF_VAR_admitted={"office":"198.51.100.0/26"}`
		plan := func(env string) ran { return p.job("everflow-plan.yml", "plan", "plan", env) }

		p.changeForge(func(f *forge) { f.Head, f.MergedAs = "c0ffee", "decade" })
		r := plan(change)
		p.told(r, false, "false", "to_be_applied")
		p.says(p.readForge().Comments[0].Body, "<!-- everflow-plan ", "### Everflow (`everflow`): to be applied", `+ "198.51.100.0/25"`, "Of commit c0ffee.")

		r = p.merge(other)
		p.says(r.log, "Nothing is applied: this is not the plan that was reviewed.")
		p.told(r, true, "false", "to_be_applied")
		p.setWhitelist(append([]string{"192.0.2.66"}, asConfigured...)...)
		r = p.merge(change)
		p.says(r.log, "Nothing is applied: this is not the plan that was reviewed.")
		p.setWhitelist(asConfigured...)
		p.changeForge(func(f *forge) { f.Head = "badcafe" })
		p.says(p.merge(change).log, "Request 7 has no plan of its last commit")
		p.changeForge(func(f *forge) { f.Head, f.MergedAs = "c0ffee", "facade" })
		p.says(p.merge(change).log, "Commit decade was not made by merging a request")
		// A comment that somebody else wrote counts for nothing.
		p.changeForge(func(f *forge) { f.MergedAs, f.Comments[0].By = "decade", "mallory" })
		p.says(p.merge(change).log, "Request 7 has no plan of its last commit")
		p.changeForge(func(f *forge) { f.Comments[0].By = ourBot })
		if now := strings.Join(p.whitelist(), " "); now != "198.51.100.0/24 2001:db8:40::/48 203.0.113.10" {
			t.Fatalf("a stop wrote the whitelist: %s", now)
		}

		r = p.merge(change)
		p.told(r, false, "false", "to_be_applied")
		p.says(r.log, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.")
		// Nothing to do needs no review.
		p.changeForge(func(f *forge) { f.MergedAs = "facade" })
		p.told(p.merge(change), false, "false", "none")

		p.told(plan(change), false, "false", "none")
		if comments := p.readForge().Comments; len(comments) != 1 || !strings.Contains(comments[0].Body, "nothing to do") {
			t.Errorf("the comments are %+v", comments)
		}
		p.told(plan("EVERFLOW_API_KEY=wrong"), true, "unknown", "plan_failed")
		p.says(p.readForge().Comments[0].Body, "The plan failed", "401")
		p.changeForge(func(f *forge) { f.MergedAs = "decade" })
		p.says(p.merge(other).log, "The plan of request 7 failed")
	})
}

func TestAccCI_rotationsAreAppliedAtNightAndNothingElse(t *testing.T) {
	provider := builtProviderAt(t)
	onForges(t, func(t *testing.T, forgeName string) {
		p, clock := onForgeInTime(t, forgeName, provider, portal)
		night := func(env ...string) ran { return p.job("everflow-apply.yml", "apply", "apply-rotation", env...) }
		const change = `TF_VAR_admitted={"office":"198.51.100.0/25"}`

		p.says(night().log, "There is nothing to apply.")
		r := night(change)
		p.told(r, false, "false", "to_be_applied")
		p.says(r.log, "No rotation is due.")

		first := p.keyID("Portal")
		clock.pass(2161 * time.Hour)
		r = night(change)
		p.told(r, true, "false", "rotation_due,to_be_applied")
		p.says(r.log, "Nothing is applied: a rotation is due, but the plan does more than that (rotation_due,to_be_applied).")
		r = night()
		p.told(r, false, "false", "rotation_due")
		p.says(r.log, "Apply complete!")
		p.told(night(), false, "false", "none")

		clock.pass(25 * time.Hour)
		r = night()
		p.told(r, false, "false", "rotation_due")
		p.says(r.log, fmt.Sprintf("the overlap of key %d is over", first), "Apply complete!")
		if key, _ := p.mock.Key(first); key.Status != "revoked" {
			t.Errorf("key %d is %s after its overlap", first, key.Status)
		}
		r = night("EVERFLOW_API_KEY=wrong")
		p.told(r, true, "unknown", "plan_failed")
	})
}

func TestAccCI_byHandAppliesWhatWasApprovedOrStops(t *testing.T) {
	onForges(t, func(t *testing.T, forgeName string) {
		p := onForge(t, forgeName, "")
		plan := func() ran { return p.job("everflow-apply-by-hand.yml", "plan", "plan-by-hand") }
		p.setWhitelist(append([]string{"192.0.2.66"}, asConfigured...)...)
		p.told(plan(), false, "true", "changed_outside")
		p.setWhitelist(append([]string{"192.0.2.67"}, asConfigured...)...)
		r := p.byHand()
		p.says(r.log, "Nothing is applied: this is not the plan that was reviewed.")
		if !r.failed {
			t.Error("a stop is no failure")
		}
		p.told(plan(), false, "true", "changed_outside")
		r = p.byHand()
		p.says(r.log, "Apply complete!")
		if now := strings.Join(p.whitelist(), " "); r.failed || now != "198.51.100.0/24 2001:db8:40::/48 203.0.113.10" {
			t.Errorf("failed: %t, the whitelist is %s", r.failed, now)
		}
	})
}

func TestAccCI_checksDoNotStopAnApply(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	i := install(a, examplesCI+"/configuration")
	if said := i.run(0, "terraform", "apply", "-auto-approve", "-no-color"); strings.Contains(said, "Warning") {
		t.Fatalf("the configuration of the recipes warns as it stands:\n%s", said)
	}
	i.says(
		i.runWith([]string{`TF_VAR_must_be_kept_out={"guest":"198.51.100.9"}`}, 0, "terraform", "apply", "-auto-approve", "-no-color"),
		"Check block assertion failed", "lets in: guest (198.51.100.9).", "Apply complete!",
	)
}

// The tests of the recipes need neither an account nor a key.
func TestAccCI_terraformTestPasses(t *testing.T) {
	a := onMock(t, everflowmock.Options{CallerAddress: home})
	i := install(a, examplesCI+"/configuration")
	said := i.runWith([]string{"EVERFLOW_API_KEY=", "EVERFLOW_BASE_URL="}, 0, "terraform", "test", "-no-color")
	i.says(said, "4 passed, 0 failed.")
	if calls := a.mock.Calls(); len(calls) > 0 {
		t.Errorf("the tests called Everflow: %v", calls)
	}
}

// says fails the test unless the text holds all of these, in this order.
func (i *installed) says(text string, want ...string) {
	i.t.Helper()
	if !says(want...).MatchString(text) {
		i.t.Errorf("want %q, in this order, in:\n%s", want, text)
	}
}
