# What a plan means, address by address. Input: the plan as JSON (`terraform show -json`),
# or null for a plan that failed. Arguments:
#   $root     the root module's name in the texts
#   $failed   "", or why there is no plan: plan_failed or locked_out
#   $said     what the failed plan printed
#   $details  "full", or "brief" for what everybody may read: no values, no messages
# Output: {report, digest_of}: the report, and the text whose hash tells one plan from
# another. No value that Terraform marks as sensitive is in either.

# Everflow's own times change without anybody's doing.
def volatile: ["last_used_at", "updated_at"];

# Values are shown of these attributes only, and of Everflow's resources only.
def shown: ["name", "network_employee_id", "permissions", "all_permissions", "status",
  "ip_addresses", "ip_address", "allow_lockout", "deletion_protection",
  "rotate_after", "overlap", "store_key_in_state"];

# One spelling for each address, as the provider has it: no /32 or /128, IPv6 in lower
# case and written out, ::ffff:203.0.113.7 as 203.0.113.7.
def canonical:
  ascii_downcase
  | if test("^::ffff:[0-9.]+$") then ltrimstr("::ffff:")
    elif contains(":") then
      split("/") as $parts
      | ($parts[0] | split("::") | map(split(":") | map(select(. != "")))) as $halves
      | (if ($halves | length) == 2
         then $halves[0] + [range(8 - ($halves | map(length) | add)) | "0"] + $halves[1]
         else $halves[0] end)
      | map(sub("^0+(?=.)"; "")) | join(":")
      | if ($parts[1] // "128") == "128" then . else . + "/" + $parts[1] end
    else sub("/32$"; "") end;

def by_spelling: map({key: canonical, value: .}) | from_entries;
def missing_from($list): ($list | by_spelling) as $there | [.[] | select(canonical as $c | $there | has($c) | not)] | unique;

def is_true: any(.. | booleans; .);

# An attribute as it is compared.
def meaning($name):
  if . == null then null
  elif $name == "ip_addresses" and type == "array" then by_spelling | keys
  elif $name == "ip_address" and type == "string" then canonical
  elif $name == "previous_keys" and type == "array" then map(.id)
  else . end;

# The names of the attributes that differ, those that are known only after the apply left out.
def differences($before; $after; $unknown):
  [(($before // {}) + ($after // {})) | keys[]
    | select(. as $name | (volatile | index($name) | not) and (($unknown[$name]? | is_true) | not)
        and (($before[$name]? | meaning($name)) != ($after[$name]? | meaning($name))))];

def is_shown($resource; $name): ($resource.type | startswith("everflow_")) and (shown | index($name) != null);
def is_hidden($resource; $name):
  (is_shown($resource; $name) | not)
  or ([$resource.change.before_sensitive, $resource.change.after_sensitive] | any(. == true or (.[$name]? | is_true)));

def described($resource; $before; $after; $names):
  [$names[] as $name
    | if is_hidden($resource; $name) then {attribute: $name}
      elif $name == "ip_addresses" or $name == "permissions" then
        ($before[$name]? // []) as $old | ($after[$name]? // []) as $new
        | {attribute: $name, added: ($new | missing_from($old)), removed: ($old | missing_from($new))}
      elif $name == "ip_address" then
        {attribute: $name, added: [$after[$name]? // empty], removed: [$before[$name]? // empty]}
      else {attribute: $name, before: $before[$name]?, after: $after[$name]?} end];

# The addresses of an object that comes or goes as a whole.
def addresses($resource; $before; $after):
  described($resource; $before; $after; ["ip_addresses", "ip_address"] | map(select(. as $name | ($before // $after) | has($name))));

def is_open($resource; $object): $resource.type == "everflow_api_whitelist" and ($object.ip_addresses // []) == [];

# An actual change of a resource, be it only in the state.
def is_change: .change.actions != ["no-op"] and .change.actions != ["read"]
  or .previous_address != null or .change.importing != null;

def what_apply_does:
  if .change.importing != null then "import"
  elif .previous_address != null and .change.actions == ["no-op"] then "move from " + .previous_address
  elif (.change.actions | length) == 2 then "replace"
  else .change.actions[0] end;

def is_key: .type == "everflow_api_key" or .type == "everflow_rotating_api_key";
def is_dead($resource; $object): $resource | is_key and ($object == null or $object.status == null or $object.status == "revoked");

# What happened to a resource outside Terraform, from its entry in resource_drift.
def outside:
  . as $resource | .change as {$before, $after}
  # A newer provider may fill in what it did not know before.
  | (differences($before; $after; {}) | map(select(. as $name | $before[$name]? != null or is_shown($resource; $name)))) as $names
  | ((($before.previous_keys? // []) | map(.id)) - (($after.previous_keys? // []) | map(.id))) as $gone
  | if is_dead($resource; $after) then {reason: "revoked_outside", note: "key \($before.id // "")"}
    elif .type == "time_rotating" and $after == null then {reason: "rotation_due"}
    elif $after == null then {reason: "changed_outside", note: "does not exist any more", changes: addresses($resource; $before; null)}
    elif ($gone | length) > 0 then {reason: "revoked_outside", note: "previous key \($gone | join(", "))"}
    elif ($names | length) > 0 then
      {reason: "changed_outside", changes: described($resource; $before; $after; $names)}
      + if is_open($resource; $after) then {note: "empty, so that every address is accepted"} else {} end
    else empty end
  | .address = $resource.address;

# What an apply would do, from an entry of resource_changes. $drift is the entry of the
# same address in resource_drift: putting that back is no news.
def inside($drift):
  . as $resource | .change as $change
  | ($drift.change.before // $change.before) as $state
  | (if $change.after == null or $state == null then []
     else differences($state; $change.after; $change.after_unknown) end) as $names
  | (.type == "everflow_rotating_api_key" and $change.actions == ["update"]) as $is_rotating
  | ($is_rotating and $change.after_unknown.id == true) as $rotates
  | (if $is_rotating and ($rotates | not)
     then ($change.before.previous_keys | map(.id)) - ($change.after.previous_keys | map(.id)) else [] end) as $over
  | ($names - ["rotate_at", "previous_keys"]) as $settings
  | ($drift != null and ([$drift | outside] | length > 0)) as $is_outside
  | [ if $rotates and is_dead($resource; $change.before) then
        if $is_outside then empty else {reason: "revoked_outside", note: "key \($change.before.id)"} end
      elif $rotates and ($names | index("rotate_when_changed") | not) then
        {reason: "rotation_due", note: "key \($change.before.id), due since \($change.before.rotate_at)"}
      elif ($over | length) > 0 then {reason: "rotation_due", note: "the overlap of key \($over | join(", ")) is over"}
      else empty end ] as $due
  | $due[],
    (if ($settings | length) > 0 then
       {reason: "to_be_applied", action: what_apply_does, changes: described($resource; $state; $change.after; $settings)}
     elif ($due | length) > 0 or ($is_outside and $change.after != null) then empty
     elif $change.before != null and $change.after != null and ($change.after_unknown | is_true)
       and (.type | startswith("everflow_api_whitelist") | not)
       and (.action_reason != "replace_because_tainted" and .action_reason != "replace_by_request") then
       {reason: "follows", action: what_apply_does}
     else
       {reason: "to_be_applied", action: what_apply_does}
       + if $change.before == null or $change.after == null then {changes: addresses($resource; $change.before; $change.after)} else {} end
       + if .action_reason == "replace_because_tainted" then {note: "tainted by an earlier apply"}
         elif .type == "everflow_api_whitelist" and $change.after == null then {note: "every address is then accepted"}
         else {} end
     end)
  | .address = $resource.address;

def order: ["plan_failed", "locked_out", "revoked_outside", "changed_outside", "failed_check", "rotation_due", "to_be_applied"];

def items:
  (INDEX(.resource_drift[]?; .address)) as $drift
  | [.resource_changes[]? | select(.mode == "managed" and is_change)] as $changes
  | ([.resource_changes[]?] != []) as $is_normal # and not a refresh-only plan
  | (INDEX($changes[]; .address)) as $changing
  | [.resource_drift[]? | select(.mode == "managed") | outside
      | .address as $address
      | if .reason == "changed_outside" and $is_normal and ($changing | has($address) | not)
        then .note = "the configuration says the same, an apply records it" else . end] as $outside
  | [$changes[] | inside($drift[.address] // $drift[.previous_address // ""])] as $inside
  | [.checks[]? | select(.status == "fail" or .status == "error")
      | {reason: "failed_check", address: .address.to_display,
         messages: [.instances[]?.problems[]?.message] | unique}] as $checks
  # What depends on a value that the apply makes known follows from what makes it known.
  | (if any($outside[], $inside[]; .reason == "rotation_due") then "rotation_due" else "to_be_applied" end) as $cause
  | ($outside + $inside + $checks | map(if .reason == "follows" then .reason = $cause | .note = "depends on what else changes" else . end)) as $items
  | if ($items | length) > 0 then $items
    else [.output_changes // {} | to_entries[] | select(.value.actions != ["no-op"])
      | {reason: "to_be_applied", address: "output.\(.key)", action: .value.actions[0]}] end;

# For everybody: what is counted, and where, but nothing that it says. The keys of
# for_each may be addresses or names.
def brief:
  del(.messages, .note)
  | with_entries(if .key == "address" or .key == "action" then .value |= gsub("\\[\".*?\"\\]"; "[\"…\"]") else . end)
  | if .changes then .changes |= map({attribute} + if .added then {added: (.added | length), removed: (.removed | length)} else {} end) else . end;

# Several of one name, which for_each made, stay several.
def numbered:
  [group_by([.reason, .address])[] | to_entries[] | .key as $i | .value | if $i > 0 then .address += " (\($i + 1))" else . end];

# The sensitive values are left out: a hash of a short one could be guessed.
def without($sensitive):
  if $sensitive == true then "(sensitive)"
  elif type == "object" then with_entries(.key as $key | select(volatile | index($key) | not) | .value |= without($sensitive[$key]?))
  elif type == "array" then [to_entries[] | .key as $i | .value | without($sensitive[$i]?)]
  else . end;

def digest_of:
  [(.resource_changes[]? | select(.mode == "managed" and is_change)
     | [.address, .previous_address, .deposed, .change.actions, .change.importing.id?,
        (.change.before_sensitive as $s | .change.before | without($s)),
        (.change.after_sensitive as $s | .change.after | without($s)),
        .change.after_unknown]),
   (.output_changes // {} | to_entries[] | select(.value.actions != ["no-op"]) | [.key, .value.actions]),
   (.checks[]? | select(.status == "fail") | .address.to_display)]
  | tojson;

def code: "`" + (tostring | gsub("[`\\n\\r]"; " ")) + "`";
def listed: if type == "number" then tostring else (.[:50] | map(code) | join(", ")) + if length > 50 then " and \(length - 50) more" else "" end end;
def change_text:
  (.attribute | code)
  + if has("added") then
      [if .added | . != 0 and . != [] then "added " + (.added | listed) else empty end,
       if .removed | . != 0 and . != [] then "removed " + (.removed | listed) else empty end]
      | if length > 0 then ": " + join(", ") else "" end
    elif has("before") then ": " + (.before | tojson | code) + " → " + (.after | tojson | code)
    else "" end;
def item_text:
  "- " + (.address | code)
  + ([.action, .note, (.changes // [] | map(change_text) | select(length > 0) | join("; "))] | map(select(. != null)) | if length > 0 then ": " + join(", ") else "" end)
  + ((.messages // []) | map("\n  - " + (gsub("[\\n\\r]+"; " ") | code)) | join(""));

def headline: {
  plan_failed: "the plan failed", locked_out: "the runner is locked out",
  revoked_outside: "revoked outside Terraform", changed_outside: "changed outside Terraform",
  failed_check: "a check failed", rotation_due: "a rotation is due", to_be_applied: "to be applied"};
def explanation: {
  plan_failed: "**The plan failed.** This says nothing about drift.",
  locked_out: "**Everflow refuses this runner's calls**: its address is not in the API whitelist. This says nothing about drift, but somebody may have changed the list. The web interface is not limited by it: add the address there, under Control Center > Security > API Whitelist.",
  revoked_outside: "**Revoked outside Terraform.** A revoked key stays revoked. The next apply creates another one where the configuration has one.",
  changed_outside: "**Changed outside Terraform.** The next apply does what the configuration says. To keep a change, write it into the configuration.",
  failed_check: "**Failed checks.** The configuration checks this, and it is not so.",
  rotation_due: "**Rotation due.** The next apply renews or revokes, as the schedule says.",
  to_be_applied: "**To be applied.** The configuration says so, and it has not been applied."};

def text($details; $said):
  .reasons as $reasons
  | "### Everflow (\(.root_module | code)): " + (if $reasons == [] then "nothing to do" else [$reasons[] | headline[.]] | join(", ") end) + "\n"
  + if $reasons == [] then "\nEverflow is as the configuration says.\n" else "" end
  + ([$reasons[] as $reason | "\n" + explanation[$reason] + "\n\n" + ([.items[] | select(.reason == $reason and .address != null) | item_text + "\n"] | join(""))] | join(""))
  + if $details == "brief" and $reasons != [] then
      "\nNames, addresses and messages are left out: not known to be a private repository. See them with `terraform plan`, or set `EVERFLOW_DETAILS=full`.\n"
    elif $said != "" then "\n" + ($said[-8000:] | split("\n") | map("    " + . + "\n") | join(""))
    else "" end;

. as $plan
| (if $failed != "" then [{reason: $failed}] else items end
   | if $details == "brief" then map(brief) | numbered else . end
   | sort_by([.reason as $reason | order | index($reason)], .address)) as $items
| ($items | map(.reason)) as $found
| [order[] | select(. as $reason | $found | index($reason))] as $reasons
| {
    root_module: $root,
    details: $details,
    drift: (if $failed != "" then "unknown" else $reasons | any(. == "revoked_outside" or . == "changed_outside") | tostring end),
    alert: ($reasons - ["rotation_due", "to_be_applied"] | length > 0),
    reasons: $reasons,
    items: $items
  }
| {report: (. + {text: text($details; $said)}), digest_of: (if $failed != "" then null else $plan | digest_of end)}
