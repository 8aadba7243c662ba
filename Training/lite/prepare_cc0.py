# SPDX-License-Identifier: MIT
"""Turn the CC0 multitrack songs into training songs.

Reads a folder with `manifest.json` (song, file, source, name) and writes one folder a song with the
sum of each source, and one folder a stem, its silent parts cut out, so that stems can also be
remixed one by one:

    python prepare_cc0.py --songs DIR --out DIR 
"""

import argparse
import json
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile

RATE = 44100
SOURCES = ("drums", "bass", "other", "vocals")
# For evaluation alone; the clips are not in the manifest.
HELD_OUT = ("caesium",)


def decode(path):
    """The file as float32 (frames, 2) at 44.1 kHz."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path)]
    command += ["-ac", "2", "-ar", str(RATE), "-f", "f32le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


def without_silence(audio, threshold=1e-3, block=RATE // 2):
    """The blocks of half a second in which something sounds, and their neighbours."""
    count = len(audio) // block
    loud = np.abs(audio[: count * block]).reshape(count, -1).max(axis=1) > threshold
    keep = loud | np.roll(loud, 1) | np.roll(loud, -1)
    return audio[: count * block].reshape(count, block, 2)[keep].reshape(-1, 2)


def write(folder, stems):
    """Write a song's stems so that neither a stem nor their sum clips."""
    total = sum(stems.values())
    peak = max(np.abs(total).max(), *(np.abs(stem).max() for stem in stems.values()))
    gain = min(1.0, 0.99 / max(peak, 1e-9))
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    for source, stem in stems.items():
        soundfile.write(partial / f"{source}.flac", stem * gain, RATE, subtype="PCM_16")
    partial.rename(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    songs = defaultdict(list)
    for entry in json.loads((arguments.songs / "manifest.json").read_text()):
        if entry["song"] not in HELD_OUT and entry["source"] in SOURCES:
            songs[entry["song"]].append(entry)
    for song, entries in sorted(songs.items()):
        if (arguments.out / song).exists():
            continue
        decoded = [(e, decode(arguments.songs / song / e["file"])) for e in entries]
        length = max(len(audio) for _, audio in decoded)
        sums = {}
        for entry, audio in decoded:
            padded = np.pad(audio, ((0, length - len(audio)), (0, 0)))
            sums[entry["source"]] = sums.get(entry["source"], 0) + padded
            folder = arguments.out / f"{song}-{Path(entry['file']).stem}"
            active = without_silence(audio)
            if len(active) > 5 * RATE and not folder.exists():
                write(folder, {entry["source"]: active})
        write(arguments.out / song, sums)
        print(song, {source: len(stem) / RATE for source, stem in sums.items()}, flush=True)


if __name__ == "__main__":
    main()
