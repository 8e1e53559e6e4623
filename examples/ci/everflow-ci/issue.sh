#!/bin/sh
# After plan.sh: keeps one issue for a root module, opened on drift or a failed check,
# written anew while that lasts, closed when it is gone, reopened when it comes back. What
# is new is also sent to a webhook, if there is one. Usage: issue.sh github|gitlab
#
# A plan that failed says nothing about drift: the issue stays as it is.
#
# Needs jq, and gh (GH_TOKEN with issues: write) or glab (GITLAB_TOKEN with the scope api
# and the role Reporter). Runs for one root module must not overlap: see the recipes.
#
#   EVERFLOW_WEBHOOK_URL   gets {"text", "root_module", "reasons", "new", "url"} as JSON,
#                          by curl; "text" is what Slack and Mattermost show
set -eu

forge=$1
out=everflow-out
label=everflow-drift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $forge in
  github) run_url=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID ;;
  gitlab) run_url=$CI_JOB_URL ;;
  *) echo "usage: issue.sh github|gitlab" >&2; exit 2 ;;
esac

if [ "$(jq -r .drift "$out/report.json")" = unknown ]; then
  echo "The plan failed: the issue stays as it is, if there is one."
  exit 0
fi

# Each forge's calls. A text is read from a file: it may be long. An answer goes to a
# file first: a pipe would hide that a call failed.
glab_send() { # method, path; $work/json is the body
  glab api --method "$1" "projects/$CI_PROJECT_ID/$2" --header "Content-Type: application/json" --input "$work/json" >"$work/answer"
}
all_issues() { # as [{id, open, body}]
  case $forge in
    github)
      gh issue list --label "$label" --state all --limit 1000 --json number,state,body >"$work/answer"
      jq 'map({id: .number, open: (.state == "OPEN"), body})' "$work/answer"
      ;;
    gitlab)
      glab api "projects/$CI_PROJECT_ID/issues?labels=$label&per_page=100" >"$work/answer"
      jq 'map({id: .iid, open: (.state == "opened"), body: .description})' "$work/answer"
      ;;
  esac
}
create() { # title, file
  case $forge in
    github)
      gh label create "$label" --description "Everflow is not as the configuration says" --force
      gh issue create --title "$1" --label "$label" --body-file "$2"
      ;;
    gitlab)
      jq -n --arg title "$1" --arg labels "$label" --rawfile body "$2" '{title: $title, labels: $labels, description: $body}' >"$work/json"
      glab_send POST issues
      jq -r .web_url "$work/answer"
      ;;
  esac
}
change() { # id, close|reopen|keep, file
  case $forge in
    github)
      gh issue edit "$1" --body-file "$3"
      if [ "$2" != keep ]; then gh issue "$2" "$1"; fi
      ;;
    gitlab)
      jq -n --arg event "$2" --rawfile body "$3" '{description: $body} + if $event == "keep" then {} else {state_event: $event} end' >"$work/json"
      glab_send PUT "issues/$1"
      ;;
  esac
}
comment() { # id, text
  case $forge in
    github) gh issue comment "$1" --body "$2" ;;
    gitlab)
      jq -n --arg body "$2" '{body: $body}' >"$work/json"
      glab_send POST "issues/$1/notes"
      ;;
  esac
}

# The issue remembers whose it is and what it has told, in a comment in its first line.
# Of several, an open one is the one, then the newest.
jq -r .root_module "$out/report.json" >"$work/root"
all_issues >"$work/issues"
jq --rawfile root "$work/root" '
  [.[]
    | .told = ([.body // "" | capture("^<!-- everflow-drift (?<told>[A-Za-z0-9+/=]+) -->").told | try (@base64d | fromjson) catch null] | first)
    | select(.told.root_module? == ($root | rtrimstr("\n")))]
  | sort_by(.open, .id) | last // {id: "", open: false}' "$work/issues" >"$work/issue"
id=$(jq -r .id "$work/issue")
open=$(jq -r .open "$work/issue")

# What a person is told of: {what, detail}, an address or a message each.
jq -n --slurpfile report "$out/report.json" --slurpfile issue "$work/issue" '
  def each_of($word): if type == "number" then "\($word) (\(range(.) + 1))" else "\($word) \(.[]?)" end;
  def details:
    [((.changes // [])[] | .attribute + " " + if has("added") then (.added | each_of("added")), (.removed | each_of("removed")) else "" end),
     (.messages // [])[]] | if . == [] then "" else .[] end;
  $report[0] as $report
  | (if $issue[0].open then $issue[0].told.items // [] else [] end) as $told
  | ([$report.items[] | select(.reason != "rotation_due" and .reason != "to_be_applied")
      | {what: "\(.reason) \(.address // "")", detail: (details | .[:150])}] | unique
      # An issue takes 65,536 characters.
      | if length > 100 then group_by(.what) | map({what: .[0].what, detail: "\(length) differences"}) else . end) as $items
  | {root_module: $report.root_module, reasons: $report.reasons,
     items: $items, new: ($items - $told), gone: ($told - $items)}' >"$work/now"
alert=$(jq -r .alert "$out/report.json")
has_new=$(jq -r '.new != []' "$work/now")
has_changed=$(jq -r '.new != [] or .gone != []' "$work/now")

# Sent before the issue remembers it: if it cannot be sent, the next run tries again.
sent=true
if [ "$has_new" = true ] && [ -n "${EVERFLOW_WEBHOOK_URL:-}" ]; then
  jq --arg url "$run_url" '(.new | map(.what) | unique) as $new
    | {text: ("Everflow (\(.root_module)): " + ($new | join(", ")) | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;") | . + " " + $url),
       root_module, reasons, new: $new, url: $url}' "$work/now" >"$work/message"
  # The URL is a secret: it is in no argument.
  printf 'url = "%s"\n' "$EVERFLOW_WEBHOOK_URL" >"$work/curl"
  curl --config "$work/curl" --silent --show-error --fail --max-time 20 --retry 2 \
    --header 'Content-Type: application/json' --data-binary "@$work/message" --output "$work/answer" || sent=false
fi

body() { # file with what is told
  jq -r '"<!-- everflow-drift \({root_module, items} | tojson | @base64) -->"' "$1"
  head -c 25000 "$out/report.md"
  printf '\nLast seen by [this run](%s). The drift job keeps this issue: it is closed when nothing of this is left, and reopened when something comes back.\n' "$run_url"
}
if [ "$sent" = true ]; then body "$work/now" >"$work/body"; else
  jq '.items -= .new' "$work/now" >"$work/unsent"
  body "$work/unsent" >"$work/body"
fi

case $alert,$id,$open in
  true,,*) create "Everflow drift: $(cat "$work/root")" "$work/body" ;;
  true,*,true)
    change "$id" keep "$work/body"
    if [ "$has_changed" = true ]; then
      comment "$id" "$(jq -r --arg url "$run_url" '
        def line($word): "\n- \($word): `\("\(.what) \(.detail)" | gsub("[`\\n\\r]"; " "))`";
        "The drift has changed, as of [this run](\($url)):\n" + (.new | map(line("new")) | join("")) + (.gone | map(line("gone")) | join(""))' "$work/now")"
    fi
    ;;
  true,*)
    change "$id" reopen "$work/body"
    comment "$id" "Drift is back, as of [this run]($run_url)."
    ;;
  false,*,true)
    comment "$id" "Nothing of this is left, as of [this run]($run_url)."
    change "$id" close "$work/body"
    ;;
esac
[ "$sent" = true ] || { echo "The webhook did not take the message: see curl's error above. The next run sends it again." >&2; exit 1; }
