#!/usr/bin/env bash
# Runs each fuzz target for a while: fuzz.sh 5s
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z]*' internal | while IFS=: read -r file function; do
  target=${function#func }
  echo "$(dirname "$file") $target"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$1"
done
