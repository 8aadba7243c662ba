#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Takes the demo song apart, compares the stems with the true ones, and mixes the song anew.
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
echo
cd separated/lite/demo
"../../../$tonmeister" mix drums.wav bass.wav other.wav vocals.wav --auto all --explain \
  --write-plan plan.json --out ../demo-mix.wav
