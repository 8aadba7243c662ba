#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the training and evaluation data: data.sh AUDIO OUT
# AUDIO holds songs/ (CC0 stems with manifest.json) and clips/; the data go below OUT. Run it again
# to go on where it stopped. Needs Debian's ffmpeg, fluidsynth, fluid-soundfont-gm, espeak-ng, flite
# and rubberband-cli, and the Python packages of requirements.txt.
set -euo pipefail
audio=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")"
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1 PYTHONWARNINGS=ignore

"$python" prepare_cc0.py --songs "$audio/songs" --out "$out/cc0"
"$python" -m synthesis.render_music --out "$out/synth" --first-seed 1000 --count "${SONGS:-250}"
"$python" -m synthesis.render_voice --engine songs --songs "$out/synth" --out "$out/voice" \
  --count 100000
"$python" -m synthesis.render_voice --engine cc0 --cc0 "$audio/songs" --out "$out/voice" \
  --count "${VOICES:-200}"
[ -d "$out/evaluation" ] || "$python" prepare_evaluation.py --audio "$audio" --out "$out/evaluation"
