package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// reported is what report.jq says of a plan.
func reported(t *testing.T, plan, details string) (reasons, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(shell(t, "jq"), "-f", examplesCI+"/everflow-ci/report.jq",
		"--arg", "root", "everflow", "--arg", "failed", "", "--arg", "details", details, "--rawfile", "said", os.DevNull, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var answer struct {
		Report struct {
			Reasons []string
			Text    string
		}
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		t.Fatal(err)
	}
	return strings.Join(answer.Report.Reasons, ","), answer.Report.Text
}

// drifted is a plan that puts back what was changed outside, if after is not null.
func drifted(typeName, name, before, after, marks string) string {
	live, actions := after, `["update"]`
	if after == "null" {
		actions = `["create"]`
	}
	resource := `"address":"` + typeName + "." + name + `","mode":"managed","type":"` + typeName + `",`
	return `{"resource_drift":[{` + resource + `"change":{"actions":["update"],"before":` + before + `,"after":` + live + `,"after_unknown":{},` + marks + `}}],` +
		`"resource_changes":[{` + resource + `"change":{"actions":` + actions + `,"before":` + live + `,"after":` + before + `,"after_unknown":{},` + marks + `}}]}`
}

func TestCI_reportReadsPlans(t *testing.T) {
	t.Parallel()
	const unmarked = `"before_sensitive":{},"after_sensitive":{}`
	const due = `{"address":"everflow_rotating_api_key.a","mode":"managed","type":"everflow_rotating_api_key","change":{"actions":["update"],
		"before":{"id":"1","status":"active","previous_keys":[],"rotate_at":"2026-01-31T12:00:00Z"},"after":{},"after_unknown":{"id":true,"status":true,"rotate_at":true,"previous_keys":true}}}`
	for name, test := range map[string]struct {
		plan, reasons string
		want, hidden  []string
	}{
		"spelling and order of addresses are no change": {
			plan: strings.Replace(drifted("everflow_api_whitelist", "this",
				`{"ip_addresses":["203.0.113.7","2001:0DB8:0:0::0001/128","::ffff:192.0.2.1","2001:db8:40::/48"]}`,
				`{"ip_addresses":["2001:db8::1","2001:db8:40:0::/48","192.0.2.1","203.0.113.7/32","203.0.113.7"]}`, unmarked),
				`"resource_changes":[{`, `"resource_changes":[],"unread":[{`, 1),
			reasons: "",
		},
		"addresses of an entry that was removed": {
			plan:    drifted("everflow_api_whitelist_entry", `each[\"branch\"]`, `{"id":"192.0.2.1","ip_address":"192.0.2.1"}`, "null", unmarked),
			reasons: "changed_outside",
			want:    []string{"does not exist any more, `ip_address`: removed `192.0.2.1`"},
		},
		"an emptied list": {
			plan:    drifted("everflow_api_whitelist", "this", `{"ip_addresses":["192.0.2.1"]}`, `{"ip_addresses":[]}`, unmarked),
			reasons: "changed_outside",
			want:    []string{"empty, so that every address is accepted, `ip_addresses`: removed `192.0.2.1`"},
		},
		"values that are marked as sensitive": {
			plan: drifted("everflow_api_whitelist", "this", `{"ip_addresses":["192.0.2.1"]}`, `{"ip_addresses":["192.0.2.1","192.0.2.2"]}`,
				`"before_sensitive":{"ip_addresses":true},"after_sensitive":{}`),
			reasons: "changed_outside",
			want:    []string{"- `everflow_api_whitelist.this`: `ip_addresses`\n"},
			hidden:  []string{"192.0.2"},
		},
		"another provider's values": {
			plan:    drifted("vault_kv_secret_v2", "this", `{"name":"a","data_json":"hunter2"}`, `{"name":"b","data_json":"hunter3"}`, unmarked),
			reasons: "changed_outside",
			want:    []string{"- `vault_kv_secret_v2.this`: `data_json`; `name`\n"},
		},
		"the times that Everflow keeps": {
			plan: `{"resource_drift":[{"address":"everflow_api_key.a","mode":"managed","type":"everflow_api_key","change":{"actions":["update"],
				"before":{"name":"a","status":"active","updated_at":"1","last_used_at":null},"after":{"name":"a","status":"active","updated_at":"2","last_used_at":"2"}}}],
				"resource_changes":[{"address":"everflow_api_key.a","mode":"managed","type":"everflow_api_key","change":{"actions":["no-op"]}}]}`,
			reasons: "",
			want:    []string{"Everflow is as the configuration says."},
		},
		"what the configuration has taken over": {
			plan: `{"resource_drift":[{"address":"everflow_api_key.a","mode":"managed","type":"everflow_api_key","change":{"actions":["update"],
				"before":{"name":"a","status":"active"},"after":{"name":"b","status":"active"}}}],
				"resource_changes":[{"address":"everflow_api_key.a","mode":"managed","type":"everflow_api_key","change":{"actions":["no-op"]}}]}`,
			reasons: "changed_outside",
			want:    []string{"the configuration says the same, an apply records it, `name`: `\"a\"` → `\"b\"`"},
		},
		"a rotation that somebody asked for": {
			plan: `{"resource_changes":[{"address":"everflow_rotating_api_key.a","mode":"managed","type":"everflow_rotating_api_key","change":{"actions":["update"],
				"before":{"id":"1","status":"active","previous_keys":[],"rotate_when_changed":{"by":"1"}},"after":{"rotate_when_changed":{"by":"2"}},
				"after_unknown":{"id":true,"status":true,"previous_keys":true}}}]}`,
			reasons: "to_be_applied",
			want:    []string{"`everflow_rotating_api_key.a`: update, `rotate_when_changed`\n"},
		},
		"a previous key that was revoked outside": {
			plan: `{"resource_drift":[{"address":"everflow_rotating_api_key.a","mode":"managed","type":"everflow_rotating_api_key","change":{"actions":["update"],
				"before":{"id":"2","status":"active","previous_keys":[{"id":"1"}]},"after":{"id":"2","status":"active","previous_keys":[]}}}],
				"resource_changes":[{"address":"everflow_rotating_api_key.a","mode":"managed","type":"everflow_rotating_api_key","change":{"actions":["no-op"]}}]}`,
			reasons: "revoked_outside",
			want:    []string{"previous key 1"},
		},
		"a key that is tainted, while a rotation is due": {
			plan: `{"resource_changes":[` + due + `,{"address":"everflow_api_key.b","mode":"managed","type":"everflow_api_key","action_reason":"replace_because_tainted",
				"change":{"actions":["delete","create"],"before":{"id":"7","status":"active"},"after":{},"after_unknown":{"id":true,"status":true}}}]}`,
			reasons: "rotation_due,to_be_applied",
			want:    []string{"`everflow_api_key.b`: replace, tainted by an earlier apply\n"},
		},
		"what a rotation makes known, elsewhere and in the whitelist": {
			plan: `{"resource_changes":[` + due + `,{"address":"vault_kv_secret_v2.b","mode":"managed","type":"vault_kv_secret_v2",
				"change":{"actions":["update"],"before":{"data_json_wo_version":1},"after":{},"after_unknown":{"data_json_wo_version":true}}},
				{"address":"everflow_api_whitelist.this","mode":"managed","type":"everflow_api_whitelist",
				"change":{"actions":["update"],"before":{"ip_addresses":["203.0.113.7"]},"after":{},"after_unknown":{"ip_addresses":true}}}]}`,
			reasons: "rotation_due,to_be_applied",
			want:    []string{"due since 2026-01-31T12:00:00Z\n- `vault_kv_secret_v2.b`: update, depends on what else changes\n", "- `everflow_api_whitelist.this`: update\n"},
		},
		"what a newer provider fills in": {
			plan: `{"resource_drift":[{"address":"everflow_api_key.a","mode":"managed","type":"everflow_api_key","change":{"actions":["update"],
				"before":{"name":"a","status":"active","network_id":null},"after":{"name":"a","status":"active","network_id":1001}}}],
				"resource_changes":[{"address":"everflow_api_key.a","mode":"managed","type":"everflow_api_key","change":{"actions":["no-op"]}}]}`,
			reasons: "",
		},
		"an output alone": {
			plan:    `{"output_changes":{"list":{"actions":["update"],"before":"hunter2","after":"hunter3"},"same":{"actions":["no-op"]}}}`,
			reasons: "to_be_applied",
			want:    []string{"- `output.list`: update\n"},
		},
		"the whitelist's end": {
			plan: `{"resource_changes":[{"address":"everflow_api_whitelist.this","mode":"managed","type":"everflow_api_whitelist","change":{"actions":["delete"],
				"before":{"ip_addresses":["192.0.2.1"]},"after":null,"after_unknown":{}}}]}`,
			reasons: "to_be_applied",
			want:    []string{"delete, every address is then accepted, `ip_addresses`: removed `192.0.2.1`"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reasons, text := reported(t, test.plan, "full")
			if reasons != test.reasons {
				t.Errorf("the reasons are %q, want %q:\n%s", reasons, test.reasons, text)
			}
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %q in:\n%s", want, text)
				}
			}
			_, brief := reported(t, test.plan, "brief")
			for _, hidden := range append(test.hidden, "hunter") {
				if strings.Contains(text, hidden) {
					t.Errorf("%q is shown in:\n%s", hidden, text)
				}
			}
			for _, hidden := range []string{"192.0.2", "hunter", "branch", `"b"`} {
				if strings.Contains(brief, hidden) {
					t.Errorf("%q is shown in brief:\n%s", hidden, brief)
				}
			}
		})
	}
}
