#!/usr/bin/env bash
# From a fresh Debian 12 to a real load test: installs, builds, starts a target, runs a plan.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== packages"
scripts/packages.sh build
echo "== build (a few minutes the first time)"
scripts/build.sh build-release -Dtests=false

bin=$PWD/build-release/src
log=$(mktemp)
# Port 0: the kernel chooses a free one, and gentarget says which.
"$bin/gentarget/gentarget" --listen 127.0.0.1:0 >"$log" &
target=$!
trap 'kill "$target" 2>/dev/null || true; wait "$target" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 100); do
  grep -q listens "$log" && break
  kill -0 "$target" 2>/dev/null || { echo "gentarget did not start" >&2; exit 1; }
  sleep 0.05
done
url=$(grep -o 'http://[0-9.:]*' "$log")
echo "== gentarget listens on $url"

results=$PWD/results
mkdir -p "$results"
echo "== genctl run profiles/smoke.yaml --local --set BASE_URL=$url"
status=0
"$bin/genctl/genctl" run profiles/smoke.yaml --local --set "BASE_URL=$url" \
  --summary-json "$results/smoke.json" --report "$results/smoke.html" || status=$?
echo
echo "The report, for a browser: $results/smoke.html; the summary as JSON: $results/smoke.json"
echo "Next: point it at your own server:"
echo "  $bin/genctl/genctl run profiles/smoke.yaml --local --set BASE_URL=http://HOST:PORT"
echo "  $bin/genctl/genctl explain profiles/spike.yaml"
exit "$status"
