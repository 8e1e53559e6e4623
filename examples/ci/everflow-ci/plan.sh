#!/bin/sh
# Plans in the current directory and says what the plan means: to people in the log and
# in the job's summary, to later steps as outputs. Arguments go to `terraform plan`.
# Needs jq and Terraform, or TERRAFORM=tofu.
#
# Ends with 0 whenever there is a report, also on a plan that failed. The outputs:
#   drift=true|false|unknown   was anything changed or revoked outside Terraform?
#   alert=true|false           must a person act? On drift, a failed check, a failed plan
#   reason=none                or some of plan_failed, locked_out, revoked_outside,
#                              changed_outside, failed_check, rotation_due and
#                              to_be_applied, separated by commas
#   digest=...                 tells one plan from another
#
# Leaves in everflow-out/: report.json, report.md, outputs.env (the outputs), plan.txt,
# and plan.tfplan, which holds secrets.
#
#   EVERFLOW_DETAILS      full, or brief, which names the resources and shows no values:
#                         the default in CI unless the repository is known to be private
#   EVERFLOW_VISIBILITY   private, if it is (GitLab says so itself)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
terraform=${TERRAFORM:-terraform}
root=$(basename "$PWD")
repository=${GITHUB_WORKSPACE:-${CI_PROJECT_DIR:-}}
if [ -n "$repository" ]; then
  case $PWD in "$repository"/*) root=${PWD#"$repository"/} ;; esac
fi
details=${EVERFLOW_DETAILS:-}
if [ -z "$details" ]; then
  details=full
  if [ -n "${GITHUB_ACTIONS:-}${GITLAB_CI:-}" ] && [ "${EVERFLOW_VISIBILITY:-${CI_PROJECT_VISIBILITY:-}}" != private ]; then
    details=brief
  fi
fi

command -v jq >/dev/null || { echo "plan.sh needs jq." >&2; exit 1; }
umask 077
out=everflow-out
rm -rf "$out"
mkdir "$out"

code=0
"$terraform" plan -input=false -no-color -detailed-exitcode -out="$out/plan.tfplan" "$@" >"$out/plan.txt" 2>&1 || code=$?

said=/dev/null failed=
case $code in
  0 | 2) "$terraform" show -json "$out/plan.tfplan" >"$out/plan.json" ;;
  *)
    rm -f "$out/plan.tfplan" # Terraform saves a part of the plan.
    echo null >"$out/plan.json"
    said=$out/plan.txt failed=plan_failed
    # Terraform breaks lines: the message is looked for in one line.
    if tr -s '[:space:]' ' ' <"$said" | grep -q "Most likely the network's API whitelist does not hold the address"; then
      failed=locked_out
    fi
    ;;
esac
jq -f "$here/report.jq" --arg root "$root" --arg details "$details" --arg failed "$failed" --rawfile said "$said" \
  "$out/plan.json" >"$out/all.json"
jq .report "$out/all.json" >"$out/report.json"
jq -r .text "$out/report.json" >"$out/report.md"
digest=
if [ -z "$failed" ]; then
  digest=$(jq -j .digest_of "$out/all.json" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-64)
fi
rm "$out/plan.json" "$out/all.json"
jq -r --arg digest "$digest" '"drift=\(.drift)", "alert=\(.alert)",
  "reason=\(if .reasons == [] then "none" else .reasons | join(",") end)", "digest=\($digest)"' \
  "$out/report.json" >"$out/outputs.env"

# A line of a plan may look like a command to GitHub's runner.
stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
if [ -n "${GITHUB_ACTIONS:-}" ]; then echo "::stop-commands::$stop"; fi
if [ "$details" = full ] && [ -z "$failed" ]; then cat "$out/plan.txt"; fi
cat "$out/report.md" "$out/outputs.env"
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  echo "::$stop::"
  headline=$(sed -n 's/^### //p;q' "$out/report.md")
  case $(cat "$out/outputs.env") in
    *alert=true*) echo "::error::$headline" ;;
    *reason=none*) ;;
    *) echo "::warning::$headline" ;;
  esac
fi

if [ -n "${GITHUB_OUTPUT:-}" ]; then cat "$out/outputs.env" >>"$GITHUB_OUTPUT"; fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$out/report.md" >>"$GITHUB_STEP_SUMMARY"
  if [ "$details" = full ] && [ -z "$failed" ]; then # GitHub takes 1 MiB.
    {
      printf '\n<details><summary>The plan</summary>\n\n'
      head -c 500000 "$out/plan.txt" | sed 's/^/    /'
      printf '\n</details>\n'
    } >>"$GITHUB_STEP_SUMMARY"
  fi
fi
