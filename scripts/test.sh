#!/usr/bin/env bash
# Installs what the tests need, builds, runs all of them, and prints one closing line.
#   scripts/test.sh                 the whole suite
#   scripts/test.sh --sanitize      the same under ASan and UBSan
#   scripts/test.sh --thread        under TSan, what crosses threads
set -euo pipefail
cd "$(dirname "$0")/.."

folder=build-test options=(-Dwerror=true) suites=() targets=() patience=1
# -Og with line tables only: instrumented code compiles four times faster than at -O2 -g.
instrumented=(-Doptimization=g -Ddebug=false -Dcpp_args=-g1 -Db_lundef=false)
case "${1:-}" in
  "") ;;
  --sanitize)
    folder=build-asan patience=4
    options+=("${instrumented[@]}" -Db_sanitize=address,undefined)
    # Statistics are ten times slower here and no different: fewer simulations of each.
    export GEND_TRIALS=${GEND_TRIALS:-6}
    ;;
  --thread)
    folder=build-tsan patience=4
    options+=("${instrumented[@]}" -Db_sanitize=thread)
    suites=(steady_state control ledger_threads)
    targets=(tests/target/steady_state_test tests/control/control_test
             tests/ledger/ledger_threads_test)
    ;;
  *) echo "usage: scripts/test.sh [--sanitize | --thread]" >&2; exit 2 ;;
esac

scripts/packages.sh build test
scripts/peers.sh
scripts/web.sh test
[ -f "$folder/build.ninja" ] || meson setup "$folder" "${options[@]}" >"$folder.log" 2>&1 || {
  cat "$folder.log" >&2
  exit 1
}
ninja -C "$folder" "${targets[@]}" >"$folder.log" || { tail -n 50 "$folder.log" >&2; exit 1; }
rm -f "$folder.log"

log=$folder/meson-logs/testlog.txt
status=0
# Most of them wait for something most of the time.
meson test -C "$folder" --no-rebuild --print-errorlogs -t "$patience" \
  --num-processes $(($(nproc) + 1)) "${suites[@]}" || status=$?
passed=$(grep -cE '^result:  *exit status 0' "$log" || true)
skipped=$(grep -cE '^result:  *exit status 77' "$log" || true)
total=$(grep -c '^result: ' "$log" || true)
echo "$passed passed, $((total - passed - skipped)) failed, $skipped skipped"
exit "$status"
