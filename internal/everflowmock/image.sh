#!/usr/bin/env bash
# Writes build/image/: what the container of the mock, and examples/compose, are made of,
# for Linux on this machine's architecture, as containers are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export CGO_ENABLED=0 GOOS=linux

go build -trimpath -ldflags '-s -w' -o build/image/mock/ ./internal/everflowmock/cmd/everflow-mock
cp internal/everflowmock/Dockerfile build/image/mock/
# Where Terraform finds a provider that no registry has yet.
mirror=build/image/providers/registry.terraform.io/everflow-community/everflow/0.0.1/linux_$(go env GOARCH)
go build -trimpath -o "$mirror/terraform-provider-everflow_v0.0.1" .
