#!/usr/bin/env bash
# Installs what the report's page is made with (web/), exactly what its lockfile says and without
# running scripts of others; does nothing when it is there. A build without network works from then on.
#   scripts/web.sh          to build
#   scripts/web.sh test     and what its tests need
set -euo pipefail
cd "$(dirname "$0")/../web"

purpose=${1:-build}
wanted=node_modules/.installed-build
[ "$purpose" = test ] && wanted=node_modules/.installed-test
lock=$(sha256sum <package-lock.json)
# What the tests need holds what the build needs.
for there in "$wanted" node_modules/.installed-test; do
  [ "$(cat "$there" 2>/dev/null)" = "$lock" ] && exit 0
done

echo "installing: what web/package-lock.json says"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
options=(--ignore-scripts --no-audit --no-fund)
[ "$purpose" = test ] || options+=(--omit=dev)
npm ci "${options[@]}" >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  echo "npm could not install them: it needs a registry that it can reach, once" >&2
  exit 1
}
echo "$lock" >"$wanted"
