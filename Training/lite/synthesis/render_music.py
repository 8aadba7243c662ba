# SPDX-License-Identifier: MIT
"""Renders synthetic songs: `python -m synthesis.render_music --out DIR --first-seed N --count N`.

Each seed gives one folder DIR/<seed> with drums.flac, bass.flac, other.flac (44.1 kHz stereo,
16 bit, equally long) and melody.json, the line that a voice may sing. A stem that never plays
has no file. A folder appears under its name only when it is complete.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time

import numpy as np
import soundfile

from . import music_dsp as dsp
from .drums_kits import render_drums
from .drums_patterns import perform_drums
from .instruments_bass import perform_bass, render_bass
from .instruments_other import render_other
from .music_dsp import SAMPLE_RATE
from .music_fluid import FluidSynth
from .music_plan import plan_melody, plan_song

TYPICAL_LEVELS = {"drums": -18.0, "bass": -20.0, "other": -18.0}  # dBFS while playing
CEILING = 0.9  # of the sum; a voice is still to come


def render_song(seed: int) -> tuple[dict[str, np.ndarray], dict]:
    """The stems (2, frames) of one seed and its melody.json."""
    streams = np.random.default_rng(seed).spawn(7)
    song = plan_song(streams[0])
    melody = plan_melody(streams[1], song)
    synth = FluidSynth()
    hits = perform_drums(streams[2], song)
    stems = {
        "drums": render_drums(streams[3], song, synth, hits),
        "bass": render_bass(streams[4], song, synth, perform_bass(streams[4], song)),
        "other": render_other(
            streams[5], song, synth, [hit.time for hit in hits if hit.piece == "kick"]
        ),
    }
    synth.close()
    mixer = streams[6]
    for name, typical in TYPICAL_LEVELS.items():
        stems[name] = dsp.levelled(stems[name], typical + np.clip(mixer.normal(0, 2.5), -6, 6))
    if (
        mixer.random() < 0.5
    ):  # a loud master: one gain for all stems, so that they still sum to the mix
        push = dsp.decibels(mixer.uniform(0, 5))
        stems = {name: stem * push for name, stem in stems.items()}
        gain = dsp.limiter_gain(sum(stems.values()), CEILING)
        stems = {name: stem * gain for name, stem in stems.items()}
    peak = max(np.max(np.abs(x)) for x in (sum(stems.values()), *stems.values()))
    scale = min(1.0, CEILING / max(peak, 1e-9))
    fade = np.minimum(1, np.arange(stems["drums"].shape[1], 0, -1) / (0.3 * SAMPLE_RATE))
    return {name: (stem * scale * fade).astype(np.float32) for name, stem in stems.items()}, melody


def write_song(folder: str, stems: dict[str, np.ndarray], melody: dict) -> None:
    """Writes a song into a hidden folder, then gives it its name."""
    temporary = tempfile.mkdtemp(prefix=".", dir=os.path.dirname(folder))
    try:
        for name, stem in stems.items():
            if np.max(np.abs(stem)) > 1e-4:
                soundfile.write(
                    os.path.join(temporary, name + ".flac"), stem.T, SAMPLE_RATE, subtype="PCM_16"
                )
        with open(os.path.join(temporary, "melody.json"), "w", encoding="utf-8") as file:
            json.dump(melody, file)
        os.chmod(temporary, 0o755)
        os.rename(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="the folder of the set")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for seed in range(options.first_seed, options.first_seed + options.count):
        folder = os.path.join(options.out, f"{seed:06d}")
        if os.path.exists(folder):
            continue
        begin = time.process_time()
        stems, melody = render_song(seed)
        write_song(folder, stems, melody)
        song = (
            f"{seed:06d} {melody['style']:13} {melody['tempo']:6.1f} bpm {melody['seconds']:5.1f} s"
        )
        print(f"{song}, rendered in {time.process_time() - begin:.1f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
