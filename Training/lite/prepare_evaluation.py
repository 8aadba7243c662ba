# SPDX-License-Identifier: MIT
"""Gather the songs that are never trained on into one layout.

Writes one folder a song with mixture.wav and one WAV a reference. A reference that cannot be split
further is named by its sources, such as `drums+bass.wav`:

    python prepare_evaluation.py --audio DIR --out DIR
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import soundfile

from prepare_cc0 import RATE, decode

CLIPS = {
    "mdn-multitrack": {
        "bassguitar": "bass", "clav": "other", "drums": "drums", "horns": "other", "leadguitar": "other",
    },
    "trackswitch": {"bass": "bass", "drums": "drums", "synth": "other", "violins": "other"},
    "waveform-playlist": {
        "BassDrums30": "drums+bass", "Guitar30": "other", "PianoSynth30": "other", "Vocals30": "vocals",
    },
}

# The songs that must never be trained on: those that are written here and the demo song.
NEVER_TRAINED_ON = ("caesium", *CLIPS, "falcon-69", "demo")


def decode_stream(path, index):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", f"0:a:{index}"]
    command += ["-ac", "2", "-ar", str(RATE), "-f", "f32le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


def grouped(parts):
    """[(source, audio)] to the sum of each source, padded to the longest."""
    length = max(len(audio) for _, audio in parts)
    sums = {}
    for source, audio in parts:
        padded = np.pad(audio, ((0, length - len(audio)), (0, 0)))
        sums[source] = sums.get(source, 0) + padded
    return sums


def write(folder, references):
    folder.mkdir(parents=True, exist_ok=True)
    mixture = sum(references.values())
    gain = min(1, 0.99 / np.abs(mixture).max())
    for name, audio in {"mixture": mixture, **references}.items():
        soundfile.write(folder / f"{name}.wav", audio * gain, RATE, subtype="FLOAT")
    print(folder.name, sorted(references), f"{len(mixture) / RATE:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--audio", type=Path, required=True, help="folder with songs/ and clips/")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    songs = arguments.audio / "songs"
    entries = [e for e in json.loads((songs / "manifest.json").read_text()) if e["song"] == "caesium"]
    parts = [(e["source"], decode(songs / "caesium" / e["file"])) for e in entries
             if e["source"] in ("drums", "bass", "other", "vocals")]
    write(arguments.out / "caesium", grouped(parts))
    for clip, sources in CLIPS.items():
        folder = arguments.audio / "clips" / clip
        write(
            arguments.out / clip,
            grouped([(s, decode(folder / f"{name}.mp3")) for name, s in sources.items()]),
        )
    falcon = arguments.audio / "clips" / "falcon-69" / "falcon-69.stem.mp4"
    order = ("drums", "bass", "other", "vocals")  # stream 0 is the mixture
    write(
        arguments.out / "falcon-69",
        {source: decode_stream(falcon, index + 1) for index, source in enumerate(order)},
    )


if __name__ == "__main__":
    main()
