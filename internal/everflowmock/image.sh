#!/usr/bin/env bash
# Writes build/image/: the files for the container of the mock and for examples/compose,
# for Linux on the architecture of this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export CGO_ENABLED=0 GOOS=linux

go build -trimpath -ldflags '-s -w' -o build/image/mock/ ./internal/everflowmock/cmd/everflow-mock
cp internal/everflowmock/Dockerfile build/image/mock/
# The directory layout in which Terraform finds a provider without a registry.
mirror=build/image/providers/registry.terraform.io/everflow-community/everflow/0.0.1/linux_$(go env GOARCH)
go build -trimpath -o "$mirror/terraform-provider-everflow_v0.0.1" .
