#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that the build and the tests need; silent when all are there.
set -euo pipefail

packages=(
  libdnnl-dev      # oneDNN: the network's matrix products and convolutions
  libsndfile1-dev  # reading and writing of audio files
  libmpg123-dev    # reading of MP3
  libsoxr-dev      # change of sample rate
  libsqlite3-dev   # the jobs of the service
  libpq-dev        # the jobs of a service on several machines
  zlib1g-dev       # sends the page in fewer bytes
  libebur128-dev   # a loudness meter that the tests compare with
  postgresql       # keeps the jobs of a service in a test
  python3-venv     # runs the test of the service's interface
  nodejs           # runs the WebAssembly build in a test
  node-typescript  # checks the types of the page in a test
  chromium         # runs the page in a test
  pkg-config       # tells the compiler where the libraries are
  ffmpeg           # reading of MP4, WebM and the like; also used by tests
)

if ! command -v swift >/dev/null; then
  echo "setup: swift was not found; install Swift 6.3 or later from https://swift.org/install" >&2
  exit 1
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: this is not a Debian system; make sure that its own packages provide:" \
    "${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: installing ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: there is no sudo; run as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1
}
# The lists of packages may be missing or old on a fresh machine.
if ! install && ! { "${as_root[@]}" apt-get update -qq >"$log" 2>&1 && install; }; then
  cat "$log" >&2
  echo "setup: apt-get could not install ${missing[*]}; the lines above say why" >&2
  exit 1
fi
