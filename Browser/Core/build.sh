#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds MixCore as Embedded Swift for WebAssembly with the stock toolchain, optimised for size:
#   build.sh           .build/wasm/{mixcore,taste}.wasm, and what the page loads of them
#   build.sh FILE      only the mixing desk, as FILE
# There are two modules, so that the page does not wait for the learner before it sounds.
set -euo pipefail
cd "$(dirname "$0")/../.."
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

swift=$(readlink -f "$(command -v swiftc)")
tools=$(dirname "$swift")
tables=$tools/../lib/swift/embedded/wasm32-unknown-none-wasm/libswiftUnicodeDataTables.a

"$tools/clang" --target=wasm32-unknown-none-wasm -O2 -ffreestanding -nostdlib \
  -c Browser/Core/runtime.c -o "$output/runtime.o"

# build FOLDER FILE: MixCore with the exports of a folder.
build() {
  local sources
  mapfile -t sources < <(
    find Sources/MixCore Browser/Core/Messages.swift "Browser/Core/$1" -name '*.swift' |
      LC_ALL=C sort)
  mkdir -p "$(dirname "$2")"
  swiftc -target wasm32-unknown-none-wasm -enable-experimental-feature Embedded \
    -enable-upcoming-feature ExistentialAny -swift-version 6 -parse-as-library -wmo -Osize \
    -Xfrontend -disable-stack-protector \
    -module-name MixCore -c "${sources[@]}" -o "$output/$1.o"
  "$tools/wasm-ld" -z stack-size=1048576 --no-entry --gc-sections --export-memory --strip-all \
    -o "$2" "$output/$1.o" "$output/runtime.o" "$tables"
  echo "$2: $(wc -c <"$2") bytes, $(gzip -9nc "$2" | wc -c) compressed"
}

if [ $# -gt 0 ]; then
  build Mixing "$1"
  exit
fi
build Mixing .build/wasm/mixcore.wasm
build Taste .build/wasm/taste.wasm
for module in mixcore taste; do
  cp ".build/wasm/$module.wasm" Browser/Page/Resources/
  # What a service sends to browsers that unpack it.
  gzip -9nc ".build/wasm/$module.wasm" >"Browser/Page/Resources/$module.wasm.gz"
done
