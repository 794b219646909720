#!/usr/bin/env bash
# Installs what the tests need, builds, runs all of them, and prints one closing line.
#   scripts/test.sh                 the whole suite
#   scripts/test.sh --sanitize      the same under ASan and UBSan
#   scripts/test.sh --thread        under TSan, what crosses threads
set -euo pipefail
cd "$(dirname "$0")/.."

folder=build-test options=(-Dwerror=true) suites=()
case "${1:-}" in
  "") ;;
  --sanitize)
    folder=build-asan
    options+=(--buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false)
    ;;
  --thread)
    folder=build-tsan
    options+=(--buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false)
    suites=(--suite base --suite stats --suite engine --suite control)
    ;;
  *) echo "usage: scripts/test.sh [--sanitize | --thread]" >&2; exit 2 ;;
esac

scripts/packages.sh build test
scripts/build.sh "$folder" "${options[@]}" | tail -n 1

log=$folder/meson-logs/testlog.txt
status=0
meson test -C "$folder" --no-rebuild --print-errorlogs "${suites[@]}" || status=$?
passed=$(grep -cE '^result:  *exit status 0' "$log" || true)
skipped=$(grep -cE '^result:  *exit status 77' "$log" || true)
total=$(grep -c '^result: ' "$log" || true)
echo "$passed passed, $((total - passed - skipped)) failed, $skipped skipped"
exit "$status"
