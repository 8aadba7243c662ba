# SPDX-License-Identifier: MIT
"""Speed and memory of `tonmeister mix` beside pedalboard with the same chain, in one run.

    python -m pip install pedalboard soundfile numpy
    python Benchmarks/mixing.py          (--tool .build/release/tonmeister, --seconds 180, --runs 3)

Four stems of 16-bit WAV become one. Each gets a high-pass, an equalizer of four bands and a compressor, and is
sent into a reverb; the sum goes through a limiter. Ours is the whole command; of pedalboard's process only the
time from opening the first stem to closing the mix counts, with its tracks on two threads. Ours also measures
loudness and true peak and dithers.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from separation import run

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["drums", "bass", "other", "vocals"]

PEER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from pedalboard import (Compressor, Gain, HighpassFilter, HighShelfFilter, Limiter, LowShelfFilter,
                        Pedalboard, PeakFilter, Reverb)
from pedalboard.io import AudioFile

def track(path):
    board = Pedalboard([
        HighpassFilter(40), LowShelfFilter(150, 2), PeakFilter(800, -3, 2), PeakFilter(3000, 2, 1),
        HighShelfFilter(9000, 3), Compressor(-18, 2, 10, 100)])
    with AudioFile(path) as file:
        return board(file.read(file.frames), file.samplerate), file.samplerate

began = time.monotonic()
with ThreadPoolExecutor(2) as pool:
    tracks = list(pool.map(track, sys.argv[2:]))
rate = tracks[0][1]
mix = sum(t for t, _ in tracks)
mix = mix + Reverb(0.6, wet_level=1, dry_level=0)(10 ** (-12 / 20) * mix, rate)
mix = Limiter(-1, 100)(mix, rate)
with AudioFile(sys.argv[1], "w", rate, 2, bit_depth=16) as file:
    file.write(mix)
print(time.monotonic() - began)
"""


def plan():
    bands = [("lowShelf", 150, 2, 0.707), ("bell", 800, -3, 2), ("bell", 3000, 2, 1),
             ("highShelf", 9000, 3, 0.707)]
    equalizer = [dict(zip(("type", "frequency", "gain", "q"), band)) for band in bands]
    tracks = [{"name": name, "highPass": {"frequency": 40}, "equalizer": equalizer,
               "compressor": {}, "reverbSend": -12} for name in NAMES]
    return {"version": 1, "tracks": tracks, "reverb": {}, "master": {"limiter": {}}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", default=ROOT / ".build" / "release" / "tonmeister")
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    audio, rate = soundfile.read(ROOT / "DemoSong" / "demo.flac", dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        stems = [folder / f"{name}.wav" for name in NAMES]
        for index, stem in enumerate(stems):
            part = np.resize(np.roll(audio, 3 * index * rate, axis=0), (options.seconds * rate, 2))
            soundfile.write(stem, 0.3 * part, rate, subtype="PCM_16")
        (folder / "plan.json").write_text(json.dumps(plan()))
        command = [options.tool, "mix", *stems, "--plan", folder / "plan.json", "--progress", "none"]
        jobs = {
            "tonmeister": [*command, "-o", folder / "a.wav"],
            "tonmeister, one thread": [*command, "-o", folder / "b.wav", "-j", "1"],
            "tonmeister, to -14 LUFS": [
                *command, "-o", folder / "c.wav", "--normalize", "loudness"],
        }
        times = {name: [] for name in [*jobs, "pedalboard, two threads"]}
        memory = dict.fromkeys(times, 0)
        for _ in range(options.runs):
            for name, job in jobs.items():
                seconds, peak = run(job)
                times[name].append(seconds)
                memory[name] = max(memory[name], peak)
            peer = [sys.executable, "-c", PEER, folder / "d.wav", *stems]
            _, peak = run(peer)
            seconds = float(subprocess.run(peer, check=True, capture_output=True).stdout)
            times["pedalboard, two threads"].append(seconds)
            memory["pedalboard, two threads"] = max(memory["pedalboard, two threads"], peak)
    print(f"{options.seconds} s of audio, median of {options.runs} runs")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:26} {median:6.2f} s  {options.seconds / median:5.0f} x  "
              f"({options.seconds / max(values):.0f} to {options.seconds / min(values):.0f} x)  "
              f"{memory[name]:6.0f} MB")


if __name__ == "__main__":
    main()
