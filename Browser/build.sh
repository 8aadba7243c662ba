#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds MixCore as Embedded Swift for WebAssembly with the stock toolchain:
#   build.sh [FILE]    .build/wasm/mixcore.wasm unless told
set -euo pipefail
cd "$(dirname "$0")/.."
module=${1:-.build/wasm/mixcore.wasm}
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
mkdir -p "$(dirname "$module")"

swift=$(readlink -f "$(command -v swiftc)")
tools=$(dirname "$swift")
tables=$tools/../lib/swift/embedded/wasm32-unknown-none-wasm/libswiftUnicodeDataTables.a

mapfile -t sources < <(find Sources/MixCore -name '*.swift' | LC_ALL=C sort)
"$tools/clang" --target=wasm32-unknown-none-wasm -O2 -ffreestanding -nostdlib \
  -c Browser/runtime.c -o "$output/runtime.o"
swiftc -target wasm32-unknown-none-wasm -enable-experimental-feature Embedded \
  -enable-upcoming-feature ExistentialAny -swift-version 6 -parse-as-library -wmo -O \
  -Xfrontend -disable-stack-protector \
  -module-name MixCore -c "${sources[@]}" Browser/Exports.swift -o "$output/mixcore.o"
"$tools/wasm-ld" -z stack-size=1048576 --no-entry --gc-sections --export-memory --strip-all -o "$module" \
  "$output/mixcore.o" "$output/runtime.o" "$tables"
echo "$module: $(wc -c <"$module") bytes"
