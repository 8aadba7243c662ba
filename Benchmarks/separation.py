# SPDX-License-Identifier: MIT
"""Separation speed and memory beside PyTorch running the same network, in one run.

    make bench          (or: python Benchmarks/separation.py --tool .build/release/tonmeister)

Both separate the same WAV file, made by repeating the demo song, into four 16-bit WAV stems, each
as a command of its own that starts from nothing, with the same segments and overlap. Seconds are
wall-clock for the whole command; memory is the peak resident set of the process.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent


def song(path, seconds, level=1):
    """The demo song, repeated to the given length."""
    audio, rate = soundfile.read(ROOT / "DemoSong" / "demo.flac", dtype="float32")
    frames = int(seconds * rate)
    soundfile.write(path, np.resize(level * audio, (frames, 2)), rate, subtype="PCM_16")


def run(command):
    """Seconds and peak memory in MB of a command.

    The kernel counts what this process held at the fork into the child's `ru_maxrss`; the peak of
    the child alone is in /proc while it runs.
    """
    peak = 0
    with tempfile.TemporaryFile() as errors:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak, *(int(v) for v in re.findall(r"VmHWM:\s+(\d+)", status))])
            time.sleep(0.01)
        seconds = time.monotonic() - began
        if process.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(map(str, command))}\n{errors.read().decode()}")
    return seconds, peak / 1024


def agreement(path, reference_path):
    """How far the difference of two files lies below the second, in dB."""
    estimate, _ = soundfile.read(path)
    reference, _ = soundfile.read(reference_path)
    error = ((estimate - reference) ** 2).sum()
    return 10 * np.log10((reference**2).sum() / max(error, 1e-20))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", type=Path, default=ROOT / ".build/release/tonmeister")
    parser.add_argument("--model", type=Path,
                        default=ROOT / "Sources/Separation/Resources/lite.safetensors")
    parser.add_argument("--seconds", type=float, nargs="*", default=[30, 180, 600, 1800])
    parser.add_argument("--peer-seconds", type=float, default=180, help="length for the comparison")
    parser.add_argument("--repeat", type=int, default=3, help="the fastest of so many runs counts")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path, help="write every number there")
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        def measure(name, seconds, command, repeat):
            runs = [run(command) for _ in range(repeat)]
            fastest, memory = min(r[0] for r in runs), max(r[1] for r in runs)
            results.append({"what": name, "seconds of audio": seconds, "seconds": fastest,
                            "times real time": seconds / fastest, "peak MB": memory})
            print(f"{name:28s} {seconds:7.0f} s of audio  {fastest:8.2f} s  "
                  f"{seconds / fastest:6.1f} × real time  {memory:6.0f} MB", flush=True)
            return fastest, memory

        path = Path(folder) / "song.wav"
        ours = [arguments.tool, "separate", "-n", "lite", "-o", folder, "--progress", "none",
                "-j", str(arguments.threads), path]
        song(path, arguments.peer_seconds)
        tool = measure("tonmeister", arguments.peer_seconds, ours, arguments.repeat)
        peer = measure(
            "PyTorch, the same network", arguments.peer_seconds,
            [sys.executable, ROOT / "Benchmarks/peer.py", "--model", arguments.model, "--out", folder,
             "--threads", str(arguments.threads), path], arguments.repeat)
        print(f"{'':28s} {peer[0] / tool[0]:.2f} times as fast, "
              f"{tool[1] / peer[1]:.2f} of the memory")
        worst = min(
            agreement(Path(folder) / "lite" / "song" / f"{stem}.wav", Path(folder) / f"{stem}.wav")
            for stem in ("drums", "bass", "other", "vocals")
        )
        print(f"{'':28s} the stems agree to {worst:.0f} dB")
        if worst < 40:
            sys.exit("the two do not compute the same")
        rows = []
        for seconds in sorted(arguments.seconds):
            song(path, seconds)
            rows.append((seconds, *measure("tonmeister", seconds, ours, 1)))
        (short, quick, small), (long, slow, large) = rows[0], rows[-1]
        print(f"{'':28s} {long / short:.0f} times the audio takes {slow / quick:.1f} times the time "
              f"and {large / small:.2f} times the memory")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
