#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes Sources/RPCInterface/Generated from the .proto files; needs Debian's protobuf-compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=.build/rpc
for plugin in protoc-gen-swift protoc-gen-grpc-swift-2; do
  swift build --product "$plugin" --scratch-path "$scratch"
done
plugins=$PWD/$scratch/debug
output=$PWD/Sources/RPCInterface/Generated
rm -rf "$output"
mkdir -p "$output"
cd Sources/RPCInterface/Proto
protoc --plugin="$plugins/protoc-gen-swift" --plugin="$plugins/protoc-gen-grpc-swift-2" \
  --swift_out="$output" --swift_opt=Visibility=Package,UseAccessLevelOnImports=true \
  --grpc-swift-2_out="$output" \
  --grpc-swift-2_opt=Visibility=Package,UseAccessLevelOnImports=true,Client=false \
  --include_imports --descriptor_set_out="$output/descriptors.binpb" -- *.proto
