#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the training and evaluation data: data.sh AUDIO OUT
# AUDIO holds songs/ (CC0 stems with manifest.json) and clips/; the data go below OUT. Run it again
# to go on where it stopped. Needs Debian's ffmpeg, fluidsynth, fluid-soundfont-gm, espeak-ng, flite
# and rubberband-cli, and the Python packages of requirements.txt. Says after each step how many songs
# it made.
set -euo pipefail
audio=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")"
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1 PYTHONWARNINGS=ignore

songs() { # songs FOLDER: how many complete songs lie in it
  [ -d "$1" ] || { echo 0; return; }
  find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '.*' ! -name '*.partial' | wc -l
}

step() { # step FOLDER COMMAND…: runs the command, which makes songs in FOLDER
  local folder=$1 before after
  shift
  before=$(songs "$folder")
  "$@"
  after=$(songs "$folder")
  echo "data: $((after - before)) songs made, $after in $folder"
}

step "$out/cc0" "$python" prepare_cc0.py --songs "$audio/songs" --out "$out/cc0"
step "$out/synth" "$python" -m synthesis.render_music --out "$out/synth" --first-seed 1000 \
  --count "${SONGS:-250}"
step "$out/voice" "$python" -m synthesis.render_voice --engine songs --songs "$out/synth" \
  --out "$out/voice" --count 100000
step "$out/voice" "$python" -m synthesis.render_voice --engine cc0 --cc0 "$audio/songs" \
  --out "$out/voice" --count "${VOICES:-200}"
[ -d "$out/evaluation" ] ||
  step "$out/evaluation" "$python" prepare_evaluation.py --audio "$audio" --out "$out/evaluation"
