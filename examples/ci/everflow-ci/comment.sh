#!/bin/sh
# After plan.sh: keeps one comment for a root module on a pull or merge request, with its
# plan and the digest that tells this plan from another. Usage:
#
#   comment.sh github|gitlab            writes the comment
#   comment.sh github|gitlab reviewed   after the merge: prints the digest in the comment
#                                       of the request whose merge made this commit
#
# Needs jq, and gh (GH_TOKEN with pull-requests: write) or glab (GITLAB_TOKEN with the
# scope api and the role Developer).
#
root=$(basename "$PWD")
repository=${GITHUB_WORKSPACE:-${CI_PROJECT_DIR:-}}
if [ -n "$repository" ]; then
  case $PWD in "$repository"/*) root=${PWD#"$repository"/} ;; esac
fi
#   EVERFLOW_PULL_REQUEST   GitHub: the number of the pull request
#   EVERFLOW_COMMIT         GitHub: the last commit of its branch
#   EVERFLOW_COMMENTER      GitHub: whose comments count (default: github-actions[bot])
set -eu

forge=$1
out=everflow-out
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$(jq -r .root_module "$out/report.json")

stop() {
  echo "$1" >&2
  exit 1
}

# The comments of a request, by the account that writes them, as [{id, body}]. An answer
# goes to a file first: a pipe would hide that a call failed.
comments() { # number
  case $forge in
    github)
      gh api "repos/$GITHUB_REPOSITORY/issues/$1/comments?per_page=100" --paginate >"$work/answer"
      jq -s --arg by "${EVERFLOW_COMMENTER:-github-actions[bot]}" 'add // [] | map(select(.user.login == $by) | {id, body})' "$work/answer"
      ;;
    gitlab)
      glab api user >"$work/user"
      glab api "projects/$CI_PROJECT_ID/merge_requests/$1/notes?per_page=100" --paginate >"$work/answer"
      jq -s --slurpfile user "$work/user" 'add // [] | map(select(.author.id == $user[0].id) | {id, body})' "$work/answer"
      ;;
  esac
}

# The one of the root module: its ID, and what its first line holds.
ours() {
  jq --arg root "$root" '[.[]
    | ([.body // "" | capture("^<!-- everflow-plan (?<held>[A-Za-z0-9+/=]+) -->")] | first) as $line
    | select($line != null) | {id, held: (try ($line.held | @base64d | fromjson) catch {})}
    | select(.held.root_module == $root)] | last // {id: ""}'
}

write() {
  case $forge in
    github) request=$EVERFLOW_PULL_REQUEST commit=$EVERFLOW_COMMIT ;;
    gitlab) request=$CI_MERGE_REQUEST_IID commit=${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA} ;;
  esac
  digest=$(sed -n 's/^digest=//p' "$out/outputs.env")
  { # GitHub takes 65,536 characters.
    jq -nr --arg root "$root" --arg digest "$digest" --arg commit "$commit" \
      '"<!-- everflow-plan \({root_module: $root, digest: $digest, commit: $commit} | tojson | @base64) -->"'
    head -c 20000 "$out/report.md"
    if [ -n "$digest" ] && [ "$(jq -r .details "$out/report.json")" = full ]; then
      printf '\n<details><summary>The plan</summary>\n\n'
      head -c 30000 "$out/plan.txt" | sed 's/^/    /'
      printf '\n</details>\n'
    fi
    printf '\nOf commit %s.\n' "$commit"
  } >"$work/comment"
  jq -n --rawfile body "$work/comment" '{body: $body}' >"$work/json"

  comments "$request" >"$work/comments"
  id=$(ours <"$work/comments" | jq -r .id)
  case $forge,$id in
    github,) gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$request/comments" --input "$work/json" ;;
    github,*) gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --input "$work/json" ;;
    gitlab,) glab api --method POST "projects/$CI_PROJECT_ID/merge_requests/$request/notes" --header "Content-Type: application/json" --input "$work/json" ;;
    gitlab,*) glab api --method PUT "projects/$CI_PROJECT_ID/merge_requests/$request/notes/$id" --header "Content-Type: application/json" --input "$work/json" ;;
  esac >"$work/answer"
}

reviewed() {
  case $forge in
    github)
      commit=$GITHUB_SHA
      gh api "repos/$GITHUB_REPOSITORY/commits/$commit/pulls" >"$work/answer"
      jq --arg commit "$commit" '[.[] | select(.merged_at != null and .merge_commit_sha == $commit) | {number, commit: .head.sha}] | first' "$work/answer" >"$work/request"
      ;;
    gitlab)
      commit=$CI_COMMIT_SHA
      glab api "projects/$CI_PROJECT_ID/repository/commits/$commit/merge_requests" >"$work/answer"
      jq '[.[] | select(.state == "merged") | {number: .iid, commit: .sha}] | first' "$work/answer" >"$work/request"
      ;;
  esac
  request=$(jq -r '.number // ""' "$work/request")
  [ -n "$request" ] || stop "Commit $commit was not made by merging a request: nobody has reviewed a plan of it. Apply by hand."
  comments "$request" >"$work/comments"
  ours <"$work/comments" >"$work/ours"
  [ "$(jq -r '.held.commit // ""' "$work/ours")" = "$(jq -r .commit "$work/request")" ] ||
    stop "Request $request has no plan of its last commit: nobody has reviewed what would be applied. Apply by hand."
  digest=$(jq -r '.held.digest // ""' "$work/ours")
  [ -n "$digest" ] || stop "The plan of request $request failed: nobody has reviewed what would be applied. Apply by hand."
  echo "$digest"
}

case $forge,${2:-write} in
  github,write | gitlab,write) write ;;
  github,reviewed | gitlab,reviewed) reviewed ;;
  *) stop "usage: comment.sh github|gitlab [reviewed]" ;;
esac
