#!/usr/bin/env bash
#
# The provider at work on the bundled mock of Everflow's API, step by step.
#
# Needs Go, curl, and terraform or tofu, on PATH (TERRAFORM names another one). It calls
# nothing but the mock, on a free port of this machine, and leaves nothing behind.
# It exits with 1 when a step does not go as it says.
set -euo pipefail

demo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$demo/../.." && pwd)

fail() {
  printf '\ndemo: %s\n' "$*" >&2
  exit 1
}

# ---- What it needs

terraform=${TERRAFORM:-}
if [[ -z $terraform ]]; then
  terraform=$(command -v terraform || command -v tofu) || fail "neither terraform nor tofu is on PATH. Run 'make demo', which builds OpenTofu, or install one of them:
  Terraform  https://developer.hashicorp.com/terraform/install
  OpenTofu   https://opentofu.org/docs/intro/install/"
fi
command -v "$terraform" >/dev/null || fail "there is no $terraform, which TERRAFORM names."
if [[ $terraform == */* ]]; then
  terraform=$(cd "$(dirname "$terraform")" && pwd)/${terraform##*/}
fi
command -v curl >/dev/null || fail "curl is not on PATH. The demo calls the API with it."
command -v go >/dev/null || fail "go is not on PATH. Install Go, at least the version that go.mod names: https://go.dev/dl/"

# Nothing of the user's own settings: neither another API key, nor other flags.
unset "${!TF_@}" "${!EVERFLOW_@}"

work=$(mktemp -d)
mock=
cleanup() {
  if [[ -n $mock ]]; then
    kill "$mock" 2>/dev/null || true
    wait "$mock" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_IN_AUTOMATION=1
export TF_CLI_ARGS_plan='-no-color -input=false' TF_CLI_ARGS_apply='-no-color -input=false'

# Terraform takes the provider from a directory, and from nowhere else.
printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$work/providers" >"$TF_CLI_CONFIG_FILE"
mkdir "$work/providers" "$work/bin" "$work/demo"
version=$("$terraform" version) || fail "$terraform does not run."
platform=$(sed -n 's/^on //p' <<<"$version")
registry=registry.terraform.io
[[ $version != OpenTofu* ]] || registry=registry.opentofu.org
provider=$work/providers/$registry/everflow-community/everflow/0.0.1/$platform

printf 'Using %s. Building the provider and the mock; the first time takes a minute or two.\n' "${version%%$'\n'*}"
build() { go -C "$root" build -o "$@" || fail 'the build failed.'; }
build "$provider/terraform-provider-everflow_v0.0.1" .
build "$work/bin/" ./internal/everflowmock/cmd/everflow-mock

# ---- The mock

: >"$work/mock.out" # it must be there when it is first looked into
"$work/bin/everflow-mock" -addr 127.0.0.1:0 >"$work/mock.out" 2>"$work/mock.log" &
mock=$!
url=
for _ in {1..100}; do
  url=$(sed -n 's/^everflow-mock is ready at //p' "$work/mock.out")
  if [[ -n $url ]] || ! kill -0 "$mock" 2>/dev/null; then break; fi
  sleep 0.1
done
[[ -n $url ]] || fail "the mock did not start: $(cat "$work/mock.log")"
export EVERFLOW_BASE_URL=$url EVERFLOW_API_KEY=everflow-mock-demo-key-not-a-secret
printf 'The mock answers at %s and keeps everything in memory.\n' "$url"

# ---- How steps are shown and checked

number=0
# step TITLE LINE... prints what happens now, and what to look at.
step() {
  number=$((number + 1))
  printf '\n==== %d. %s\n' "$number" "$1"
  shift
  printf '     %s\n' "$@"
  printf '\n'
}

# show COMMAND... runs it in the directory of the configuration, keeps what it
# says in $work/said, and its exit code in $code.
show() {
  code=0
  (cd "$work/demo" && "$@") 2>&1 | tee "$work/said" || code=$?
  cat "$work/said" >>"$work/transcript"
}

# tf ARGUMENT... runs Terraform, and shows the command as one would type it.
tf() {
  printf '$ %s' "${terraform##*/}"
  for argument in "$@"; do
    if [[ $argument == *[\"\[]* ]]; then argument="'$argument'"; fi
    printf ' %s' "$argument"
  done
  printf '\n'
  show "$terraform" "$@"
}

broken() {
  printf '\nThe last lines of the log of the mock:\n' >&2
  tail -n 15 "$work/mock.log" >&2
  fail "step $number did not go as promised: $*"
}

ended() { [[ $code == "$1" ]] || broken "the exit code was $code, not $1."; }
said() { grep -qF -- "$1" "$work/said" || broken "it did not say: $1"; }

# secret RESOURCE prints what Terraform itself hides.
secret() {
  local quoted
  quoted=$(cd "$work/demo" && "$terraform" console <<<"nonsensitive($1.key)") || broken "the secret could not be read."
  quoted=${quoted#\"}
  printf '%s' "${quoted%\"}"
}

# holds FILE SECRET prints how many lines of the file hold the secret.
holds() { grep -cFf <(printf '%s\n' "$2") "$1" || true; }

# drift ARGUMENT... changes the mock as somebody in the web interface would.
drift() {
  printf '$ everflow-mock drift'
  printf ' %q' "$@"
  printf '\n'
  show "$work/bin/everflow-mock" drift "$@"
  ended 0
}

# fault TEXT injects a fault into calls to the mock; everflow-mock -help explains the text.
fault() {
  printf "\$ curl --data '{\"fault\": \"%s\"}' %s/_mock/faults\n" "$1" "${url%/v1}"
  curl --silent --fail --output "$work/said" --data "{\"fault\": \"$1\"}" "${url%/v1}/_mock/faults" || broken "$(cat "$work/said")"
}

# try WHICH SECRET STATUS calls the API with the secret, which no list of processes shows.
try() {
  printf '%s: ' "$1"
  show curl --silent --header @- --write-out '%{http_code}\n' "$url/networks" <<<"X-Eflow-API-Key: $2"
  ended 0
  said "$3"
}

# ---- The steps

cp "$demo/main.tf" "$work/demo/"
(cd "$work/demo" && "$terraform" init -no-color -input=false >"$work/init.log" 2>&1) || fail "$(cat "$work/init.log")"

step 'Apply: two API keys and the API whitelist' \
  'The configuration is examples/demo/main.tf.' \
  'Look at: the employee is found by e-mail; "Partner portal" gets the permissions' \
  'of a role, "Nightly partner report" one of its own; each key is (sensitive value).'
tf apply -auto-approve
ended 0
said 'Apply complete! Resources: 3 added, 0 changed, 0 destroyed.'

step 'Plan again' \
  'Look at: no changes. Nor when the addresses of the whitelist are given in another' \
  'order and another spelling.'
tf plan -detailed-exitcode
ended 0
said 'No changes.'
printf '\n'
tf plan -detailed-exitcode -var 'whitelist=["2001:DB8:40:0::/48", "203.0.113.10/32", "198.51.100.0/24"]'
ended 0
said 'No changes.'

step 'The secret of "Partner portal"' \
  'Everflow shows a secret once, when it makes the key. Terraform keeps it in the' \
  'state, as key, and shows it in no plan. Look at: key, and whether the API takes it.'
tf state show -no-color everflow_api_key.partner_portal
ended 0
said '(sensitive value)'
portal=$(secret everflow_api_key.partner_portal)
report=$(secret everflow_api_key.nightly_report)
[[ $(holds "$work/demo/terraform.tfstate" "$portal") == 1 ]] || broken 'the secret is not in the state exactly once.'
printf '\n'
try 'The secret' "$portal" 200

step 'Behind the back of Terraform' \
  'Someone replaces the office (198.51.100.0/24) in the whitelist by another address,' \
  'and revokes "Nightly partner report".'
drift whitelist remove 198.51.100.0/24
drift whitelist add 192.0.2.66
drift revoke 'Nightly partner report'

step 'Plan finds it' \
  'Look at: exactly the two addresses; a warning that the key was revoked outside' \
  'Terraform, and a new key in its place. The exit code of -detailed-exitcode is 2.'
tf plan -detailed-exitcode -out=repair.tfplan
ended 2
said '("Nightly partner report") was revoked outside Terraform'
said 'Plan: 1 to add, 1 to change, 0 to destroy.'
addresses=$(grep -E '^ +[-+~] "[0-9a-f.:/]+"' "$work/said" | tr -d ' ,' | LC_ALL=C sort | tr '\n' ' ')
# Terraform shows an exchange as one line, OpenTofu as two.
[[ $addresses == '~"192.0.2.66"->"198.51.100.0/24" ' || $addresses == '+"198.51.100.0/24" -"192.0.2.66" ' ]] || broken "the drift shown is: $addresses"

step 'Apply repairs it' \
  'Look at: the whitelist is written as a whole, the new key has a new ID. Then a' \
  'plan is empty again.'
tf apply repair.tfplan
ended 0
said 'Apply complete! Resources: 1 added, 1 changed, 0 destroyed.'
printf '\n'
tf plan -detailed-exitcode
ended 0
said 'No changes.'

step 'Old secret, new secret' \
  'Look at: the revoked key opens nothing any more, and never will again; the key' \
  'that replaced it does.'
renewed=$(secret everflow_api_key.nightly_report)
try 'The old one' "$report" 401
try 'The new one' "$renewed" 200

step 'The answer to a create is lost' \
  'The mock creates the key, and then resets the connection: its secret is lost. A' \
  'second POST would make a second key. Look at: the provider sends none, finds the' \
  'key, and keeps its ID; the next apply revokes that key and creates another one.'
fault 'createApiKey reset after-acting times=1'
tf apply -auto-approve -replace=everflow_api_key.nightly_report
ended 1
said 'everflow_api_key.nightly_report'
printf '\n'
tf apply -auto-approve
ended 0
# The key of the lost answer and the one that it was to replace are destroyed. Terraform
# counts two objects of one address as one when both are destroyed at the same time.
said 'Apply complete! Resources: 1 added, 0 changed, '

step 'A whitelist that would lock Terraform out' \
  'Only the office is to be admitted, and Terraform does not run there. Look at: the' \
  'plan is refused, and says how to go on. Nothing was changed.'
tf plan -var 'whitelist=["198.51.100.0/24"]'
ended 1
said 'This whitelist would lock Terraform out'

step 'Destroy' \
  'Look at: the warning that an empty whitelist opens the API to every address. It' \
  'comes with the plan, before anything is done. To destroy a key is to revoke it.'
tf plan -destroy -out=destroy.tfplan
ended 0
said 'Destroying the API whitelist opens the network to every address'
printf '\n'
tf apply destroy.tfplan
ended 0
said '3 destroyed.'

step 'What Everflow holds at the end' \
  'Look at: the keys of this demo are revoked, for ever; those that it did not make' \
  'are as they were; the whitelist is empty.'
drift show
said 'API whitelist: empty'
grep -q 'revoked' "$work/said" || broken 'no key is revoked.'
if grep -E 'active +(Partner portal|Nightly partner report)' "$work/said" >/dev/null; then
  broken 'a key of the demo is active.'
fi
for key in "$portal" "$report" "$renewed"; do
  [[ $(holds "$work/transcript" "$key") == 0 ]] || broken 'Terraform printed a secret.'
  [[ $(holds "$work/mock.log" "$key") == 0 ]] || broken 'the mock logged a secret.'
done

printf '\nEvery step went as it says. The mock is stopped, and nothing is left behind.\n'
