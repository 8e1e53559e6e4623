#!/usr/bin/env bash
# Are two builds of this commit, from two directories and with two caches, one file?
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

for build in one two; do
  git clone --quiet . "$work/$build"
  GOCACHE=$work/$build.cache CGO_ENABLED=0 go -C "$work/$build" build \
    -trimpath -buildvcs=true -ldflags '-s -w -X main.version=0.0.0' -o "../$build.bin" .
  sha256sum "$work/$build.bin"
done
cmp "$work/one.bin" "$work/two.bin"
echo 'Two builds, one hash.'
