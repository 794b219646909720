#!/usr/bin/env bash
# The report's page as a C++ source: web/build.sh OUT.cc
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/../scripts/web.sh"
exec node "$here/build.mjs" "$1"
