#!/usr/bin/env bash
# Installs what a purpose needs from Debian 12, without prompts; does nothing when all is there.
#   scripts/packages.sh build|test|ci|bench …
set -euo pipefail

build=(g++ meson ninja-build pkg-config liburing-dev libssl-dev libyaml-cpp-dev nlohmann-json3-dev
  libfmt-dev libspdlog-dev libcli11-dev libmicrohttpd-dev libcurl4-openssl-dev libsystemd-dev
  libre2-dev libsimdjson-dev zlib1g-dev libbrotli-dev libwslay-dev libsnappy-dev libsqlite3-dev
  nodejs npm)
test=(doctest-dev python3 python3-prometheus-client python3-jsonschema python3-yaml
  python3-websockets python3-protobuf python3-snappy python3-junitparser python3-pyte yamllint
  cmark-gfm nginx-light nodejs npm openssl iproute2 curl systemd util-linux prometheus
  prometheus-node-exporter influxdb chromium sqlite3)
ci=(ccache)
bench=(python3 nginx-light openssl wrk nghttp2-client hey apache2-utils strace libbenchmark-dev
  util-linux nodejs npm valgrind libhttp-parser-dev node-llhttp)

wanted=()
for purpose in "$@"; do
  declare -n packages=$purpose
  wanted+=("${packages[@]}")
done

# Whether what a package is wanted for is there from elsewhere. A Node.js of another origin brings an
# npm of its own, and Debian's would conflict with it.
there_otherwise() {
  case $1 in
    npm) command -v npm >/dev/null ;;
    nodejs) node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null ;;
    *) false ;;
  esac
}

missing=()
for package in "${wanted[@]}"; do
  there_otherwise "$package" && continue
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "these packages are missing and only root can install them: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# nginx is only a test peer: its package must not start a server of its own.
policy=/usr/sbin/policy-rc.d
made_policy=
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  made_policy=yes
fi
status=0
{ "${as_root[@]}" apt-get update -q &&
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || status=$?
[ -z "$made_policy" ] || "${as_root[@]}" rm -f "$policy"
if [ "$status" -ne 0 ]; then
  tail -n 30 "$log" >&2
  echo "apt-get could not install: ${missing[*]}" >&2
  exit 1
fi
