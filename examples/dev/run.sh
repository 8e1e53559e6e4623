#!/usr/bin/env bash
#
# A place to try the provider by hand, below build/dev: the provider in a mirror
# that `terraform init` installs it from, a first configuration, and the mock,
# which runs until Ctrl-C. Other providers, modules and backends work as ever.
#
# Needs Go. TERRAFORM is the CLI that the lines to type name, ADDR where the mock
# listens, DEV another directory than build/dev.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

dev=${DEV:-$PWD/build/dev}
addr=${ADDR:-127.0.0.1:8080}
terraform=${TERRAFORM:-terraform}
version=0.0.1
mkdir -p "$dev/bin" "$dev/first"

# The same file for the same source, so that a lock file stays right.
provider=$dev/terraform-provider-everflow_v$version
before=$(cksum "$provider" 2>/dev/null || true)
printf 'Building the provider and the mock.\n'
go build -trimpath -buildvcs=false -ldflags "-X main.version=$version-dev" -o "$provider" .
go build -o "$dev/bin/" ./internal/everflowmock/cmd/everflow-mock

# Terraform and OpenTofu look for the same provider at different registries.
for registry in registry.terraform.io registry.opentofu.org; do
  mirror=$dev/providers/$registry/everflow-community/everflow/$version/$(go env GOOS)_$(go env GOARCH)
  mkdir -p "$mirror"
  ln -f "$provider" "$mirror/"
done
cat >"$dev/cli.tfrc" <<EOF
provider_installation {
  filesystem_mirror {
    path    = "$dev/providers"
    include = ["registry.terraform.io/everflow-community/everflow", "registry.opentofu.org/everflow-community/everflow"]
  }
  direct {
    exclude = ["registry.terraform.io/everflow-community/everflow", "registry.opentofu.org/everflow-community/everflow"]
  }
}
EOF
cat >"$dev/env" <<EOF
export TF_CLI_CONFIG_FILE='$dev/cli.tfrc'
export EVERFLOW_BASE_URL=http://$addr/v1
export EVERFLOW_API_KEY=everflow-mock-demo-key-not-a-secret
export PATH='$dev/bin':"\$PATH"
EOF

if (exec 3<>"/dev/tcp/${addr%:*}/${addr##*:}") 2>/dev/null; then
  printf 'Something listens on %s already, maybe a mock of an earlier run. Stop it, or set ADDR to another address.\n' "$addr" >&2
  exit 1
fi

# The mock starts anew, so what the last run applied to it is gone.
rm -f "$dev"/first/terraform.tfstate*
[[ $before == "$(cksum "$provider")" ]] || rm -f "$dev/first/.terraform.lock.hcl"
[[ -e $dev/first/main.tf ]] || cat examples/provider/provider.tf <(echo) examples/guides/five-minutes/main.tf >"$dev/first/main.tf"

cat <<EOF

Type this in another terminal, in this directory:

  . ${dev#"$PWD"/}/env
  cd ${dev#"$PWD"/}/first
  $terraform init && $terraform apply

The configuration is ${dev#"$PWD"/}/first/main.tf: change it as you like, it is kept.
The Control Center is at http://$addr/. Calls count as coming from 203.0.113.10.
Ctrl-C ends it all, and the mock forgets. Here are the calls that come in:

EOF
exec "$dev/bin/everflow-mock" -addr "$addr" >/dev/null
