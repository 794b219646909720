#!/usr/bin/env bash
# Configures and builds into a folder: scripts/build.sh FOLDER [meson options …]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
if [ ! -f "$folder/build.ninja" ]; then
  meson setup "$folder" "$@" >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
  rm -f "$folder.log"
fi
ninja -C "$folder" ${GEND_JOBS:+-j "$GEND_JOBS"} >"$folder.log" || {
  tail -n 50 "$folder.log" >&2
  exit 1
}
rm -f "$folder.log"
