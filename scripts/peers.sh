#!/usr/bin/env bash
# Installs the servers of other people that the tests run against (tests/peers), exactly those of its
# lockfile and without running scripts of theirs; does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")/../tests/peers"

# npm writes this file last.
[ node_modules/.package-lock.json -nt package-lock.json ] && exit 0

echo "installing: the test peers of tests/peers/package-lock.json"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  echo "npm could not install the test peers: it needs a registry that it can reach" >&2
  exit 1
}
