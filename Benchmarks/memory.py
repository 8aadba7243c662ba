# SPDX-License-Identifier: MIT
"""Peak memory of three hours of audio beside that of three minutes.

    make bench          (or: python Benchmarks/memory.py --tool .build/release/tonmeister)

`tonmeister separate` reads FLAC at 48 kHz, resamples it to the model's 44.1 kHz, cuts segments, adds
them, resamples the stems back and writes four FLAC files. The model is one without a network, which
gives every stem a quarter of the song, so the audio around a network is measured and three hours are
done in minutes; `--name lite` measures the embedded model. Ends with status 1 where the longest song
needs over a tenth more memory than the shortest. Needs about 5 GB of disk space for three hours.
"""

import argparse
import json
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from separation import ROOT, run

RATE = 48_000


def song(path, seconds):
    """Ten seconds of chords and a little noise, again and again."""
    random = np.random.default_rng(1)
    time = np.arange(10 * RATE) / RATE
    tones = [np.sin(2 * np.pi * f * time + k) for k, f in enumerate((110, 220.5, 277.2, 330))]
    left = 0.15 * sum(tones) * (0.5 + 0.5 * np.cos(2 * np.pi * 0.5 * time))
    block = np.stack([left, 0.8 * left], 1) + 0.002 * random.standard_normal((len(time), 2))
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for _ in range(round(seconds / 10)):
            file.write(block)


def identity(path):
    """A checkpoint that asks for the model without a network."""
    metadata = {
        "klass": "PassThrough", "segment": "131072", "samplerate": "44100", "licence": "CC0-1.0",
        "kwargs": json.dumps({"sources": ["drums", "bass", "other", "vocals"]}),
    }
    header = json.dumps({"__metadata__": metadata}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", type=Path, default=ROOT / ".build/release/tonmeister")
    parser.add_argument("--name", default="identity", help="the model, “identity” or “lite”")
    parser.add_argument("--seconds", type=float, nargs="*", default=[180, 10_800])
    parser.add_argument("--clip-mode", default="clamp",
                        help="“rescale”, the command's own default, takes 16 GB more for three hours")
    parser.add_argument("--folder", type=Path, help="where there is room for the files")
    parser.add_argument("--json", type=Path, help="write every number there")
    arguments = parser.parse_args()
    results = []
    for length in sorted(arguments.seconds):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            folder = Path(folder)
            song(folder / "song.flac", length)
            identity(folder / "identity.safetensors")
            seconds, memory = run([
                arguments.tool, "separate", folder / "song.flac", "--repo", folder,
                "--name", arguments.name, "--out", folder, "--flac", "--progress", "none",
                "--clip-mode", arguments.clip_mode,
            ])
            frames = {soundfile.info(stem).frames
                      for stem in (folder / arguments.name / "song").iterdir()}
            if frames != {soundfile.info(folder / "song.flac").frames}:
                sys.exit("the stems are not as long as the song")
        results.append({"model": arguments.name, "seconds of audio": length, "seconds": seconds,
                        "times real time": length / seconds, "peak MB": memory})
        print(f"{arguments.name:28s} {length:7.0f} s of audio  {seconds:8.2f} s  "
              f"{length / seconds:6.1f} × real time  {memory:6.1f} MB", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    ratio = results[-1]["peak MB"] / results[0]["peak MB"]
    print(f"{'':28s} the longest song needs {ratio:.3f} times the memory of the shortest")
    if ratio > 1.1:
        sys.exit("memory grows with the length")


if __name__ == "__main__":
    main()
