# SPDX-License-Identifier: MIT
"""How far automatic gains are from those of finished songs.

    python Benchmarks/automix.py SONGS        (--tool .build/release/tonmeister)

SONGS is a folder with a folder of aligned stems for each song, at the levels of the finished mix, named so that
their kind can be read; a minute of each counts, cut out by ffmpeg. The error of a gain is its distance from the level that the stem has in the song, after the
mean over all stems of the song is taken away, since that is what the master brings back. Scrambled is what remains
when every stem was moved by ±12 dB and nothing is done; that a stem's own gain does not change what is
proposed is a test of the project. Nothing is trained here, and the rules' figures were not fitted to these songs.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADVICE = ["rules", "rules,context", "rules,context,genre"]


def spread(gains):
    """Mean distance in dB from the mean of a song."""
    mean = statistics.mean(gains)
    return [abs(gain - mean) for gain in gains]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("songs", type=Path)
    parser.add_argument("--tool", default=ROOT / ".build" / "release" / "tonmeister")
    options = parser.parse_args()
    errors = {name: [] for name in ["equal loudness", *ADVICE]}
    for song in sorted(path for path in options.songs.iterdir() if path.is_dir()):
        stems = sorted(path for path in song.iterdir() if path.stem != "MASTER")
        stems = [path for path in stems if path.suffix in {".opus", ".wav", ".flac", ".mp3"}]
        with tempfile.TemporaryDirectory() as folder:
            cuts = [Path(folder) / f"{stem.stem}.wav" for stem in stems]
            for stem, cut in zip(stems, cuts):
                subprocess.run(
                    ["ffmpeg", "-v", "error", "-ss", "60", "-t", "60", "-i", stem, cut], check=True)
            stems = cuts
            report = json.loads(subprocess.run(
                [options.tool, "meter", *stems, "--json", "--progress", "none"], check=True,
                capture_output=True, text=True).stdout)
            loud = [file for file in report["files"] if "integratedLUFS" in file]
            heard = {Path(file["file"]).stem for file in loud}
            errors["equal loudness"] += spread([-file["integratedLUFS"] for file in loud])
            for advice in ADVICE:
                plan = Path(folder) / "plan.json"
                subprocess.run(
                    [options.tool, "mix", *stems, "-o", Path(folder) / "mix.wav", "--auto", advice,
                     "--write-plan", plan, "--progress", "none"], check=True, capture_output=True)
                tracks = json.loads(plan.read_text())["tracks"]
                gains = [track.get("gain", 0) for track in tracks if track["name"] in heard]
                errors[advice] += spread(gains)
        print(f"{song.name}: {len(loud)} stems", flush=True)
    print("mean absolute error in dB over", len(errors["rules"]), "stems")
    print(f"{'scrambled by ±12 dB':24} {6.0:5.2f}")
    for name, values in errors.items():
        print(f"{name:24} {statistics.mean(values):5.2f}")


if __name__ == "__main__":
    main()
