#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Separates the demo song and compares the stems with the true ones.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh
swift build -c release --product tonmeister --quiet
tonmeister=.build/release/tonmeister

report=$("$tonmeister" separate DemoSong/demo.flac --name lite --out separated)
echo "Signal-to-distortion ratio against the true stems:"
"$tonmeister" evaluate separated/lite/demo DemoSong/stems
echo
echo "$report"
